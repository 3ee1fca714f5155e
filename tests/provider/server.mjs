// A real provider of identity for tests and the demo: npm `oidc-provider`, with a plain login page and, below
// `/_test/`, the means to make it misbehave. Never for production: keys and accounts are made up at each start.
//
//   node tests/provider/server.mjs '{"clients":[…],"accounts":{…}}'      (or PROVIDER_CONFIG in the environment)
//
// Prints one line of JSON once it listens: {"issuer":"http://127.0.0.1:40123","port":40123}. Ends when its standard
// input closes (unless `"detached": true`), so that no test leaves one behind. README.md beside this file tells
// every setting and every `/_test/` call.

import * as crypto from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// `oidc-provider` is written for Node 22; this is all it misses in Node 20.
URL.parse ??= (text, base) => (URL.canParse(text, base) ? new URL(text, base) : null);
// Standard output is for the one line.
console.info = () => {};
console.warn = () => {};

// `tests/node_modules`, or another folder.
const folder = process.env.FRONTDESK_NODE_MODULES;
const load = (name) => import(folder ? pathToFileURL(join(folder, name)).href : name);
const { default: Provider, errors, interactionPolicy } = await load("oidc-provider/lib/index.js");
const { default: validateDpop, checkDpopReplay } = await load("oidc-provider/lib/helpers/validate_dpop.js");

const written = process.argv[2] ?? process.env.PROVIDER_CONFIG ?? "{}";
const given = JSON.parse(written.startsWith("@") ? readFileSync(written.slice(1), "utf8") : written);
const config = {
  port: Number(process.env.PROVIDER_PORT ?? 0),
  host: "127.0.0.1",
  clients: [],
  accounts: { ada: { password: "ada" }, bob: { password: "bob" } },
  scopes: ["openid", "profile", "email", "offline_access"],
  claims: {},
  resources: {},
  audiences: {},
  acr: ["urn:frontdesk:pwd", "urn:frontdesk:mfa"],
  par: true,
  dpop: true,
  dpopNonce: process.env.OP_DPOP_NONCE === "true",
  rotate: true,
  refresh: "always",
  autoLogin: null,
  autoLogout: false,
  detached: false,
  metadata: {},
  template: null,
  ...given,
  ttl: {
    access: Number(process.env.PROVIDER_TTL_ACCESS ?? 300),
    refresh: Number(process.env.PROVIDER_TTL_REFRESH ?? 86_400),
    id: 300,
    session: 86_400,
    ...given.ttl,
  },
};

// ---- what it remembers ----------------------------------------------------------------------------------------

/** Everything in one map, so that a provider with new keys goes on where the old one was. */
const memory = new Map();

class Memory {
  constructor(model) {
    this.model = model;
  }
  key(id) {
    return `${this.model}:${id}`;
  }
  async upsert(id, payload, expiresIn) {
    memory.set(this.key(id), { payload, until: expiresIn ? Date.now() + expiresIn * 1000 : Infinity });
  }
  async find(id) {
    const entry = memory.get(this.key(id));
    return entry && entry.until > Date.now() ? structuredClone(entry.payload) : undefined;
  }
  async where(member, value) {
    for (const [key, { payload, until }] of memory) {
      if (key.startsWith(`${this.model}:`) && payload[member] === value && until > Date.now()) {
        return structuredClone(payload);
      }
    }
    return undefined;
  }
  findByUid(uid) {
    return this.where("uid", uid);
  }
  findByUserCode(code) {
    return this.where("userCode", code);
  }
  async consume(id) {
    const entry = memory.get(this.key(id));
    if (entry) entry.payload.consumed = Math.floor(Date.now() / 1000);
  }
  async destroy(id) {
    memory.delete(this.key(id));
  }
  async revokeByGrantId(grantId) {
    for (const [key, { payload }] of memory) {
      if (key.startsWith(`${this.model}:`) && payload.grantId === grantId) memory.delete(key);
    }
  }
}

