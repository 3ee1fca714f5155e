import { t, view } from "frontdesk";

export default view("GET /same/{id}", {
  input: { id: t.string().max(64) },
  load: ({ id }) => ({ same: id }),
});
