import { requires, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /mine", {
  auth: requires({ scopes: ["read", "admin"], maxAge: "5m" }),
  load: () => ({ total: shop.listProducts({}).total }),
});
