import { view } from "frontdesk";

export default view("GET /open", { public: true, load: () => ({ open: true }) });
