import { t, view } from "frontdesk";

export default view("GET /v1/home/{id}", {
  deprecated: { since: "2026-05-01", sunset: "2027-01-01", use: "GET /v2/home/{id}", because: "It is slow.", enforce: true },
  input: { id: t.string() },
  load: ({ id }) => ({ id }),
});
