import { t, view } from "frontdesk";

export default view("GET /open", {
  summary: "For anybody",
  public: true,
  input: { text: t.string().max(5).optional() },
  load: ({ text }) => ({ text: text ?? null }),
});
