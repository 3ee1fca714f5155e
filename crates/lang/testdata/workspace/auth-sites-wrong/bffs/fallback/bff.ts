import { bff, site } from "frontdesk";

export default bff({ client: "fallback", routes: [site({ folder: "./site", fallback: "app.html" })] });
