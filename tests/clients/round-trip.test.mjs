// Clients as `frontdesk gen client ts` writes them, checked by `tsc` together with the scripts that use them, and run for
// real: against Harbor, against the workspace beside this file, and against a server that misbehaves.
//
// The scripts are TypeScript (harbor.ts, kinds.ts, faults.ts): that they compile is half of the proof. Whoever runs this
// gives the services and the programs (crates/cli/tests/it/clients.rs).

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { endAll, open, run, start } from "../browser/harness.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const TSC = process.env.FRONTDESK_TSC;
const IOS = "https://ios.harbor.example";

const OPTIONS = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  rewriteRelativeImportExtensions: true,
  target: "es2022",
  lib: ["es2022", "dom"],
  types: [],
  module: "nodenext",
  outDir: "js",
  rootDir: ".",
};

let build;
let shop;
let garden;
let stage;
/** The scripts, compiled. */
let cases;

before(async () => {
  build = mkdtempSync(path.join(tmpdir(), "frontdesk-clients-"));
  shop = await open({ settings: { resources: { [IOS]: { scope: "shop", audience: "harbor-ios" } } } });
  const workspace = path.join(build, "workspace");
  cpSync(path.join(HERE, "workspace"), workspace, { recursive: true });
  const flags = ["app", "dated"].flatMap((bff) => ["--listen", `${bff}=127.0.0.1:0`]);
  garden = await start(workspace, ["serve", "--json", "--no-access-log", "--admin", "127.0.0.1:0", ...flags]);
  stage = await startStage();

  for (const [folder, bffs] of [[shop.folder, ["tv", "partner", "ios"]], [workspace, ["app", "dated"]]]) {
    for (const bff of bffs) await generate(folder, bff);
  }
  const older = path.join(build, "dated-2026-05-01");
  const date = await run(workspace, "gen", "client", "ts", "dated", "--date", "2026-05-01", "--out", older);
  assert.equal(date.code, 0, date.err);
  for (const file of readdirSync(HERE)) {
    if (file.endsWith(".ts")) cpSync(path.join(HERE, file), path.join(build, file));
  }
  examples();
  writeFileSync(path.join(build, "package.json"), JSON.stringify({ type: "module" }));
  const config = { compilerOptions: OPTIONS, include: ["*.ts", "*/client.ts"] };
  writeFileSync(path.join(build, "tsconfig.json"), JSON.stringify(config));
  const checked = spawnSync(TSC, ["-p", build], { encoding: "utf8" });
  assert.equal(checked.status, 0, checked.stdout + checked.stderr);
  const script = async (name) => (await import(pathToFileURL(path.join(build, "js", `${name}.js`)))).cases;
  cases = { harbor: await script("harbor"), kinds: await script("kinds"), faults: await script("faults") };
});

after(async () => {
  // Also if something failed before: a server that listens keeps the process alive, and nobody would see why.
  stage?.end();
  await endAll();
  rmSync(build, { recursive: true, force: true });
});

/** Those of docs/clients.md that use a client. */
function examples() {
  const page = readFileSync(path.join(HERE, "../../docs/clients.md"), "utf8");
  const found = [...page.matchAll(/```ts\n\/\/ app\/([a-z-]+\.ts)\n([^]*?)```/g)];
  assert.ok(found.length >= 2);
  for (const [, name, text] of found) writeFileSync(path.join(build, name), text);
}

async function generate(folder, bff, ...more) {
  const done = await run(folder, "gen", "client", "ts", bff, "--out", path.join(build, bff), ...more);
  assert.equal(done.code, 0, done.out + done.err);
  return done;
}

