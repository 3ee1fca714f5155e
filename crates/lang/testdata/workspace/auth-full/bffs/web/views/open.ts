import { view } from "frontdesk";

export default view("GET /open-hours", { public: true, load: () => ({ from: 9 }) });
