// Access tokens end all the time; nobody may notice. Rotation is on and an old refresh token revokes the whole family,
// so a second refresh with the same token would sign the person out.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  asPage, ask, endAll, freePort, open, raw, rotateKeys, serve, sessionCookie, signIn, startBrowser, startProvider,
  startRedis, until, workspace,
} from "./harness.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(endAll);

/** The account needs a token for a service, exchanged for the user's: it is not to be had from a cache. */
const PATIENT = {
  "bffs/web/views/account.ts": [
    ['{ within: "300ms", optional: true }', "{}"],
    ['latency: "600ms"', 'latency: "30s"'],
  ],
  // These are no visitors: whoever asks 150 times at once would be slowed down.
  "bffs/web/bff.ts": [['requests: 600, every: "1m", burst: 200', 'requests: 60000, every: "1m", burst: 6000']],
};

const account = (origin, cookie) => raw(origin, "/api/account", { headers: asPage(cookie) });

/** Signs in, with an access token that has ended by the time this returns; those that follow last. */
async function signedInWithAnEndedToken(provider, origin) {
  await provider.set({ ttl: { access: 1, refresh: 86_400, id: 300, session: 86_400 } });
  const person = await browser.person();
  const page = await signIn(person, origin);
  const { value } = await sessionCookie(person);
  const ended = Date.now() + 2500;
  await until("the access token has ended", () => Date.now() > ended);
  await provider.set({ ttl: { access: 600, refresh: 86_400, id: 300, session: 86_400 } });
  await provider.forget();
  return { person, page, cookie: value };
}

const tally = (answers) =>
  answers.reduce((counts, { status }) => ({ ...counts, [status]: (counts[status] ?? 0) + 1 }), {});

test("150 requests at once with an ended token: one refresh, and all are answered", async () => {
  const { provider, origin } = await open({ change: PATIENT });
  for (const round of [1, 2]) {
    const { person, cookie } = await signedInWithAnEndedToken(provider, origin);
    const answers = await Promise.all(Array.from({ length: 150 }, () => account(origin, cookie)));
    assert.deepEqual(tally(answers), { 200: 150 }, `round ${round}: ${answers.find(({ status }) => status !== 200)?.text}`);
    assert.equal((await provider.counts()).refresh_token, 1, `round ${round}`);
    assert.equal((await account(origin, cookie)).status, 200);
    await person.close();
  }
});

test("a provider that is slow, down or confused ends nobody's session", async () => {
  const { provider, origin } = await open({ change: PATIENT });
  const { person, page, cookie } = await signedInWithAnEndedToken(provider, origin);
  for (const fault of [
    { kind: "status", status: 500 }, { kind: "429", retryAfter: 1 }, { kind: "html" }, { kind: "drop" },
    { kind: "redirect" }, { kind: "huge" },
  ]) {
    await provider.fault({ endpoint: "token", grant: "refresh_token", times: 1, ...fault });
    const answer = await until(`an answer under ${fault.kind}`, () => account(origin, cookie));
    assert.ok([200, 503].includes(answer.status), `${fault.kind}: ${answer.status} ${answer.text}`);
    assert.equal(answer.headers["set-cookie"], undefined, fault.kind);
    if (answer.status === 503) assert.ok(answer.headers["retry-after"], fault.kind);
  }
  await until("all is well again", async () => (await account(origin, cookie)).status === 200);
  assert.equal((await ask(page, "GET", "/auth/session")).json.authenticated, true);
  await person.close();
});

test("a refresh token that the provider no longer knows ends that session, cleanly", async () => {
  const { provider, origin } = await open({ change: PATIENT });
  const { person, page, cookie } = await signedInWithAnEndedToken(provider, origin);
  await provider.fault({
    endpoint: "token", grant: "refresh_token", kind: "status", status: 400, body: '{"error":"invalid_grant"}', times: 1,
  });
  const answer = await account(origin, cookie);
  assert.equal(answer.status, 401, answer.text);
  assert.equal(JSON.parse(answer.text).code, "login_required");
  assert.equal((await ask(page, "GET", "/auth/session")).json.authenticated, false);
  await person.close();
});

