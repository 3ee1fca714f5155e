// What clients make of servers, networks and callers that misbehave: each case says what a server is to do.

import assert from "node:assert/strict";
import { AppClient, type DeprecationNotice } from "./app/client.ts";
import { IosClient } from "./ios/client.ts";

/** What came in. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: { readonly [name: string]: string | undefined };
  readonly body: string;
  readonly at: number;
}

/** What goes out: an answer, a connection that breaks, or silence. */
export type Step =
  | { readonly status?: number; readonly headers?: { readonly [name: string]: string }; readonly body?: string }
  | "drop"
  | "cut"
  | "hang";

export interface Stage {
  readonly url: string;
  /** From now on: these answers, the last one again and again. Gives what comes in. */
  play(...steps: Step[]): Asked[];
}

export type Cases = { readonly [name: string]: (stage: Stage) => Promise<void> };

const HOME = { body: JSON.stringify({ title: "Home", thing: null }) };
const app = (stage: Stage, more: object = {}) =>
  new AppClient({ baseUrl: `${stage.url}/below/`, clientVersion: "5.1.0", ...more });
const order = { cartId: "c1", lines: [{ productId: "p1" }] };

const problem = (status: number, code: string, headers: { [name: string]: string } = {}) => ({
  status,
  headers: { "content-type": "application/problem+json", ...headers },
  body: JSON.stringify({ title: "No", status, code }),
});

