import type { shop } from "frontdesk/services";
import { upper } from "./text/index";

export interface Card {
  title: string;
  tags: string[];
}

export function card(product: shop.Product): Card {
  const { title, tags } = product;
  return { title: upper(title), tags };
}
