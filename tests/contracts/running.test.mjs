// What BFFs answer is what their contracts say: `schemathesis`, which knows nothing of us, makes up requests from the
// documents that `frontdesk gen openapi` writes, good ones and bad ones, and holds every answer against them. All of its
// checks, against Harbor with its real services and a real provider of identity, and against the workspace beside this
// file, which has every kind of input.
//
// Whoever runs this gives the services and the programs (crates/cli/tests/it/contracts.rs). By hand, for longer:
// FRONTDESK_FUZZ_EXAMPLES=200 FRONTDESK_FUZZ_SEED=7.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { COOKIE, Program, endAll, open, raw, run, start, until } from "../browser/harness.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const SCHEMATHESIS = process.env.FRONTDESK_SCHEMATHESIS;
const EXAMPLES = process.env.FRONTDESK_FUZZ_EXAMPLES ?? "8";
const SEED = process.env.FRONTDESK_FUZZ_SEED ?? "1";
/** A folder for what it says. */
const KEPT = process.env.FRONTDESK_FUZZ_KEPT;
const IOS = "https://ios.harbor.example";

/** Many more requests than a client would make: what a rate refuses says nothing of the rest. */
const UNHURRIED = [[/requests: \d+/g, "requests: 600000"], [/burst: \d+/g, "burst: 60000"]];

let build;
let shop;
let mocked;
let served;
let garden;

before(async () => {
  build = mkdtempSync(path.join(tmpdir(), "frontdesk-contracts-"));
  garden = path.join(build, "workspace");
  cpSync(path.join(HERE, "workspace"), garden, { recursive: true });
  const flags = ["app", "dated", "keyed"].flatMap((bff) => ["--listen", `${bff}=127.0.0.1:0`]);
  const options = ["--json", "--no-access-log", "--admin", "127.0.0.1:0", ...flags];
  shop = await open({
    settings: { autoLogin: "ada", resources: RESOURCES, ttl: { AccessToken: 3600 } },
    change: { "bffs/web/bff.ts": UNHURRIED, "bffs/partner/bff.ts": UNHURRIED },
  });
  mocked = await start(garden, ["dev", "--mock", ...options]);
  served = await start(garden, ["serve", ...options]);
});

const RESOURCES = {
  [IOS]: { scope: "shop", audience: "harbor-ios" },
  "https://customers.harbor.example": { scope: "customers:read", audience: "harbor-customers" },
};

after(async () => {
  await endAll();
  rmSync(build, { recursive: true, force: true });
});

/** Fails with what was found. */
async function hold(folder, bff, address, { date, headers = {} } = {}) {
  const name = date === undefined ? bff : `${bff} of ${date}`;
  const document = path.join(build, `${name}.json`);
  const dated = date === undefined ? [] : ["--date", date];
  const written = await run(folder, "gen", "openapi", bff, ...dated, "--out", document);
  assert.equal(written.code, 0, written.err);
  const shown = Object.entries(headers).flatMap(([name, value]) => ["--header", `${name}: ${value}`]);
  const program = new Program(SCHEMATHESIS, [
    "--config-file", path.join(HERE, "schemathesis.toml"),
    "run", "--no-color", "--checks", "all", "--continue-on-failure", "--generation-database", "none",
    "--max-examples", EXAMPLES, "--seed", SEED, "--url", `http://${address}`, ...shown, document,
  ], { cwd: build });
  await program.ended;
  if (KEPT) writeFileSync(path.join(KEPT, `${name}.txt`), program.out + program.err);
  const requests = Number(/(\d+) generated/.exec(program.out)?.[1] ?? 0);
  console.log(`${name}: ${requests} requests`);
  assert.equal(program.code, 0, program.out + program.err);
  assert.ok(requests > 0, program.out);
}

/** What a browser would have for a cookie, once `ada` has signed in at the provider. */
async function session() {
  const jar = new Map();
  let address = `${shop.origin}/auth/login`;
  for (let left = 12; left > 0; left -= 1) {
    const { origin, pathname, search, port } = new URL(address);
    const cookie = [...(jar.get(port) ?? [])].map((pair) => pair.join("=")).join("; ");
    const answer = await raw(origin, pathname + search, { headers: cookie ? { cookie } : {} });
    const kept = jar.get(port) ?? new Map();
    jar.set(port, kept);
    for (const line of answer.headers["set-cookie"] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      kept.set(name, value);
    }
    const own = jar.get(String(shop.port))?.get(COOKIE);
    if (own) return own;
    assert.ok(answer.headers.location, `${address}: ${answer.status} ${answer.text}`);
    address = new URL(answer.headers.location, address).href;
  }
  throw new Error(`not signed in; at ${address} in the end`);
}

/** A key that the server knows of by now: it looks at the file now and then. */
async function key(folder, bff, address, place, ...scopes) {
  const made = await run(folder, "keys", "create", bff, "--name", "fuzz", "--expires", "1d", ...scopes);
  assert.equal(made.code, 0, made.err);
  const key = made.out.trim();
  await until("the key is known", async () => {
    const { status } = await raw(`http://${address}`, place, { headers: { "x-api-key": key } });
    return status !== 401;
  });
  return key;
}

test("Harbor, for anybody: admin and tv", async () => {
  await hold(shop.folder, "admin", shop.addresses.admin);
  await hold(shop.folder, "tv", shop.addresses.tv);
});

test("Harbor, with a token: ios", async () => {
  const claims = { aud: "harbor-ios", scope: "shop", exp: "now+3600" };
  const { token } = await shop.provider.sign({ base: "access", client: "harbor-app", sub: "ada", alg: "ES256", set: claims });
  await hold(shop.folder, "ios", shop.addresses.ios, { headers: { Authorization: `Bearer ${token}` } });
});

test("Harbor, signed in: web", async () => {
  const headers = { Cookie: `${COOKIE}=${await session()}`, "X-Frontdesk": "1" };
  await hold(shop.folder, "web", shop.addresses.web, { headers });
});

test("Harbor, with a key: partner, on every date", async () => {
  const address = shop.addresses.partner;
  const shown = await key(shop.folder, "partner", address, "/partner/v1/catalogue", "--scopes", "catalogue,stock");
  const headers = { "X-Api-Key": shown };
  for (const date of [undefined, "2026-05-01", "2026-01-01"]) {
    await hold(shop.folder, "partner", address, { date, headers: date ? { ...headers, "Partner-Version": date } : headers });
  }
});

test("every kind of input and answer, clients of two versions", async () => {
  for (const version of ["4.2.0", "5.1.0"]) {
    await hold(garden, "app", mocked.addresses.app, { headers: { "X-Client-Version": version } });
  }
});

test("a contract of dates", async () => {
  for (const date of ["2026-11-01", "2026-05-01", "2026-01-01"]) {
    await hold(garden, "dated", mocked.addresses.dated, { date, headers: { "Partner-Version": date } });
  }
});

test("what is for anybody beside what needs a key", async () => {
  const address = served.addresses.keyed;
  const shown = await key(garden, "keyed", address, "/closed/1", "--scopes", "read");
  await hold(garden, "keyed", address, { headers: { "X-Api-Key": shown } });
});
