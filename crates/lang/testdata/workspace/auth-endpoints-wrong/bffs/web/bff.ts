import { bff, clientSecret, proxy, requires, secret, session } from "frontdesk";

export default bff({
  client: "web",
  auth: session({ issuer: "https://login.example.com", client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) } }),
  routes: [
    proxy("/auth/*", { to: "legacy" }),
    proxy("/auth/old/*", { to: "legacy" }),
    proxy("/open/*", { to: "legacy", public: true, auth: requires({ scopes: ["x"] }) }),
  ],
});
