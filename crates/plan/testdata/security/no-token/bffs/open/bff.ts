import { bff, proxy } from "frontdesk";

export default bff({ client: "open", routes: [proxy("/orders/*", { to: "orders" })] });
