import { view } from "frontdesk";

export default view("GET /plain", { load: () => ({ row: { title: "not a Row" } }) });
