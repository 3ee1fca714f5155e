import { t, view } from "frontdesk";
import { legacy } from "frontdesk/services";

export default view("GET /things/:id", {
  input: { id: t.string() },
  load: ({ id }) => {
    const thing = legacy.getThing({ id });
    return { id: thing.id, size: thing.size, parts: thing.parts.map((part) => part.name), all: thing };
  },
});
