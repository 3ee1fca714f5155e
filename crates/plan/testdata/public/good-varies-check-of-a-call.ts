import { problem, t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /it/{id}", {
  input: { id: t.string(), lang: t.string().optional().header("X-Lang") },
  cache: { public: "60s" },
  public: true,
  load: ({ id, lang }, { session }) => {
    const own = shop.getProduct({ id: session.locale });
    if (own.state === "used" && lang) throw problem("used");
    return { id };
  },
});
