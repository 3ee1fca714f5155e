import { since, t, until, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /since-and-until/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const reviews = shop.listReviews({ productId: id });
    const old = shop.getProduct({ id });
    const both = shop.getSettings({});
    return {
      a: until("5.0.0", reviews.length),
      b: since("6.0.0", reviews[0]?.text),
      c: since("5.0.0", until("6.0.0", old.title)),
      d: since("5.0.0", both),
      e: until("5.0.0", both),
      f: until("4.5.0", 1) ?? shop.getBanner({}).kind,
    };
  },
});
