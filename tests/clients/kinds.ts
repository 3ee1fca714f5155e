// Every kind of input, and what versions, retirement and failures come to: the workspace beside this file.

import assert from "node:assert/strict";
import { AppClient, orThrow, ProblemError, type DeprecationNotice, type EchoInput } from "./app/client.ts";
import { DatedClient } from "./dated/client.ts";
import { DatedClient as OlderClient } from "./dated-2026-05-01/client.ts";

export interface Garden {
  addresses: { app: string; dated: string };
}

export type Cases = { readonly [name: string]: (garden: Garden) => Promise<void> };

const app = (garden: Garden, clientVersion = "5.1.0") => new AppClient({ baseUrl: garden.addresses.app, clientVersion });

export const cases: Cases = {
  "every kind of input arrives as it was given": async (garden) => {
    const given: Required<EchoInput> = {
      id: "a b?c#d%e+f&g=h;i,ü",
      when: "2026-03-01",
      text: "ünï & 100 % + \"more\" \u{1F600}",
      count: 10,
      ratio: -1.5e-7,
      exact: true,
      size: "large & wide",
      tags: ["one", "two, three", ""],
      sizes: [1, -2],
      page: 4,
      device: "Ünï \u{1F600} pad",
      moment: "2026-03-01T12:00:00+02:00",
    };
    const { answer } = orThrowWhole(await app(garden).echo(given));
    assert.deepEqual(answer, given);
  },

  "what is left out stays out, or is its default": async (garden) => {
    const { answer } = orThrowWhole(await app(garden).echo({ id: "x", when: "2026-03-01", tags: [], text: undefined }));
    const nothing = { text: null, ratio: null, exact: null, size: null, tags: null, page: null, device: null, moment: null };
    assert.deepEqual(answer, { id: "x", when: "2026-03-01", count: 3, sizes: [], ...nothing });
  },

  "ids that URLs cannot say are refused here, not sent elsewhere": async (garden) => {
    for (const id of ["", ".", ".."]) {
      const sent = app(garden).echo({ id, when: "2026-03-01" });
      await assert.rejects(sent, (error) => error instanceof RangeError, id);
    }
  },

  "a slash in an id is a path that nobody takes for another": async (garden) => {
    const result = await app(garden).echo({ id: "a/b", when: "2026-03-01" });
    assert.ok(!result.ok && result.problem.code === "malformed_path");
  },

  "a body has what was given, and no more": async (garden) => {
    const lines = [{ productId: "p1" }, { productId: "p2", quantity: 3 }];
    const all = await app(garden).order({ cartId: "c 1", lines, note: null, express: true, channel: "push" });
    assert.deepEqual(orThrow(all), { cartId: "c 1", count: 4, note: null, express: true, channel: "push" });
    const few = await app(garden).order({ cartId: "c1", lines: [{ productId: "p1" }] });
    assert.deepEqual(orThrow(few), { cartId: "c1", count: 1, note: null, express: false, channel: null });
  },

  "thrown problems have their words, and can be thrown again": async (garden) => {
    const result = await app(garden).order({ cartId: "c1", lines: [{ productId: "p1", quantity: 10 }] });
    assert.ok(!result.ok);
    assert.ok(result.problem.code === "too_many");
    const status: 409 = result.problem.status;
    assert.deepEqual([status, result.problem.title, result.problem.detail], [409, "That is too many", "10 pieces"]);
    const thrown = (error: unknown) => error instanceof ProblemError && error.problem.code === "too_many";
    await assert.rejects(Promise.resolve(result).then(orThrow), thrown);
  },

  "answers say what they do without": async (garden) => {
    const result = await app(garden).home();
    assert.ok(result.ok);
    assert.equal(result.answer.thing, null);
    assert.deepEqual(result.degraded, [{ call: "thing", reason: "error" }]);
  },

  "a required call that fails is a problem; it is asked for again": async (garden) => {
    const start = Date.now();
    const result = await app(garden).fails({}, { retries: 1 });
    assert.ok(!result.ok);
    assert.equal(result.problem.code, "service_unavailable");
    assert.ok(Date.now() - start < 5_000);
  },

  "fields are there from and until their versions": async (garden) => {
    const now = orThrow(await app(garden, "5.1.0").home());
    assert.deepEqual([now.greeting, now.hello], ["Hello", undefined]);
    const before = orThrow(await app(garden, "5.0.9").home());
    assert.deepEqual([before.greeting, before.hello], [undefined, "Hi"]);
  },

  "a client that is too old learns where to get a newer one": async (garden) => {
    const result = await app(garden, "4.1.9").home();
    assert.ok(!result.ok);
    assert.ok(result.problem.code === "client_too_old");
    assert.equal(result.problem.status, 426);
    assert.equal(result.problem.upgrade_url, "https://apps.example.com/shop");
    const nonsense = await app(garden, "new").home();
    assert.ok(!nonsense.ok && nonsense.problem.code === "invalid_client_version");
  },

  "operations on their way out are told of once": async (garden) => {
    const told: DeprecationNotice[] = [];
    const onDeprecated = (notice: DeprecationNotice) => void told.push(notice);
    const old = new AppClient({ baseUrl: garden.addresses.app, clientVersion: "5.1.0", onDeprecated });
    for (let times = 3; times > 0; times -= 1) orThrow(await old.oldHome());
    await old.home();
    assert.deepEqual(told, [
      {
        operation: "oldHome",
        since: new Date("2026-01-01"),
        sunset: new Date("2099-01-01"),
        successor: "/v2/home",
      },
    ]);
  },

  "one that is gone names its successor": async (garden) => {
    const result = await app(garden).gone();
    assert.ok(!result.ok);
    assert.ok(result.problem.code === "gone");
    assert.equal(result.problem.successor, "GET /v2/home");
  },

  "a client of a date asks for that date": async (garden) => {
    const result = await new DatedClient({ baseUrl: `${garden.addresses.dated}/` }).stock({ id: "s1" });
    assert.ok(result.ok);
    assert.deepEqual(result.answer, { id: "s1", pieces: 3 });
    assert.equal(result.response.headers.get("partner-version"), "2026-11-01");
    const older = await new OlderClient({ baseUrl: garden.addresses.dated }).stock({ id: "s1" });
    assert.ok(older.ok);
    const { id, available } = older.answer;
    assert.deepEqual([id, available], ["s1", true]);
    // @ts-expect-error: there were no pieces on that date
    assert.equal(older.answer.pieces, undefined);
  },
};

function orThrowWhole<R extends { ok: boolean }>(result: R): Extract<R, { ok: true }> {
  assert.ok(result.ok, JSON.stringify(result));
  return result as Extract<R, { ok: true }>;
}
