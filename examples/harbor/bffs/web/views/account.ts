import { view } from "frontdesk";
import { customers } from "frontdesk/services";
import { basket, cartOf } from "../shapes/cart.ts";

export default view("GET /api/account", {
  summary: "Whoever is signed in, and what is in their cart",
  budget: { latency: "600ms", payload: "16KB" },

  load: (_, { session: { subject, name, tier, locale, currency } }) => {
    // The service gets a token of its own for this person, exchanged for theirs: see `auth` in frontdesk.yaml.
    const customer = customers.me({}, { within: "300ms", optional: true });
    return {
      name,
      tier,
      greeting: tier === "gold" ? `Good to see you, ${name}` : `Hello, ${name}`,
      loyalty: customer && { points: customer.points, since: customer.since },
      cart: basket(cartOf(subject), currency, locale),
    };
  },
});
