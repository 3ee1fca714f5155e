// Every operation of three of Harbor's BFFs, by the clients that are written for them.

import assert from "node:assert/strict";
import { IosClient, type CheckoutSummary } from "./ios/client.ts";
import { PartnerClient } from "./partner/client.ts";
import { TvClient, type Home } from "./tv/client.ts";

export interface Shop {
  addresses: { tv: string; partner: string; ios: string };
  /** An API key of the partner, for everything it may do, and one that may do nothing. */
  keys: { good: string; poor: string };
  /** A token that the provider signed. */
  token: () => Promise<string>;
}

export type Cases = { readonly [name: string]: (shop: Shop) => Promise<void> };

type Outcome = { ok: true } | { ok: false; problem: { status: number } };

/** A machine that has too much to do may be late; nothing else is forgiven. */
async function inTime<R extends Outcome>(call: () => Promise<R>): Promise<R> {
  for (let left = 20; ; left -= 1) {
    const result = await call();
    if (left === 0 || result.ok || ![0, 503, 504].includes(result.problem.status)) return result;
  }
}

async function answered<R extends Outcome>(call: () => Promise<R>): Promise<Extract<R, { ok: true }>> {
  const result = await inTime(call);
  if (result.ok) return result as Extract<R, { ok: true }>;
  throw new Error(JSON.stringify(result));
}

async function refused<R extends Outcome>(call: () => Promise<R>): Promise<Extract<R, { ok: false }>> {
  const result = await inTime(call);
  if (!result.ok) return result as Extract<R, { ok: false }>;
  throw new Error(JSON.stringify(result));
}

const ios = (shop: Shop, clientVersion = "4.2.0") =>
  new IosClient({ baseUrl: shop.addresses.ios, clientVersion, token: shop.token });

