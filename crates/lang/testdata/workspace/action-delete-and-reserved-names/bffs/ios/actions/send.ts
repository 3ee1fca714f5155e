import { action, t } from "frontdesk";
import { shop } from "frontdesk/services";

export default action("DELETE /products/{id}", {
  input: { id: t.string(), reason: t.string().optional() },
  run: ({ id, reason }) => {
    const gone = shop.delete({ id });
    return { gone: gone ?? null, reason };
  },
});
