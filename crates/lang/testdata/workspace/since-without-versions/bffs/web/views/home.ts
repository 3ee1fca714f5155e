import { until, view } from "frontdesk";
import { badge } from "../../shared/badge.ts";

export default view("GET /home", { load: () => ({ badge: badge("a"), old: until("6", 1) }) });
