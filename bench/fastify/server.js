// The workloads without a session, written by hand: Fastify with response schemas, undici.
// Usage: node server.js PORT SERVICES_JSON

import Fastify from "fastify";
import { Agent, request } from "undici";

const [port, servicesJson] = process.argv.slice(2);
const services = JSON.parse(servicesJson);
const dispatcher = new Agent({ keepAliveTimeout: 60_000, connections: 256 });
const app = Fastify({ logger: false });

async function get(service, path, signal) {
  const { statusCode, body } = await request(services[service] + path, { dispatcher, signal });
  if (statusCode >= 400) {
    await body.dump();
    throw new Error(`${service} answered ${statusCode}`);
  }
  return body.json();
}

const optional = (within, call) => call(AbortSignal.timeout(within)).catch(() => null);

const euros = new Intl.NumberFormat("en-GB", { style: "currency", currency: "EUR" });
const money = (minor) => (minor === undefined ? null : euros.format(minor / 100));
const thumbnail = (url) => (url ? `${url}${url.includes("?") ? "&" : "?"}w=120&h=120` : null);

const text = { type: "string" };
const textOrNull = { type: ["string", "null"] };
const rows = (properties) => ({ type: "array", items: { type: "object", properties } });

app.get(
  "/v2/mobile/checkout-summary",
  {
    schema: {
      response: {
        200: {
          type: "object",
          properties: {
            items: rows({
              id: text,
              title: text,
              thumbnail: textOrNull,
              quantity: { type: "integer" },
              unitPrice: textOrNull,
              lineTotal: textOrNull,
            }),
            subtotal: text,
            discounts: rows({ code: text, label: text, amount: text }),
            tax: text,
            total: text,
            delivery: { type: ["object", "null"], properties: { from: text, to: text } },
            similar: rows({ id: text, title: text, thumbnail: textOrNull, price: text }),
          },
        },
      },
    },
  },
  async ({ query: { cartId } }) => {
    const delivery = optional(150, (signal) => get("shipping", `/v1/carts/${cartId}/estimate`, signal));
    const similar = optional(50, (signal) => get("recommendations", `/v1/carts/${cartId}/similar?limit=8`, signal));
    const basket = await get("cartHttp", `/v1/carts/${cartId}`);
    const lines = basket.lines.map((l) => `${l.id}:${l.productId}:${l.quantity}`).join(",");
    const coupon = basket.couponCode === undefined ? "" : `&couponCode=${basket.couponCode}`;
    const [products, quote] = await Promise.all([
      get("catalog", `/v1/products:batchGet?ids=${basket.lines.map((l) => l.productId).join(",")}`),
      get("pricingHttp", `/v1/quote?currency=EUR&lines=${lines}${coupon}`),
    ]);
    const product = new Map(products.items.map((p) => [p.id, p]));
    const [promise, recommended] = await Promise.all([delivery, similar]);
    return {
      items: basket.lines.map((line) => {
        const found = product.get(line.productId);
        const price = quote.lines[line.id];
        return {
          id: line.id,
          title: found?.title ?? "Unavailable",
          thumbnail: thumbnail(found?.imageUrl),
          quantity: line.quantity,
          unitPrice: money(price?.unitMinor),
          lineTotal: money(price?.totalMinor),
        };
      }),
      subtotal: money(quote.subtotalMinor),
      discounts: quote.discounts.map((d) => ({ code: d.code, label: d.label, amount: money(d.amountMinor) })),
      tax: money(quote.estimatedTaxMinor),
      total: money(quote.totalMinor),
      delivery: promise && { from: promise.earliest, to: promise.latest },
      similar: (recommended ?? []).slice(0, 4).map((r) => ({
        id: r.id,
        title: r.title,
        thumbnail: thumbnail(r.imageUrl),
        price: money(r.priceMinor),
      })),
    };
  },
);

app.get("/pass/:id", async ({ params, headers }, reply) => {
  const { cookie, host, connection, ...rest } = headers;
  const answer = await request(`${services.things}/pass/${params.id}`, {
    dispatcher,
    headers: { ...rest, "x-bff": "bench" },
  });
  reply.code(answer.statusCode).header("content-type", answer.headers["content-type"]);
  return reply.send(answer.body);
});

app.get("/wide", async ({ query: { id } }) => {
  const slow = optional(50, (signal) => get("things", `/slow/${id}`, signal));
  const list = await get("things", `/list/${id}`);
  const things = await Promise.all(list.ids.map((one) => get("things", `/item/${one}`)));
  const late = await slow;
  return {
    title: list.title,
    things: things.map((t) => ({ id: t.id, name: t.name, score: t.score })),
    note: late && late.note,
  };
});

await app.listen({ port: Number(port), host: "127.0.0.1" });
