import { action, t } from "frontdesk";

export default action("PATCH /notes/{noteId}", {
  summary: "Everything in its body may be left out",
  input: { noteId: t.string(), title: t.string().optional(), done: t.boolean().nullable().optional() },
  run: ({ noteId, title, done }) => ({ noteId, title: title ?? null, done: done ?? null }),
});
