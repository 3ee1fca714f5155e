import { bff } from "frontdesk";

export default bff({ client: "ios", limits: { latency: "2s" }, errors: { cart_empty: { status: 409, title: "Empty" } } });
