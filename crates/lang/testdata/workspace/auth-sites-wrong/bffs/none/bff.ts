import { bff, site } from "frontdesk";

export default bff({ client: "none", routes: [site({ folder: "./site" }), site({ folder: "./other" })] });
