import { view } from "frontdesk";
import { bound } from "frontdesk/services";

export default view("GET /bound", { load: () => ({ bound: bound.listThings({}) }) });
