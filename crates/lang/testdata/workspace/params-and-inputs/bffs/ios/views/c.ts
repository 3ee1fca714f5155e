import { t, view } from "frontdesk";

export default view("GET /products/{id}/c", {
  input: { id: t.string().query(), other: t.string().path(), third: t.string().path("idd") },
  load: () => ({ a: 1 }),
});