// ---- keys -----------------------------------------------------------------------------------------------------

/** Newest first; every one of them is published. */
let keys = [];

function addKeys() {
  const jwk = (type, options, more) => {
    const { privateKey } = crypto.generateKeyPairSync(type, options);
    return { ...privateKey.export({ format: "jwk" }), use: "sig", kid: crypto.randomUUID(), ...more };
  };
  const rsa = jwk("rsa", { modulusLength: 2048 }, { alg: "RS256" });
  const ec = jwk("ec", { namedCurve: "P-256" }, { alg: "ES256" });
  keys = [rsa, ec, ...keys];
}
addKeys();

const base64url = (value) =>
  Buffer.from(typeof value === "string" || Buffer.isBuffer(value) ? value : JSON.stringify(value)).toString("base64url");

/** A JWT of any shape. `how` names the key: current, old, foreign, none, hmac-public, hmac-secret. */
function sign({ header = {}, claims = {}, key: how = "current", alg = "RS256", secret = "" }) {
  const family = alg === "ES256" ? "EC" : "RSA";
  const own = keys.filter((jwk) => jwk.kty === family);
  const jwk = how === "old" ? own.at(-1) : own[0];
  const head = (alg) => ({ alg, ...(how === "none" ? {} : { kid: jwk.kid }), ...header });
  const message = (alg) => `${base64url(head(alg))}.${base64url(claims)}`;
  if (how === "none") return `${message("none")}.`;
  if (how.startsWith("hmac")) {
    const text = message("HS256");
    const pem = crypto.createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "pem" });
    const hmac = crypto.createHmac("sha256", how === "hmac-public" ? pem : secret);
    return `${text}.${hmac.update(text).digest("base64url")}`;
  }
  const text = message(alg);
  const key =
    how === "foreign"
      ? crypto.generateKeyPairSync(family === "EC" ? "ec" : "rsa", { modulusLength: 2048, namedCurve: "P-256" }).privateKey
      : crypto.createPrivateKey({ key: jwk, format: "jwk" });
  const signature = crypto.sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
  return `${text}.${base64url(signature)}`;
}

/** The claims of a JWT that one of our keys signed, or null. */
function verified(token) {
  const [head, body, signature] = String(token).split(".");
  try {
    const { kid, alg } = JSON.parse(Buffer.from(head, "base64url"));
    const jwk = keys.find((known) => known.kid === kid && known.alg === alg);
    const key = crypto.createPublicKey({ key: jwk, format: "jwk" });
    const bytes = Buffer.from(signature, "base64url");
    const good = crypto.verify("sha256", Buffer.from(`${head}.${body}`), { key, dsaEncoding: "ieee-p1363" }, bytes);
    const claims = JSON.parse(Buffer.from(body, "base64url"));
    return good && claims.exp > Date.now() / 1000 ? claims : null;
  } catch {
    return null;
  }
}

// ---- accounts -------------------------------------------------------------------------------------------------

function account(id) {
  const known = config.accounts[id];
  if (!known) return undefined;
  const { password: _, ...claims } = known;
  return { accountId: id, claims: async () => ({ sub: id, ...claims }) };
}

const claimsOfAccounts = [...new Set(Object.values(config.accounts).flatMap((known) => Object.keys(known)))].filter(
  (name) => name !== "password" && name !== "sub",
);

// ---- the provider ---------------------------------------------------------------------------------------------

const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const TYPE = (kind) => `urn:ietf:params:oauth:token-type:${kind}`;

function resourceServer(resource) {
  const known = config.resources[resource];
  if (!known) throw new errors.InvalidTarget();
  return {
    scope: known.scope ?? "",
    audience: known.audience ?? resource,
    accessTokenFormat: known.format ?? "jwt",
    accessTokenTTL: known.ttl ?? config.ttl.access,
    jwt: { sign: { alg: "ES256" } },
  };
}

