import { view } from "frontdesk";

// The same as in `overview.ts`, so that both are one type of the contract.
type Price = { minor: number; currency: string };

export default view("GET /again", { load: (): { price: Price } => ({ price: { minor: 1, currency: "EUR" } }) });
