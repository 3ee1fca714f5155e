import { mine, shop } from "frontdesk/services";
import { problem, shape } from "frontdesk";

export function greeting(name: string) {
  const text = `Hello, ${name}`;
  return text.trim();
}

export const discount = (tier: string, price: number) => (tier === "gold" ? price * 0.9 : price);

export const grown = (age: number | undefined) => {
  if ((age ?? 0) < 18) throw problem("too_young", { status: 403 });
  return true;
};

export const card = shape("Card", (id: string, tier: string) => {
  const product = shop.getProduct({ id });
  return { id, title: product.title, price: discount(tier, product.price.minor) };
});

export const both = (id: string, subject: string) => ({
  open: shop.getProduct({ id }).title,
  own: mine.getProduct({ id: subject }).title,
});