/** RFC 8693: the user's access token for one of another audience, never for longer. */
async function exchange(ctx) {
  const { provider, client, params } = ctx.oidc;
  const dpop = await validateDpop(provider, ctx);
  if (!params.subject_token || params.subject_token_type !== TYPE("access_token")) {
    throw new errors.InvalidRequest("a subject_token that is an access token is needed");
  }
  if (params.actor_token_type && !params.actor_token) {
    throw new errors.InvalidRequest("actor_token_type without actor_token");
  }
  const opaque = await provider.AccessToken.find(params.subject_token);
  const claims = opaque ? { sub: opaque.accountId, exp: opaque.exp } : verified(params.subject_token);
  if (!claims?.sub) throw new errors.InvalidGrant("the subject token is not good");
  const resource = params.resource ?? config.audiences[params.audience] ?? params.audience;
  const server = new provider.ResourceServer(resource, resourceServer(resource));
  const asked = (params.scope ?? server.scope).split(" ").filter(Boolean);
  const now = Math.floor(Date.now() / 1000);
  const token = new provider.AccessToken({
    accountId: claims.sub,
    client,
    gty: "token-exchange",
    scope: asked.filter((scope) => server.scope.split(" ").includes(scope)).join(" "),
    expiresIn: config.exchangeOutlives
      ? server.accessTokenTTL
      : Math.max(1, Math.min(server.accessTokenTTL, claims.exp - now)),
  });
  token.resourceServer = server;
  if (dpop) {
    await checkDpopReplay(provider, ctx, dpop, client.clientId);
    token.setThumbprint("jkt", dpop.thumbprint);
  }
  ctx.oidc.entity("AccessToken", token);
  ctx.body = {
    access_token: await token.save(),
    issued_token_type: TYPE("access_token"),
    token_type: token.tokenType,
    expires_in: token.expiration,
    scope: token.scope || undefined,
  };
}

let issuer;

function build() {
  const policy = interactionPolicy.base();
  // RFC 9470: a session that is too weak for what is asked signs in again.
  policy.get("login").checks.add(
    new interactionPolicy.Check("acr_values", "a stronger sign-in is asked for", "login_required", (ctx) => {
      const asked = (ctx.oidc.params.acr_values ?? "").split(" ").filter((acr) => config.acr.includes(acr));
      return asked.length > 0 && !asked.includes(ctx.oidc.session.acr) && !ctx.oidc.result?.login
        ? interactionPolicy.Check.REQUEST_PROMPT
        : interactionPolicy.Check.NO_NEED_TO_PROMPT;
    }),
  );
  const provider = new Provider(issuer, {
    adapter: Memory,
    clients: config.clients.map((client) => ({ require_auth_time: true, ...client })),
    jwks: { keys },
    cookies: { keys: ["only for tests"] },
    scopes: config.scopes,
    claims: { openid: ["sub"], profile: claimsOfAccounts, ...config.claims },
    conformIdTokenClaims: false,
    acrValues: config.acr,
    findAccount: (_, id) => account(id),
    pkce: { required: () => true },
    rotateRefreshToken: config.rotate,
    expiresWithSession: () => false,
    issueRefreshToken: (_, client, source) =>
      client.grantTypeAllowed("refresh_token") &&
      (config.refresh === "always" || source.scopes.has("offline_access")),
    extraTokenClaims: async (ctx, token) => {
      const claims = token.accountId && (await account(token.accountId)?.claims());
      const { sub: _, ...rest } = claims ?? {};
      return token.gty === "token-exchange" ? { ...rest, act: { sub: token.clientId } } : rest;
    },
    interactions: { policy, url: (_, interaction) => `/interaction/${interaction.uid}` },
    fetch: (url, options) => {
      // Back-channel logout goes to loopback here, which its own dispatcher refuses.
      const { dispatcher: _, ...rest } = options;
      return fetch(url, rest);
    },
    ttl: {
      AccessToken: (_, token) => token.resourceServer?.accessTokenTTL ?? config.ttl.access,
      ClientCredentials: (_, token) => token.resourceServer?.accessTokenTTL ?? config.ttl.access,
      AuthorizationCode: 60,
      IdToken: config.ttl.id,
      RefreshToken: config.ttl.refresh,
      Interaction: 3600,
      Session: config.ttl.session,
      Grant: config.ttl.session,
    },
    features: {
      devInteractions: { enabled: false },
      dPoP: {
        enabled: config.dpop,
        requireNonce: () => config.dpopNonce,
        nonceSecret: crypto.createHash("sha256").update("only for tests").digest(),
      },
      pushedAuthorizationRequests: {
        enabled: config.par !== false,
        requirePushedAuthorizationRequests: config.par === "required",
      },
      revocation: { enabled: true },
      introspection: { enabled: true },
      clientCredentials: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          const script = config.autoLogout ? "<script>document.forms[0].submit()</script>" : "";
          ctx.body = page(
            "Sign out",
            `${form}<input form="op.logoutForm" type="hidden" name="logout" value="yes">
             <button form="op.logoutForm" id="sign-out">Sign out</button>${script}`,
          );
        },
        postLogoutSuccessSource: (ctx) => {
          ctx.body = page("Signed out", "<p>You are signed out.</p>");
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_, __, oneOf) => oneOf?.[0] ?? config.defaultResource ?? undefined,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, resource) => resourceServer(resource),
      },
    },
    renderError: (ctx, out) => {
      ctx.type = "html";
      ctx.body = page("Error", `<pre id="error">${escape(JSON.stringify(out))}</pre>`);
    },
  });
  provider.registerGrantType(
    EXCHANGE,
    exchange,
    [
      "subject_token", "subject_token_type", "requested_token_type", "resource", "audience", "scope",
      "actor_token", "actor_token_type",
    ],
    ["resource", "audience"],
  );
  for (const event of ["server_error", "authorization.error"]) {
    provider.on(event, (ctx, error) => process.env.PROVIDER_DEBUG && console.error(event, error));
  }
  return { provider, answer: provider.callback() };
}

