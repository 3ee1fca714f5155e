import { version } from "frontdesk";

export default version("2026-05-01", {
  "GET /cart/{id}": ({ total, ...answer }) => ({ ...answer, total: total.amount }),
  "GET /home": null,
});
