import { bff } from "frontdesk";

export default bff({
  client: "partner",
  owner: "team-partner",
  locales: ["en-GB"],
  currency: "EUR",
  versions: { header: "Partner-Version", dates: ["2026-11-01", "2026-05-01", "2026-01-01"] },
});
