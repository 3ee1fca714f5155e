import { t, view } from "frontdesk";

export default view("GET /products/{id}/{list}/{object}/{nothing}/{size}/{kind}", {
  input: {
    id: t.string().optional(),
    list: t.array(t.string()),
    object: t.object({}),
    nothing: t.string().nullable(),
    size: t.enum(["1", "1/2"]),
    kind: t.enum(["...", "ä;1", "..;a"]),
  },
  load: () => ({ a: 1 }),
});
