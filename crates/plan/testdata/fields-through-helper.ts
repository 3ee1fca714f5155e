import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

const row = ({ title, subtitle = "", price }: { title: string; subtitle?: string; price: { minor: number } }) => ({ title, subtitle, minor: price.minor });

export default view("GET /fields-through-helper/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const page = shop.listProducts({ limit: 2 });
    return { rows: page.items.map((p) => row(p)), one: row(shop.getProduct({ id })) };
  },
});
