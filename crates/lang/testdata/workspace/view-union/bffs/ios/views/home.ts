import { view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /odd", {
  load: () => {
    const shape = shop.getOdd({}).shape;
    if (!shape) return null;
    return shape.kind === "circle" ? { area: 3 * shape.radius } : { area: shape.side * shape.side, square: true };
  },
});
