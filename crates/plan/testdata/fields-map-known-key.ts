import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /fields-map-known-key/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const settings = shop.getSettings({});
    return { dark: settings.features["dark"]?.since ?? null, light: settings.features.light?.on ?? false };
  },
});
