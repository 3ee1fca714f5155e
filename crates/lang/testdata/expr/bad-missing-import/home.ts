import { view } from "frontdesk";


export default view("GET /home", {
  load: () => {
    const p = legacy["getThing"];
    return { a: p, b: Basket.x };
  },
});
