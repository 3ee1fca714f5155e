import { t, view } from "frontdesk";
import { legacy } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const thing = legacy.getThing({ id: "1" });
    return { ...thing, parts: thing.parts.map((part) => ({ name: part.name, count: part.count ?? 1 })), owner: thing.owner ?? "nobody" };
  },
});
