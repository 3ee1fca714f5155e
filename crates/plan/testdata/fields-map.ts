import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /fields-map/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const settings = shop.getSettings({});
    const product = shop.getProduct({ id });
    return {
      on: settings.features[id]?.on ?? false,
      names: Object.keys(settings.features),
      labels: Object.entries(product.labels ?? {}).map(([key, value]) => `${key}=${value}`),
      soft: settings.limits["soft"],
      raw: settings.raw,
    };
  },
});
