import { bff } from "frontdesk";

export default bff({
  client: "tv",
  owner: "team-living-room",
  locales: ["en-GB", "de-DE"],
  currency: "EUR",
  // The contract is for everybody to read: GET /openapi.json.
  openapi: true,
  limits: { latency: "800ms", body: "8KB" },
});
