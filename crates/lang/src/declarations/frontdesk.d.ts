// Written by `frontdesk`. Editors and `tsc` read it; nothing runs it.

declare module "frontdesk" {
  import type { ServiceName } from "frontdesk/services";

  /** A length of time: `"150ms"`, `"2s"`, `"1m"`. */
  export type Duration = `${number}${"ms" | "s" | "m"}`;

  /** A number of bytes: `"512B"`, `"8KB"`, `"4MB"` (1 KB is 1024 bytes). */
  export type Size = `${number}${"B" | "KB" | "MB" | "GB"}`;

  /** Anything JSON can hold, or `undefined`. */
  export type Json =
    | (string & {})
    | (number & {})
    | (boolean & {})
    | null
    | undefined
    | readonly Json[]
    | { readonly [key: string]: Json };

  // Calls -----------------------------------------------------------------------------------------

  /** How long a call may take, what happens if it fails, and how its answers are kept. */
  export interface CallOptions<T = unknown> {
    /** The longest this call may take. The view's latency budget and the service's own timeout hold as well. */
    within?: Duration;
    /** If the call fails or is late, its value is `null` and the rest of the answer is sent without it. */
    optional?: boolean;
    /** If the call fails or is late, its value is this one. See {@link lastGood}. */
    otherwise?: T | Json | LastGood<unknown>;
    /**
     * The answer is kept and given again: for this long, or as the service's `Cache-Control` says (`"http"`). What is
     * kept is found by the operation and its arguments, and is one caller's own if the service gets credentials of
     * whoever asks. Calls that read only.
     */
    cache?: KeptFor | "http" | CallCache;
    /**
     * How often the call may be made again after a failure that may pass, 0 to 10; the platform bounds how many of all
     * calls are. A call that writes needs an argument that is its `Idempotency-Key`.
     */
    retries?: number;
    /**
     * When a second attempt sets out beside the first, and the earlier answer counts: after a while, or once that
     * many percent of the calls would have been answered. Calls that read only.
     */
    hedge?: Duration | `p${number}` | false;
  }

  /** For how long something is kept: `"500ms"`, `"30s"`, `"5m"`, `"12h"`, `"7d"`; at most 30 days. */
  export type KeptFor = `${number}${"ms" | "s" | "m" | "h" | "d"}`;

  /** How the answers of a call are kept. */
  export interface CallCache {
    /** For how long an answer is fresh; `"http"` goes by what the service says (RFC 9111). */
    ttl: KeptFor | "http";
    /** For how long after that it is still given, while a new one is fetched (RFC 5861). */
    stale?: KeptFor;
    /** For how long after its lifetime it stands in for a call that fails (RFC 5861). */
    staleIfError?: KeptFor;
    /** For how long it is remembered that there is nothing (404, 410). */
    negative?: KeptFor;
    /** Names by which kept answers are purged: ``["catalog", `product:${id}`]``. */
    tags?: readonly string[];
  }

  const ofLastGood: unique symbol;

  /** See {@link lastGood}. */
  export interface LastGood<V> {
    readonly [ofLastGood]: V;
  }

  /**
   * What the same call last answered, however old it is; `null`, or `value`, if it never did. The answer is marked as
   * degraded. Calls that read only.
   *
   * ```ts
   * const similar = recommendations.forCart({ cartId }, { otherwise: lastGood([]) });
   * ```
   */
  export function lastGood(): LastGood<null>;
  export function lastGood<V>(value: V): LastGood<V>;

  type StandIn<D> = D extends LastGood<infer V> ? V : D;

  /** What a call gives: the service's answer, and what its options put in the place of a failure. */
  export type Result<T, O> = O extends { otherwise: infer D }
    ? StandIn<D> extends infer V
      ? V extends T
        ? T
        : T | V
      : never
    : O extends { optional: true }
      ? T | null
      : T;

  // Endpoints -------------------------------------------------------------------------------------

  /** What every endpoint knows of the request beside its input. */
  export interface Context {
    readonly session: Session;
    readonly client: Client;
  }

  /**
   * How whoever asks likes to be answered. Where it is known who asks, `session` also has `subject`, and the claims
   * that `auth` in `bff.ts` declares.
   */
  export interface Session {
    /**
     * A BCP 47 tag out of `locales` in `bff.ts`: the best match for the request's `Accept-Language`. If `auth`
     * declares a claim `locale`, what that says.
     */
    readonly locale: string;
    /** ISO 4217, from `bff.ts` or from a declared claim `currency`. */
    readonly currency: string;
  }

