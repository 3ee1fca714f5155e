import { t, view } from "frontdesk";
import { things } from "frontdesk/services";

export default view("GET /wide", {
  summary: "1 + 32 calls, and a slow one that is cut at 50 ms",
  input: { id: t.string().max(64) },

  load: ({ id }) => {
    const slow = things.slow({ id }, { within: "50ms", optional: true });
    const list = things.list({ id });
    return {
      title: list.title,
      things: list.ids.map((one) => {
        const thing = things.item({ id: one });
        return { id: thing.id, name: thing.name, score: thing.score };
      }),
      note: slow && slow.note,
    };
  },
});
