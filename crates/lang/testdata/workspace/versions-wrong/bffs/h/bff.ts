import { bff } from "frontdesk";

export default bff({ client: "h", versions: { header: "Cache-Control", dates: ["2026-11-01"] } });
