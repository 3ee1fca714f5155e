import { requires, t, view } from "frontdesk";
import { anybody, ledger, old, orders, quotes, stock, vault } from "frontdesk/services";

export default view("GET /account/{id}", {
  input: { id: t.string() },
  auth: requires({ scopes: ["account"], acr: ["urn:2fa", "urn:3fa"] }),
  csrf: { headerless: true, because: "statements are downloaded by a plain link" },
  cost: 5,
  load: () => ({
    orders: orders.listThings({}),
    quotes: quotes.listThings({}),
    anybody: anybody.listThings({}),
    ledger: ledger.listThings({}),
    stock: stock.listThings({}),
    vault: vault.listThings({}),
    old: old.listThings({}),
  }),
});