  /** The client that this BFF serves. */
  export interface Client {
    /** `client` in `bff.ts`. */
    readonly name: string;
  }

  /** How whoever asks proved who they are. Public endpoints have none. */
  export interface Auth {
    readonly kind: "session" | "bearer" | "device" | "key" | "certificate";
    /** What the caller may do, as the provider (or the key) says. */
    readonly scopes: string[];
    /** How surely the user was recognised (OpenID Connect Core §2). */
    readonly acr?: string;
    /** The OAuth client or API key that asks on the subject's behalf. */
    readonly client?: string;
    /** When the user last signed in, in seconds since 1970. */
    readonly authenticatedAt?: number;
  }

  /** The context of endpoints that know who asks, where `session` has these further members. */
  export interface SignedIn<Members> {
    readonly session: Session & Members;
    readonly client: Client;
    readonly auth: Auth;
  }

  /** The contexts of this workspace's endpoints by their routes, and `"*"` for all others. Written by `frontdesk`. */
  export interface Contexts {}

  /** What the function of an endpoint is given beside its input. */
  export type ContextOf<Route, Public> = Public extends true
    ? Context
    : Route extends keyof Contexts
      ? Contexts[Route]
      : Contexts extends { "*": infer C }
        ? C
        : Context;

  /** What an endpoint may cost. `frontdesk explain` shows how the plan keeps to it. */
  export interface Budget {
    /** From the request's last byte to the answer's first. What is not in by then is cancelled. */
    latency?: Duration;
    /** The size an answer should stay under. */
    payload?: Size;
  }

  /** Who may ask, and how often. */
  interface AccessRules<P extends boolean = boolean> {
    /** Anybody may ask: no cookie and no token is looked at. Without it, whoever asks must have signed in. */
    public?: P;
    /** What whoever asks must have, beyond having signed in. */
    auth?: Requires;
    /** Requests without the custom header are let in if the browser says that they come from our own pages. */
    csrf?: { headerless: true; because: string };
    /** How often one may ask, beside what `limits` in `bff.ts` says. */
    rate?: Rate | readonly Rate[];
    /** What one request counts for in rates. 1 if left out. */
    cost?: number;
  }

  interface EndpointDefinition<I extends Inputs, P extends boolean> extends AccessRules<P> {
    /** One line for the contract and for `explain`. */
    summary?: string;
    /** What the client sends, by name. See `t`. */
    input?: I;
    budget?: Budget;
    /** The most requests of it that are served at once, on each core. Further ones are told to come back (503). */
    bulkhead?: number;
    /** Nobody waits for it: when there is too much to do, it is left first. */
    priority?: "background";
    /** On its way out: still answered, and clients are told so by headers (RFC 9745, RFC 8594). */
    deprecated?: EndpointDeprecation;
  }

  /** A day in UTC: `"2026-05-01"`. */
  export type Day = `${number}-${number}-${number}`;

  /** Up to three numbers: `"5.1.0"`. */
  export type ClientVersion = `${number}` | `${number}.${number}` | `${number}.${number}.${number}`;

  export interface Deprecation {
    /** When it was deprecated. */
    since: Day;
    /** The first day on which it may be gone. */
    sunset?: Day;
    /** What takes its place. */
    use?: string;
    because?: string;
  }

  /** `use` names the route of another endpoint of the BFF: `"GET /v3/home"`. */
  export interface EndpointDeprecation extends Deprecation {
    /** From `sunset` on it is answered with 410 and a problem that names its successor. */
    enforce?: boolean;
  }

  /** What {@link view} takes beside the route. */
  export interface ViewDefinition<I extends Inputs, R, C = Context, P extends boolean = boolean>
    extends EndpointDefinition<I, P> {
    /** For whom the answer may be kept, and for how long. Left out, answers are not kept by anybody. */
    cache?: ViewCache;
    /** The answer, as a pure function of the input. Calls start as soon as their arguments are known. */
    load: (input: InputOf<I>, context: C) => R;
  }

