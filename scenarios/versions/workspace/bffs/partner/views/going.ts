import { t, view } from "frontdesk";

export default view("GET /going/{id}", {
  input: { id: t.string().max(64) },
  deprecated: { since: "2026-05-01", sunset: "2027-01-01", use: "GET /stock/{id}", enforce: true },
  load: ({ id }) => ({ going: id, more: true }),
});
