import { bff } from "frontdesk";
export default bff({ client: "app", versions: { minimum: "4.0.0" }, limits: { latency: "200ms" } });
