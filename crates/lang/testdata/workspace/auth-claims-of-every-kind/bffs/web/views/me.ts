import { view } from "frontdesk";

export default view("GET /me", {
  load: (_, { session, auth }) => {
    const { address, level, ...rest } = session;
    return {
      city: address.city,
      lines: address.lines.map((line) => line.kind),
      roles: session["https://example.com/roles"] ?? [],
      born: session.born,
      next: level + 1,
      verified: session.verified,
      locale: session.locale,
      rest,
      auth,
      recent: auth.authenticatedAt !== undefined && auth.authenticatedAt > 0,
    };
  },
});
