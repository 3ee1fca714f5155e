import { keyby, view } from "frontdesk";
import { shpo } from "frontdesk/services";
import { shuot } from "../texts.ts";

export default view("GET /home", {
  load: () => {
    const products = shop.listProducts({});
    return { first: shout(keyBy(products, (p) => p.id)["1"]?.title ?? "") };
  },
});
