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

  /** How a call may fail, and how long it may take. */
  export interface CallOptions<T = unknown> {
    /** The longest this call may take. The view's latency budget and the service's own timeout hold as well. */
    within?: Duration;
    /** If the call fails or is late, its value is `null` and the rest of the answer is sent without it. */
    optional?: boolean;
    /** If the call fails or is late, its value is this one. */
    otherwise?: T | Json;
  }

  /** What a call gives: the service's answer, and what its options put in the place of a failure. */
  export type Result<T, O> = O extends { otherwise: infer D }
    ? D extends T
      ? T
      : T | D
    : O extends { optional: true }
      ? T | null
      : T;

  // Endpoints -------------------------------------------------------------------------------------

  /** What is known of the request beside its input. */
  export interface Context {
    readonly session: Session;
  }

  /** Who asks, and how they like to be answered. */
  export interface Session {
    /** A BCP 47 tag out of `locales` in `bff.ts`: the best match for the request's `Accept-Language`. */
    readonly locale: string;
    /** ISO 4217, from `bff.ts`. */
    readonly currency: string;
  }

  /** What an endpoint may cost. `frontdesk explain` shows how the plan keeps to it. */
  export interface Budget {
    /** From the request's last byte to the answer's first. What is not in by then is cancelled. */
    latency?: Duration;
    /** The size an answer should stay under. */
    payload?: Size;
  }

  interface EndpointDefinition<I extends Inputs> {
    /** One line for the contract and for `explain`. */
    summary?: string;
    /** What the client sends, by name. See `t`. */
    input?: I;
    budget?: Budget;
  }

  /** What {@link view} takes beside the route. */
  export interface ViewDefinition<I extends Inputs, R> extends EndpointDefinition<I> {
    /** The answer, as a pure function of the input. Calls start as soon as their arguments are known. */
    load: (input: InputOf<I>, context: Context) => R;
  }

  /** What {@link action} takes beside the route. */
  export interface ActionDefinition<I extends Inputs, R> extends EndpointDefinition<I> {
    /** Calls that write are made one after the other, in the order they are written here. */
    run: (input: InputOf<I>, context: Context) => R;
  }

  /** An endpoint, with the types of what goes in and what comes out. */
  export interface Endpoint<I, R> {
    readonly kind: "view" | "action";
    readonly input: I;
    readonly answer: R;
  }

  /** The type of an endpoint's answer: `Answer<typeof import("./home.ts").default>`. */
  export type Answer<E> = E extends { readonly kind: "view" | "action"; readonly answer: infer R } ? R : never;

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
  export function view<const I extends Inputs = {}, R = unknown>(
    route: string,
    definition: ViewDefinition<I, R>,
  ): Endpoint<InputOf<I>, R>;

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
  export function action<const I extends Inputs = {}, R = unknown>(
    route: string,
    definition: ActionDefinition<I, R>,
  ): Endpoint<InputOf<I>, R>;

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

  /** One value of the input, or a part of one. */
  export interface Schema<T> {
    readonly type: T;
    /** May be missing; the value is `undefined` then. */
    optional(): Schema<T | undefined>;
    /** May be `null`. */
    nullable(): Schema<T | null>;
    /** May be missing; the value is this one then. */
    default(value: T & ({} | null)): Schema<Exclude<T, undefined>>;
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
    /** The smallest length, in UTF-16 units. */
    min(length: number): this;
    /** The greatest length, in UTF-16 units. */
    max(length: number): this;
    /** A regular expression that must match somewhere; write `^…$` to match the whole. */
    pattern(expression: string | RegExp): this;
    optional(): StringSchema<T | undefined>;
    nullable(): StringSchema<T | null>;
    default(value: T & ({} | null)): StringSchema<Exclude<T, undefined>>;
  }

  export interface NumberSchema<T> extends Schema<T> {
    /** The smallest value. */
    min(value: number): this;
    /** The greatest value. */
    max(value: number): this;
    optional(): NumberSchema<T | undefined>;
    nullable(): NumberSchema<T | null>;
    default(value: T & ({} | null)): NumberSchema<Exclude<T, undefined>>;
  }

  export interface ArraySchema<T> extends Schema<T> {
    /** The smallest number of elements. */
    min(length: number): this;
    /** The greatest number of elements. */
    max(length: number): this;
    optional(): ArraySchema<T | undefined>;
    nullable(): ArraySchema<T | null>;
    default(value: T & ({} | null)): ArraySchema<Exclude<T, undefined>>;
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
    limits?: {
      /** The latency budget of endpoints that say none. */
      latency?: Duration;
      /** The largest request body. */
      body?: Size;
    };
    /**
     * How problems are answered (`cart_empty: { status: 409 }`), and what failed calls become
     * (`"cart.getCart:404": "cart_not_found"`).
     */
    errors?: { readonly [code: string]: ErrorAnswer | string };
    routes?: readonly Proxy[];
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

  export interface ProxyDefinition {
    to: ServiceName;
    /** Whether the prefix is taken off before the path goes to the service. */
    strip?: boolean;
    headers?: {
      /** Names taken off requests. */
      remove?: readonly string[];
      /** Headers put on requests. */
      add?: { readonly [name: string]: string };
    };
    /** The longest an answer may take to begin. */
    timeout?: Duration;
  }

  export interface Proxy {
    readonly kind: "proxy";
  }
}
