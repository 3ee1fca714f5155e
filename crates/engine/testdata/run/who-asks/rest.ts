import { view } from "frontdesk";

export default view("GET /rest", { load: (_, { session: { locale, ...who } }) => ({ locale, who }) });
