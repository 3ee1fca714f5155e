import { bff } from "frontdesk";

export default bff({
  client: "web",
  owner: "team-web",
  locales: ["en-GB", "de-DE"],
  currency: "EUR",
  limits: { latency: "500ms" },
});
