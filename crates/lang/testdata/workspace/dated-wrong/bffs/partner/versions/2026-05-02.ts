import { version } from "frontdesk";

export default version("2026-05-02", {});
