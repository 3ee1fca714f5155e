import { view } from "frontdesk";

export default view("GET /me", {
  load: (_, { session, client, auth }) => ({
    subject: session.subject,
    tier: session.tier,
    isGold: session.tier === "gold",
    groups: session.groups?.map((group) => group.toUpperCase()) ?? [],
    name: session.name,
    locale: session.locale,
    currency: session.currency,
    client: client.name,
    auth: { kind: auth.kind, scopes: auth.scopes, acr: auth.acr ?? null, at: auth.authenticatedAt },
  }),
});
