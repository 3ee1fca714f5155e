import { t, view } from "frontdesk";

export default view("GET /stock/{id}", {
  input: { id: t.string().max(20), depth: t.integer().min(0).max(5).default(0) },
  load: ({ id, depth }) => ({ id, pieces: 3, depth }),
});
