import { bff, proxy } from "frontdesk";

export default bff({ client: "ios", routes: [proxy("/legacy/*", { to: "legacy", cache: "30s" })] });
