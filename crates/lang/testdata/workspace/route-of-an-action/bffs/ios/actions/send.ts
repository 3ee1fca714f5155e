import { action } from "frontdesk";

export default action("GET /send", { run: () => ({ a: 1 }) });