// ---- pages ----------------------------------------------------------------------------------------------------

const escape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** Pages in the look of whoever runs this: a file with `{{title}}` and `{{body}}`. */
const template = config.template && readFileSync(config.template, "utf8");

const page = (title, body) =>
  template ? template.replaceAll("{{title}}", () => escape(title)).replace("{{body}}", () => body) : plain(title, body);

const plain = (title, body) => `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${escape(title)}</title>
<style>body{font:16px system-ui,sans-serif;max-width:22rem;margin:12vh auto;padding:0 1rem}
input,button{font:inherit;display:block;width:100%;box-sizing:border-box;margin:.4rem 0 1rem;padding:.6rem}</style>
<h1>${escape(title)}</h1>${body}</html>`;

/** Login name and password; consent is given without asking. */
async function interaction(req, res, url) {
  const { provider } = current;
  const details = await provider.interactionDetails(req, res);
  const { prompt, params, session } = details;
  const finish = (result) => provider.interactionFinished(req, res, result, { mergeWithLastSubmission: true });
  const signedIn = (accountId, acr) => {
    const asked = (params.acr_values ?? "").split(" ").find((known) => config.acr.includes(known));
    return finish({ login: { accountId, acr: acr || asked || config.acr[0], amr: ["pwd"], remember: true } });
  };
  if (prompt.name === "consent") {
    const known = details.grantId && (await provider.Grant.find(details.grantId));
    const grant = known || new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    const { missingOIDCScope, missingOIDCClaims, missingResourceScopes } = prompt.details;
    if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(" "));
    if (missingOIDCClaims) grant.addOIDCClaims(missingOIDCClaims);
    for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {})) {
      grant.addResourceScope(resource, scopes.join(" "));
    }
    return finish({ consent: { grantId: await grant.save() } });
  }
  if (req.method === "POST") {
    const form = new URLSearchParams(req.body);
    if (form.get("cancel")) {
      return finish({ error: "access_denied", error_description: "<b>the user</b> said no" });
    }
    const [name, password] = [form.get("login") ?? "", form.get("password") ?? ""];
    if (Object.hasOwn(config.accounts, name) && (config.accounts[name].password ?? name) === password) {
      return signedIn(name, form.get("acr"));
    }
    res.statusCode = 401;
  } else if (config.autoLogin) {
    return signedIn(config.autoLogin);
  }
  res.setHeader("content-type", "text/html; charset=utf-8");
  res.setHeader("cache-control", "no-store");
  const failed = res.statusCode === 401 ? '<p id="failed">Name or password is wrong.</p>' : "";
  return res.end(
    page(
      "Sign in",
      `${failed}<form method="post" action="${escape(url.pathname)}">
       <label>Name<input name="login" id="login" autocomplete="username" autofocus
         value="${escape(params.login_hint ?? "")}"></label>
       <label>Password<input name="password" id="password" type="password" autocomplete="current-password"></label>
       <button id="submit">Sign in</button><button id="cancel" name="cancel" value="1">Cancel</button></form>`,
    ),
  );
}

