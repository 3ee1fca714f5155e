// How an app uses its client, and what must not compile.

import { ProblemError, ShopClient, orThrow } from "./client.ts";
import type { Home, NoAnswer, PlaceOrderInput, PlaceOrderProblem, Product, Result } from "./client.ts";

const shop = new ShopClient({ baseUrl: "https://bff.example.com", clientVersion: "5.1.0", token: () => "token" });

// @ts-expect-error: this BFF serves clients by their version
new ShopClient({ baseUrl: "https://bff.example.com", token: () => "token" });
// @ts-expect-error: and wants to know who asks
new ShopClient({ baseUrl: "https://bff.example.com", clientVersion: "5.1.0" });

export async function home(signal: AbortSignal): Promise<string> {
  const result = await shop.home({ rows: 3, tags: ["new"], onlyNew: undefined, device: "pad" }, { signal, timeout: 500 });
  // @ts-expect-error: there is an answer only if it is `ok`
  void result.answer;
  if (!result.ok) return result.problem.title;
  const { answer, degraded, requestId, response } = result;
  void [requestId, response.headers];
  for (const { call, reason } of degraded) {
    if (call === "similar") return reason;
    // @ts-expect-error: no call is called so
    if (call === "similarr") return reason;
  }
  // @ts-expect-error: younger than the oldest client that is served
  const greeting: string = answer.greeting;
  const [latitude, longitude] = answer.at;
  const banner = answer.banners[0];
  if (banner?.kind === "offer") return `${banner.percent} %`;
  // @ts-expect-error: bundles have no `percent`
  void banner?.percent;
  // @ts-expect-error: may be null
  void answer.hero.image;
  // @ts-expect-error: there may be no such page
  void answer.pages["first"].length;
  // @ts-expect-error: no such field
  void answer.titel;
  const size: number | "small" | "large" | null = answer.size;
  return `${greeting} ${latitude + longitude} ${answer.hero?.image} ${answer.tree.children[0]?.name} ${size}`;
}

export async function inputs(): Promise<void> {
  await shop.home();
  await shop.oldHome({}, { headers: { "Accept-Language": "de-DE" } });
  await shop.product({ productId: "p1" });
  // @ts-expect-error: must be given
  await shop.product();
  // @ts-expect-error: must be given
  await shop.product({});
  // @ts-expect-error: a string
  await shop.product({ productId: 1 });
  // @ts-expect-error: no such input
  await shop.home({ row: 3 });
  // @ts-expect-error: queries cannot say null
  await shop.home({ device: null });
  // @ts-expect-error: reading needs no key
  await shop.product({ productId: "p1" }, { idempotencyKey: "k" });
  const order: PlaceOrderInput = { cartId: "c1", methodId: "m1", note: null, lines: [{ productId: "p1" }] as const };
  await shop.placeOrder(order, { idempotencyKey: "k", retries: 3 });
  await shop.payOrder({ orderId: "o1" }, { idempotencyKey: "k" });
  // @ts-expect-error: paying needs a key
  await shop.payOrder({ orderId: "o1" }, { retries: 3 });
  // @ts-expect-error: and options to give it in
  await shop.payOrder({ orderId: "o1" });
}

/** Every problem has its case; what remains is nothing. */
export function said(problem: Extract<Result<unknown, PlaceOrderProblem>, { ok: false }>["problem"]): string {
  switch (problem.code) {
    case "cart_empty": {
      const status: 409 = problem.status;
      return `${status} ${problem.detail ?? problem.title}`;
    }
    case "payment_declined":
      return problem.status === 402 ? "pay otherwise" : "ask your bank";
    case "invalid_input":
      return problem.errors?.map((error) => error.pointer).join() ?? "";
    case "login_required":
    case "service_unavailable":
    case "deadline_exceeded":
      return "later";
    case "unknown":
      return problem.original ?? problem.title;
    case "no_answer":
      return reason(problem);
    default: {
      const nothing: never = problem;
      return nothing;
    }
  }
}

function reason({ reason, cause }: NoAnswer): string {
  return `${reason}: ${String(cause)}`;
}

export function wrongCode(problem: PlaceOrderProblem): boolean {
  // @ts-expect-error: of another operation
  return problem.code === "product_not_found";
}

export function missingCase(problem: PlaceOrderProblem): string {
  switch (problem.code) {
    case "cart_empty":
      return "";
    default: {
      // @ts-expect-error: others are left
      const nothing: never = problem;
      return nothing;
    }
  }
}

export async function throwing(): Promise<Product | undefined> {
  try {
    const product = orThrow(await shop.product({ productId: "p1" }));
    const same: Product = product;
    return same;
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === "product_not_found") return undefined;
    throw error;
  }
}

export const old: Promise<Result<Home | null>> = shop.oldHome();
