// Signing in and out in a real browser, at a real provider.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { COOKIE, asPage, ask, endAll, fillForm, open, raw, sessionCookie, signIn, startBrowser, until } from "./harness.mjs";

let shop;
let browser;
before(async () => {
  browser = await startBrowser();
  shop = await open({
    // Which sign-in is strong enough does not depend on how fast this machine is.
    change: { "bffs/web/actions/place-order.ts": [['requires({ maxAge: "5m" })', 'requires({ acr: ["urn:frontdesk:mfa"] })']] },
  });
});
after(endAll);

/** What would be seen of one's session from outside of the browser. */
const account = (cookie) => raw(shop.origin, "/api/account", { headers: asPage(cookie) });

test("a person signs in, is greeted, and the page holds no token", async () => {
  const person = await browser.person();
  const complaints = [];
  person.on("console", (message) => {
    const ours = message.location().url.startsWith(shop.origin);
    if (message.type() === "error" && ours) complaints.push(message.text());
  });
  const page = await signIn(person, shop.origin);
  await page.getByText("Good to see you, Ada Lovelace").waitFor();
  assert.equal(await page.textContent("#who"), "Ada Lovelace");
  const held = await page.evaluate(() => [document.cookie, { ...localStorage }, { ...sessionStorage }, location.href]);
  assert.deepEqual(held, ["", {}, {}, `${shop.origin}/`]);
  const { json, headers } = await ask(page, "GET", "/auth/session");
  assert.equal(json.authenticated, true);
  assert.doesNotMatch(JSON.stringify(json), /eyJ|access_token|id_token|refresh_token|[A-Za-z0-9_-]{43}/);
  assert.equal(headers["cache-control"], "no-store");
  assert.deepEqual(complaints, [], "nothing on the page breaks its own policy");
  await person.close();
});

