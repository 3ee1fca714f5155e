import { t, view } from "frontdesk";
import { things } from "frontdesk/services";

export default view("GET /fan-64", {
  summary: "64 calls side by side",
  input: { id: t.string().max(64) },

  load: ({ id }) => {
    const list = things.list({ id });
    return list.ids.concat(list.ids).slice(0, 64).map((one, at) => things.item({ id: `${one}-${at}` }).name);
  },
});