  /** `{ public: "60s", stale: "10m", tags: ["home"] }` or `{ private: "60s" }` */
  export type ViewCache = (
    | {
        /** Everybody may have the same answer, and shared caches may keep it. Refused if it derives from who asks. */
        public: KeptFor;
        private?: never;
        /** Whole answers are kept by the BFF itself too. They are, if left out. */
        store?: boolean;
        /**
         * Names by which kept answers are purged, here and at a CDN that knows surrogate keys; `{name}` is an input of
         * the path or the query: `["home", "product:{productId}"]`.
         */
        tags?: readonly string[];
      }
    | {
        /** The answer is for the one who asked: their own device may keep it, nobody else. */
        private: KeptFor;
        public?: never;
        store?: false;
        tags?: never;
      }
  ) & {
    /** For how long after that the old answer may still be given, while a new one is fetched (RFC 5861). */
    stale?: KeptFor;
    /** For how long after its lifetime the answer may stand in for one that fails (RFC 5861). */
    staleIfError?: KeptFor;
  };

  /** What {@link action} takes beside the route. */
  export interface ActionDefinition<I extends Inputs, R, C = Context, P extends boolean = boolean>
    extends EndpointDefinition<I, P> {
    /**
     * Whether clients may (or have to) send an `Idempotency-Key`: with the same key the action is carried out once, and
     * its answer is given again.
     */
    idempotency?: "required" | "optional";
    /** Calls that write are made one after the other, in the order they are written here. */
    run: (input: InputOf<I>, context: C) => R;
  }

  /** An endpoint, with the types of what goes in and what comes out. */
  export interface Endpoint<I, R, Route extends string = string, Sent = I> {
    readonly kind: "view" | "action";
    readonly route: Route;
    /** As the endpoint's function gets it. */
    readonly input: I;
    /** As clients send it. */
    readonly sent: Sent;
    readonly answer: R;
  }

  /** The type of an endpoint's answer: `Answer<typeof import("./home.ts").default>`. */
  export type Answer<E> = E extends { readonly kind: "view" | "action"; readonly answer: infer R } ? R : never;

  /** The type of what clients send to an endpoint, by the names of its inputs. */
  export type Input<E> = E extends { readonly kind: "view" | "action"; readonly sent: infer I } ? I : never;

  /** Every problem that an endpoint may answer instead, told apart by `code`. */
  export type Problems<E> = E extends { readonly kind: "view" | "action"; readonly route: infer Route }
    ? Route extends keyof EndpointProblems
      ? {
          [Code in keyof EndpointProblems[Route] & string]: ProblemDetails<
            Code,
            EndpointProblems[Route][Code] & number
          >;
        }[keyof EndpointProblems[Route] & string]
      : ProblemDetails
    : never;

  /** The codes and statuses of problems by routes. Written by `frontdesk`. */
  export interface EndpointProblems {}

  /** Problem details (RFC 9457) as clients get them. */
  export interface ProblemDetails<Code extends string = string, Status extends number = number> {
    readonly code: Code;
    readonly status: Status;
    readonly title: string;
    readonly detail?: string;
    readonly instance?: string;
    readonly correlationId?: string;
    /** What is wrong with the input, each with a JSON pointer into it. */
    readonly errors?: readonly { readonly pointer: string; readonly code: string; readonly detail: string }[];
    /** Where a page sends its user to sign in. */
    readonly login_url?: string;
    /** Where a newer version of the client is to be had. */
    readonly upgrade_url?: string;
    /** The endpoint to use instead of one that is gone. */
    readonly successor?: string;
  }

  /**
   * A read endpoint: the data of one screen.
   *
   * ```ts
   * export default view("GET /v2/products/{id}", {
   *   input: { id: t.string() },
   *   load: ({ id }) => ({ title: catalog.getProduct({ id }).title }),
   * });
   * ```
   *
   * @param route `"GET /path/{param}"`. Every `{param}` (or `:param`) must be an input.
   */
  export function view<
    const I extends Inputs = {},
    R = unknown,
    const Route extends string = string,
    P extends boolean = false,
  >(route: Route, definition: ViewDefinition<I, R, ContextOf<Route, P>, P>): Endpoint<InputOf<I>, R, Route, SentOf<I>>;