// ---- misbehaviour ---------------------------------------------------------------------------------------------

const ENDPOINTS = {
  "/.well-known/openid-configuration": "discovery",
  "/.well-known/oauth-authorization-server": "discovery",
  "/jwks": "jwks",
  "/auth": "authorization",
  "/request": "par",
  "/token": "token",
  "/token/revocation": "revocation",
  "/token/introspection": "introspection",
  "/me": "userinfo",
  "/session/end": "end_session",
};

let faults = [];
let calls = [];

function takeFault(endpoint, grant) {
  const fits = (fault) =>
    fault.times > 0 && (fault.endpoint === endpoint || fault.endpoint === "*") && (!fault.grant || fault.grant === grant);
  const fault = faults.find(fits);
  if (fault) fault.times -= 1;
  return fault;
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Answers in the provider's place, or changes how it answers. True: nothing is left to do. */
async function misbehave(fault, req, res) {
  const send = (status, type, body, headers = {}) => {
    res.writeHead(status, { "content-type": type, "cache-control": "no-store", ...headers });
    res.end(body);
    return true;
  };
  const json = "application/json";
  switch (fault.kind) {
    case "status":
      return send(fault.status ?? 500, fault.type ?? json, fault.body ?? '{"error":"server_error"}', fault.headers);
    case "429":
      return send(429, json, '{"error":"slow_down"}', { "retry-after": String(fault.retryAfter ?? 1) });
    case "html":
      return send(fault.status ?? 200, "text/html", page("Maintenance", "<p>We are back soon.</p>"));
    case "timeout":
      await pause(fault.ms ?? 600_000);
      req.socket.destroy();
      return true;
    case "drop":
      req.socket.destroy();
      return true;
    case "redirect":
      return send(302, "text/plain", "", { location: fault.location ?? "http://169.254.169.254/" });
    case "dpop-nonce":
      return send(400, json, '{"error":"use_dpop_nonce"}', { "dpop-nonce": crypto.randomUUID() });
    case "huge":
      return send(200, json, JSON.stringify({ pad: "x".repeat(fault.bytes ?? 2_000_000) }));
    case "slow":
      await pause(fault.ms ?? 1000);
      return false;
    case "lost":
      capture(res, () => res.socket?.destroy());
      return false;
    case "patch":
      capture(res, (status, headers, body) => {
        const { "content-length": _, "transfer-encoding": __, ...rest } = headers;
        const patched = { ...JSON.parse(body), ...fault.set };
        res.writeHead(status, rest);
        res.end(JSON.stringify(Object.fromEntries(Object.entries(patched).filter(([, value]) => value !== null))));
      });
      return false;
    default:
      return send(500, "text/plain", `unknown fault ${fault.kind}`);
  }
}

/** Lets the provider answer, but hands what it says to `then` instead of the socket. */
function capture(res, then) {
  const pieces = [];
  const { writeHead, write, end } = res;
  const keep = (piece) => piece && typeof piece !== "function" && pieces.push(Buffer.from(piece));
  res.writeHead = (status, ...more) => {
    res.statusCode = status;
    for (const [name, value] of Object.entries(more.at(-1) ?? {})) res.setHeader(name, value);
    return res;
  };
  res.write = (piece) => (keep(piece), true);
  res.end = (piece) => {
    keep(piece);
    const [status, headers] = [res.statusCode, { ...res.getHeaders() }];
    for (const name of res.getHeaderNames()) res.removeHeader(name);
    Object.assign(res, { writeHead, write, end });
    then(status, headers, Buffer.concat(pieces).toString());
    return res;
  };
}

const decoded = (jwt) => {
  try {
    const [header, claims] = jwt.split(".", 2).map((part) => JSON.parse(Buffer.from(part, "base64url")));
    return { header, claims };
  } catch {
    return null;
  }
};

/** Keeps what was called and how, without tokens. */
function note(endpoint, req) {
  const form = new URLSearchParams(req.body ?? "");
  const basic = /^Basic (.+)$/.exec(req.headers.authorization ?? "");
  const call = {
    endpoint,
    grant: form.get("grant_type") ?? undefined,
    client: form.get("client_id") ?? (basic && Buffer.from(basic[1], "base64").toString().split(":")[0]) ?? undefined,
    how: form.has("client_assertion") ? "private_key_jwt" : basic ? "client_secret_basic"
      : form.has("client_secret") ? "client_secret_post" : "none",
    parameters: [...form.keys()],
    query: [...new URL(req.url, issuer).searchParams.keys()],
    resource: form.getAll("resource"),
    audience: form.getAll("audience"),
    scope: form.get("scope") ?? undefined,
    assertion: form.has("client_assertion") ? decoded(form.get("client_assertion")) : undefined,
    dpop: req.headers.dpop ? decoded(req.headers.dpop) : undefined,
    fault: undefined,
    status: undefined,
  };
  calls.push(call);
  return call;
}

// ---- /_test/ --------------------------------------------------------------------------------------------------

/** `"now-60"` and the like become times. */
function timed(claims) {
  const now = Math.floor(Date.now() / 1000);
  const one = (value) => {
    const relative = /^now([+-]\d+)?$/.exec(value);
    return relative ? now + Number(relative[1] ?? 0) : value === "$issuer" ? issuer : value;
  };
  return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, one(value)]));
}