export const cases: Cases = {
  "tv: the home screen, with and without inputs": async (shop) => {
    const tv = new TvClient({ baseUrl: shop.addresses.tv, headers: { "Accept-Language": "de-DE" } });
    const all = await answered(() => tv.home());
    const screen: Home = all.answer;
    assert.ok(screen.rails.length > 2 && screen.rails.length <= 5);
    assert.match(all.requestId ?? "", /^[0-9a-f]{32}$/);
    assert.equal(all.response.status, 200);
    const one = await answered(() => tv.home({ rails: 1, customerId: "ada & co" }, { timeout: 5_000 }));
    assert.equal(one.answer.rails.length, 1);
    assert.equal(one.answer.rails[0]?.title, screen.rails[0]?.title);
  },

  "tv: an input that does not fit is a problem that says where": async (shop) => {
    const tv = new TvClient({ baseUrl: new URL(shop.addresses.tv) });
    const result = await refused(() => tv.home({ rails: 99 }));
    assert.ok(result.problem.code === "invalid_input");
    assert.equal(result.problem.status, 400);
    assert.equal(result.problem.errors?.[0]?.pointer, "/rails");
    assert.equal(result.problem.correlationId, result.requestId);
  },

  "partner: a page and a product, by a key": async (shop) => {
    const partner = new PartnerClient({ baseUrl: shop.addresses.partner, apiKey: shop.keys.good });
    const page = await answered(() => partner.catalogue({ limit: 3 }));
    const [first] = page.answer.items;
    assert.ok(first && page.answer.next !== null);
    const more = await answered(() => partner.catalogue({ limit: 3, cursor: page.answer.next ?? undefined }));
    assert.ok(more.answer.items.every((item) => item.id !== first.id));
    const stock = await answered(() => partner.stock({ productId: first.id }));
    assert.equal(stock.answer.productId, first.id);
    assert.equal(stock.answer.forPartner, "good");
  },

  "partner: no such product, no such key, a key for less": async (shop) => {
    const baseUrl = shop.addresses.partner;
    const good = new PartnerClient({ baseUrl, apiKey: shop.keys.good });
    const missing = await refused(() => good.stock({ productId: "a b?#%" }));
    assert.ok(missing.problem.code === "product_not_found", JSON.stringify(missing));
    assert.equal(missing.problem.title, "There is no such product");
    const stranger = new PartnerClient({ baseUrl, apiKey: "fdk_partner_nonsense" });
    assert.equal((await refused(() => stranger.catalogue())).problem.code, "invalid_api_key");
    const poor = new PartnerClient({ baseUrl, apiKey: shop.keys.poor });
    assert.equal((await refused(() => poor.catalogue())).problem.code, "insufficient_scope");
  },

  "ios: every operation of a purchase, by a token": async (shop) => {
    const app = ios(shop);
    const home = await answered(() => app.home({ rows: 2 }));
    const product = home.answer.bestSellers[0];
    assert.ok(product);
    const added = await answered(() => app.addToCart({ cartId: "c-clients", productId: product.id, quantity: 2 }));
    assert.equal(added.answer.added.quantity, 2);
    const summary = await answered(() => app.checkoutSummary({ cartId: "c-clients" }));
    const shown: CheckoutSummary = summary.answer;
    assert.ok(shown.items.some((item) => item.productId === product.id));
    for (const { call, reason } of summary.degraded) {
      const known: "delivery" | "similar" = call;
      assert.ok(known && reason);
    }
    const order = { cartId: "c-clients", methodId: "card-1", deliveryOptionId: "standard" };
    const placed = await answered(() => app.placeOrder(order, { idempotencyKey: "order-1" }));
    assert.ok(placed.answer.deliveryId.length > 0);
  },

  "ios: three versions of the app, and one that is too old": async (shop) => {
    const home = async (version: string) => (await answered(() => ios(shop, version).home({ rows: 1 }))).answer;
    const [oldest, now, next] = [await home("4.2.0"), await home("5.1.0"), await home("6.0.0")];
    assert.deepEqual([oldest.greeting, now.greeting, next.greeting], ["Welcome to Harbor", "Welcome to Harbor", undefined]);
    assert.ok(!("categories" in oldest) && !("stars" in (oldest.bestSellers[0] ?? {})));
    const names: string[] | undefined = now.categories?.map((category) => category.name);
    assert.ok(names === undefined || names.length > 0);
    // A shop that is late with stock does not say how much there is.
    const availability: "sold-out" | "unknown" | "few" | "in-stock" | undefined = now.bestSellers[0]?.availability;
    assert.ok(availability !== undefined);
    const { problem } = await refused(() => ios(shop, "4.1.9").home());
    assert.ok(problem.code === "client_too_old", JSON.stringify(problem));
    assert.equal(problem.status, 426);
  },

  "ios: what the app throws, and nobody signed in": async (shop) => {
    const app = ios(shop);
    const codes = [];
    for (const cartId of ["missing cart", "empty-1"]) {
      codes.push((await refused(() => app.checkoutSummary({ cartId }))).problem.code);
    }
    assert.deepEqual(codes, ["cart_not_found", "cart_empty"]);
    const order = { cartId: "c1", methodId: "declined", deliveryOptionId: "standard" };
    const declined = await refused(() => app.placeOrder(order));
    assert.ok(declined.problem.code === "payment_declined", JSON.stringify(declined));
    assert.equal(declined.problem.title, "The payment was declined");
    const nobody = new IosClient({ baseUrl: shop.addresses.ios, clientVersion: "4.2.0", token: () => undefined });
    assert.equal((await refused(() => nobody.home())).problem.code, "login_required");
  },

  "ios: a token that was refused is replaced once": async (shop) => {
    const rejected: (string | undefined)[] = [];
    const app = new IosClient({
      baseUrl: shop.addresses.ios,
      clientVersion: "4.2.0",
      token: (old) => {
        rejected.push(old);
        return old === undefined ? "of yesterday" : shop.token();
      },
    });
    await answered(() => app.home());
    assert.deepEqual(rejected.slice(0, 2), [undefined, "of yesterday"]);
  },
};
