import { view } from "frontdesk";

export default view("GET /v1/list", {
  deprecated: { since: "2026-05-01", use: "GET /home/{id}" },
  load: () => ({ list: [1, 2] }),
});
