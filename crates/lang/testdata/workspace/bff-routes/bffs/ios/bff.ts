import { bff, proxy } from "frontdesk";

export default bff({
  client: "ios",
  routes: [
    proxy("/legacy", { to: "legacy" }),
    proxy("legacy/*", { to: "legacy" }),
    proxy("/a/*", { to: "lgacy" }),
    proxy("/b/*", { to: "basket" }),
    proxy("/c/*", {}),
    proxy("/d/*", { to: "legacy", stip: true, strip: "yes", timeout: 3 }),
    proxy("/e/*", { to: "legacy", headers: { remove: ["a b"], add: { Host: "x", "x-a": "ä", "x b": "y" } } }),
    proxy("/f/*", { to: "legacy" }),
    proxy("/f/*", { to: "shop" }),
    "/g/*",
    proxy("/h/*"),
  ],
});
