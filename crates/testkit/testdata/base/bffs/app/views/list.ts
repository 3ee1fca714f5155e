import { t, view } from "frontdesk";
import { items } from "frontdesk/services";

export default view("GET /items", {
  input: { limit: t.integer().min(1).max(50).default(3), channel: t.string().header("X-Channel").optional() },
  budget: { payload: "1KB" },
  load: ({ limit, channel }) => {
    const page = items.listItems({ limit, only: ["a b", "c,d"], xChannel: channel, fresh: true });
    return { items: page.ids.map((id) => items.getItem({ id }, { optional: true })?.title ?? "gone"), next: page.next };
  },
});
