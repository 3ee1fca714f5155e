import { view } from "frontdesk";

export default view("GET /v0/home", {
  deprecated: { since: "2020-01-01", sunset: "2021-01-01", use: "GET /v2/home", enforce: true },
  load: () => ({ title: "Home" }),
});
