import { view } from "frontdesk";

type Price = { minor: number; currency: string };

export default view("GET /one", { load: (): { price: Price } => ({ price: { minor: 1, currency: "EUR" } }) });
