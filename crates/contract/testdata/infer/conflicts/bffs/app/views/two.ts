import { view } from "frontdesk";

type Price = { amount: string };

export default view("GET /two", { load: (): { price: Price } => ({ price: { amount: "1.00" } }) });
