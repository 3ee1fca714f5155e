import { view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /odd", {
  load: () => {
    const odd = shop.getOdd({});
    return { dashed: odd["a-b"], first: odd["1st"], class: odd.class, anything: odd.anything, thing: odd };
  },
});
