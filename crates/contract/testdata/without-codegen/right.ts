// An app of the same repository: no client is written, `import type` of a view has its types.

import type { Answer, Input, Problems } from "frontdesk";
import type addToCart from "../../bffs/ios/actions/add-to-cart.ts";
import type checkoutSummary from "../../bffs/ios/views/checkout-summary.ts";
import type home from "../../bffs/ios/views/home.ts";

type Summary = Answer<typeof checkoutSummary>;

export const all: Input<typeof home> = { customerId: "ada", rows: 3 };
// Both may be left out: one is optional, the other has a default.
export const none: Input<typeof home> = {};
export const given: Input<typeof addToCart> = { cartId: "c1", productId: "p1" };

export function title(summary: Summary): string {
  const first = summary.items[0];
  return `${first?.title ?? ""} ${summary.total} ${summary.delivery?.label ?? ""}`;
}

export function said(problem: Problems<typeof checkoutSummary>): string {
  switch (problem.code) {
    case "cart_empty": {
      const status: 409 = problem.status;
      return `${status} ${problem.title}`;
    }
    case "cart_not_found":
      return problem.detail ?? "";
    case "invalid_input":
      return problem.errors?.[0]?.pointer ?? "";
    default:
      return problem.title;
  }
}
