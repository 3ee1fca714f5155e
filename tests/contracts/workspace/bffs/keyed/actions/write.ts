import { action, t } from "frontdesk";

export default action("PUT /closed/{id}", {
  summary: "Writes, for those with a key",
  input: { id: t.string().max(12), value: t.integer() },
  run: ({ id, value }) => ({ id, value }),
});
