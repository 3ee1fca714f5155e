import { view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  load: () => {
    const product = shop.getProduct({ id: "1" });
    const { title, price: { minor }, subtitle = "none" } = product;
    const same = product.title;
    const perhaps = shop.getProduct({ id: "2" }, { optional: true });
    return {
      title,
      same,
      minor,
      subtitle,
      chain: perhaps?.title,
      orNull: perhaps?.title ?? null,
      orText: perhaps?.title ?? "Nothing",
      /** What it is called here. */
      own: product.title,
      /**
       * In one line,
       * and another.
       */
      made: product.title.toUpperCase(),
      /* Not for clients. */
      quiet: 1,
      // Not for them either.
      quieter: 2,
      whole: product,
      ...shop.getProduct({ id: "3" }).labels,
    };
  },
});
