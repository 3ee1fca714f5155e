import { view } from "frontdesk";

export default view("GET /notes-add", { load: () => "never" });
