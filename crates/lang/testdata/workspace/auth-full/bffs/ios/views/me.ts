import { view } from "frontdesk";

export default view("GET /ios/me", {
  summary: "Claims of another BFF have other types",
  load: (_, { session, auth }) => ({ tier: session.tier, key: auth.kind === "key" ? auth.client : null }),
});
