import { view } from "frontdesk";

export default view("GET /c", { load: () => ({ c: 1 }), budget: { latency: "fast" } });
