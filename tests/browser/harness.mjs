// What the browser tests stand on: a provider of identity, Redis, `frontdesk serve` on a copy of Harbor, Chromium.
// Everything listens on ports of the system's choice and is ended by its handle. Nothing sleeps to be right: whoever
// waits, waits for something that can be seen.
//
// The services and the built program are given by whoever runs the tests (crates/cli/tests/it/browser.rs):
// FRONTDESK_BIN, FRONTDESK_CHROMIUM, HARBOR_SERVICES = {"catalog": "http://127.0.0.1:…", …}.

import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SERVICES = JSON.parse(process.env.HARBOR_SERVICES ?? "{}");
const BINARY = process.env.FRONTDESK_BIN;
/** Longer than anything takes on a machine that has other things to do. */
export const PATIENCE = 60_000;

/** What must never be seen outside of the process that needs it. */
export const SECRET = "planted-client-secret-7d0f1b52c9";

/** Handles of what a test file started; ended by `endAll`. */
const started = [];

export async function endAll() {
  for (const one of started.splice(0).reverse()) await one.end();
}

/** Polls until `look` gives something that is neither false nor undefined. */
export async function until(what, look, patience = PATIENCE) {
  const start = Date.now();
  let error;
  while (Date.now() - start < patience) {
    try {
      const seen = await look();
      if (seen !== false && seen !== undefined && seen !== null) return seen;
    } catch (caught) {
      error = caught;
    }
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error(`not after ${patience} ms: ${what}${error ? ` (${error.message})` : ""}`);
}

export function freePort() {
  return new Promise((done) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/** A child process, with everything it says. */
export class Program {
  constructor(command, args, options = {}) {
    this.child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], ...options });
    this.out = "";
    this.err = "";
    this.code = null;
    this.child.stdout.on("data", (piece) => (this.out += piece));
    this.child.stderr.on("data", (piece) => (this.err += piece));
    this.ended = new Promise((done) => this.child.on("close", (code, signal) => done((this.code = code ?? signal))));
    started.push(this);
  }

  /** The first line of standard output, as JSON. */
  async firstLine(what, patience) {
    const line = () => (this.out.includes("\n") ? JSON.parse(this.out.slice(0, this.out.indexOf("\n"))) : undefined);
    await until(what, () => this.code !== null || line() !== undefined, patience);
    if (line() === undefined) throw new Error(`${what} ended with ${this.code}: ${this.err}`);
    return line();
  }

  /** Sends a signal and waits for the end. */
  async end(signal = "SIGTERM") {
    if (this.code !== null) return;
    this.child.kill(signal);
    const late = setTimeout(() => this.child.kill("SIGKILL"), 15_000);
    await this.ended;
    clearTimeout(late);
  }
}

/** The provider of tests/provider, with Harbor's people and the web BFF as its client. */
export async function startProvider(origins, settings = {}) {
  const client = {
    client_id: "harbor-web",
    client_secret: SECRET,
    grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange"],
    redirect_uris: origins.map((origin) => `${origin}/auth/callback`),
    post_logout_redirect_uris: origins.map((origin) => `${origin}/`),
    backchannel_logout_uri: `${origins[0].replace("//localhost", "//127.0.0.1")}/auth/backchannel`,
    backchannel_logout_session_required: true,
  };
  const config = {
    clients: [client],
    accounts: {
      ada: { password: "lovelace", name: "Ada Lovelace", tier: "gold" },
      grace: { password: "hopper", name: "Grace Hopper", tier: "basic" },
    },
    resources: { "https://customers.harbor.example": { scope: "customers:read", audience: "harbor-customers" } },
    audiences: { "harbor-customers": "https://customers.harbor.example" },
    autoLogout: true,
    ...settings,
  };
  const { program, issuer } = await startNode([path.join(ROOT, "tests/provider/server.mjs"), JSON.stringify(config)]);
  const call = async (method, place, body) => {
    const answer = await fetch(`${issuer}/_test/${place}`, { method, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} /_test/${place}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  return {
    issuer,
    program,
    set: (settings) => call("POST", "settings", settings),
    fault: (fault) => call("POST", "faults", fault),
    logout: (whom) => call("POST", "logout", whom),
    sign: (what) => call("POST", "sign", what),
    forget: () => call("DELETE", "calls"),
    counts: async () => (await call("GET", "calls")).counts,
    calls: async () => (await call("GET", "calls")).calls,
  };
}

/** On a machine that has too much to do, Node now and then stands still before it has begun: then another is started. */
async function startNode(args) {
  for (let left = 3; ; left -= 1) {
    const program = new Program("node", args);
    try {
      return { program, ...(await program.firstLine("the provider", 20_000)) };
    } catch (error) {
      await program.end("SIGKILL");
      if (left === 1) throw error;
    }
  }
}

/** A Redis of our own that can be killed and come back with what it had. */
export async function startRedis() {
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), "frontdesk-redis-"));
  const args = [
    "--port", String(port), "--bind", "127.0.0.1", "--dir", folder,
    "--save", "", "--appendonly", "yes", "--appendfsync", "always",
  ];
  const redis = { url: `redis://127.0.0.1:${port}`, folder, program: null };
  redis.open = async () => {
    redis.program = new Program("redis-server", args);
    await until("Redis answers", () => ping(port));
  };
  redis.kill = () => redis.program.end("SIGKILL");
  started.push({ end: () => rmSync(folder, { recursive: true, force: true }) });
  await redis.open();
  return redis;
}

