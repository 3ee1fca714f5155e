import { bff, clientSecret, proxy, secret, session } from "frontdesk";

export default bff({
  client: "headers",
  auth: session({ issuer: "https://login.example.com", client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) } }),
  csrf: { header: "Content-Type" },
  headers: {
    forward: ["Cookie", "Authorization", "X-Forwarded-For", "x-forwardedfor", "X_Real_IP", "x-real-ip", "Forwarded", "Connection", "X-User-Id", "sec-fetch-site", "x-request-id", "X-Request-Id", "a b"],
    answer: ["Set-Cookie", "Access-Control-Allow-Origin", "strict-transport-security", "etag"],
    csp: "default-src 'self' 'unsafe-inline'; script-src *; style-src 'self'; img-src *",
  },
  routes: [proxy("/legacy/*", { to: "legacy", headers: { forward: ["cookie"], answer: ["set-cookie"] } })],
});
