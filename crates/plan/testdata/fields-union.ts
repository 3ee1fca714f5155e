import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /fields-union/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const banner = shop.getBanner({});
    return banner.kind === "percent" ? { text: `${banner.percent}%` } : { text: `${banner.buy} for ${banner.pay}` };
  },
});
