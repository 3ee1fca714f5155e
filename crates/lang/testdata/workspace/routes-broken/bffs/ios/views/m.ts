import { t, view } from "frontdesk";

export default view(`GET /fine`, {  load: () => ({ a: 1 }) });
