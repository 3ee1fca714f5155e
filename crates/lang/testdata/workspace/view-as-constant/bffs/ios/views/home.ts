import { view } from "frontdesk";

export const home = view("GET /home", { load: () => ({ a: 1 }) });