const BASES = {
  none: () => ({ header: {}, claims: {} }),
  logout: (client, sub, sid) => ({
    header: { typ: "logout+jwt" },
    claims: {
      iss: issuer, aud: client, iat: "now", exp: "now+120", jti: crypto.randomUUID(), sub, sid,
      events: { "http://schemas.openid.net/event/backchannel-logout": {} },
    },
  }),
  id: (client, sub, sid) => ({
    header: { typ: "JWT" },
    claims: { iss: issuer, aud: client, iat: "now", exp: "now+300", auth_time: "now", sub, sid },
  }),
  access: (client, sub) => ({
    header: { typ: "at+jwt" },
    claims: { iss: issuer, aud: "api", iat: "now", exp: "now+300", jti: crypto.randomUUID(), sub, client_id: client },
  }),
};

function signAsTold({ base = "none", client, sub, sid, set = {}, remove = [], header = {}, removeHeader = [], ...rest }) {
  const start = BASES[base](client, sub, sid);
  const claims = { ...start.claims, ...set };
  const head = { ...start.header, ...header };
  for (const name of remove) delete claims[name];
  for (const name of removeHeader) delete head[name];
  return sign({ ...rest, header: head, claims: timed(claims) });
}

/** Ends sessions at the provider and tells clients through the back channel. */
async function logout({ account: accountId, client: only, keep = false }) {
  const told = [];
  for (const [key, { payload }] of [...memory]) {
    if (!key.startsWith("Session:") || (accountId && payload.accountId !== accountId)) continue;
    for (const [clientId, { sid }] of Object.entries(payload.authorizations ?? {})) {
      const client = await current.provider.Client.find(clientId);
      if ((only && only !== clientId) || !client?.backchannelLogoutUri) continue;
      const outcome = { client: clientId, account: payload.accountId, sid };
      try {
        await client.backchannelLogout(payload.accountId, sid);
        told.push({ ...outcome, status: 200 });
      } catch (error) {
        told.push({ ...outcome, status: error.response?.status ?? 0, error: String(error.message) });
      }
    }
    if (!keep) memory.delete(key);
  }
  return told;
}

