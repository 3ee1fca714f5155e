import { view } from "frontdesk";

export default view("GET /whole", {
  public: true,
  load: (_, context) => ({ me: context.session.subject, scopes: context.auth.scopes, locale: context.session.locale }),
});
