import { action, t } from "frontdesk";

export default action("POST /lines/{id}", {
  input: {
    id: t.string(),
    quantity: t.integer().min(1),
    note: t.string().nullable(),
    gift: t.boolean().optional().nullable(),
    address: t.object({ street: t.string(), zip: t.string().pattern(/^\d{5}$/).optional() }),
    parts: t.array(t.object({ sku: t.string() })).min(1),
    dry: t.boolean().query().default(false),
    trace: t.string().header("x-trace").optional(),
    kind: t.enum(["a", "b"]).body("line-kind").default("a"),
  },
  run: (input) => ({ ...input, first: input.parts[0]?.sku ?? null }),
});