async function control(req, res, url) {
  const told = req.body ? JSON.parse(req.body) : {};
  const answer = (value) => {
    res.writeHead(200, { "content-type": "application/json" });
    res.end(JSON.stringify(value));
  };
  switch (`${req.method} ${url.pathname}`) {
    case "POST /_test/faults": {
      const list = Array.isArray(told) ? told : [told];
      faults.push(...list.map((fault) => ({ endpoint: "token", times: 1, ...fault })));
      return answer(faults);
    }
    case "DELETE /_test/faults":
      faults = [];
      return answer([]);
    case "GET /_test/calls": {
      const counts = {};
      for (const call of calls) {
        const name = call.grant ?? call.endpoint;
        counts[name] = (counts[name] ?? 0) + 1;
      }
      return answer({ counts, calls });
    }
    case "DELETE /_test/calls":
      calls = [];
      return answer([]);
    case "POST /_test/sign":
      return answer({ token: signAsTold(told) });
    case "POST /_test/rotate-keys":
      if (!told.keep) keys = [];
      addKeys();
      current = build();
      return answer({ kids: keys.map((jwk) => jwk.kid) });
    case "POST /_test/settings":
      Object.assign(config, told, { ttl: { ...config.ttl, ...told.ttl } });
      current = build();
      return answer({});
    case "POST /_test/logout":
      return answer(await logout(told));
    case "GET /_test/sessions": {
      const all = [...memory].filter(([key]) => key.startsWith("Session:"));
      return answer(all.map(([, { payload }]) => ({ account: payload.accountId, authorizations: payload.authorizations })));
    }
    default:
      res.writeHead(404).end();
  }
}

// ---- the server -----------------------------------------------------------------------------------------------

async function body(req) {
  const pieces = [];
  for await (const piece of req) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function handle(req, res) {
  const url = new URL(req.url, issuer);
  if (req.method !== "GET" && req.method !== "HEAD") req.body = await body(req);
  if (url.pathname.startsWith("/_test/")) return control(req, res, url);
  if (url.pathname.startsWith("/interaction/")) return interaction(req, res, url);
  const endpoint = ENDPOINTS[url.pathname];
  if (endpoint) {
    const call = note(endpoint, req);
    res.once("close", () => (call.status = res.writableFinished ? res.statusCode : 0));
    const fault = takeFault(endpoint, call.grant);
    call.fault = fault?.kind;
    if (fault && (await misbehave(fault, req, res))) return undefined;
    if (endpoint === "discovery" && Object.keys(config.metadata).length > 0) {
      await misbehave({ kind: "patch", set: config.metadata }, req, res);
    }
  }
  return current.answer(req, res);
}

const server = http.createServer((req, res) => {
  handle(req, res).catch((error) => {
    if (process.env.PROVIDER_DEBUG) console.error(error);
    if (!res.headersSent) res.writeHead(error.statusCode ?? error.status ?? 500, { "content-type": "text/plain" });
    res.end(String(error.message));
  });
});
let current;
server.listen(config.port, config.host === "localhost" ? "127.0.0.1" : config.host, () => {
  const { port } = server.address();
  issuer = config.issuer ?? `http://${config.host}:${port}`;
  current = build();
  process.stdout.write(`${JSON.stringify({ issuer, port })}\n`);
});
if (!config.detached) {
  process.stdin.on("end", () => process.exit(0)).on("error", () => process.exit(0)).resume();
}
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));
