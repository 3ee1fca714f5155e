import { since, view } from "frontdesk";

export default view("GET /home", { load: () => ({ old: since("6", 1) }) });
