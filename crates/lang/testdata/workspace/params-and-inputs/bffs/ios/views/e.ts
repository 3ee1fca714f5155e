import { t, view } from "frontdesk";

export default view("GET /products/{id}/{list}/{object}/{nothing}", {
  input: {
    id: t.string().optional(),
    list: t.array(t.string()),
    object: t.object({}),
    nothing: t.string().nullable(),
  },
  load: () => ({ a: 1 }),
});
