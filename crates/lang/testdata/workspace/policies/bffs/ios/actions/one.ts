import { action, t } from "frontdesk";
import { shop } from "frontdesk/services";

export default action("POST /one", {
  input: { title: t.string() },
  idempotency: "required",
  bulkhead: 8,
  run: ({ title }) => ({ id: shop.createProduct({ title }).id }),
});
