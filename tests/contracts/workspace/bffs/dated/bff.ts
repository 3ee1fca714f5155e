import { bff } from "frontdesk";

export default bff({
  client: "partner",
  versions: { dates: ["2026-11-01", "2026-05-01", "2026-01-01"] },
  openapi: true,
});
