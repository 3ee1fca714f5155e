// A server that is started anew, and keys that change, are nobody's reason to sign in again.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, endAll, open, rotateKeys, serve, sessionCookie, signIn, startBrowser, until } from "./harness.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(endAll);

const EMBEDDED = "{ embedded: state/sessions.db }";

for (const signal of ["SIGTERM", "SIGKILL"]) {
  test(`the server is ended by ${signal} and started again: still signed in`, async () => {
    const shop = await open({ sessions: EMBEDDED });
    const person = await browser.person();
    const page = await signIn(person, shop.origin);
    const { value } = await sessionCookie(person);
    await shop.program.end(signal);
    await serve(shop.folder, { port: shop.port });
    const { status, json } = await ask(page, "GET", "/api/account");
    assert.deepEqual([status, json?.name], [200, "Ada Lovelace"]);
    assert.equal((await sessionCookie(person)).value, value);
    await person.close();
  });
}

test("a new server key: old sessions stay, new ones begin, also after a restart", async () => {
  const shop = await open({ sessions: EMBEDDED });
  const [ada, grace] = [await browser.person(), await browser.person()];
  const page = await signIn(ada, shop.origin);
  await rotateKeys(shop.folder);
  shop.program.child.kill("SIGHUP");
  await until("it was read", () => shop.program.err.includes("reloaded"));
  assert.equal((await ask(page, "GET", "/api/account")).status, 200);
  const other = await signIn(grace, shop.origin, "grace");
  await shop.program.end();
  await serve(shop.folder, { port: shop.port });
  assert.equal((await ask(page, "GET", "/api/account")).status, 200);
  assert.equal((await ask(other, "GET", "/api/account")).status, 200);
  await Promise.all([ada.close(), grace.close()]);
});