/** Two instances of the same Harbor with their sessions in Redis. */
async function twoInstances() {
  const redis = await startRedis();
  const ports = [await freePort(), await freePort()];
  const origins = ports.flatMap((port) => [`http://localhost:${port}`, `http://127.0.0.1:${port}`]);
  const provider = await startProvider(origins);
  const { folder } = workspace({
    issuer: provider.issuer, sessions: `{ redis: "${redis.url}" }`, change: PATIENT,
  });
  await rotateKeys(folder);
  const desks = [await serve(folder, { port: ports[0] }), await serve(folder, { port: ports[1] })];
  return { redis, provider, folder, desks };
}

test("two instances on Redis: 150 requests, one refresh", async () => {
  const { provider, desks } = await twoInstances();
  const { person, cookie } = await signedInWithAnEndedToken(provider, desks[0].origin);
  const answers = await Promise.all(
    Array.from({ length: 150 }, (_, index) => account(desks[index % 2].origin, cookie)),
  );
  assert.deepEqual(tally(answers), { 200: 150 }, answers.find(({ status }) => status !== 200)?.text);
  assert.equal((await provider.counts()).refresh_token, 1);
  await person.close();
});

test("an instance is killed in mid-refresh: the other one takes over, and nobody is signed out", async () => {
  const { provider, desks } = await twoInstances();
  const { person, cookie } = await signedInWithAnEndedToken(provider, desks[0].origin);
  await provider.fault({ endpoint: "token", grant: "refresh_token", kind: "timeout", ms: 600_000, times: 1 });
  const lost = account(desks[0].origin, cookie).catch(() => "lost");
  await until("the first instance refreshes", async () => (await provider.counts()).refresh_token === 1);
  const waiting = Array.from({ length: 60 }, () => account(desks[1].origin, cookie));
  await desks[0].program.end("SIGKILL");
  assert.equal(await lost, "lost");
  const answers = await Promise.all(waiting);
  for (const { status, headers, text } of answers) {
    assert.ok(status === 200 || status === 503, `${status} ${text}`);
    assert.equal(headers["set-cookie"], undefined);
  }
  await until("the other instance refreshed", async () => (await account(desks[1].origin, cookie)).status === 200);
  assert.equal((await provider.counts()).refresh_token, 2, "the one that was lost, and one more");
  await person.close();
});

test("whoever signs out at one instance is signed out at the other", async () => {
  const { provider, desks } = await twoInstances();
  const person = await browser.person();
  const page = await signIn(person, desks[0].origin);
  const { value } = await sessionCookie(person);
  assert.equal((await account(desks[1].origin, value)).status, 200, "one session, two instances");
  assert.equal((await ask(page, "POST", "/auth/logout")).status, 200);
  // What an instance has read it may believe for five seconds, and no longer.
  await until("the other instance has heard of it", async () => (await account(desks[1].origin, value)).status === 401, 15_000);
  // A provider tells one instance; all of them obey.
  const other = await browser.person();
  const again = await signIn(other, desks[1].origin);
  const cookie = (await sessionCookie(other)).value;
  assert.equal((await account(desks[0].origin, cookie)).status, 200);
  const told = await provider.logout({ account: "ada" });
  assert.ok(told.length > 0 && told.every(({ status }) => status === 200), JSON.stringify(told));
  for (const { origin } of desks) {
    await until("signed out there too", async () => (await account(origin, cookie)).status === 401, 15_000);
  }
  assert.equal((await ask(again, "GET", "/auth/session")).json.authenticated, false);
  await Promise.all([person.close(), other.close()]);
});

test("Redis is killed: 503, the cookie is kept; it comes back: still signed in", async () => {
  const { redis, desks } = await twoInstances();
  const [{ origin }] = desks;
  const person = await browser.person();
  const page = await signIn(person, origin);
  const { value } = await sessionCookie(person);
  await redis.kill();
  const refused = await until("the store is missed", async () => {
    const answer = await ask(page, "GET", "/api/account");
    assert.ok([200, 503].includes(answer.status), `${answer.status} ${answer.text}`);
    return answer.status === 503 && answer;
  });
  assert.equal(refused.json.code, "identity_unavailable");
  assert.ok(refused.headers["retry-after"]);
  assert.equal((await raw(origin, "/api/account", { headers: asPage(value) })).headers["set-cookie"], undefined);
  assert.equal((await sessionCookie(person)).value, value, "the browser still has its cookie");
  assert.equal((await ask(page, "GET", "/api/products/p8")).status, 200, "what is public goes on");
  await redis.open();
  await until("signed in as before", async () => (await ask(page, "GET", "/api/account")).status === 200);
  assert.equal((await sessionCookie(person)).value, value);
  await person.close();
});
