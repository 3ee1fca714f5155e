import { t, view } from "frontdesk";
import { things } from "frontdesk/services";

export default view("GET /body", {
  summary: "One call whose answer is as long as one asks, hardly any of it read",
  input: { bytes: t.integer().min(1024).max(1048576), id: t.string().max(64) },

  load: ({ bytes, id }) => {
    const answer = things.body({ bytes, id });
    return { id: answer.id, end: answer.end };
  },
});
