import { view, t } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /stock/{id}", {
  input: { id: t.string() },
  load: ({ id }) => ({
    available: shop.getStock({ id }, {
      cache: { ttl: "1s", stale: "1s", staleIfError: "10s", negative: "500ms", tags: ["stock", `stock:${id}`] },
    }).available,
  }),
});
