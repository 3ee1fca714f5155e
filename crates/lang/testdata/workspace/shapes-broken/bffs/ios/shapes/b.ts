import { shape } from "frontdesk";

export const three = shape("Card", () => ({ a: 1 }));
export const four = shape("Card", () => ({ b: 1 }));
export const five = shape("Five");
