import { action, problem, t } from "frontdesk";

export default action("POST /orders/{orderId}", {
  summary: "Takes everything that a body can hold",
  input: {
    orderId: t.string().max(30),
    dryRun: t.boolean().query("dry-run").default(false),
    lines: t.array(t.object({
      plantId: t.string().min(1).max(20).pattern(/^[\w-]+$/),
      quantity: t.integer().min(1).max(20).default(1),
      gift: t.object({ to: t.string().max(40), on: t.date().optional() }).nullable().optional(),
    })).min(1).max(4),
    note: t.string().max(20).nullable().optional(),
    contact: t.object({ mail: t.string().pattern("^[^@ ]+@[^@ ]+$"), codes: t.array(t.integer()).default([]) }).optional(),
    price: t.number().min(0).nullable().default(null),
    express: t.boolean().default(false),
    when: t.dateTime().optional(),
    kinds: t.array(t.enum(["tree", "shrub"]).nullable()).optional(),
    grid: t.array(t.array(t.integer())).optional(),
    renamed: t.string().body("re-named").optional(),
  },

  run: ({ orderId, dryRun, lines, note, contact, price, express, when, kinds, grid, renamed }) => {
    const count = lines.reduce((sum, line) => sum + line.quantity, 0);
    if (count > 40) throw problem("too_many", { detail: `${count} pieces` });
    return {
      orderId, dryRun, count, express, price, lines,
      note: note ?? null,
      mail: contact?.mail ?? null,
      codes: contact?.codes ?? [],
      when: when ?? null,
      kinds: kinds ?? [],
      grid: grid ?? [],
      renamed: renamed ?? null,
    };
  },
});
