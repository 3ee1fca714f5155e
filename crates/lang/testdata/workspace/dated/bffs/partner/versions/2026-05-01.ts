import { version } from "frontdesk";
import { text } from "./money.ts";

export default version("2026-05-01", {
  "GET /v1/stock/{id}": (answer) => {
    const { price, ...rest } = answer;
    return { ...rest, price: text(price), first: answer.tags.map((tag) => tag.trim())[0] ?? null };
  },
  "GET /v1/products": (list) => ({ items: list, count: list.length }),
  "GET /v1/new": null,
});
