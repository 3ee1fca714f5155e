import { bff } from "frontdesk";

export default bff({ client: "old", versions: { dates: ["2026-05-01", "2025-01-01"] } });
