import { requires, t, view } from "frontdesk";

export default view("GET /closed/{id}", {
  summary: "For those with a key, and what it may",
  auth: requires({ scopes: ["read"] }),
  rate: [{ per: "key", requests: 600000, every: "1m" }],
  cost: 2,
  input: { id: t.string().max(12) },
  load: ({ id }, { auth }) => ({ id, client: auth.client ?? null }),
});
