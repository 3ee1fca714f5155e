import { bff } from "frontdesk";

export default bff({
  client: "ios",
  routes: [proxy("/legacy/*", { to: "legacy" })],
});
