import { since, t, until, view } from "frontdesk";
import { extras, items } from "frontdesk/services";

export default view("GET /home/{id}", {
  input: { id: t.string().max(64) },
  load: ({ id }) => {
    const item = items.getItem({ id });
    const similar = extras.similar({ itemId: id }, { otherwise: [] });
    return {
      title: item.title,
      similar: since("5.1.0", similar.map((other) => other.title)),
      stars: until("5.0.0", extras.getReviews({ id }).stars),
    };
  },
});
