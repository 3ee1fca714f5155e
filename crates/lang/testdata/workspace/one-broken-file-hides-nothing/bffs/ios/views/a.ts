import { view } from "frontdesk";

export default view("GET /a", { load: () => ({ a: 1 );