  /**
   * A write endpoint.
   *
   * ```ts
   * export default action("POST /v2/carts/{cartId}/lines", {
   *   input: { cartId: t.string(), productId: t.string(), quantity: t.integer().min(1) },
   *   run: ({ cartId, productId, quantity }) => cart.addLine({ cartId, productId, quantity }),
   * });
   * ```
   *
   * @param route `"POST /path/{param}"`; `PUT`, `PATCH` and `DELETE` too.
   */
  export function action<
    const I extends Inputs = {},
    R = unknown,
    const Route extends string = string,
    P extends boolean = false,
  >(route: Route, definition: ActionDefinition<I, R, ContextOf<Route, P>, P>): Endpoint<InputOf<I>, R, Route, SentOf<I>>;

  /**
   * A named presentation type, built by a function that may make calls.
   *
   * The name stands in the contract; use the shape like any function.
   */
  export function shape<A extends readonly unknown[], R>(
    name: string,
    build: (...args: A) => R,
  ): (...args: A) => R;

  /** A failure the client is told of, as `application/problem+json` (RFC 9457). Use it with `throw`. */
  export function problem(code: string, options?: ProblemOptions): Problem;

  export interface ProblemOptions {
    /** 400 to 599. If left out, what `errors` in `bff.ts` says of this code. */
    status?: number;
    /** The kind of problem in a few words, the same each time. */
    title?: string;
    /** This problem in a sentence. */
    detail?: string;
  }

  export interface Problem {
    readonly code: string;
  }

  // Input -----------------------------------------------------------------------------------------

  /** What the client sends, by name. */
  export type Inputs = { readonly [name: string]: Schema<unknown> };

  /** The type of the input object a definition's function gets. */
  export type InputOf<I> = { -readonly [K in keyof I]: I[K] extends Schema<infer T> ? T : never };

  /** The type of what clients send: what is optional or has a default may be left out. */
  export type SentOf<I> = {
    -readonly [K in keyof I as CanBeLeftOut<I[K]> extends true ? never : K]: I[K] extends Schema<infer T> ? T : never;
  } & {
    -readonly [K in keyof I as CanBeLeftOut<I[K]> extends true ? K : never]?: I[K] extends Schema<infer T>
      ? T | undefined
      : never;
  };

  type CanBeLeftOut<S> = S extends { readonly hasDefault: true }
    ? true
    : S extends Schema<infer T>
      ? undefined extends T
        ? true
        : false
      : false;

  interface HasDefault {
    readonly hasDefault: true;
  }

  /** One value of the input, or a part of one. */
  export interface Schema<T> {
    readonly type: T;
    /** May be missing; the value is `undefined` then. */
    optional(): Schema<T | undefined>;
    /** May be `null`. */
    nullable(): Schema<T | null>;
    /** May be missing; the value is this one then. */
    default(value: T & ({} | null)): Schema<Exclude<T, undefined>> & HasDefault;
    /** Taken from the query string, under `name` if it is given. */
    query(name?: string): this;
    /** Taken from this header. */
    header(name: string): this;
    /** Taken from the JSON body, under `name` if it is given. */
    body(name?: string): this;
    /** Taken from the path, from the parameter called `name` if it is given. */
    path(name?: string): this;
  }

  export interface StringSchema<T> extends Schema<T> {
    /** The smallest length, in characters as JSON Schema counts them: an emoji is one. */
    min(length: number): this;
    /** The greatest length, in characters as JSON Schema counts them: an emoji is one. */
    max(length: number): this;
    /** A regular expression that must match somewhere; write `^…$` to match the whole. */
    pattern(expression: string | RegExp): this;
    optional(): StringSchema<T | undefined>;
    nullable(): StringSchema<T | null>;
    default(value: T & ({} | null)): StringSchema<Exclude<T, undefined>> & HasDefault;
  }

  export interface NumberSchema<T> extends Schema<T> {
    /** The smallest value. */
    min(value: number): this;
    /** The greatest value. */
    max(value: number): this;
    optional(): NumberSchema<T | undefined>;
    nullable(): NumberSchema<T | null>;
    default(value: T & ({} | null)): NumberSchema<Exclude<T, undefined>> & HasDefault;
  }

