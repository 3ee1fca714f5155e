import { shop } from "frontdesk/services";

export const text = (money: shop.Money) => `${money.minor} ${money.currency}`;
