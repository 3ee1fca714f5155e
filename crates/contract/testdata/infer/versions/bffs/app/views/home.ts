import { deprecated, since, until, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /v2/home", {
  deprecated: { since: "2026-05-01", sunset: "2027-01-01", use: "GET /v3/home", because: "v3 is faster", enforce: true },
  load: () => {
    const page = shop.listProducts({});
    return {
      titles: page.items.map((item) => item.title),
      total: since("5.1.0", page.total),
      count: until("5.0.0", page.total),
      banner: since("5.0.0", shop.getBanner({}, { optional: true })?.headline),
      size: deprecated({ since: "2026-05-01", sunset: "2027-01-01", use: "total", because: "a clearer name" }, page.total),
    };
  },
});
