import { bff, proxy } from "frontdesk";

export default bff({
  client: "ios",
  errors: { gone: { status: 404 }, "shop.getProduct:404": "gone" },
  routes: [proxy("/legacy/*", { to: "legacy" })],
});
