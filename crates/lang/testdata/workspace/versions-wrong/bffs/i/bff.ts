import { bff } from "frontdesk";

export default bff({ client: "i", versions: { header: "X-Frontdesk", dates: ["2026-11-01"] } });
