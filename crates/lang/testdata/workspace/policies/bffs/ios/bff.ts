import { bff, proxy } from "frontdesk";

export default bff({
  client: "ios",
  locales: ["en", "de"],
  routes: [proxy("/legacy/*", { to: "legacy", cache: "http" })],
});
