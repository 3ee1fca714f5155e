import { bff } from "frontdesk";

export default bff({ client: "imported", routes: [site({ folder: "./site" })] });
