import { t, view } from "frontdesk";

export default view("GET /it/{id}", {
  input: { id: t.string(), lang: t.string().optional().header("X-Lang") },
  cache: { public: "60s" },
  public: true,
  load: (input, context) => {
    const { session } = context;
    const renamed = session;
    return { input, of: renamed.locale };
  },
});
