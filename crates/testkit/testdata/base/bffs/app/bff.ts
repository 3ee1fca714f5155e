import { bearer, bff, t } from "frontdesk";

export default bff({
  client: "app",
  owner: "team-app",
  auth: bearer({ issuer: "idp", audience: "app", claims: { tier: t.enum(["gold", "basic"]) } }),
  versions: { header: "X-Client-Version", minimum: "2.0.0", supported: ["2.0.0", "3.0.0"], upgrade: "https://store.example/app" },
  limits: { latency: "300ms" },
  errors: { "items.getItem:404": "no_such_item", sold_out: { status: 409, title: "Sold out" }, no_such_item: { status: 404 } },
});
