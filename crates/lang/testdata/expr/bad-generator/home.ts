import { view } from "frontdesk";


function* all(n: number) { yield n; }
export default view("GET /home", { load: () => all(1) });