export const cases: Cases = {
  "reads are sent again when the network, or the server for now, fails": async (stage) => {
    for (const fault of ["drop", "cut", problem(503, "service_unavailable"), problem(429, "rate_limited")] as const) {
      const asked = stage.play(fault, HOME);
      const result = await app(stage).home();
      assert.ok(result.ok, JSON.stringify(fault));
      assert.equal(asked.length, 2);
    }
  },

  "they are sent again so often and no more": async (stage) => {
    const asked = stage.play(problem(503, "service_unavailable"));
    const result = await app(stage, { retries: 1 }).home();
    assert.ok(!result.ok && result.problem.status === 503);
    assert.equal(asked.length, 2);
    const never = stage.play("drop");
    const gone = await app(stage).home({}, { retries: 0 });
    assert.ok(!gone.ok);
    assert.ok(gone.problem.code === "no_answer" && gone.problem.reason === "network");
    assert.equal(gone.response, undefined);
    assert.equal(never.length, 1);
  },

  "what will not change is not asked twice": async (stage) => {
    for (const status of [400, 404, 409, 500, 502, 504]) {
      const asked = stage.play(problem(status, "internal"));
      assert.ok(!(await app(stage).home()).ok);
      assert.equal(asked.length, 1, String(status));
    }
  },

  "Retry-After is waited for, unless it is too long": async (stage) => {
    const asked = stage.play(problem(429, "rate_limited", { "retry-after": "1" }), HOME);
    assert.ok((await app(stage).home()).ok);
    const [first, second] = asked;
    assert.ok(first && second && second.at - first.at >= 950);
    const long = stage.play(problem(503, "service_unavailable", { "retry-after": "120" }));
    const result = await app(stage).home();
    assert.ok(!result.ok);
    assert.equal(result.retryAfter, 120);
    assert.equal(long.length, 1);
    const later = new Date(Date.now() + 3_600_000).toUTCString();
    stage.play(problem(503, "service_unavailable", { "retry-after": later }));
    const moment = await app(stage).home();
    assert.ok(!moment.ok && (moment.retryAfter ?? 0) > 3_500);
  },

  "what writes is sent again only with a key, and the key stays": async (stage) => {
    const once = stage.play("drop", { body: "{}" });
    assert.ok(!(await app(stage).order(order)).ok);
    assert.equal(once.length, 1);
    const asked = stage.play(problem(503, "service_unavailable"), "cut", { body: "{}" });
    assert.ok((await app(stage).order(order, { idempotencyKey: "k-1" })).ok);
    assert.deepEqual(asked.map((one) => one.headers["idempotency-key"]), ["k-1", "k-1", "k-1"]);
    assert.deepEqual(asked.map((one) => one.body), Array(3).fill(asked[0]?.body));
    assert.equal(asked[0]?.body, '{"lines":[{"productId":"p1"}]}');
  },

  "requests say who sends them, and go below the base": async (stage) => {
    const asked = stage.play(HOME);
    await app(stage, { headers: { "Accept-Language": "de", "X-Own": "1" } }).home({}, { headers: { "x-own": "2" } });
    const [one] = asked;
    assert.ok(one);
    assert.equal(one.method, "GET");
    assert.equal(one.url, "/below/v2/home");
    const { accept, "accept-language": language, "x-own": own, "x-client-version": version } = one.headers;
    assert.deepEqual([accept, language, own, version], ["application/json", "de", "2", "5.1.0"]);
    assert.equal(one.headers["content-type"], undefined);
  },

  "a code that is younger than the client is unknown, and kept": async (stage) => {
    stage.play({ ...problem(409, "brand_new"), headers: { "x-request-id": "r-1" } });
    const result = await app(stage).home();
    assert.ok(!result.ok);
    assert.ok(result.problem.code === "unknown");
    assert.deepEqual([result.problem.original, result.problem.status, result.problem.title], ["brand_new", 409, "No"]);
    assert.equal(result.requestId, "r-1");
  },

  "an answer of somebody else is unknown too": async (stage) => {
    for (const step of [
      { status: 200, body: "<html>Sign in to the airport's network</html>" },
      { status: 502, body: "<html>Bad gateway</html>" },
      { status: 404, body: "[]" },
      { status: 500, body: '{"code":7}' },
      { status: 400, body: "" },
    ]) {
      stage.play(step);
      const result = await app(stage).home();
      assert.ok(!result.ok, step.body);
      assert.ok(result.problem.code === "unknown");
      assert.deepEqual([result.problem.original, result.problem.status], [undefined, step.status]);
    }
  },

  "callers can give up, before and while": async (stage) => {
    const asked = stage.play("hang");
    const reason = new Error("the screen is closed");
    await assert.rejects(app(stage).home({}, { signal: AbortSignal.abort(reason) }), (error) => error === reason);
    assert.equal(asked.length, 0);
    const controller = new AbortController();
    const waiting = app(stage).home({}, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 50);
    await assert.rejects(waiting, (error) => error === reason);
    stage.play(problem(503, "service_unavailable", { "retry-after": "5" }));
    const pausing = new AbortController();
    const paused = app(stage).home({}, { signal: pausing.signal });
    setTimeout(() => pausing.abort(reason), 100);
    const start = Date.now();
    await assert.rejects(paused, (error) => error === reason);
    assert.ok(Date.now() - start < 3_000);
  },

  "a call takes no longer than it may": async (stage) => {
    const asked = stage.play("hang");
    const start = Date.now();
    const result = await app(stage, { timeout: 150 }).home();
    assert.ok(!result.ok);
    assert.ok(result.problem.code === "no_answer" && result.problem.reason === "timeout");
    assert.ok(Date.now() - start < 3_000);
    assert.equal(asked.length, 1);
    const slow = new IosClient({ baseUrl: stage.url, clientVersion: "5.1.0", token: () => new Promise(() => undefined), timeout: 100 });
    const never = await slow.home();
    assert.ok(!never.ok && never.problem.code === "no_answer");
  },

  "what goes wrong in the app itself is its own error": async (stage) => {
    const broken = new Error("no token store");
    const client = new IosClient({ baseUrl: stage.url, clientVersion: "5.1.0", token: () => Promise.reject(broken) });
    await assert.rejects(client.home(), (error) => error === broken);
  },

  "a token that stays refused is refused": async (stage) => {
    const asked = stage.play(problem(401, "invalid_token"));
    const same = await new IosClient({ baseUrl: stage.url, clientVersion: "5.1.0", token: () => "t" }).home();
    assert.ok(!same.ok && same.problem.code === "invalid_token");
    assert.equal(asked.length, 1);
    let count = 0;
    const others = stage.play(problem(401, "invalid_token"));
    const fresh = await new IosClient({ baseUrl: stage.url, clientVersion: "5.1.0", token: () => `t${(count += 1)}` }).home();
    assert.ok(!fresh.ok && fresh.problem.code === "invalid_token");
    assert.deepEqual(others.map((one) => one.headers["authorization"]), ["Bearer t1", "Bearer t2"]);
  },

  "lists of what is missing are read as structured fields, or not at all": async (stage) => {
    const rows: [string, { call: string; reason: string }[]][] = [
      ["thing;reason=timeout", [{ call: "thing", reason: "timeout" }]],
      ["a;reason=open, *_gr__e;x;reason=shed ,b.c", [
        { call: "a", reason: "open" },
        { call: "*_gr__e", reason: "shed" },
        { call: "b.c", reason: "" },
      ]],
      ['"a, \\"b\\"";  reason="x;y", c;reason=error;at=1.5', [{ call: 'a, "b"', reason: "x;y" }, { call: "c", reason: "error" }]],
      ["", []],
      ["a;reason=timeout,, b", []],
      ["a b", []],
      ["(a b);reason=x", []],
    ];
    for (const [header, expected] of rows) {
      stage.play({ ...HOME, headers: { "frontdesk-degraded": header } });
      const result = await app(stage).home();
      assert.ok(result.ok);
      assert.deepEqual(result.degraded, expected, header);
    }
  },

  "notices are read with what there is of them": async (stage) => {
    const rows: [{ [name: string]: string }, Omit<DeprecationNotice, "operation"> | undefined][] = [
      [{}, undefined],
      [{ sunset: "Fri, 01 May 2026 00:00:00 GMT" }, { since: undefined, sunset: new Date("2026-05-01"), successor: undefined }],
      [
        { deprecation: "@1777593600", link: '</docs>; rel="help", </v3/home>; rel="successor-version"' },
        { since: new Date("2026-05-01"), sunset: undefined, successor: "/v3/home" },
      ],
      [{ deprecation: "true", sunset: "soon" }, { since: undefined, sunset: undefined, successor: undefined }],
    ];
    for (const [headers, expected] of rows) {
      const told: DeprecationNotice[] = [];
      stage.play({ ...HOME, headers });
      await app(stage, { onDeprecated: (notice: DeprecationNotice) => told.push(notice) }).home();
      assert.deepEqual(told, expected ? [{ operation: "home", ...expected }] : []);
    }
  },
};