const ping = (port) =>
  new Promise((done, fail) => {
    const socket = net.connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.once("data", (answer) => (socket.destroy(), done(answer.toString().startsWith("+PONG"))));
    socket.once("error", fail);
  });

/** A copy of Harbor that signs in at `issuer`. `change` gets the text of each file by its path, to replace. */
export function workspace({ issuer, sessions, change = {} }) {
  const folder = mkdtempSync(path.join(tmpdir(), "frontdesk-harbor-"));
  started.push({ end: () => rmSync(folder, { recursive: true, force: true }) });
  const skip = ["services/src", "services/tests", "services/Cargo.toml", "provider", "demo", ".frontdesk"];
  const harbor = path.join(ROOT, "examples/harbor");
  cpSync(harbor, folder, {
    recursive: true,
    filter: (from) => !skip.some((name) => path.relative(harbor, from) === name),
  });
  const edit = (file, pairs) => {
    const place = path.join(folder, file);
    let text = readFileSync(place, "utf8");
    for (const [old, now] of pairs) {
      const next = text.replace(old, now);
      if (next === text && old !== now) throw new Error(`${file} has no ${old}`);
      text = next;
    }
    writeFileSync(place, text);
  };
  edit("frontdesk.yaml", [
    [/issuer: http:\/\/127\.0\.0\.1:9120/, `issuer: ${issuer}`],
    [/sessions: \{ embedded: [^}]* \}/, `sessions: ${sessions ?? "memory"}`],
    // On a machine that has other things to do, a call may take longer than a shop would wait.
    [/timeout: (\d+)ms/g, "timeout: 5s"],
  ]);
  for (const [file, pairs] of Object.entries(change)) edit(file, pairs);
  return { folder, edit };
}

/** Runs `frontdesk` to its end in a workspace. */
export async function run(folder, ...args) {
  const program = new Program(BINARY, ["-C", folder, ...args]);
  await program.ended;
  return program;
}

/** `frontdesk serve`, the web BFF on `port`, all the others on free ones. */
export async function serve(folder, { port, command = "serve", log = true, env = {} } = {}) {
  const web = port ?? (await freePort());
  const flags = [command, "--json", "--threads", "2", "--admin", "127.0.0.1:0"];
  if (!log) flags.push("--no-access-log");
  for (const bff of ["ios", "admin", "tv", "partner"]) flags.push("--listen", `${bff}=127.0.0.1:0`);
  flags.push("--listen", `web=127.0.0.1:${web}`);
  for (const [name, url] of Object.entries(SERVICES)) {
    if (name.endsWith("Http")) continue;
    flags.push("--url", `${name}=${url}`);
  }
  const running = await start(folder, flags, { HARBOR_WEB_SECRET: SECRET, ...env });
  return { ...running, port: web, origin: `http://localhost:${web}` };
}

/** `frontdesk` as a server in any workspace, once it says where it listens. */
export async function start(folder, flags, env = {}) {
  const program = new Program(BINARY, ["-C", folder, ...flags], { env: { ...process.env, ...env } });
  const said = await program.firstLine(`frontdesk ${flags[0]}`);
  return { program, addresses: said.bffs, admin: said.admin };
}

/**
 * What the server really got and said, whatever the browser's own tools show of it: everything for `port` passes
 * through here, also what a page is not allowed to see the answer of.
 */
