import { bff } from "frontdesk";

export default bff({ client: "e", versions: { dates: [] } });
