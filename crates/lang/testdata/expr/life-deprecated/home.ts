import { deprecated, since, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  load: () => {
    const product = shop.getProduct({ id: "1" });
    const old = { price: deprecated({ since: "2026-05-01", use: "amount" }, product.price.minor) };
    return {
      ...old,
      text: deprecated({ since: "2026-05-01", sunset: "2027-01-01", use: "title", because: "It says the same." }, product.title),
      both: deprecated({ since: "2026-05-01" }, since("5.1.0", product.weight)),
      other: since("5.1.0", deprecated({ since: "2026-06-01" }, "x")),
      taken: old.price,
      literal: deprecated({ since: "2026-05-01" }, "card") as "card",
    };
  },
});
