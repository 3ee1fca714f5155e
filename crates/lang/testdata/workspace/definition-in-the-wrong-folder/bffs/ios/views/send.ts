import { action } from "frontdesk";

export default action("POST /send", { run: () => ({ a: 1 }) });
