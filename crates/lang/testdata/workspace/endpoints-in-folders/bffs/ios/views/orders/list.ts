import { view as screen } from "frontdesk";

export default screen("GET /orders", { load: () => ({ orders: ["o1"] }) });
