import { action, t } from "frontdesk";

export default action("POST /open", {
  summary: "Writes, for anybody",
  public: true,
  input: { value: t.integer() },
  run: ({ value }) => ({ value }),
});
