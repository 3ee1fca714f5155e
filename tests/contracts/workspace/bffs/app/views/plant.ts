import { deprecated, since, t, until, view } from "frontdesk";
import { garden } from "frontdesk/services";

export default view("GET /v2/plants/{plantId}", {
  summary: "One plant, and what is like it",
  input: { plantId: t.string().min(1).max(20) },
  load: ({ plantId }) => {
    const plant = garden.getPlant({ plantId });
    const similar = garden.similarPlants({ plantId }, { optional: true });
    return {
      plant,
      similar: similar?.map(({ id, name }) => ({ id, name })) ?? [],
      tall: (plant.heightCm ?? 0) > 200,
      label: since("5.1.0", `${plant.name} (${plant.kind})`),
      title: until("5.1.0", plant.name),
      name: deprecated({ since: "2026-01-01", sunset: "2099-01-01", use: "label" }, plant.name),
    };
  },
});
