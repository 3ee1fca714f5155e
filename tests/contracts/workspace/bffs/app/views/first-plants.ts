import { t, view } from "frontdesk";

export default view("GET /v0/plants/{plantId}", {
  input: { plantId: t.string() },
  deprecated: { since: "2020-01-01", sunset: "2021-01-01", use: "GET /v2/plants/{plantId}", enforce: true },
  load: ({ plantId }) => ({ plantId }),
});
