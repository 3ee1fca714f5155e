import { action, t } from "frontdesk";
import { garden } from "frontdesk/services";

export default action("POST /v2/plants", {
  summary: "Plants one",
  input: {
    name: t.string().min(1).max(40),
    kind: t.enum(["tree", "shrub", "herb"]),
    heightCm: t.number().min(0).nullable().optional(),
    plantedOn: t.date().optional(),
  },
  run: ({ name, kind, heightCm, plantedOn }) => {
    const plant = garden.addPlant({ name, kind, heightCm, plantedOn });
    return { id: plant.id, name: plant.name };
  },
});
