import { view } from "frontdesk";
import { badge } from "../../shared/badge.ts";

export default view("GET /home", { load: () => ({ badge: badge("a") }) });
