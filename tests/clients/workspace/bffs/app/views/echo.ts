import { t, view } from "frontdesk";

export default view("GET /echo/{id}/{when}", {
  summary: "Says what it was given, by every way that there is",
  input: {
    id: t.string().max(64),
    when: t.date(),
    text: t.string().max(64).optional(),
    count: t.integer().min(0).max(10).default(3),
    ratio: t.number().optional(),
    exact: t.boolean().optional(),
    size: t.enum(["small", "large & wide"]).optional(),
    tags: t.array(t.string()).optional(),
    sizes: t.array(t.integer()).default([]),
    page: t.integer().query("p").optional(),
    device: t.string().header("x-device").optional(),
    moment: t.dateTime().optional(),
  },

  load: ({ id, when, text, count, ratio, exact, size, tags, sizes, page, device, moment }) => ({
    id,
    when,
    text: text ?? null,
    count,
    ratio: ratio ?? null,
    exact: exact ?? null,
    size: size ?? null,
    tags: tags ?? null,
    sizes,
    page: page ?? null,
    device: device ?? null,
    moment: moment ?? null,
  }),
});
