import { groupBy, keyBy, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  load: () => {
    const products = shop.listProducts({ sort: "best" });
    const byState = groupBy(products, (product) => product.state);
    const byId = keyBy(products, (product) => product.id);
    return { byState, used: byState["used"] ?? [], one: byId["1"], names: Object.entries(byId).map(([id, p]) => `${id} ${p.title}`) };
  },
});
