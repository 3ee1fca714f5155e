import { bff } from "frontdesk";

export default bff({
  client: "b",
  versions: { header: "Partner Version", dates: ["2026-05-01", "2026-11-01", "2026-05-01", "2026-02-30", "1.2.2026"], minimum: "1" },
});
