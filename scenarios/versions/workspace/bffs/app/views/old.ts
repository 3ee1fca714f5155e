import { t, view } from "frontdesk";
import { items } from "frontdesk/services";

export default view("GET /v1/items/{id}", {
  input: { id: t.string().max(64) },
  deprecated: { since: "2026-05-01", sunset: "2027-01-01", use: "GET /home/{id}", because: "home says more" },
  load: ({ id }) => ({ title: items.getItem({ id }).title }),
});
