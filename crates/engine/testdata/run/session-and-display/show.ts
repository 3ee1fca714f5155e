import { view, t, money } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /show/{id}", {
  input: { id: t.string() },
  load: ({ id }, { session }) => {
    const cart = shop.getCart({ cartId: id });
    const quote = shop.quote({ currency: session.currency });
    return {
      total: money(quote.total, session.currency, session.locale),
      perLine: cart.lines.map((line) => quote.lines?.[line.id] ?? null),
      notes: cart.notes,
      extra: cart.extra,
      session,
    };
  },
});
