import { problem, t, view } from "frontdesk";
import { shop } from "frontdesk/services";

const checked = (age: number, id: string) => {
  if (age * 2 < 36) throw problem("too_young");
  return id;
};

export default view("GET /v1/unread/{id}", {
  input: { id: t.string(), age: t.integer(), older: t.integer(), tag: t.string() },
  load: ({ id, age, older, tag }) => {
    const unread = checked(age, id);
    const unmade = shop.getProduct({ id: checked(older, id) }, { otherwise: checked(older + 1, id), cache: { ttl: "5s", tags: [checked(older + 2, tag)] } });
    return { id };
  },
});
