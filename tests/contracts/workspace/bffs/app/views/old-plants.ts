import { view } from "frontdesk";

export default view("GET /v1/plants", {
  deprecated: { since: "2026-01-01", sunset: "2099-01-01", use: "GET /v2/plants", because: "It is slow." },
  load: () => ({ items: [] as string[] }),
});
