import { version } from "frontdesk";

export default version("2025-01-01", {
  "GET /v1/stock/{id}": ({ id, title, price, weight = 1 }) => ({ id, name: title, price, weight }),
});
