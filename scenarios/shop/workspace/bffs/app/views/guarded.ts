import { problem, t, view } from "frontdesk";
import { extras, items } from "frontdesk/services";

export default view("GET /guarded/{id}", {
  summary: "Reviews only of what is for sale",
  input: { id: t.string() },

  load: ({ id }) => {
    const item = items.getItem({ id });
    if (item.minor === 0) throw problem("item_gone");
    const reviews = extras.getReviews({ id: item.id });
    return { id: item.id, stars: reviews.stars };
  },
});
