import { action } from "frontdesk";

export default action("POST /products", { run: () => ({ a: 1 }) });
