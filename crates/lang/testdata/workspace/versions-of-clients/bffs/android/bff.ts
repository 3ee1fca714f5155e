import { bff } from "frontdesk";

export default bff({ client: "android", versions: { header: "App-Version", supported: ["3"] } });
