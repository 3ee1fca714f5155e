import { bff, clientSecret, proxy, secret, session } from "frontdesk";

export default bff({
  client: "web",
  auth: session({ issuer: "harbor", client: { id: "web-bff", auth: clientSecret(secret("WEB_SECRET")) } }),
  routes: [proxy("/orders/*", { to: "orders", public: true }), proxy("/mine/*", { to: "orders" })],
});
