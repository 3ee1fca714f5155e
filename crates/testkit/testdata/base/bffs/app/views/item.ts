import { problem, since, t, view } from "frontdesk";
import { items, stock } from "frontdesk/services";

export default view("GET /items/{id}", {
  summary: "One item",
  input: { id: t.string().max(20) },
  budget: { payload: "512B" },
  load: ({ id }) => {
    const item = items.getItem({ id });
    const level = stock.level(
      {
        id,
        atLeast: "9007199254740993",
        shelves: [1, 2],
        limits: { a: "5" },
        mode: "MODE_EXACT",
        since: "2026-05-04T09:30:00Z",
        near: { city: "Kiel", within: { city: "SH" } },
        among: [{ city: "a" }, { city: "b", floor: 0 }],
        exact: true,
        share: 0.5,
      },
      { optional: true },
    );
    if (item.kind === "service") throw problem("sold_out", { detail: `${item.id} is none` });
    return {
      id: item.id,
      title: item.title,
      note: item.note ?? "–",
      available: level?.available ?? null,
      where: level === null ? "unknown" : (level.place?.city ?? level.truck ?? "nowhere"),
      price: since("3.0.0", item.priceMinor),
    };
  },
});
