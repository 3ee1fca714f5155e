import { bff, clientSecret, proxy, secret, session } from "frontdesk";

export default bff({
  client: "bench",
  owner: "bench",
  locales: ["en-GB"],
  currency: "EUR",
  limits: { latency: "2s" },
  auth: session({
    issuer: "login",
    client: { id: "bench", auth: clientSecret(secret("BENCH_CLIENT_SECRET")) },
    scopes: ["openid"],
  }),
  routes: [proxy("/pass/*", { to: "things", strip: false })],
});
