import { view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /v1/mine", {
  cache: { private: "5m" },
  load: () => {
    const a = shop.getProduct({ id: "a" }, { cache: "30s" });
    const again = shop.getProduct({ id: "a" }, { cache: "30s" });
    const other = shop.getProduct({ id: "a" }, { cache: "40s" });
    return { a: a.title, again: again.brand.name, other: other.id };
  },
});
