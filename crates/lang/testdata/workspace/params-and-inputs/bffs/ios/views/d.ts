import { t, view } from "frontdesk";

export default view("GET /products/{id}/d", {
  input: { productId: t.string().path("id") },
  load: ({ productId }) => ({ productId }),
});
