import { bff } from "frontdesk";

export default bff({
  client: "tv",
  owner: "team-living-room",
  locales: ["en-GB", "de-DE"],
  currency: "EUR",
  limits: { latency: "800ms", body: "8KB" },
});
