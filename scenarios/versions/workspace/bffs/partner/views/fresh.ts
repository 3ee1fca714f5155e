import { t, view } from "frontdesk";

export default view("GET /fresh/{id}", {
  input: { id: t.string().max(64) },
  load: ({ id }) => ({ fresh: id }),
});
