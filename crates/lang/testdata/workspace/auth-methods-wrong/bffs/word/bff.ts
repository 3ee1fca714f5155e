import { bff } from "frontdesk";

export default bff({ client: "word", auth: "sesion" });
