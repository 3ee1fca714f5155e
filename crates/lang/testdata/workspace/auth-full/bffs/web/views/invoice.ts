import { requires, view } from "frontdesk";

export default view("GET /invoice", {
  auth: requires({ scopes: ["invoices.read"], acr: ["urn:harbor:2fa"], maxAge: "5m" }),
  csrf: { headerless: true, because: "invoices are downloaded by a plain link" },
  rate: [{ per: "session", requests: 10, every: "1m" }],
  cost: 5,
  load: () => ({ invoice: 1 }),
});