  export interface ArraySchema<T> extends Schema<T> {
    /** The smallest number of elements. */
    min(length: number): this;
    /** The greatest number of elements. */
    max(length: number): this;
    optional(): ArraySchema<T | undefined>;
    nullable(): ArraySchema<T | null>;
    default(value: T & ({} | null)): ArraySchema<Exclude<T, undefined>> & HasDefault;
  }

  /** What an input may be. A value comes from the path if the route names it, from the query string in a `GET` or `DELETE`, from the JSON body otherwise. */
  export const t: {
    /** Text. */
    string(): StringSchema<string>;
    /** Any finite number. */
    number(): NumberSchema<number>;
    /** A whole number, of at most 2⁵³ − 1. */
    integer(): NumberSchema<number>;
    boolean(): Schema<boolean>;
    /** One of these texts. */
    enum<const V extends readonly string[]>(values: V): Schema<V[number]>;
    /** A list: in a query string, the same parameter repeated. */
    array<T>(of: Schema<T>): ArraySchema<T[]>;
    /** An object with these properties and no others. */
    object<const I extends Inputs>(properties: I): Schema<InputOf<I>>;
    /** A day: `2026-03-01`. */
    date(): Schema<string>;
    /** A moment (RFC 3339): `2026-03-01T12:00:00Z`. */
    dateTime(): Schema<string>;
  };

  // Built-in functions ----------------------------------------------------------------------------

  /** The items by key; of several with the same key, the last. */
  export function keyBy<T>(items: readonly T[], key: (item: T) => string | number): { [key: string]: T };

  /** The items by key, each key with all of its items in order. */
  export function groupBy<T>(items: readonly T[], key: (item: T) => string | number): { [key: string]: T[] };

  /**
   * An amount of money as people of this locale write it: `money(1999, "EUR", "de-DE")` is `"19,99 €"`.
   *
   * @param minor whole minor units (cents), as a number or as decimal text. `null` and `undefined` give `null`.
   * @param currency ISO 4217, which says how many minor units make one.
   */
  export function money(minor: number | string, currency: string, locale: string): string;
  export function money(
    minor: number | string | null | undefined,
    currency: string,
    locale: string,
  ): string | null;

  /** The address of an image in this size. `null` and `undefined` give `null`. */
  export function image(url: string, size: ImageSize): string;
  export function image(url: string | null | undefined, size: ImageSize): string | null;

  /** In pixels. */
  export interface ImageSize {
    width?: number;
    height?: number;
  }

  /** A number as people of this locale write it: `number(1234.5, "de-DE")` is `"1.234,5"`. */
  export function number(value: number, locale: string, options?: NumberOptions): string;

  export interface NumberOptions {
    minimumFractionDigits?: number;
    maximumFractionDigits?: number;
    /** `"percent"` shows 0.256 as `26%`. */
    style?: "decimal" | "percent";
  }

  /**
   * A moment or a day as people of this locale write it.
   *
   * @param moment RFC 3339, or a day: `2026-03-01`.
   */
  export function dateTime(moment: string, locale: string, options: DateTimeOptions): string;

  export interface DateTimeOptions {
    date?: "full" | "long" | "medium" | "short";
    time?: "full" | "long" | "medium" | "short";
    /** IANA: `"Europe/Berlin"`. UTC if left out. */
    timeZone?: string;
  }

  /**
   * The form of a text that fits a number: `plural(n, locale, { one: "# item", other: "# items" })`.
   * `#` stands for the number as people of this locale write it.
   */
  export function plural(value: number, locale: string, forms: PluralForms): string;

  export interface PluralForms {
    zero?: string;
    one?: string;
    two?: string;
    few?: string;
    many?: string;
    other: string;
  }

  // Versions and retirement -----------------------------------------------------------------------

  /**
   * The value for clients of this version and newer ones; older ones do not get the field, and the calls in it are not
   * made for them. It needs `versions` in `bff.ts`.
   *
   * ```ts
   * return { title: product.title, badge: since("5.1.0", product.badge) };
   * ```
   */
  export function since<T>(version: ClientVersion, value: T): T | undefined;

  /** The value for clients below this version; newer ones do not get the field. */
  export function until<T>(version: ClientVersion, value: T): T | undefined;

  /**
   * The value, in a field that is on its way out: whoever uses it is counted.
   *
   * ```ts
   * oldPrice: deprecated({ since: "2026-05-01", sunset: "2027-01-01", use: "price" }, product.price.minor),
   * ```
   */
  export function deprecated<T>(details: Deprecation, value: T): T;