export async function startRecorder(port) {
  const seen = [];
  const note = (request, status, headers) =>
    seen.push({ method: request.method, path: request.url, asked: request.headers, status, headers });
  const onwards = (request) =>
    http.request({ host: "127.0.0.1", port, method: request.method, path: request.url, headers: request.headers });
  const server = http.createServer((request, response) => {
    const on = onwards(request);
    on.on("response", (answer) => {
      note(request, answer.statusCode, answer.headers);
      response.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(response);
    });
    on.on("error", () => response.destroy());
    request.pipe(on);
  });
  server.on("upgrade", (request, socket) => {
    const on = onwards(request);
    on.on("response", (answer) => {
      note(request, answer.statusCode, answer.headers);
      answer.resume();
      socket.end(`HTTP/1.1 ${answer.statusCode} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    });
    on.on("upgrade", (answer) => {
      note(request, answer.statusCode, answer.headers);
      socket.destroy();
    });
    on.on("error", () => socket.destroy());
    on.end();
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  started.push({ end: () => (server.close(), server.closeAllConnections()) });
  return { port: server.address().port, seen };
}

/** Everything at once: a provider that knows the web BFF's address, and Frontdesk on a copy of Harbor. */
export async function open({ settings, sessions, change, recorded = false } = {}) {
  const own = await freePort();
  const recorder = recorded ? await startRecorder(own) : undefined;
  const port = recorder?.port ?? own;
  const origins = [`http://localhost:${port}`, `http://127.0.0.1:${port}`];
  const provider = await startProvider(origins, settings);
  const { folder, edit } = workspace({ issuer: provider.issuer, sessions, change });
  await rotateKeys(folder);
  const desk = await serve(folder, { port: own });
  return { provider, folder, edit, ...desk, origin: origins[0], seen: recorder?.seen };
}

/** Writes the server's key ring, or a newer key into it. */
export async function rotateKeys(folder) {
  const done = await run(folder, "keys", "rotate");
  if (done.code !== 0) throw new Error(`frontdesk keys rotate: ${done.out}${done.err}`);
  return done;
}

/** One Chromium for a test file. Each `context` is a browser of its own, with an empty profile. */
export async function startBrowser() {
  const executablePath = process.env.FRONTDESK_CHROMIUM ?? "/usr/bin/chromium";
  const args = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ];
  const browser = await chromium.launch({ executablePath, args, headless: true });
  started.push({ end: () => browser.close() });
  return {
    async person() {
      const context = await browser.newContext({ locale: "en-GB" });
      context.setDefaultTimeout(PATIENCE);
      return context;
    },
  };
}

/** Fills the provider's form. */
export async function fillForm(page, name = "ada", password = { ada: "lovelace", grace: "hopper" }[name]) {
  await page.fill("#login", name);
  await page.fill("#password", password);
  await page.click("#submit");
}

/** Opens the shop and signs in by its button. */
export async function signIn(context, origin, name = "ada") {
  const page = await context.newPage();
  await page.goto(`${origin}/`);
  await page.click("#sign-in");
  await fillForm(page, name);
  await page.waitForURL(`${origin}/`);
  await page.locator("#open-account").waitFor();
  return page;
}

export const COOKIE = "__Host-Http-fd-web";

/** The session's cookie as the browser keeps it. */
export async function sessionCookie(context) {
  return (await context.cookies()).find((cookie) => cookie.name === COOKIE);
}

/** A `fetch` of the page itself: status, headers, body as JSON. */
export function ask(page, method, place, { headers = {}, body } = {}) {
  return page.evaluate(
    async ({ method, place, headers, body }) => {
      const response = await fetch(place, {
        method,
        headers: { "X-Frontdesk": "1", ...(body ? { "Content-Type": "application/json" } : {}), ...headers },
        body: body && JSON.stringify(body),
        redirect: "manual",
      });
      const text = await response.text();
      let json = null;
      try {
        json = JSON.parse(text);
      } catch {}
      return { status: response.status, type: response.type, headers: Object.fromEntries(response.headers), text, json };
    },
    { method, place, headers, body },
  );
}

/** A request from outside of any browser, on a connection of its own; never follows a redirect. */
export function raw(origin, place, { method = "GET", headers = {}, body } = {}) {
  const { port, host } = new URL(origin);
  return new Promise((done, fail) => {
    const options = { host: "127.0.0.1", port, path: place, method, headers: { host, ...headers }, agent: false };
    const request = http.request(options, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("end", () => {
        const text = Buffer.concat(pieces).toString();
        done({ status: response.statusCode, headers: response.headers, rawHeaders: response.rawHeaders, text });
      });
      response.on("error", fail);
    });
    request.on("error", fail);
    request.end(body);
  });
}

/** The same, with the cookie and header that the shop's page would send. */
export const asPage = (cookie, more = {}) => ({
  cookie: `${COOKIE}=${cookie}`,
  "x-frontdesk": "1",
  "sec-fetch-site": "same-origin",
  ...more,
});
