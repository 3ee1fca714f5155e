import { action, t } from "frontdesk";
import { stock } from "frontdesk/services";

export default action("POST /reserve", {
  input: { ids: t.array(t.string()), gift: t.boolean().optional() },
  run: ({ ids, gift }) => {
    const lines = ids.map((id) => ({ id, pieces: 1 }));
    const done = stock.reserve({ channel: "app", lines, gift });
    return { done: done ?? null, lines: lines.length };
  },
});
