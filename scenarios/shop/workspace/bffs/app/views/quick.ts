import { t, view } from "frontdesk";
import { extras, items } from "frontdesk/services";

export default view("GET /quick/{id}", {
  summary: "One item within a budget; reviews may take all of it",
  input: { id: t.string() },
  budget: { latency: "700ms" },

  load: ({ id }) => {
    const item = items.getItem({ id });
    const reviews = extras.getReviews({ id }, { optional: true });
    return { id: item.id, stars: reviews?.stars ?? null };
  },
});
