import type { Answer, Input, Problems } from "frontdesk";
import type addToCart from "../../bffs/ios/actions/add-to-cart.ts";
import type checkoutSummary from "../../bffs/ios/views/checkout-summary.ts";
import type home from "../../bffs/ios/views/home.ts";

export const rows: Input<typeof home> = { rows: "3" };
export const unknown: Input<typeof home> = { row: 3 };
export const missing: Input<typeof addToCart> = { cartId: "c1" };

export function titles(summary: Answer<typeof checkoutSummary>): string[] {
  const label: string = summary.delivery.label;
  return [label, ...summary.items.map((item) => item.titel)];
}

export function said(problem: Problems<typeof checkoutSummary>): string {
  if (problem.code === "payment_declined") return problem.title;
  if (problem.code === "cart_empty" && problem.status === 404) return problem.title;
  return "";
}
