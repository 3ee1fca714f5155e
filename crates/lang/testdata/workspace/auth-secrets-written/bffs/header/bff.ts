import { bff, proxy } from "frontdesk";

export default bff({
  client: "header",
  routes: [proxy("/legacy/*", { to: "legacy", headers: { add: { authorization: "Bearer x", "X-Api-Key": "k", "x-fine": "y" } } })],
});
