// What BFFs answer is what their contracts say: `schemathesis`, which knows nothing of us, makes up requests from the
// documents that `frontdesk gen openapi` writes, good ones and bad ones, and holds every answer against them. All of its
// checks, against Harbor with its real services and a real provider of identity, and against the workspace beside this
// file, which has every kind of input.
//
// Whoever runs this gives the services and the programs (crates/cli/tests/it/contracts.rs). By hand, for longer:
// FRONTDESK_FUZZ_EXAMPLES=200 FRONTDESK_FUZZ_SEED=7.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { COOKIE, Program, endAll, open, raw, run, start, until } from "../browser/harness.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const SCHEMATHESIS = process.env.FRONTDESK_SCHEMATHESIS;
const EXAMPLES = process.env.FRONTDESK_FUZZ_EXAMPLES ?? "5";
const SEED = process.env.FRONTDESK_FUZZ_SEED ?? "1";
/** A folder for what it says. */
const KEPT = process.env.FRONTDESK_FUZZ_KEPT;
const IOS = "https://ios.harbor.example";

/**
 * What would be refused or given up for no reason of the contract's: many more requests come than from a client, and on
 * a machine that has other things to do.
 */
const UNHURRIED = [
  [/requests: \d+/g, "requests: 600000"],
  [/burst: \d+/g, "burst: 60000"],
  [/latency: "\w+"/g, 'latency: "20s"'],
];

/** Those for each file of Harbor's BFFs. */
function unhurried() {
  const bffs = path.join(HERE, "../../examples/harbor/bffs");
  const files = readdirSync(bffs, { recursive: true }).filter((file) => /^\w+\/(bff|(views|actions)\/.*)\.ts$/.test(file));
  assert.ok(files.length > 10, `${files}`);
  const text = (file) => readFileSync(path.join(bffs, file), "utf8");
  const fitting = (file) => UNHURRIED.filter(([old]) => text(file).search(old) >= 0);
  return Object.fromEntries(files.map((file) => [`bffs/${file}`, fitting(file)]));
}

const RESOURCES = {
  [IOS]: { scope: "shop", audience: "harbor-ios" },
  "https://customers.harbor.example": { scope: "customers:read", audience: "harbor-customers" },
};

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
    change: unhurried(),
  });
  mocked = await start(garden, ["dev", "--mock", ...options]);
  served = await start(garden, ["serve", ...options]);
});

after(async () => {
  await endAll();
  rmSync(build, { recursive: true, force: true });
});

/** What schemathesis.toml takes credentials from. */
const NOBODY = { FUZZ_TOKEN: "none", FUZZ_SESSION: "none", FUZZ_KEY: "none" };

/** The contract as a document. */
async function contract(folder, bff, date) {
  const document = path.join(build, `${bff}${date ?? ""}.json`);
  const dated = date === undefined ? [] : ["--date", date];
  const written = await run(folder, "gen", "openapi", bff, ...dated, "--out", document);
  assert.equal(written.code, 0, written.err);
  return document;
}

/** Fails with what was found. */
async function hold(folder, bff, address, { date, headers = {}, credentials = {} } = {}) {
  const program = await tried(await contract(folder, bff, date), address, headers, credentials);
  const name = [bff, date ?? headers["X-Client-Version"]].filter(Boolean).join(" ");
  if (KEPT) writeFileSync(path.join(KEPT, `${name}.txt`), program.out + program.err);
  const requests = Number(/(\d+) generated/.exec(program.out)?.[1] ?? 0);
  console.log(`${name}: ${requests} requests`);
  assert.equal(program.code, 0, program.out + program.err);
  assert.ok(requests > 0, program.out);
}

async function tried(document, address, headers = {}, credentials = {}) {
  const shown = Object.entries(headers).flatMap(([name, value]) => ["--header", `${name}: ${value}`]);
  const program = new Program(SCHEMATHESIS, [
    "--config-file", path.join(HERE, "schemathesis.toml"),
    "run", "--no-color", "--continue-on-failure", "--generation-database", "none",
    "--max-examples", EXAMPLES, "--seed", SEED, "--url", `http://${address}`, ...shown, document,
  ], { cwd: build, env: { ...process.env, ...NOBODY, ...credentials } });
  await program.ended;
  return program;
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
  await hold(shop.folder, "ios", shop.addresses.ios, { headers: { "X-Client-Version": "5.1.0" }, credentials: { FUZZ_TOKEN: token } });
});

test("Harbor, signed in: web", async () => {
  const credentials = { FUZZ_SESSION: await session() };
  await hold(shop.folder, "web", shop.addresses.web, { credentials, headers: { "X-Frontdesk": "1" } });
});

test("Harbor, with a key: partner, on every date", async () => {
  const address = shop.addresses.partner;
  const shown = await key(shop.folder, "partner", address, "/partner/v1/catalogue", "--scopes", "catalogue,stock");
  for (const date of ["2026-11-01", "2026-05-01", "2026-01-01"]) {
    const headers = { "Partner-Version": date };
    await hold(shop.folder, "partner", address, { date, headers, credentials: { FUZZ_KEY: shown } });
  }
});

test("every kind of input and answer, clients of any version and of one", async () => {
  await hold(garden, "app", mocked.addresses.app);
  await hold(garden, "app", mocked.addresses.app, { headers: { "X-Client-Version": "5.1.0" } });
});

test("a contract of dates", async () => {
  for (const date of ["2026-11-01", "2026-05-01", "2026-01-01"]) {
    await hold(garden, "dated", mocked.addresses.dated, { date, headers: { "Partner-Version": date } });
  }
});

test("what is for anybody beside what needs a key", async () => {
  const address = served.addresses.keyed;
  const shown = await key(garden, "keyed", address, "/closed/1", "--scopes", "read");
  await hold(garden, "keyed", address, { credentials: { FUZZ_KEY: shown } });
});

test("what a contract does not say is found", async () => {
  const document = await contract(garden, "dated", "2026-11-01");
  const { paths, ...rest } = JSON.parse(readFileSync(document, "utf8"));
  const { responses } = paths["/stock/{id}"].get;
  delete responses["400"];
  const answer = responses["200"].content["application/json"];
  answer.schema = { allOf: [answer.schema, { required: ["never"] }] };
  writeFileSync(document, JSON.stringify({ ...rest, paths }));
  const { code, out } = await tried(document, mocked.addresses.dated);
  assert.equal(code, 1, out);
  assert.match(out, /ST103/);
  assert.match(out, /ST108/);
});
