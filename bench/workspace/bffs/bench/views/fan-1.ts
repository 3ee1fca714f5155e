import { t, view } from "frontdesk";
import { things } from "frontdesk/services";

export default view("GET /fan-1", {
  summary: "1 calls side by side",
  input: { id: t.string().max(64) },

  load: ({ id }) => {
    const list = things.list({ id });
    return list.ids.concat(list.ids).slice(0, 1).map((one, at) => things.item({ id: `${one}-${at}` }).name);
  },
});
