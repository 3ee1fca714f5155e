// Written by `frontdesk gen client ts` from the contract of the BFF `shop`.
// What is changed here is lost when it is written again.

/** What a {@link ShopClient} is made with. */
export interface ClientOptions extends CommonOptions {
  /**
   * The version of this client, such as `5.1.0`; sent as `X-Client-Version`.
   * Older ones than 4.2.0 are told to upgrade.
   * In the field: 4.2.0, 5.0.0, 5.1.0.
   */
  clientVersion: string;
  /**
   * Gives the access token; `undefined` if nobody is signed in. After a token was refused it is asked once more, with
   * the one that was `rejected`: it may give a fresh one.
   */
  token: (rejected?: string) => string | undefined | Promise<string | undefined>;
}

/** The BFF `shop`, one method an operation. */
export class ShopClient {
  readonly #options: ClientOptions;
  readonly #told = new Set<string>();

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /**
   * The first screen.
   *
   * `GET /v3/home`
   */
  home(input: HomeInput = {}, options: CallOptions = {}): Promise<Result<Home, HomeProblem, "similar" | "promotions">> {
    return send(this.#options, OPERATIONS.home, input, options, this.#told);
  }

  /**
   * `GET /v2/home`
   *
   * @deprecated since 2026-05-01, gone from 2027-01-01 on: The first screen has been made anew. Use {@link ShopClient.home}.
   */
  oldHome(input: OldHomeInput = {}, options: CallOptions = {}): Promise<Result<Home | null, OldHomeProblem>> {
    return send(this.#options, OPERATIONS.oldHome, input, options, this.#told);
  }

  /**
   * `GET /v3/products/{productId}`
   *
   * Needs the scopes `catalogue`, `shop`.
   */
  product(input: ProductInput, options: CallOptions = {}): Promise<Result<Product, ProductProblem>> {
    return send(this.#options, OPERATIONS.product, input, options, this.#told);
  }

  /**
   * Holds the money, then books the delivery.
   *
   * `POST /v3/carts/{cartId}/order`
   */
  placeOrder(input: PlaceOrderInput, options: WriteOptions = {}): Promise<Result<Order, PlaceOrderProblem>> {
    return send(this.#options, OPERATIONS.placeOrder, input, options, this.#told);
  }

  /**
   * Asked twice with one key, pays once.
   *
   * `POST /v3/orders/{orderId}/payments`
   */
  payOrder(input: PayOrderInput, options: WriteOptions & { readonly idempotencyKey: string }): Promise<Result<Order, PayOrderProblem>> {
    return send(this.#options, OPERATIONS.payOrder, input, options, this.#told);
  }

  /** `DELETE /v3/devices` */
  signOut(input: SignOutInput = {}, options: WriteOptions = {}): Promise<Result<SignOutAnswer, SignOutProblem>> {
    return send(this.#options, OPERATIONS.signOut, input, options, this.#told);
  }
}

/** What any operation may answer. */
export type CommonProblem =
  | Problem<"deadline_exceeded", 504>
  | Problem<"invalid_input", 400>
  | Problem<"login_required", 401>
  | Problem<"service_unavailable", 503>;

export interface HomeInput {
  /** A whole number, 1 to 12, `6` if left out. */
  rows?: number | undefined;
  tags?: readonly string[] | undefined;
  onlyNew?: boolean | undefined;
  device?: string | undefined;
  /** A day such as `2026-03-01`. */
  since?: string | undefined;
}

/** What else `home` may answer. */
export type HomeProblem = CommonProblem;

export type OldHomeInput = Record<string, never>;

/** What else `oldHome` may answer. */
export type OldHomeProblem = CommonProblem;

export interface ProductInput {
  /** 1 to 32 characters. */
  productId: string;
}

/** What else `product` may answer. */
export type ProductProblem =
  | CommonProblem
  /** There is no such product */
  | Problem<"product_not_found", 404>;

export interface PlaceOrderInput {
  cartId: string;
  /**
   * How it is paid.
   * 1 to 64 characters.
   */
  methodId: string;
  note?: string | null | undefined;
  lines: readonly {
    productId: string;
    /** A whole number, at least 1. */
    quantity?: number | undefined;
  }[];
}

/** What else `placeOrder` may answer. */
export type PlaceOrderProblem =
  | CommonProblem
  /** The cart is empty */
  | Problem<"cart_empty", 409>
  | Problem<"payment_declined", 402 | 422>;

export interface PayOrderInput {
  orderId: string;
}

/** What else `payOrder` may answer. */
export type PayOrderProblem = CommonProblem;

export type SignOutInput = Record<string, never>;

/** What else `signOut` may answer. */
export type SignOutProblem = CommonProblem;

export type SignOutAnswer = Record<string, never>;

export type Banner = {
  kind: "offer";
  /** A whole number, 1 to 100. */
  percent: number;
} | {
  kind: "bundle";
  take: number;
  pay: number;
};

export interface Category {
  name: string;
  children: Category[];
}

/**
 * What the first screen shows.
 * It is the same for all.
 */
export interface Home {
  title: string;
  /** @deprecated since 2026-05-01. Use `title`. */
  headline: string;
  /** For clients of version 5.1.0 and newer. */
  greeting?: string;
  /** For clients older than version 6.0.0. */
  hello?: string;
  /** For clients of version 5.0.0 and newer, but older than 5.1.0. */
  tip?: string;
  /** Missing, null or a stand-in when the answer is degraded by `similar`. */
  similar: Product[] | null;
  /** Missing, null or a stand-in when the answer is degraded by `promotions` or `similar`. */
  banners: Banner[];
  tree: Category;
  pages: { [key: string]: (Product | null)[] };
  at: [number, number];
  hero: {
    /** Format `uri`. */
    image: string;
    alt?: string;
  } | null;
  matrix: (number | null)[][];
  anything: unknown;
  nothing: null;
  size: number | "small" | "large" | null;
}

export interface Money {
  amount: string;
  /** Format `iso-4217`. */
  currency: string;
}

export interface Order {
  state: "placed" | "confirm";
  confirmAt: string | null;
}

export interface Product {
  /** Matches `^[A-Z]{2}-[0-9]+$`. */
  id: string;
  /** As it stands on the box. *\/ alert(1) */
  title: string;
  price: Money;
  /**
   * 0 to 5.
   * @example 4.5
   */
  rating: number;
  /** At most 4 items. */
  tags?: ("new" | "sale")[];
  "size-chart": boolean;
}

const COMMON = ["deadline_exceeded", "invalid_input", "login_required", "service_unavailable"];

const OPERATIONS = {
  home: {
    id: "home",
    method: "GET",
    path: "/v3/home",
    inputs: [["rows", "query", "rows"], ["tags", "query", "tags"], ["onlyNew", "query", "onlyNew"], ["device", "header", "x-device"], ["since", "query", "since"]],
    problems: [...COMMON],
    security: [],
  },
  oldHome: {
    id: "oldHome",
    method: "GET",
    path: "/v2/home",
    inputs: [],
    problems: [...COMMON],
    security: ["bearer"],
  },
  product: {
    id: "product",
    method: "GET",
    path: "/v3/products/{productId}",
    inputs: [["productId", "path", "productId"]],
    problems: [...COMMON, "product_not_found"],
    security: ["bearer"],
  },
  placeOrder: {
    id: "placeOrder",
    method: "POST",
    path: "/v3/carts/{cartId}/order",
    inputs: [["cartId", "path", "cartId"], ["methodId", "body", "methodId"], ["note", "body", "note"], ["lines", "body", "lines"]],
    problems: [...COMMON, "cart_empty", "payment_declined"],
    security: ["bearer"],
  },
  payOrder: {
    id: "payOrder",
    method: "POST",
    path: "/v3/orders/{orderId}/payments",
    inputs: [["orderId", "path", "orderId"]],
    problems: [...COMMON],
    security: ["bearer"],
  },
  signOut: {
    id: "signOut",
    method: "DELETE",
    path: "/v3/devices",
    inputs: [],
    problems: [...COMMON],
    security: ["bearer"],
  },
} satisfies Record<string, Operation>;

interface Known {
  readonly headers: Readonly<Record<string, string>>;
  readonly token: string | undefined;
  readonly init: RequestInit;
}

/** What goes with a request: the version of this client, and who asks. */
async function credentials(
  client: ClientOptions,
  operation: Operation,
  _url: URL,
  rejected?: string,
): Promise<Known> {
  const headers: Record<string, string> = {};
  let token: string | undefined;
  headers["X-Client-Version"] = client.clientVersion;
  if (operation.security.includes("bearer")) {
    token = await client.token?.(rejected);
    if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  }
  return { headers, token, init: {} };
}

// What a call comes to ---------------------------------------------------------------------------

/** Every outcome of a call but its cancellation, which rejects the promise with the signal's reason. */
export type Result<T, P extends Problem = Problem, Call extends string = string> = Answered<T, Call> | Refused<P>;

export interface Answered<T, Call extends string = string> {
  readonly ok: true;
  readonly answer: T;
  /** What the answer had to do without; empty if it is whole. */
  readonly degraded: readonly Degraded<Call>[];
  /** What to quote when asking the BFF's team what happened. */
  readonly requestId: string | undefined;
  /** Its body is read already. */
  readonly response: Response;
}

export interface Refused<P extends Problem = Problem> {
  readonly ok: false;
  readonly problem: P | UnknownProblem | NoAnswer;
  /** In seconds: how long to wait before asking again, if the server said. */
  readonly retryAfter: number | undefined;
  /** What to quote when asking the BFF's team what happened. */
  readonly requestId: string | undefined;
  /** Its body is read already. None came if the problem is `no_answer`. */
  readonly response: Response | undefined;
}

/** A call that the answer had to do without, and why: `timeout`, `error`, `malformed`, `open` or `shed`. */
export interface Degraded<Call extends string = string> {
  readonly call: Call;
  readonly reason: string;
}

/** Problem details (RFC 9457), told apart by `code`. */
export interface Problem<Code extends string = string, Status extends number = number> {
  readonly code: Code;
  readonly status: Status;
  readonly title: string;
  readonly detail?: string;
  readonly instance?: string;
  readonly correlationId?: string;
  /** What is wrong with the input, each with a JSON pointer into it. */
  readonly errors?: readonly InputError[];
  /** Where a page sends its user to sign in. */
  readonly login_url?: string;
  /** Where a newer version of this client is to be had. */
  readonly upgrade_url?: string;
  /** The operation to use instead of one that is gone. */
  readonly successor?: string;
}

export interface InputError {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

/** An answer that this client does not understand: a code younger than it is, or not from the BFF at all. */
export interface UnknownProblem extends Problem<"unknown"> {
  /** The code that came, if any did. */
  readonly original: string | undefined;
}

/** Nothing came back, or not in time. Whether the request was carried out is not known. */
export interface NoAnswer extends Problem<"no_answer", 0> {
  readonly reason: "network" | "timeout";
  readonly cause: unknown;
}

/** Thrown by {@link orThrow}. */
export class ProblemError<P extends Problem = Problem> extends Error {
  override readonly name = "ProblemError";
  readonly problem: P | UnknownProblem | NoAnswer;
  readonly requestId: string | undefined;

  constructor(refused: Refused<P>) {
    const { code, status, title } = refused.problem;
    super(`${status} ${code}: ${title}`);
    this.problem = refused.problem;
    this.requestId = refused.requestId;
  }
}

/** The answer alone, for callers who would rather catch a {@link ProblemError}. */
export function orThrow<T, P extends Problem>(result: Result<T, P>): T {
  if (result.ok) return result.answer;
  throw new ProblemError(result);
}

// How calls are made -----------------------------------------------------------------------------

export interface CommonOptions {
  /** Where the BFF is; on a page, `"/"` is where the page came from. A path in it stays before those of operations. */
  baseUrl: string | URL;
  /** Another `fetch` than the global one. */
  fetch?: typeof globalThis.fetch | undefined;
  /** Sent with every request: `{ "Accept-Language": "de-DE" }`. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** In milliseconds: how long a call may take, all of its attempts together. 10 000 if left out. */
  timeout?: number | undefined;
  /** How often a request is sent again, at most, if that is safe. 2 if left out. */
  retries?: number | undefined;
  /** Told once of each operation that is used and will not stay. */
  onDeprecated?: ((notice: DeprecationNotice) => void) | undefined;
}

export interface CallOptions {
  /** Cancels the call. */
  signal?: AbortSignal | undefined;
  /** Beside those of the client, which they replace where names are the same. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Instead of the client's. */
  timeout?: number | undefined;
  /** Instead of the client's. */
  retries?: number | undefined;
}

export interface WriteOptions extends CallOptions {
  /**
   * Sent as `Idempotency-Key`. It says that sending the same request twice does no more than sending it once; without
   * it nothing that writes is ever sent again.
   */
  idempotencyKey?: string | undefined;
}

/** What an answer said of the operation's future (RFC 9745, RFC 8594). */
export interface DeprecationNotice {
  readonly operation: string;
  readonly since: Date | undefined;
  /** From when on it may be gone. */
  readonly sunset: Date | undefined;
  /** The address of what takes its place. */
  readonly successor: string | undefined;
}

type Place = "path" | "query" | "header" | "body";

interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** What the input calls it, where it goes, and what it is called there. */
  readonly inputs: readonly (readonly [name: string, place: Place, wire: string])[];
  readonly problems: readonly string[];
  /** Ways to prove who one is, any of which does. */
  readonly security: readonly string[];
}

type Values = Readonly<Record<string, unknown>>;

async function send<T, P extends Problem, Call extends string>(
  client: ClientOptions,
  operation: Operation,
  input: object,
  options: WriteOptions,
  told: Set<string>,
): Promise<Result<T, P, Call>> {
  const values = input as Values;
  const url = address(client.baseUrl, operation, values);
  const body = bodyOf(operation, values);
  const retries = options.retries ?? client.retries ?? 2;
  const repeatable = operation.method === "GET" || options.idempotencyKey !== undefined;
  const limit = new Limit(options.timeout ?? client.timeout ?? 10_000, options.signal);
  try {
    let known = await limit.until(credentials(client, operation, url));
    let renewed = false;
    for (let attempt = 0; ; ) {
      const headers = headersOf(client, operation, values, options, known.headers, body);
      const init = { ...known.init, method: operation.method, headers, ...(body === undefined ? {} : { body }) };
      const result = await ask<T, P, Call>(client, operation, url, init, limit);
      if (result.response) announce(client, operation, result.response, told);
      if (result.ok) return result;
      if (result.problem.status === 401 && known.token !== undefined && !renewed) {
        // The token may have run out on its way; whoever gives tokens is asked for another, once.
        renewed = true;
        const rejected = known.token;
        known = await limit.until(credentials(client, operation, url, rejected));
        if (known.token === undefined || known.token === rejected) return result;
        continue;
      }
      const passing = [0, 429, 503].includes(result.problem.status);
      const pause = (result.retryAfter ?? 0) * 1000 + Math.random() * Math.min(5_000, 200 * 2 ** attempt);
      if (!passing || !repeatable || attempt >= retries || pause >= limit.left) return result;
      attempt += 1;
      await limit.pause(pause);
      known = await limit.until(credentials(client, operation, url));
    }
  } catch (cause) {
    options.signal?.throwIfAborted();
    if (!limit.signal.aborted) throw cause;
    return noAnswer("timeout", cause);
  } finally {
    limit.end();
  }
}

/** One attempt. Rejects only if the limit says so. */
async function ask<T, P extends Problem, Call extends string>(
  client: ClientOptions,
  operation: Operation,
  url: URL,
  init: RequestInit,
  limit: Limit,
): Promise<Result<T, P, Call>> {
  let response: Response;
  let text: string;
  try {
    response = await (client.fetch ?? fetch)(url, { ...init, signal: limit.signal });
    text = await response.text();
  } catch (cause) {
    limit.signal.throwIfAborted();
    return noAnswer("network", cause);
  }
  const requestId = response.headers.get("x-request-id") ?? undefined;
  const json = parsed(text);
  if (response.ok && (json !== undefined || text === "")) {
    const degraded = listOf(response.headers.get("frontdesk-degraded")) as Degraded<Call>[];
    return { ok: true, answer: json as T, degraded, requestId, response };
  }
  const problem = problemOf(operation, response, json) as P | UnknownProblem;
  return { ok: false, problem, retryAfter: secondsOf(response.headers.get("retry-after")), requestId, response };
}

function problemOf(operation: Operation, response: Response, json: unknown): Problem {
  const said = typeof json === "object" && json !== null ? (json as { code?: unknown; title?: unknown }) : {};
  const original = typeof said.code === "string" && !response.ok ? said.code : undefined;
  const title = typeof said.title === "string" ? said.title : response.statusText;
  const problem = { ...said, title, status: response.status };
  if (original !== undefined && operation.problems.includes(original)) return { ...problem, code: original };
  return { ...problem, code: "unknown", original } as UnknownProblem;
}

function noAnswer(reason: NoAnswer["reason"], cause: unknown): Refused<never> {
  const title = reason === "timeout" ? "No answer came in time" : "The server could not be reached";
  const problem: NoAnswer = { code: "no_answer", status: 0, title, reason, cause };
  return { ok: false, problem, retryAfter: undefined, requestId: undefined, response: undefined };
}

function address(base: string | URL, operation: Operation, input: Values): URL {
  let path = operation.path;
  const query = new URLSearchParams();
  for (const [name, place, wire] of operation.inputs) {
    const value = input[name];
    if (place === "path") path = path.replace(`{${wire}}`, () => segment(name, value));
    if (place !== "query" || value === undefined || value === null) continue;
    for (const item of Array.isArray(value) ? value : [value]) query.append(wire, textOf(item));
  }
  const url = new URL(base, (globalThis as { location?: { href: string } }).location?.href);
  url.pathname = url.pathname.replace(/\/$/, "") + path;
  url.search = query.toString();
  return url;
}

/** URLs have no way to write a segment that is empty, `.` or `..`: the request would go elsewhere. */
function segment(name: string, value: unknown): string {
  const text = Array.isArray(value) ? value.map(textOf).join(",") : textOf(value);
  if (["", ".", ".."].includes(text)) throw new RangeError(`"${text}" cannot be sent as ${name}`);
  return encodeURIComponent(text);
}

function headersOf(
  client: ClientOptions,
  operation: Operation,
  input: Values,
  options: WriteOptions,
  own: Readonly<Record<string, string>>,
  body: string | undefined,
): Headers {
  const headers = new Headers({ accept: "application/json", ...client.headers });
  for (const [name, value] of Object.entries({ ...options.headers, ...own })) headers.set(name, value);
  for (const [name, place, wire] of operation.inputs) {
    const value = input[name];
    if (place !== "header" || value === undefined || value === null) continue;
    const text = Array.isArray(value) ? value.map(textOf).join(", ") : textOf(value);
    // UTF-8, byte by byte: `fetch` takes no character that is not a byte.
    headers.set(wire, String.fromCharCode(...new TextEncoder().encode(text)));
  }
  if (body !== undefined) headers.set("content-type", "application/json");
  if (options.idempotencyKey !== undefined) headers.set("idempotency-key", options.idempotencyKey);
  return headers;
}

function bodyOf(operation: Operation, input: Values): string | undefined {
  const members = operation.inputs.filter(([, place]) => place === "body");
  if (members.length === 0) return undefined;
  return JSON.stringify(Object.fromEntries(members.map(([name, , wire]) => [wire, input[name]])));
}

function textOf(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A list of tokens or strings, each with its `reason` (RFC 9651 §3.1); one that is malformed says nothing. */
function listOf(header: string | null): Degraded[] {
  const text = header?.trim() ?? "";
  const item = /\s*([A-Za-z*][\w!#$%&'*+.^`|~:/-]*|"(?:[^"\\]|\\["\\])*")((?:; *[a-z*][a-z0-9_.*-]*(?:=(?:"(?:[^"\\]|\\["\\])*"|[^\s",;]+))?)*)\s*(,|$)/y;
  const plain = (value: string) => (value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value);
  const found: Degraded[] = [];
  while (item.lastIndex < text.length) {
    const match = item.exec(text);
    if (!match) return [];
    const [, call = "", parameters = ""] = match;
    const reason = /; *reason=("(?:[^"\\]|\\.)*"|[^\s",;]+)/.exec(parameters)?.[1] ?? "";
    found.push({ call: plain(call), reason: plain(reason) });
  }
  return found;
}

/** `Retry-After`: a number of seconds, or a moment (RFC 9110 §10.2.3). */
function secondsOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const moment = Date.parse(header);
  return Number.isNaN(moment) ? undefined : Math.max(0, (moment - Date.now()) / 1000);
}

function announce(client: ClientOptions, operation: Operation, response: Response, told: Set<string>): void {
  const deprecation = response.headers.get("deprecation");
  const sunset = response.headers.get("sunset");
  if (!client.onDeprecated || (deprecation === null && sunset === null) || told.has(operation.id)) return;
  told.add(operation.id);
  const seconds = /^@(-?\d+)$/.exec(deprecation ?? "")?.[1];
  const moment = Date.parse(sunset ?? "");
  const link = /<([^>]*)>[^,]*;\s*rel="?successor-version"?/.exec(response.headers.get("link") ?? "");
  client.onDeprecated({
    operation: operation.id,
    since: seconds === undefined ? undefined : new Date(Number(seconds) * 1000),
    sunset: Number.isNaN(moment) ? undefined : new Date(moment),
    successor: link?.[1],
  });
}

/** How long a call may take, and the signal that ends it: when the time is over, or its caller gave up. */
class Limit {
  readonly signal: AbortSignal;
  /** Never resolves. */
  readonly #over: Promise<never>;
  readonly #end: number;
  readonly end: () => void;

  constructor(milliseconds: number, caller: AbortSignal | undefined) {
    caller?.throwIfAborted();
    const controller = new AbortController();
    const cancel = () => controller.abort(caller?.reason);
    const timer = setTimeout(() => controller.abort(new DOMException("timeout", "TimeoutError")), milliseconds);
    caller?.addEventListener("abort", cancel);
    this.end = () => {
      clearTimeout(timer);
      caller?.removeEventListener("abort", cancel);
    };
    this.signal = controller.signal;
    this.#over = new Promise((_, reject) => {
      controller.signal.addEventListener("abort", () => reject(controller.signal.reason));
    });
    this.#over.catch(() => undefined);
    this.#end = Date.now() + milliseconds;
  }

  /** In milliseconds. */
  get left(): number {
    return this.signal.aborted ? 0 : this.#end - Date.now();
  }

  /** The same promise, unless the limit comes first. */
  until<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.#over]);
  }

  pause(milliseconds: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout>;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds);
    });
    return this.until(over).finally(() => clearTimeout(timer));
  }
}
