import { t, view } from "frontdesk";
import { extras, items } from "frontdesk/services";

export default view("GET /stock/{id}", {
  input: { id: t.string().max(64) },
  load: ({ id }) => ({ name: items.getItem({ id }).title, stars: extras.getReviews({ id }).stars }),
});
