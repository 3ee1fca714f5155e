import { shape } from "frontdesk";

const NAME = "Card";
export const one = shape(NAME, () => ({ a: 1 }));
export const two = shape("card", () => ({ a: 1 }));
