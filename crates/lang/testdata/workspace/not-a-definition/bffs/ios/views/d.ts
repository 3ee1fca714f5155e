import { shape } from "frontdesk";

export default shape("D", () => ({ a: 1 }));