  /**
   * What endpoints answered on an earlier date, made from what they answer on the next newer one. It stands in
   * `versions/<date>.ts`; endpoints without a line answered the same.
   *
   * ```ts
   * export default version("2026-05-01", {
   *   "GET /v1/stock/{id}": (answer) => ({ id: answer.id, count: answer.available }),
   *   "GET /v1/forecast": null,
   * });
   * ```
   *
   * @param conversions by route: a pure function that calls no service, or `null` if there was no such endpoint.
   */
  export function version<const D extends Day, A>(
    date: D,
    conversions: { readonly [R in keyof A]: ((answer: NewerAnswer<D, R>) => A[R]) | null },
  ): DatedVersion<D, A>;

  /** The answers of the next newer date, by date and route. Written by `frontdesk`. */
  export interface NewerAnswers {}

  /** Of a date or route that `frontdesk` has not seen yet nothing is known here; `frontdesk check` knows it. */
  export type NewerAnswer<D, R> = D extends keyof NewerAnswers
    ? R extends keyof NewerAnswers[D]
      ? NewerAnswers[D][R]
      : any
    : any;

  /** A dated version, with the types of the answers it makes. */
  export interface DatedVersion<D, A> {
    readonly kind: "version";
    readonly date: D;
    readonly answers: A;
  }

  // The BFF ---------------------------------------------------------------------------------------

  /** What holds for all endpoints of a BFF. Literals only. */
  export function bff(definition: BffDefinition): Bff;

  export interface BffDefinition {
    /** The client it serves: `"ios"`. */
    client: string;
    /** The team that owns it. */
    owner?: string;
    /** BCP 47 tags; the first is the default. */
    locales?: readonly string[];
    /** ISO 4217. */
    currency?: string;
    /** Which versions of the client are served, or on which dates the contract was another. */
    versions?: ClientVersions | DatedVersions;
    /** Whether anybody may read the contract at `/openapi.json`. */
    openapi?: boolean;
    /**
     * How whoever asks proves who they are, in the order that proofs are looked for. Every endpoint then needs one,
     * unless it is `public`. Without `auth` anybody may ask anything.
     */
    auth?: AuthMethod | readonly AuthMethod[];
    /** Which other origins may use the BFF from a browser. None if left out. */
    cors?: Cors;
    /** The header by which the client's own pages show that a request is theirs. `x-frontdesk` if left out. */
    csrf?: { header: string };
    headers?: {
      /** Request headers that pass to services behind proxies, beyond those that always do. */
      forward?: readonly string[];
      /** Answer headers that pass from services behind proxies to the client, beyond those that always do. */
      answer?: readonly string[];
      /** `Content-Security-Policy` of pages, instead of the strict one. */
      csp?: string;
    };
    limits?: {
      /** The latency budget of endpoints that say none. */
      latency?: Duration;
      /** The largest request body. */
      body?: Size;
      /** How often one may ask, over all endpoints. */
      rate?: Rate | readonly Rate[];
    };
    /**
     * How problems are answered (`cart_empty: { status: 409 }`), and what failed calls become
     * (`"cart.getCart:404": "cart_not_found"`).
     */
    errors?: { readonly [code: string]: ErrorAnswer | string };
    routes?: readonly (Proxy | SiteRoute)[];
  }

  /** An app says which version it is. `since` and `until` go by it. */
  export interface ClientVersions {
    /** The header it says so in. `X-Client-Version` if left out. */
    header?: string;
    /** Older ones are told to upgrade (426). */
    minimum?: string;
    /** Those in the field: `frontdesk diff` tells which of them a change breaks. */
    supported?: readonly string[];
    /** Where a newer version is to be had. */
    upgrade?: string;
  }

  /** A partner says the contract of which date it was written for. */
  export interface DatedVersions {
    /** The header it says so in. `Partner-Version` if left out. */
    header?: string;
    /**
     * Newest first. The newest is what the endpoints answer; each older one has its file `versions/<date>.ts`. See
     * {@link version}.
     */
    dates: readonly Day[];
  }

  export interface ErrorAnswer {
    /** 400 to 599. */
    status: number;
    title?: string;
  }

  export interface Bff {
    readonly kind: "bff";
  }

