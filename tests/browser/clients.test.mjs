// The clients that are no browsers: apps with tokens, partners with keys, programs of nobody.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { endAll, open, raw, run, until } from "./harness.mjs";

const IOS = "https://ios.harbor.example";
let shop;
let at;
before(async () => {
  shop = await open({
    settings: {
      resources: { [IOS]: { scope: "shop stock", audience: "harbor-ios" }, "https://other.example": { scope: "shop" } },
    },
  });
  at = (bff) => `http://${shop.addresses[bff]}`;
});
after(endAll);

/** A token that the provider signs as told; what is not said is as the iOS BFF wants it. */
async function token({ set = {}, ...rest } = {}) {
  const claims = { aud: "harbor-ios", scope: "shop", ...set };
  const told = { base: "access", client: "harbor-app", sub: "ada", alg: "ES256", ...rest, set: claims };
  return (await shop.provider.sign(told)).token;
}

const home = (headers) => raw(at("ios"), "/v2/mobile/home", { headers });
const bearer = (text) => home({ authorization: `Bearer ${text}` });

test("an app shows the provider's token and is let in", async () => {
  const answer = await until("the screen", async () => {
    const answer = await bearer(await token());
    // A machine that has too much to do may be late; nothing else is forgiven.
    assert.ok([200, 503, 504].includes(answer.status), answer.text);
    return answer.status === 200 && answer;
  });
  assert.equal(JSON.parse(answer.text).greeting, "Welcome to Harbor");
  assert.equal(answer.headers["set-cookie"], undefined);
});

test("a token that is not for this BFF, not yet, no longer, or not the provider's is refused", async () => {
  const cases = {
    "of another audience": await token({ set: { aud: "harbor-customers" } }),
    "of no audience": await token({ remove: ["aud"] }),
    "of another issuer": await token({ set: { iss: "https://evil.example" } }),
    "that has ended": await token({ set: { exp: "now-30" } }),
    "without an end": await token({ remove: ["exp"] }),
    "of later": await token({ set: { nbf: "now+3600" } }),
    "that is an ID token": (await shop.provider.sign({ base: "id", client: "harbor-ios", sub: "ada" })).token,
    "that is a logout token": await token({ header: { typ: "logout+jwt" } }),
    "that nobody signed": await token({ key: "none" }),
    "that somebody else signed": await token({ key: "foreign" }),
    "signed with the public key": await token({ key: "hmac-public" }),
    "that is none": "planted-not-a-token",
  };
  for (const [what, text] of Object.entries(cases)) {
    const answer = await bearer(text);
    assert.equal(answer.status, 401, `a token ${what}: ${answer.text}`);
    assert.match(answer.headers["www-authenticate"] ?? "", /^Bearer/, what);
    assert.equal(JSON.parse(answer.text).code, "invalid_token", what);
    assert.ok(!answer.text.includes(text.split(".")[1] ?? text), "nothing of the token is repeated");
  }
  assert.equal((await home({})).status, 401);
  assert.equal((await raw(at("ios"), `/v2/mobile/home?access_token=${await token()}`)).status, 401, "never in a query");
  const good = await token();
  const twice = await raw(at("ios"), "/v2/mobile/home", { headers: { authorization: [`Bearer ${good}`, "Bearer x"] } });
  assert.notEqual(twice.status, 200, "two credentials are none");
});

test("a token without the scope is told which one it lacks", async () => {
  const answer = await bearer(await token({ set: { scope: "stock" } }));
  assert.equal(answer.status, 403, answer.text);
  assert.equal(JSON.parse(answer.text).code, "insufficient_scope");
  assert.match(answer.headers["www-authenticate"], /error="insufficient_scope".*scope="shop"/);
});

test("new keys of the provider are believed as soon as it uses them", async () => {
  assert.notEqual((await bearer(await token())).status, 401);
  const { key } = { key: await token() };
  await fetch(`${shop.provider.issuer}/_test/rotate-keys`, { method: "POST", body: JSON.stringify({ keep: true }) });
  assert.notEqual((await bearer(key)).status, 401, "what was signed before");
  await until("what is signed now", async () => (await bearer(await token())).status !== 401);
});

test("a partner's key: made, used within its scopes, taken away while the server runs", async () => {
  const made = await run(shop.folder, "keys", "create", "partner", "--name", "acme", "--scopes", "stock", "--expires", "1d", "--json");
  assert.equal(made.code, 0, made.err);
  const { key, id } = JSON.parse(made.out);
  const stock = (headers) => raw(at("partner"), "/partner/v1/stock/p8", { headers });
  const answer = await until("the key is known", async () => {
    const answer = await stock({ "x-api-key": key });
    return answer.status === 200 && answer;
  });
  assert.equal(JSON.parse(answer.text).productId, "p8");
  const other = await raw(at("partner"), "/partner/v1/catalogue", { headers: { "x-api-key": key } });
  assert.equal(other.status, 403);
  assert.equal(JSON.parse(other.text).code, "insufficient_scope");
  for (const wrong of [`${key}x`, key.slice(0, -1), key.toUpperCase(), "", "fdk_partner_00000000_0"]) {
    assert.equal((await stock({ "x-api-key": wrong })).status, 401, wrong);
  }
  assert.equal((await raw(at("partner"), `/partner/v1/stock/p8?x-api-key=${key}`)).status, 401, "never in a query");
  assert.equal((await run(shop.folder, "keys", "revoke", "partner", id)).code, 0);
  await until("the key is refused", async () => (await stock({ "x-api-key": key })).status === 401);
  assert.ok(!(shop.program.out + shop.program.err).includes(key.split("_").at(-1)), "it is in no log");
});
