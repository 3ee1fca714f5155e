import { bff, clientSecret, proxy, secret, session } from "frontdesk";

export default bff({
  client: "web",
  auth: session({
    issuer: "https://login.example.com",
    client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) },
    same_site: "lax",
    client_secret: "hunter2",
    scope: "openid",
  }),
  rateLimit: [],
  csp: "default-src 'self'",
  session: {},
  routes: [proxy("/legacy/*", { to: "legacy", scopes: ["x"], forward: ["x-request-id"] })],
});