  /** Passes everything below a prefix through to one service: `proxy("/legacy/*", { to: "legacy" })`. */
  export function proxy(path: `/${string}*`, definition: ProxyDefinition): Proxy;

  export interface ProxyDefinition extends AccessRules {
    to: ServiceName;
    /** Whether the prefix is taken off before the path goes to the service. */
    strip?: boolean;
    headers?: {
      /** Names taken off requests. */
      remove?: readonly string[];
      /** Headers put on requests. */
      add?: { readonly [name: string]: string };
      /** Request headers that pass, beyond those that always do and those of the BFF. */
      forward?: readonly string[];
      /** Answer headers that pass, beyond those that always do and those of the BFF. */
      answer?: readonly string[];
    };
    /** The longest an answer may take to begin. */
    timeout?: Duration;
    /** Answers are kept as the service says, as a shared cache does (RFC 9111). */
    cache?: "http";
  }

  export interface Proxy {
    readonly kind: "proxy";
  }

  /** Pages that the BFF serves itself, from a folder beside `bff.ts`: `site({ folder: "./site" })`. They are public. */
  export function site(definition: SiteDefinition): SiteRoute;

  export interface SiteDefinition {
    folder: string;
    /** The page for paths that no file has, for apps that route in the browser. */
    fallback?: string;
  }

  export interface SiteRoute {
    readonly kind: "site";
  }

  // Who may ask -----------------------------------------------------------------------------------

  /** How long something lives: `"15m"`, `"12h"`, `"30d"`. */
  export type Lifetime = `${number}${"s" | "m" | "h" | "d"}`;

  /** The name of a secret. Its value is given to the server: an environment variable, or `secrets` in `frontdesk.yaml`. */
  export function secret(name: string): Secret;

  export interface Secret {
    readonly kind: "secret";
  }

  /** How the BFF proves itself to a provider. */
  export interface ClientAuth {
    readonly kind: "privateKeyJwt" | "clientSecret";
  }

  /** By a signature (RFC 7523). The secret is a private key, PEM or JWK. */
  export function privateKeyJwt(key: Secret): ClientAuth;

  /** By a shared secret, in `Authorization` (`"basic"`, the default) or in the body (`"post"`). */
  export function clientSecret(secret: Secret, options?: { method?: "basic" | "post" }): ClientAuth;

  export interface OAuthClient {
    /** What the provider knows this BFF as. */
    id: string;
    auth: ClientAuth;
  }

  /** A way to prove who one is. */
  export interface AuthMethod {
    readonly kind: "auth";
  }

  /** Members of `session` that come from the caller's token, with their types. */
  export type Claims = Inputs;

  /** How this BFF uses a provider of identity. */
  export interface ProviderUse {
    /** A provider of `frontdesk.yaml`, or an issuer's URL. */
    issuer: string;
    client: OAuthClient;
    /** `openid` is always asked for. `offline_access` lets sessions outlive the provider's tokens. */
    scopes?: readonly string[];
    /** Whom access tokens are for (RFC 8707). */
    resources?: readonly string[] | string;
    /** Pushed authorization requests (RFC 9126): if the provider has them, or always. */
    par?: "auto" | "required";
    /** Tokens bound to a key (RFC 9449): if the provider has them, always, or never (the default). */
    dpop?: "auto" | "required" | "off";
    /** Further parameters of the authorization request: `{ prompt: "consent" }`. */
    parameters?: { readonly [name: string]: string };
  }

  interface SessionSettings {
    cookie?: {
      /** The cookie is called `__Host-Http-fd-` and this. The BFF's name if left out. */
      name?: string;
      /** `"strict"` if left out; `"lax"` needs its reason. */
      sameSite?: "strict" | "lax";
      because?: string;
      /** The cookie outlives the browser. */
      remember?: boolean;
    };
    /** A session ends when it was not used for this long. 60 minutes if left out. */
    idle?: Lifetime;
    /** A session ends after this long in any case. 12 hours if left out. */
    absolute?: Lifetime;
    /** The most sessions of one user; the oldest ends. */
    sameUserLimit?: number;
    /** How often a session gets a new id, beside each time the user signs in. */
    rotate?: Lifetime;
    /** Keep the refresh token so that it can be revoked without its browser. */
    background?: boolean;
    /** Where the browser goes after it signed out: a path of this BFF. */
    afterLogout?: `/${string}`;
    claims?: Claims;
  }

