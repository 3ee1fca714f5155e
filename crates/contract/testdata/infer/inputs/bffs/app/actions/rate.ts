import { action, t } from "frontdesk";
import { orders } from "frontdesk/services";

/** Everything that can be sent, where it can be sent. */
export default action("POST /products/{productId}/ratings", {
  summary: "Rates a product",
  input: {
    productId: t.string().min(1).max(32),
    page: t.integer().min(1).default(1).query(),
    tags: t.array(t.string().max(10)).max(5).default([]).query(),
    stars: t.number().min(0).max(5),
    whole: t.integer(),
    on: t.date().optional(),
    at: t.dateTime().nullable().optional(),
    kind: t.enum(["quick", "long"]).default("quick"),
    code: t.string().pattern("^[A-Z]{2}-\\d+$").optional(),
    anonymous: t.boolean().default(false),
    lines: t.array(t.object({ id: t.string(), notes: t.array(t.string()).optional() })).min(1).max(20),
    place: t.object({ city: t.string(), geo: t.object({ lat: t.number(), lng: t.number() }).nullable() }).optional(),
    device: t.string().max(40).header("x-device").optional(),
  },
  run: ({ productId, lines }) => {
    orders.addNote({ text: `${productId}: ${lines.length}` });
    return { ok: true };
  },
});
