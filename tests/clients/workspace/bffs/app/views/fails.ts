import { view } from "frontdesk";
import { nowhere } from "frontdesk/services";

export default view("GET /fails", { load: () => ({ title: nowhere.getThing({}).title }) });
