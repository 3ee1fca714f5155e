import { view } from "frontdesk";
import { shop } from "frontdesk/services";

interface Home {
  title: string;
  rows: readonly Row[];
  shown: Circle | Square;
  product: Product;
}

type Row = { id: string };
type Product = shop.Product;
interface Circle { kind: "circle"; radius: number }
interface Square { kind: "square"; side: number }

const area = (of: Circle | Square) => (of.kind === "circle" ? of.radius * of.radius * 3 : of.side * of.side);

export default view("GET /home", {
  load: (): Home | null => {
    const product = shop.getProduct({ id: "1" });
    if (product.title === "") return null;
    const shown: Circle | Square = product.weight === undefined ? { kind: "circle", radius: 1 } : { kind: "square", side: 2 };
    return { title: `${area(shown)}`, rows: product.tags.map((tag) => ({ id: tag })), shown, product };
  },
});
