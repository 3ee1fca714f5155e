// Written by `frontdesk gen client ts` from the contract of the BFF `delivery`.
// What is changed here is lost when it is written again.

/** What a {@link DeliveryClient} is made with. */
export interface ClientOptions extends CommonOptions {
  /**
   * The version of this client, such as `5.1.0`; sent as `X-Client-Version`.
   * In the field: 2.0.0.
   */
  clientVersion: string;
  /**
   * Gives the access token; `undefined` if nobody is signed in. After a token was refused it is asked once more, with
   * the one that was `rejected`: it may give a fresh one.
   */
  token?: ((rejected?: string) => string | undefined | Promise<string | undefined>) | undefined;
  /** Gives the headers `Authorization` and `DPoP` of one request (RFC 9449): a proof is good once. */
  proof?: ((request: { method: string; url: URL }) => Promise<Readonly<Record<string, string>>>) | undefined;
}

/** The BFF `delivery`, one method an operation. */
export class DeliveryClient {
  readonly #options: ClientOptions;
  readonly #told = new Set<string>();

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /**
   * Where a delivery is.
   *
   * `GET /deliveries/{id}/legs/{leg.no}`
   */
  track(input: TrackInput, options: CallOptions = {}): Promise<Result<Everything, TrackProblem, "weather">> {
    return send(this.#options, OPERATIONS.track, input, options, this.#told);
  }

  /** `PATCH /deliveries/{id}` */
  change(input: ChangeInput, options: WriteOptions = {}): Promise<Result<Patch, ChangeProblem>> {
    return send(this.#options, OPERATIONS.change, input, options, this.#told);
  }

  /** `GET /names` */
  names(input: NamesInput = {}, options: CallOptions = {}): Promise<Result<Names, NamesProblem>> {
    return send(this.#options, OPERATIONS.names, input, options, this.#told);
  }

  /** `GET /where` */
  where(input: WhereInput = {}, options: CallOptions = {}): Promise<Result<PointOrNull, WhereProblem>> {
    return send(this.#options, OPERATIONS.where, input, options, this.#told);
  }

  /** `GET /class` */
  class(input: ClassInput = {}, options: CallOptions = {}): Promise<Result<ClassAnswer, ClassProblem>> {
    return send(this.#options, OPERATIONS.class, input, options, this.#told);
  }
}

/** What any operation may answer. */
export type CommonProblem =
  | Problem<"deadline_exceeded", 504>
  | Problem<"invalid_input", 400>
  | Problem<"login_required", 401>
  | Problem<"service_unavailable", 503>;

export interface TrackInput {
  /** A whole number, at least 1. */
  id: number;
  "leg.no": number;
  in: Colour;
  colours?: readonly Colour[] | undefined;
  call?: boolean | undefined;
  exchange?: "a&b" | "c d" | undefined;
  numbers?: readonly number[] | undefined;
}

/** What else `track` may answer. */
export type TrackProblem =
  | CommonProblem
  /** *\/ It's $gone \(away) */
  | Problem<"gone_away", 404>;

export interface ChangeInput {
  id: string;
  idempotencyKey: string;
  kind: "patch";
  required: string;
  cleared: string | null;
  left?: string | undefined;
  either?: string | null | undefined;
  colour?: Colour | null | undefined;
  /** At least 1 item. */
  limits?: readonly (number | null)[] | undefined;
  open?: {
    "a-b": string | null;
    c?: string | null | undefined;
  } & { readonly [key: string]: string } | undefined;
  step?: Step | undefined;
  point?: Point | undefined;
}

/** What else `change` may answer. */
export type ChangeProblem =
  | CommonProblem
  /** *\/ It's $gone \(away) */
  | Problem<"gone_away", 409>;

export type NamesInput = Record<string, never>;

/** What else `names` may answer. */
export type NamesProblem =
  | CommonProblem
  /** *\/ It's $gone \(away) */
  | Problem<"1st", 404>;

export type WhereInput = Record<string, never>;

/** What else `where` may answer. */
export type WhereProblem = CommonProblem;

export type ClassInput = Record<string, never>;

/** What else `class` may answer. */
export type ClassProblem = CommonProblem;

export type ClassAnswer = null;

export type Colour = "red" | "none" | "unknown" | "some" | "Default" | "default" | "1st" | "*" | "self";

export interface Depot {
  near?: Region;
  name: string;
}

export interface Everything {
  /** A whole number. */
  whole: number;
  decimal: number;
  flag: boolean;
  /** A moment such as `2026-03-01T12:00:00Z`. */
  text: string;
  numbered: 1 | 2;
  halves: 0.5 | 1;
  yes: true;
  maybe: "a" | "b" | null;
  none?: null;
  nullable: string | null;
  missing?: string;
  both?: string | null;
  /**
   * For clients of version 2.1.0 and newer, but older than 3.0.0.
   * Missing, null or a stand-in when the answer is degraded by `weather`.
   * @deprecated since 2026-05-01, may be gone from 2027-01-01 on: It says "less"
   * than $both. Use `both`.
   */
  all?: string | null;
  counts: { [key: string]: number | null };
  maps: { [key: string]: { [key: string]: Step } };
  open: {
    id: string;
    n?: number | null;
  } & { [key: string]: number };
  empty: Record<string, never>;
  forest: Forest;
  step: Step;
  depot: Depot;
  point: PointOrNull;
  points: PointOrNull[];
  nothing: [];
  twins: string | null;
  one: Depot | null;
  any: {
    loose?: string;
  } | {
    tight: string;
    loose?: string;
  } | string | number | boolean | string[] | { [key: string]: number } | Colour | Point | null;
}

export type Forest = Forest[];

export interface Letter {
  type: "letter";
  registered?: boolean;
}

export interface List {
  list?: readonly List[] | undefined;
}

export interface Names {
  class: string;
  in: string;
  default: string;
  self: string;
  Type: string;
  init: string;
  object: string;
  fun: string;
  val: string;
  var: string;
  func: string;
  let: string;
  nil: string;
  null: string;
  true: string;
  when: string;
  where: string;
  is: string;
  as: string;
  protocol: string;
  extension: string;
  typealias: string;
  hashValue: string;
  hashCode: string;
  toString: string;
  copy: string;
  component1: string;
  equals: string;
  getClass: string;
  encode: string;
  rawValue: string;
  description: string;
  CodingKeys: string;
  Companion: string;
  serializer: string;
  it: string;
  value: string;
  json: string;
  more: string;
  _: string;
  __: string;
  $: string;
  "x-y": string;
  xY: string;
  x_y: string;
  "1st": string;
  "ünïcode": string;
  "a.b": string;
  "任务": string;
  Self: string;
  Any: string;
  any: string;
  some: string;
  await: string;
  throws: string;
  inout: string;
  operator: string;
  repeat: string;
  super: string;
  this: string;
  suspend: string;
  open: string;
  data: string;
  by: string;
  get: string;
  set: string;
  field: string;
  String: string;
  Int: string;
  typeof: string;
  actual: string;
  async: string;
  actor: string;
}

export interface Parcel {
  type: "parcel";
  weight: number;
}

export interface Patch {
  kind: "patch";
  required: string;
  cleared: string | null;
  left?: string;
  either?: string | null;
  colour?: Colour | null;
  /** At least 1 item. */
  limits?: (number | null)[];
  open?: {
    "a-b": string | null;
    c?: string | null;
  } & { [key: string]: string };
  step?: Step;
  point?: Point;
}

export type Point = [number, number | null, Colour];

export type PointOrNull = Point | null;

export interface Region {
  main: Depot | null;
}

export type Step = Letter | Parcel | {
  type: "both";
  then: Step;
} | Step[];

export interface Track {
  taken: boolean;
}

export interface Type {
  Type: Colour;
}

const COMMON = ["deadline_exceeded", "invalid_input", "login_required", "service_unavailable"];

const OPERATIONS = {
  track: {
    id: "track",
    method: "GET",
    path: "/deliveries/{id}/legs/{leg.no}",
    inputs: [["id", "path", "id"], ["leg.no", "path", "leg.no"], ["in", "query", "in"], ["colours", "query", "colours"], ["call", "header", "x-call"], ["exchange", "query", "exchange"], ["numbers", "query", "numbers"]],
    problems: [...COMMON, "gone_away"],
    security: ["bearer"],
  },
  change: {
    id: "change",
    method: "PATCH",
    path: "/deliveries/{id}",
    inputs: [["id", "path", "id"], ["idempotencyKey", "header", "idempotency-key"], ["kind", "body", "kind"], ["required", "body", "required"], ["cleared", "body", "cleared"], ["left", "body", "left"], ["either", "body", "either"], ["colour", "body", "colour"], ["limits", "body", "limits"], ["open", "body", "open"], ["step", "body", "step"], ["point", "body", "point"]],
    problems: [...COMMON, "gone_away"],
    security: ["bearer"],
  },
  names: {
    id: "names",
    method: "GET",
    path: "/names",
    inputs: [],
    problems: [...COMMON, "1st"],
    security: ["bearer"],
  },
  where: {
    id: "where",
    method: "GET",
    path: "/where",
    inputs: [],
    problems: [...COMMON],
    security: ["bearer"],
  },
  class: {
    id: "class",
    method: "GET",
    path: "/class",
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
  url: URL,
  rejected?: string,
): Promise<Known> {
  const headers: Record<string, string> = {};
  let token: string | undefined;
  headers["X-Client-Version"] = client.clientVersion;
  if (operation.security.includes("bearer")) {
    token = await client.token?.(rejected);
    if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  }
  if (operation.security.includes("device")) {
    Object.assign(headers, await client.proof?.({ method: operation.method, url }));
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
