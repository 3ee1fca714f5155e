import { view } from "frontdesk";
import { quotes } from "frontdesk/services";

export default view("GET /things", { load: () => ({ quotes: quotes.listThings({}) }) });
