import { view, t } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /lists/{ids}", {
  input: { ids: t.string() },
  load: ({ ids }) => ({
    titles: ids.split("-").map((id) => shop.getProduct({ productId: id }, { optional: true, cache: { ttl: "10s", tags: [`product:${id}`] } })?.title),
  }),
});
