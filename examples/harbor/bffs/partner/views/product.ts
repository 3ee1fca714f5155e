import { requires, t, view } from "frontdesk";
import { catalog } from "frontdesk/services";

export default view("GET /partner/v1/products/{productId}", {
  summary: "One product, as much as a partner's page needs",
  auth: requires({ scopes: ["catalogue"] }),
  input: { productId: t.string().min(1).max(32) },
  budget: { latency: "300ms", payload: "8KB" },

  load: ({ productId }) => {
    const product = catalog.getProduct({ productId });
    const seller = catalog.getSeller({ sellerId: product.sellerId }, { within: "150ms", optional: true });
    return {
      id: product.id,
      sku: product.sku,
      gtin: product.gtin ?? null,
      title: product.title,
      brand: product.brand.name,
      category: product.categoryId,
      description: product.description,
      price: { amountMinor: product.price.amountMinor, currency: product.price.currency },
      weightGrams: product.weightGrams,
      soldBy: seller && { id: seller.id, name: seller.name },
    };
  },
});
