import { view } from "frontdesk";

const home = view("GET /b", { load: () => ({ a: 1 }) });
export default home;
