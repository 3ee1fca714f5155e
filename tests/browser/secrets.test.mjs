// Everything that a full run writes or answers is searched for what nobody may ever see.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import {
  SECRET, asPage, ask, endAll, fillForm, open, raw, sessionCookie, signIn, startBrowser, until,
} from "./harness.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(endAll);

test("no token, cookie, code or key is in any log, problem or page", async () => {
  const shop = await open({ sessions: "{ embedded: state/sessions.db }" });
  const { provider, origin } = shop;
  const secrets = new Map([["the client's secret", SECRET]]);
  const answered = [];

  const person = await browser.person();
  person.on("request", (request) => {
    const url = new URL(request.url());
    if (url.pathname.startsWith("/auth/callback")) {
      for (const name of ["code", "state"]) {
        const value = url.searchParams.get(name);
        if (value) secrets.set(`${name} of ${url.pathname}`, value);
      }
    }
  });
  person.on("response", async (response) => {
    if (!response.url().startsWith(origin)) return;
    const headers = Object.entries(await response.allHeaders()).filter(([name]) => name !== "set-cookie" && name !== "location");
    answered.push(JSON.stringify(headers));
    if (!response.url().endsWith("/auth/logout")) answered.push(await response.text().catch(() => ""));
  });
  const keepCookie = async (what) => {
    const cookie = await sessionCookie(person);
    if (cookie) for (const part of cookie.value.split(".")) secrets.set(`${what}: a half of the cookie`, part);
    return cookie?.value;
  };

  const page = await signIn(person, origin);
  const cookie = await keepCookie("ada");
  await page.click("#open-account");
  await page.getByText("This one").waitFor();
  await page.keyboard.press("Escape");

  // Every way to be refused, and every way for a provider to fail.
  const bearer = (await provider.sign({ base: "access", client: "harbor-web", sub: "ada" })).token;
  secrets.set("a bearer token", bearer.split(".")[2]);
  const attempts = [
    ["/api/account", { headers: asPage(`${cookie}x`) }],
    ["/api/account", { headers: { cookie: asPage(cookie).cookie } }],
    ["/api/account", { headers: { ...asPage(cookie), authorization: `Bearer ${bearer}` } }],
    ["/api/nothing", { headers: asPage(cookie) }],
    [`/auth/callback?code=planted-code-5521&state=planted-state-9914`, { headers: asPage(cookie) }],
    ["/auth/login?return_to=//evil.example/planted-return-3312", { headers: { "sec-fetch-mode": "navigate" } }],
    ["/auth/backchannel", { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: `logout_token=${bearer}` }],
    ["/api/cart/items", { method: "POST", headers: { ...asPage(cookie), "content-type": "application/json" }, body: '{"productId":7}' }],
  ];
  for (const [place, options] of attempts) answered.push((await raw(origin, place, options)).text);
  secrets.set("a made-up code", "planted-code-5521").set("a made-up state", "planted-state-9914");
  for (const fault of [
    { endpoint: "token", kind: "status", status: 500, body: '{"error":"planted-provider-body-8842"}' },
    { endpoint: "token", kind: "status", status: 401, body: '{"error":"invalid_client","error_description":"planted-provider-body-8842"}' },
    { endpoint: "token", kind: "html" },
    { endpoint: "token", kind: "patch", set: { id_token: "planted.id.token" } },
    { endpoint: "token", kind: "drop" },
  ]) {
    await provider.fault({ times: 1, ...fault });
    const other = await browser.person();
    const tab = await other.newPage();
    await tab.goto(`${origin}/auth/login`);
    await fillForm(tab, "grace");
    await tab.waitForURL(/\/auth\/callback/);
    answered.push(await tab.content());
    await other.close();
  }
  secrets.set("what the provider wrote", "planted-provider-body-8842").set("a broken ID token", "planted.id.token");

  // Somebody whose tokens we know, since we made them up: used, shown to nobody, and given back.
  const planted = { access_token: "planted-access-token-2207", refresh_token: "planted-refresh-token-6619" };
  await provider.fault({ endpoint: "token", grant: "authorization_code", kind: "patch", set: planted, times: 1 });
  const grace = await browser.person();
  const own = await signIn(grace, origin, "grace");
  const patched = (await provider.calls()).filter(({ fault, status }) => fault === "patch" && status === 200);
  assert.equal(patched.length, 2, "the provider gave the broken ID token, and these");
  for (const [what, token] of Object.entries(planted)) secrets.set(`the ${what} we made up`, token);
  for (const place of ["/api/account", "/auth/session", "/auth/sessions", "/api/orders"]) {
    const order = { body: {}, headers: { "Idempotency-Key": "planted-1" } };
    const answer = await (place === "/api/orders" ? ask(own, "POST", place, order) : ask(own, "GET", place));
    answered.push(answer.text, JSON.stringify(answer.headers));
  }
  assert.equal((await ask(own, "GET", "/api/account")).status, 200, "the exchange of such a token fails, the view does not");
  await grace.close();

  // Where to be signed out at the provider as well: the one place that an ID token is for (OpenID Connect RP-Initiated
  // Logout), and nothing else of it is a token.
  await page.goto(`${origin}/`);
  const { json: left } = await ask(page, "POST", "/auth/logout");
  const end = new URL(left.end_session_url);
  end.searchParams.delete("id_token_hint");
  answered.push(JSON.stringify({ ...left, end_session_url: end.href }));
  await until("what was logged is there", () => shop.program.out.split("\n").length > 30);

  for (const file of readdirSync(shop.folder, { recursive: true })) {
    if (!/ring|session-keys/.test(file)) continue;
    const place = path.join(shop.folder, file);
    try {
      for (const [key] of readFileSync(place, "utf8").matchAll(/[A-Za-z0-9+/_=-]{32,}/g)) secrets.set(`a server key of ${file}`, key);
    } catch {}
  }
  assert.ok([...secrets.keys()].some((what) => what.startsWith("a server key")), "the ring was found");

  await shop.program.end();
  const places = {
    "standard output": shop.program.out,
    "standard error": shop.program.err,
    "what was answered": answered.join("\n"),
  };
  assert.ok(places["standard output"].includes('"status":401'), "the access log has what was refused");
  for (const [where, text] of Object.entries(places)) {
    for (const [what, secret] of secrets) assert.ok(!text.includes(secret), `${what} is in ${where}`);
    assert.doesNotMatch(text, /eyJ[A-Za-z0-9_-]{8,}\./, `a JWT is in ${where}`);
    // Tokens of this provider are 43 characters; nothing else of ours is that long without a break.
    if (where !== "what was answered") assert.doesNotMatch(text, /[A-Za-z0-9_-]{43,}/, `something like a token is in ${where}`);
  }
  const stored = readFileSync(path.join(shop.folder, "state/sessions.db"), "latin1");
  for (const [what, secret] of secrets) assert.ok(!stored.includes(secret), `${what} is in the store`);
  assert.ok(!stored.includes("Ada Lovelace"), "what a session says of its person is sealed");
});
