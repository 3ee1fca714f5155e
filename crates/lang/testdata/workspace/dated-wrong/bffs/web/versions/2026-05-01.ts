import { version } from "frontdesk";

export default version("2026-05-01", { "GET /home": (answer, more) => undefined });
