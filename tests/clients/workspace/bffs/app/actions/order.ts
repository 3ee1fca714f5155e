import { action, problem, t } from "frontdesk";

export default action("POST /carts/{cartId}/order", {
  summary: "Orders what is in the cart",
  input: {
    cartId: t.string(),
    lines: t.array(t.object({ productId: t.string(), quantity: t.integer().min(1).default(1) })).min(1),
    note: t.string().nullable().optional(),
    express: t.boolean().default(false),
    channel: t.string().query().optional(),
  },

  run: ({ cartId, lines, note, express, channel }) => {
    const count = lines.reduce((sum, line) => sum + line.quantity, 0);
    if (count > 9) throw problem("too_many", { detail: `${count} pieces` });
    return { cartId, count, note: note ?? null, express, channel: channel ?? null };
  },
});
