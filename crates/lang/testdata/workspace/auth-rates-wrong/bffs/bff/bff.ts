import { bff, clientSecret, secret, session } from "frontdesk";

export default bff({
  client: "bff",
  auth: session({ issuer: "https://login.example.com", client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) } }),
  limits: {
    rate: [
      { per: "key", requests: 1, every: "1m" },
      { per: "usr", requests: 1, every: "1m" },
      { per: "user", requests: 0, every: "1m" },
      { per: "user", requests: 1.5, every: "1m" },
      { per: "user", requests: 10, every: "2d" },
      { per: "user", requests: 10, every: "1m", burst: 0 },
      { per: "ip", requests: 10, every: "1m", burst: 5 },
      { per: "ip", requests: 20, every: "60s" },
      {},
    ],
  },
});
