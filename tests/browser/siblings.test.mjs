// What a page of another origin of the same site (here: another port of localhost) can do with the session: nothing,
// although the browser sends the cookie along. SameSite alone is no defence against a sibling.

import assert from "node:assert/strict";
import http from "node:http";
import { after, before, test } from "node:test";
import { COOKIE, asPage, ask, endAll, fillForm, open, raw, sessionCookie, signIn, startBrowser } from "./harness.mjs";

let shop;
let browser;
let sibling;
let evil;
before(async () => {
  browser = await startBrowser();
  shop = await open({ recorded: true });
  sibling = http.createServer((request, response) => {
    const cookies = ["plain=tossed; Path=/api"];
    // Ports do not keep cookies apart: a sibling on the same host can write one of our name over ours.
    if (request.url === "/toss") {
      const half = "A".repeat(22);
      cookies.push(`${COOKIE}=${half}.${half}; Secure; HttpOnly; SameSite=Strict; Path=/`);
    }
    response.writeHead(200, { "content-type": "text/html", "set-cookie": cookies });
    response.end("<!doctype html><title>A sibling</title><body></body>");
  });
  await new Promise((done) => sibling.listen(0, "127.0.0.1", done));
  evil = `http://localhost:${sibling.address().port}`;
});
after(async () => {
  sibling?.close();
  sibling?.closeAllConnections();
  await endAll();
});

/** Runs `act` on a page of `from` while somebody is signed in to the shop; gives what the shop was asked and said. */
async function attack(from, act) {
  const person = await browser.person();
  const own = await signIn(person, shop.origin);
  const before = (await ask(own, "GET", "/api/account")).json.cart.pieces;
  const page = await person.newPage();
  await page.goto(`${from}/`);
  // The shop's own page has what it wants by now.
  await own.waitForLoadState("networkidle");
  const start = shop.seen.length;
  const result = await page.evaluate(act, shop.origin);
  const told = shop.seen.slice(start).map(({ method, status, asked, headers }) => {
    return { method, status, headers, cookie: (asked.cookie ?? "").includes(COOKIE) };
  });
  const after = await ask(own, "GET", "/api/account");
  assert.equal(after.status, 200, "still signed in");
  assert.equal(after.json.cart.pieces, before, "nothing was written");
  await person.close();
  return { told, result };
}

/** The cookie went along, and was of no use. */
function refusedWithCookie({ told }, what) {
  assert.ok(told.length > 0, `${what}: the request was made`);
  for (const { status, cookie, headers } of told) {
    assert.equal(cookie, true, `${what}: the browser sends the cookie to a sibling's request`);
    assert.equal(status, 403, what);
    assert.equal(headers["access-control-allow-origin"], undefined, what);
    assert.equal(headers["set-cookie"], undefined, what);
  }
}

test("a picture", async () => {
  const done = await attack(evil, (shop) =>
    new Promise((done) => {
      const image = new Image();
      image.onload = image.onerror = () => done();
      image.src = `${shop}/api/account`;
    }));
  refusedWithCookie(done, "img");
});

test("a form", async () => {
  const done = await attack(evil, (shop) =>
    new Promise((done) => {
      const frame = Object.assign(document.createElement("iframe"), { name: "target" });
      document.body.append(frame);
      const form = Object.assign(document.createElement("form"), {
        method: "POST", enctype: "text/plain", action: `${shop}/api/cart/items`, target: "target",
      });
      form.append(Object.assign(document.createElement("input"), { name: '{"productId":"p8","x":"', value: '"}' }));
      document.body.append(form);
      frame.onload = () => done();
      form.submit();
    }));
  refusedWithCookie(done, "form");
});

test("a fetch that needs no permission", async () => {
  const done = await attack(evil, async (shop) => {
    const body = JSON.stringify({ productId: "p8" });
    for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
      const options = { method: "POST", mode: "no-cors", credentials: "include", headers: { "content-type": type }, body };
      // Not even the opaque answer is for another origin (Cross-Origin-Resource-Policy).
      await fetch(`${shop}/api/cart/items`, options).catch(() => {});
    }
    await fetch(`${shop}/auth/logout`, { method: "POST", mode: "no-cors", credentials: "include" }).catch(() => {});
  });
  refusedWithCookie(done, "fetch");
  assert.equal(done.told.length, 3);
});

test("a fetch with the header, which the browser asks about first", async () => {
  const { told, result } = await attack(evil, async (shop) => {
    const options = { credentials: "include", headers: { "X-Frontdesk": "1" } };
    return fetch(`${shop}/api/account`, options).then((response) => response.status, (error) => error.name);
  });
  assert.equal(result, "TypeError", "the browser does not even send it");
  assert.ok(told.every(({ method, headers }) => method === "OPTIONS" && !headers["access-control-allow-origin"]));
});

test("an EventSource", async () => {
  const done = await attack(evil, (shop) =>
    new Promise((done) => {
      const source = new EventSource(`${shop}/api/account`, { withCredentials: true });
      source.onerror = () => done(source.close());
    }));
  refusedWithCookie(done, "EventSource");
});

test("a WebSocket", async () => {
  const { told, result } = await attack(evil, (shop) =>
    new Promise((done) => {
      const socket = new WebSocket(`${shop.replace("http", "ws")}/api/account`);
      socket.onopen = () => done("open");
      socket.onerror = () => done("refused");
    }));
  assert.equal(result, "refused");
  assert.deepEqual(told.map(({ status, cookie }) => ({ status, cookie })), [{ status: 403, cookie: true }]);
});

