import { action, t } from "frontdesk";
import { garden } from "frontdesk/services";

export default action("DELETE /v2/plants/{plantId}", {
  summary: "Digs one out",
  input: { plantId: t.string().min(1).max(20), reason: t.string().max(20).optional() },
  run: ({ plantId, reason }) => ({ removed: garden.removePlant({ plantId }).removed, reason: reason ?? null }),
});
