import { bff } from "frontdesk";

export default bff({ client: "d", versions: { supported: [], upgrade: "https://apps.example.com/" } });