  /**
   * A browser's login. Tokens stay on the server; the browser has a cookie that only opens its session.
   *
   * ```ts
   * auth: session({
   *   issuer: "harbor",
   *   client: { id: "web-bff", auth: privateKeyJwt(secret("WEB_CLIENT_KEY")) },
   *   scopes: ["openid", "profile", "offline_access"],
   *   claims: { tier: t.enum(["gold", "basic"]) },
   * })
   * ```
   */
  export function session(
    definition: SessionSettings & (ProviderUse | { providers: { readonly [name: string]: ProviderUse } }),
  ): AuthMethod;

  /** Access tokens that clients bring in `Authorization`. */
  export function bearer(definition: BearerDefinition): AuthMethod;

  export interface BearerDefinition {
    /** A provider of `frontdesk.yaml`, or an issuer's URL. */
    issuer: string;
    /** Whom a token must be for: one of these. */
    audience: string | readonly string[];
    /** Signatures that are accepted. */
    algorithms?: readonly (
      | "RS256"
      | "RS384"
      | "RS512"
      | "PS256"
      | "PS384"
      | "PS512"
      | "ES256"
      | "ES384"
      | "EdDSA"
    )[];
    /** `typ` headers that are accepted. `at+jwt` (RFC 9068) if left out. */
    types?: string | readonly string[];
    /** How far clocks may differ: 5 seconds if left out, at most a minute. */
    leeway?: Duration;
    /** Scopes that every token must have. */
    scopes?: readonly string[];
    /** Bound tokens need a proof (`"auto"`), only bound ones are accepted, or none of them (RFC 9449). */
    dpop?: "auto" | "required" | "off";
    /** Ask the provider about tokens that are not JWTs (RFC 7662). */
    introspect?: boolean;
    /** As whom to ask, and to exchange tokens. */
    client?: OAuthClient;
    claims?: Claims;
  }

  /**
   * An app that signs in once: the BFF keeps the provider's tokens, the app a token that is useless without its
   * device's key.
   */
  export function device(definition: DeviceDefinition): AuthMethod;

  export interface DeviceDefinition extends ProviderUse {
    /** Links that the app claims, or its own scheme; compared exactly. */
    redirects: readonly string[];
    /** 30 days if left out. */
    idle?: Lifetime;
    /** 90 days if left out. */
    absolute?: Lifetime;
    /** How often the app's token changes: every 15 minutes if left out. */
    rotate?: Lifetime;
    claims?: Claims;
  }

  /** Keys of partners, as `frontdesk keys create` makes them. */
  export function apiKeys(definition?: {
    /** `x-api-key` if left out; `authorization` means `Bearer <key>`. */
    header?: string;
  }): AuthMethod;

  /** TLS client certificates, by a name that stands in them. */
  export function certificate(definition: {
    clients: { readonly [name: string]: { subject?: string; scopes?: readonly string[] } };
  }): AuthMethod;

  /** What whoever asks must have. */
  export function requires(definition: {
    /** All of these. */
    scopes?: readonly string[];
    /** One of these; a login that was not as sure is asked to step up (RFC 9470). */
    acr?: string | readonly string[];
    /** The longest since the user signed in. */
    maxAge?: Lifetime;
    /** A signature by the device's approval key, which only the user's presence unlocks. */
    approval?: boolean;
  }): Requires;

  export interface Requires {
    readonly kind: "requires";
  }

  /** `{ per: "user", requests: 600, every: "1m", burst: 100 }` */
  export interface Rate {
    per: "user" | "session" | "key" | "ip" | "endpoint";
    requests: number;
    every: Lifetime;
    /** The most at once; `requests` if left out. */
    burst?: number;
  }

  /** Which other origins may use the BFF from a browser. */
  export interface Cors {
    /** Compared exactly: `https://app.example.com`. */
    origins: readonly string[];
    /** Request headers beyond those that are always allowed. */
    headers?: readonly string[];
    /** Answer headers that scripts may read. */
    expose?: readonly string[];
    /** Browsers may send the session cookie from there. */
    credentials?: boolean;
    /** How long browsers may remember the answer: 10 minutes if left out. */
    maxAge?: Lifetime;
  }
}