/** A server that does as it is told, and notes what it gets. */
async function startStage() {
  let steps = [];
  let asked = [];
  const server = http.createServer(async (request, response) => {
    const pieces = [];
    const [own, notes] = [steps, asked];
    const at = Date.now();
    for await (const piece of request) pieces.push(piece);
    const { method, url, headers } = request;
    const step = own[Math.min(notes.length, own.length - 1)];
    notes.push({ method, url, headers, body: Buffer.concat(pieces).toString(), at });
    if (step === "hang") return;
    if (step === "drop") return void request.socket.destroy();
    if (step === "cut") {
      response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
      response.write('{"title":');
      return void setTimeout(() => request.socket.destroy(), 20);
    }
    response.writeHead(step.status ?? 200, { "content-type": "application/json", ...step.headers });
    response.end(step.body ?? "");
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    play(...next) {
      steps = next;
      asked = [];
      return asked;
    },
    end() {
      server.close();
      server.closeAllConnections();
    },
  };
}

test("clients of Harbor: every operation", async (suite) => {
  const url = (bff) => `http://${shop.addresses[bff]}`;
  const key = async (name, ...scopes) => {
    const done = await run(shop.folder, "keys", "create", "partner", "--name", name, "--expires", "1d", ...scopes);
    assert.equal(done.code, 0, done.err);
    return done.out.trim();
  };
  const keys = { good: await key("good", "--scopes", "catalogue,stock"), poor: await key("poor") };
  const claims = { aud: "harbor-ios", scope: "shop" };
  const token = async () =>
    (await shop.provider.sign({ base: "access", client: "harbor-app", sub: "ada", alg: "ES256", set: claims })).token;
  const given = { addresses: { tv: url("tv"), partner: url("partner"), ios: url("ios") }, keys, token };
  // The one that was written last: when it is known, all are.
  await untilKnown(given, keys.poor);
  for (const [name, run] of Object.entries(cases.harbor)) await suite.test(name, () => run(given));
});

/** A running server looks at the file of keys now and then. */
async function untilKnown(given, key) {
  for (let left = 400; left > 0; left -= 1) {
    const answer = await fetch(`${given.addresses.partner}/partner/v1/catalogue`, { headers: { "x-api-key": key } });
    if (answer.status !== 401) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error("the key is not known");
}

test("every kind of input, versions, retirement, failures", async (suite) => {
  const given = { addresses: { app: `http://${garden.addresses.app}`, dated: `http://${garden.addresses.dated}` } };
  for (const [name, run] of Object.entries(cases.kinds)) await suite.test(name, () => run(given));
});

test("servers, networks and callers that misbehave", async (suite) => {
  for (const [name, run] of Object.entries(cases.faults)) await suite.test(name, () => run(stage));
});

test("clients are written again byte for byte, and --check says when they are not", async () => {
  const file = path.join(build, "tv", "client.ts");
  const first = readFileSync(file, "utf8");
  rmSync(file);
  await generate(shop.folder, "tv");
  assert.equal(readFileSync(file, "utf8"), first);
  await generate(shop.folder, "tv", "--check");
  writeFileSync(file, `${first}// mine\n`);
  const out = path.join(build, "tv");
  const stale = await run(shop.folder, "gen", "client", "ts", "tv", "--out", out, "--check", "--json");
  assert.equal(stale.code, 1);
  assert.deepEqual(JSON.parse(stale.out).files, [{ path: file, was: "differs" }]);
  assert.equal(readFileSync(file, "utf8"), `${first}// mine\n`);
});

test("a client is the same from the code and from the contract that the BFF shows", async () => {
  const file = path.join(build, "contract.json");
  const shown = await fetch(`http://${garden.addresses.app}/openapi.json`);
  writeFileSync(file, await shown.text());
  const same = await generate("/", "app", "--from", file, "--check");
  assert.match(same.err, /1 file: up to date/);
  const other = await run("/", "gen", "client", "ts", "tv", "--from", file, "--out", build);
  assert.equal(other.code, 2);
  assert.match(other.err, /is the contract of `app`, not of `tv`/);
  writeFileSync(file, '{ "openapi": "3.1.0", "x-frontdesk": [] }');
  const broken = await run("/", "gen", "client", "ts", "app", "--from", file, "--out", path.join(build, "app"));
  assert.equal(broken.code, 1, broken.err);
  assert.match(broken.err, /contract\.json:1/);
  assert.equal((await run("/", "gen", "client", "ts", "app", "--from", `${file}.none`)).code, 2);
});

test("a folder that cannot be written to is said, and nothing is half written", async () => {
  const place = path.join(build, "occupied");
  writeFileSync(place, "a file, not a folder");
  const done = await run(shop.folder, "gen", "client", "ts", "tv", "--out", place);
  assert.equal(done.code, 2);
  assert.match(done.err, /`--out` names a folder/);
  const target = path.join(build, "target");
  mkdirSync(path.join(target, "client.ts"), { recursive: true });
  const taken = await run(shop.folder, "gen", "client", "ts", "tv", "--out", target);
  assert.equal(taken.code, 2);
  assert.deepEqual(readdirSync(target), ["client.ts"]);
});

test("Node.js runs a client as it is written", { skip: !process.features?.typescript && "this Node.js takes no types" }, () => {
  const script = `const { TvClient } = await import(${JSON.stringify(pathToFileURL(path.join(build, "tv", "client.ts")))});
    const result = await new TvClient({ baseUrl: "http://${shop.addresses.tv}" }).home({ rails: 99 });
    if (result.problem.code !== "invalid_input") throw new Error(JSON.stringify(result));`;
  const done = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  assert.equal(done.status, 0, done.stderr);
});
