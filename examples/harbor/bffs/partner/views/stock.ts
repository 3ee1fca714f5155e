import { requires, t, view } from "frontdesk";
import { inventory } from "frontdesk/services";

export default view("GET /partner/v1/stock/{productId}", {
  summary: "Whether one product can be had, and when it is back",
  auth: requires({ scopes: ["stock"] }),
  input: { productId: t.string().min(1).max(32) },
  budget: { latency: "300ms", payload: "1KB" },

  load: ({ productId }, { auth }) => {
    const stock = inventory.getStock({ productId });
    return {
      productId,
      available: stock.available > 0,
      // Partners are told enough to sell, not how much is left.
      pieces: Math.min(stock.available, 20),
      backOn: stock.restockAt ?? null,
      forPartner: auth.client ?? null,
    };
  },
});
