import { version } from "frontdesk";

export default version("2026-11-01", {});