test("the browser keeps the cookie from scripts, other sites and other hosts", async () => {
  const person = await browser.person();
  await signIn(person, shop.origin);
  const { name, value, ...rules } = await sessionCookie(person);
  assert.equal(name, COOKIE);
  assert.match(value, /^[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{22}$/);
  assert.deepEqual(rules, {
    domain: "localhost", path: "/", expires: -1, httpOnly: true, secure: true, sameSite: "Strict",
  });
  assert.deepEqual(
    (await person.cookies(shop.origin)).map((cookie) => cookie.name),
    [COOKIE],
    "the cookie of the sign-in is gone once it is over",
  );
  await person.close();
});

test("a script is told to sign in, and never redirected", async () => {
  const person = await browser.person();
  const page = await person.newPage();
  await page.goto(`${shop.origin}/`);
  for (const [method, place] of [["GET", "/api/account"], ["POST", "/api/cart/items"], ["GET", "/auth/sessions"]]) {
    const body = method === "POST" ? { productId: "p1" } : undefined;
    const answer = await ask(page, method, place, { body });
    assert.equal(answer.status, 401, `${method} ${place}`);
    assert.equal(answer.type, "basic", "not a redirect");
    assert.equal(answer.headers["content-type"], "application/problem+json");
    assert.equal(answer.json.code, "login_required");
    assert.match(answer.json.login_url, /^\/auth\/login/);
    const outside = await raw(shop.origin, place, { method, headers: { "x-frontdesk": "1" } });
    assert.equal(outside.headers.location, undefined);
    assert.equal(outside.headers["set-cookie"], undefined);
  }
  assert.deepEqual((await ask(page, "GET", "/auth/session")).json.authenticated, false);
  assert.equal((await ask(page, "GET", "/api/products/p8")).status, 200, "public views need nobody");
  await person.close();
});

test("several tabs sign in at once, each comes back to where it was", async () => {
  const person = await browser.person();
  const tabs = [];
  for (const number of [1, 2, 3, 4]) {
    const tab = await person.newPage();
    await tab.goto(`${shop.origin}/auth/login?return_to=${encodeURIComponent(`/?tab=${number}`)}`);
    await tab.locator("#login").waitFor();
    tabs.push([tab, number]);
  }
  for (const [tab, number] of tabs.reverse()) {
    await fillForm(tab);
    await tab.waitForURL(`${shop.origin}/?tab=${number}`);
    await tab.locator("#open-account").waitFor();
  }
  for (const [tab] of tabs) assert.equal((await ask(tab, "GET", "/api/account")).status, 200);
  await person.close();
});

test("a callback that is seen twice asks for nothing and leads to the shop", async () => {
  const person = await browser.person();
  let callback;
  person.on("request", (request) => {
    if (request.url().includes("/auth/callback")) callback = request.url();
  });
  const page = await signIn(person, shop.origin);
  const cookie = await sessionCookie(person);
  await shop.provider.forget();
  await page.goto(callback);
  await page.waitForURL(`${shop.origin}/`);
  await page.locator("#open-account").waitFor();
  assert.equal((await shop.provider.counts()).authorization_code, undefined);
  assert.equal((await sessionCookie(person)).value, cookie.value, "the session is what it was");

  // In another browser it is nobody's sign-in.
  const other = await browser.person();
  const stranger = await other.newPage();
  const answer = await stranger.goto(callback);
  assert.equal(answer.status(), 400);
  assert.equal(await sessionCookie(other), undefined);
  await person.close();
  await other.close();
});

test("whoever says no at the provider is told so in our own words", async () => {
  const person = await browser.person();
  const page = await person.newPage();
  await page.goto(`${shop.origin}/`);
  await page.click("#sign-in");
  await page.click("#cancel");
  await page.waitForURL(/\/auth\/callback/);
  const html = await page.content();
  assert.doesNotMatch(html, /said no|access_denied|<b>/);
  assert.match(html, /not signed in/);
  await page.getByRole("link").click();
  await page.locator("#login").waitFor();
  await person.close();
});

test("every sign-in has a new id, and the old one is dead at once", async () => {
  const person = await browser.person();
  const page = await signIn(person, shop.origin);
  const first = (await sessionCookie(person)).value;
  assert.equal((await account(first)).status, 200);
  await page.goto(`${shop.origin}/auth/login?return_to=%2F`);
  await page.waitForURL(`${shop.origin}/`);
  const second = (await sessionCookie(person)).value;
  assert.notEqual(second.split(".")[0], first.split(".")[0]);
  assert.equal((await account(second)).status, 200);
  // Another worker may answer from what it read up to five seconds ago.
  await until("the old id is nobody's", async () => (await account(first)).status === 401);
  await person.close();
});

test("signing out ends the session here, its tokens, and the one at the provider", async () => {
  const person = await browser.person();
  const page = await signIn(person, shop.origin);
  const { value } = await sessionCookie(person);
  await shop.provider.forget();
  await page.click("#open-account");
  await page.click("#sign-out");
  await page.waitForURL(`${shop.origin}/`);
  await page.locator("#sign-in").waitFor();
  assert.equal(await sessionCookie(person), undefined);
  await until("the old cookie is nobody's", async () => (await account(value)).status === 401);
  await until("the refresh token is revoked", async () => (await shop.provider.counts()).revocation >= 1);
  await page.click("#sign-in");
  await page.locator("#password").waitFor();
  await person.close();
});

test("signing out everywhere ends all of one's sessions and nobody else's", async () => {
  const [here, there, grace] = await Promise.all([browser.person(), browser.person(), browser.person()]);
  const page = await signIn(here, shop.origin);
  const elsewhere = await signIn(there, shop.origin);
  const other = await signIn(grace, shop.origin, "grace");
  await page.click("#open-account");
  await page.click("#sign-out-everywhere");
  await page.locator("#sign-in").waitFor();
  await until("the other browser is signed out", async () => (await ask(elsewhere, "GET", "/api/account")).status === 401);
  assert.equal((await ask(other, "GET", "/api/account")).status, 200);
  await Promise.all([here.close(), there.close(), grace.close()]);
});

test("one's sessions are listed, and one of them can be ended", async () => {
  const [here, there] = await Promise.all([browser.person(), browser.person()]);
  const page = await signIn(here, shop.origin, "grace");
  const elsewhere = await signIn(there, shop.origin, "grace");
  await page.click("#open-account");
  await page.getByText("This one").waitFor();
  const ends = page.locator("#sessions").getByRole("button", { name: "End" });
  await ends.first().waitFor();
  const listed = (await ask(page, "GET", "/auth/sessions")).json.sessions;
  assert.equal(listed.filter((session) => session.current).length, 1);
  const cookie = (await sessionCookie(there)).value;
  assert.doesNotMatch(JSON.stringify(listed), new RegExp(cookie.split(".").join("|")), "what is listed opens nothing");
  for (let left = await ends.count(); left > 0; left -= 1) {
    await ends.first().click();
    await until("it has left the list", async () => (await ends.count()) < left);
  }
  await until("it has ended", async () => (await ask(elsewhere, "GET", "/api/account")).status === 401);
  assert.equal((await ask(page, "GET", "/api/account")).status, 200);
  await Promise.all([here.close(), there.close()]);
});

test("the provider ends sessions through the back channel", async () => {
  const [one, two, grace] = await Promise.all([browser.person(), browser.person(), browser.person()]);
  const pages = [await signIn(one, shop.origin), await signIn(two, shop.origin)];
  const other = await signIn(grace, shop.origin, "grace");
  const told = await shop.provider.logout({ account: "ada" });
  assert.ok(told.length >= 2, JSON.stringify(told));
  assert.deepEqual([...new Set(told.map(({ status }) => status))], [200], JSON.stringify(told));
  for (const page of pages) {
    await until("signed out", async () => (await ask(page, "GET", "/api/account")).json.code === "login_required");
  }
  assert.equal((await ask(other, "GET", "/api/account")).status, 200);
  // A token that is not the provider's is believed by nobody.
  const { token } = await shop.provider.sign({ base: "logout", client: "harbor-web", sub: "grace", key: "foreign" });
  const forged = await raw(shop.origin, "/auth/backchannel", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: `logout_token=${token}`,
  });
  assert.equal(forged.status, 400);
  assert.equal((await ask(other, "GET", "/api/account")).status, 200);
  await Promise.all([one.close(), two.close(), grace.close()]);
});

