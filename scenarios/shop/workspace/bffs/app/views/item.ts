import { money, t, view } from "frontdesk";
import { extras, items } from "frontdesk/services";

export default view("GET /items/{id}", {
  summary: "One item, with what else there is about it",
  input: { id: t.string().min(1).max(64) },

  load: ({ id }, { session }) => {
    const item = items.getItem({ id });
    const similar = extras.similar({ itemId: id }, { within: "1s", otherwise: [] });
    const reviews = extras.getReviews({ id }, { within: "1s", optional: true });
    return {
      id: item.id,
      title: item.title,
      price: money(item.minor, session.currency, session.locale),
      weight: item.weight,
      note: item.note,
      tags: item.tags ?? [],
      similar: similar.map((other) => other.title),
      reviews: reviews && { count: reviews.count, stars: reviews.stars },
    };
  },
});
