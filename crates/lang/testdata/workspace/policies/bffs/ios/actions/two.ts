import { action, t } from "frontdesk";
import { shop } from "frontdesk/services";

export default action("POST /two", {
  input: { title: t.string() },
  idempotency: "optional",
  run: ({ title }) => ({ id: shop.createProduct({ title }).id }),
});
