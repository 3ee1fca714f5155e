import { t, view } from "frontdesk";
import { garden } from "frontdesk/services";

export default view("GET /v2/plants", {
  summary: "Those of a kind",
  input: { kind: t.enum(["tree", "shrub", "herb"]).optional(), limit: t.integer().min(1).max(50).default(10) },
  load: ({ kind, limit }) => {
    const found = garden.listPlants({ kind, limit }, { optional: true });
    return { total: found?.total ?? null, items: found?.items ?? [] };
  },
});