test("a sign-in in a hidden frame", async () => {
  const { told } = await attack(evil, (shop) =>
    new Promise((done) => {
      const frame = Object.assign(document.createElement("iframe"), { src: `${shop}/auth/login?prompt=none` });
      frame.onload = () => done();
      document.body.append(frame);
    }));
  assert.ok(told.length > 0);
  for (const { status, headers } of told) {
    assert.equal(status, 403);
    assert.equal(headers.location, undefined);
    assert.equal(headers["set-cookie"], undefined);
  }
});

test("the shop in a frame", async () => {
  const { result } = await attack(evil, (shop) =>
    new Promise((done) => {
      const frame = Object.assign(document.createElement("iframe"), { src: `${shop}/` });
      frame.onload = () => {
        try {
          done(frame.contentDocument === null ? "blocked" : "readable");
        } catch {
          done("blocked");
        }
      };
      document.body.append(frame);
    }));
  assert.equal(result, "blocked");
});

test("from another site nothing even carries the cookie", async () => {
  const { told } = await attack(evil.replace("localhost", "127.0.0.1"), async (shop) => {
    const options = { method: "POST", mode: "no-cors", credentials: "include", body: "{}" };
    await fetch(`${shop}/api/cart/items`, options).catch(() => {});
  });
  assert.ok(told.length > 0);
  for (const { status, cookie } of told) assert.deepEqual({ status, cookie }, { status: 403, cookie: false });
});

test("two cookies of our name are no session, and neither is deleted", async () => {
  const person = await browser.person();
  await signIn(person, shop.origin);
  const { value } = await sessionCookie(person);
  const other = await browser.person();
  await signIn(other, shop.origin, "grace");
  const tossed = (await sessionCookie(other)).value;
  const spellings = [
    { cookie: `${COOKIE}=${value}; ${COOKIE}=${tossed}` },
    { cookie: `${COOKIE}=${tossed}; a=b; ${COOKIE}=${value}` },
    { cookie: `${COOKIE}=${value}; ${COOKIE}=${value}` },
    { cookie: [`${COOKIE}=${value}`, `${COOKIE}=${tossed}`] },
    { cookie: `${COOKIE.toLowerCase()}=${value}` },
    { cookie: `=${COOKIE}=${value}` },
  ];
  for (const cookies of spellings) {
    const answer = await raw(shop.origin, "/api/account", { headers: { ...asPage(value), ...cookies } });
    assert.equal(answer.status, 401, JSON.stringify(Object.keys(cookies)));
    assert.equal(answer.headers["set-cookie"], undefined);
    assert.equal(JSON.parse(answer.text).code, "login_required");
  }
  for (const each of [value, tossed]) {
    assert.equal((await raw(shop.origin, "/api/account", { headers: asPage(each) })).status, 200);
  }
  await person.close();
  await other.close();
});

test("a cookie that a sibling wrote over ours opens nothing, and signing in again mends it", async () => {
  const person = await browser.person();
  const page = await signIn(person, shop.origin);
  const { value } = await sessionCookie(person);
  const other = await person.newPage();
  await other.goto(`${evil}/toss`);
  assert.notEqual((await sessionCookie(person)).value, value, "the browser let it");
  assert.equal((await ask(page, "GET", "/api/account")).json.code, "login_required");
  assert.equal((await raw(shop.origin, "/api/account", { headers: asPage(value) })).status, 200, "the session lives on");
  await page.goto(`${shop.origin}/`);
  await page.click("#sign-in");
  await page.locator("#open-account").waitFor();
  assert.equal((await ask(page, "GET", "/api/account")).json.name, "Ada Lovelace");
  await person.close();
});

test("somebody else's session, planted in a browser, does not outlive a sign-in there", async () => {
  const [attacker, person] = [await browser.person(), await browser.person()];
  await signIn(attacker, shop.origin, "grace");
  const planted = await sessionCookie(attacker);
  await person.addCookies([planted]);
  const page = await person.newPage();
  await page.goto(`${shop.origin}/`);
  await page.getByText("Hello, Grace Hopper").waitFor();
  await page.goto(`${shop.origin}/auth/login?return_to=%2F`);
  await fillForm(page, "ada");
  await page.getByText("Good to see you, Ada Lovelace").waitFor();
  const { value } = await sessionCookie(person);
  assert.notEqual(value.split(".")[0], planted.value.split(".")[0]);
  // What the attacker still has is at most their own.
  const theirs = await raw(shop.origin, "/api/account", { headers: asPage(planted.value) });
  assert.ok(theirs.status === 401 || JSON.parse(theirs.text).name === "Grace Hopper", theirs.text);
  await Promise.all([attacker.close(), person.close()]);
});

test("a request without the header is refused, whoever says it comes from", async () => {
  const person = await browser.person();
  await signIn(person, shop.origin);
  const { value } = await sessionCookie(person);
  const cookie = `${COOKIE}=${value}`;
  const cases = [
    [{ cookie }, "nothing at all"],
    [{ cookie, "sec-fetch-site": "same-origin" }, "no header"],
    [{ cookie, "x-frontdesk": "1", "sec-fetch-site": "same-site" }, "a sibling"],
    [{ cookie, "x-frontdesk": "1", "sec-fetch-site": "cross-site" }, "another site"],
    [{ cookie, "x-frontdesk": "1", origin: evil }, "a sibling's origin"],
    [{ cookie, "x-frontdesk": "1", origin: "null" }, "no origin that could be told"],
  ];
  for (const [headers, what] of cases) {
    const answer = await raw(shop.origin, "/api/account", { headers });
    assert.equal(answer.status, 403, what);
    assert.equal(answer.headers["set-cookie"], undefined, what);
  }
  assert.equal((await raw(shop.origin, "/api/account", { headers: asPage(value) })).status, 200);
  await person.close();
});
