import { view } from "frontdesk";

export default view("GET /me", {
  load: (_, { session, client, auth }) => ({
    subject: session.subject,
    isGold: session.tier === "gold",
    groups: session.groups?.toSorted() ?? "none",
    city: session.address?.city ?? null,
    locale: session.locale,
    client: client.name,
    kind: auth.kind,
    mayOrder: auth.scopes.includes("orders"),
    acr: auth.acr ?? null,
    at: auth.authenticatedAt ?? null,
  }),
});
