import { stream } from "frontdesk";

export default stream("GET /orders/live", { source: "orders", map: (event) => event });
