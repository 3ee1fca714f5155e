// Written by `frontdesk gen client ts` from the contract of the BFF `odd-one.2`.
// What is changed here is lost when it is written again.

/** What a {@link OddOne2Client} is made with. */
export interface ClientOptions extends CommonOptions {}

/** The BFF `odd-one.2`, one method an operation. */
export class OddOne2Client {
  readonly #options: ClientOptions;
  readonly #told = new Set<string>();

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /**
   * Ends the comment: *\/ and goes on.
   *
   * `PUT /odd/{id}`
   */
  constructor_(input: ConstructorInput, options: WriteOptions = {}): Promise<Result<Problem_, ConstructorProblem, "*_gr__e">> {
    return send(this.#options, OPERATIONS.constructor_, input, options, this.#told);
  }

  /** `GET /odd/then` */
  then_(input: ThenInput_ = {}, options: CallOptions = {}): Promise<Result<class_, ThenProblem>> {
    return send(this.#options, OPERATIONS.then_, input, options, this.#told);
  }

  /** `GET /odd/default` */
  default(input: DefaultInput = {}, options: CallOptions = {}): Promise<Result<unknown, DefaultProblem>> {
    return send(this.#options, OPERATIONS.default, input, options, this.#told);
  }

  /** `DELETE /odd/delete` */
  delete(input: DeleteInput = {}, options: WriteOptions = {}): Promise<Result<Loop, DeleteProblem>> {
    return send(this.#options, OPERATIONS.delete, input, options, this.#told);
  }
}

/** What any operation may answer. */
export type CommonProblem =
  | Problem<"unknown", 404>;

export interface ConstructorInput {
  id: string;
  in?: "a b" | "c\"d" | "" | undefined;
  "x-list"?: readonly string[] | undefined;
  filter?: {
    deep: readonly number[];
  } | undefined;
  id_: string;
  class: string;
  "2nd"?: number | undefined;
}

/** What else `constructor_` may answer. */
export type ConstructorProblem = CommonProblem;

export type ThenInput_ = Record<string, never>;

/** What else `then_` may answer. */
export type ThenProblem = CommonProblem;

export type DefaultInput = Record<string, never>;

/** What else `default` may answer. */
export type DefaultProblem = CommonProblem;

export type DeleteInput = Record<string, never>;

/** What else `delete` may answer. */
export type DeleteProblem = CommonProblem;

export type Data = readonly (string | readonly number[] | null)[];

export type Loop = unknown;

export interface Problem_ {
  when: "1st" | 2 | true | null | "new-ish";
  "with space": string;
  type: string;
}

export interface Promise_ {
  id: string;
  class: string;
  "2nd"?: number | undefined;
}

export type String_ = string | null;

export interface ThenInput {
  $value: string;
  "ünïcode": string;
}

export type class_ = {
  id: string;
  self?: class_;
} & { [key: string]: number };

export interface thenInput {
  __proto__: string;
}

const COMMON = ["unknown"];

const OPERATIONS = {
  constructor_: {
    id: "constructor",
    method: "PUT",
    path: "/odd/{id}",
    inputs: [["id", "path", "id"], ["in", "query", "in"], ["x-list", "header", "x-list"], ["filter", "query", "filter"], ["id_", "body", "id"], ["class", "body", "class"], ["2nd", "body", "2nd"]],
    problems: [...COMMON],
    security: ["bearer"],
  },
  then_: {
    id: "then",
    method: "GET",
    path: "/odd/then",
    inputs: [],
    problems: [...COMMON],
    security: ["bearer"],
  },
  default: {
    id: "default",
    method: "GET",
    path: "/odd/default",
    inputs: [],
    problems: [...COMMON],
    security: ["bearer"],
  },
  delete: {
    id: "delete",
    method: "DELETE",
    path: "/odd/delete",
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
  _client: ClientOptions,
  _operation: Operation,
  _url: URL,
  _rejected?: string,
): Promise<Known> {
  const headers: Record<string, string> = {};
  return { headers, token: undefined, init: {} };
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
