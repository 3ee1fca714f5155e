import { bff } from "frontdesk";

export default bff({
  client: "web",
  owner: "team-web",
  locales: ["en-GB", "de-DE"],
  currency: "EUR",
  limits: { latency: "500ms" },
  // Anybody may ask. `auth: session({ … })` lets users sign in, `bearer`, `device`, `apiKeys` and `certificate` are for
  // others; then each endpoint without `public: true` knows who asks.
});