test("paying asks for a stronger sign-in, and goes on where it was", async () => {
  const person = await browser.person();
  const page = await signIn(person, shop.origin, "grace");
  await page.locator(".card h3 button").first().click();
  await page.click("#add");
  await page.getByText("It is in your cart.").waitFor();
  const refused = await ask(page, "POST", "/api/orders", { body: {} });
  assert.equal(refused.status, 401);
  assert.equal(refused.json.code, "step_up_required");
  assert.match(refused.headers["www-authenticate"], /insufficient_user_authentication/);
  assert.match(refused.headers["www-authenticate"], /acr_values="urn:frontdesk:mfa"/);
  await page.click("#open-cart");
  await page.click("#pay");
  await fillForm(page, "grace");
  await page.waitForURL(`${shop.origin}/`);
  await page.locator("#cart[open]").waitFor();
  await page.click("#pay");
  await page.getByText(/Thank you!/).waitFor();
  await person.close();
});

test("the shop and the sign-in can be used by everybody", async () => {
  const person = await browser.person();
  const page = await person.newPage();
  const check = async (what) => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(", ")}`);
    assert.deepEqual(found, [], what);
  };
  await page.goto(`${shop.origin}/`);
  await page.locator(".card").first().waitFor();
  await check("the shop");
  await page.click("#sign-in");
  await fillForm(page);
  await page.locator("#open-account").waitFor();
  await page.click("#open-account");
  await page.locator("#sessions li").first().waitFor();
  await check("the account");
  await person.close();
});
