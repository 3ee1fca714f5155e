import { t, view } from "frontdesk";

export default view("GET /it/{id}", {
  input: { id: t.string(), lang: t.string().optional().header("X-Lang") },
  cache: { public: "60s" },
  public: true,
  load: ({ lang: said, ...input }, { session: { locale: of } }) => ({ id: input.id, said, of }),
});
