import { view } from "frontdesk";

export default view("GET /open", { load: (_, { session: { subject } }) => ({ subject }) });
