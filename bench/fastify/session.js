// Session in, access token out, as teams write it today: Fastify, a session of its own, openid-client, http-proxy.
// Usage: node session.js PORT THINGS_URL ISSUER SECRET

import cookie from "@fastify/cookie";
import proxy from "@fastify/http-proxy";
import session from "@fastify/session";
import Fastify from "fastify";
import * as oidc from "openid-client";

const [port, things, issuer, secret] = process.argv.slice(2);
const own = `http://127.0.0.1:${port}`;
const provider = await oidc.discovery(new URL(issuer), "bench", undefined, oidc.ClientSecretBasic(secret), {
  execute: [oidc.allowInsecureRequests],
});

const app = Fastify({ logger: false });
app.register(cookie);
app.register(session, {
  secret: secret.repeat(2),
  cookieName: "sid",
  cookie: { secure: false, httpOnly: true, sameSite: "lax", maxAge: 86_400_000 },
  saveUninitialized: false,
  rolling: false,
});

const kept = ({ access_token, refresh_token, expires_in }) => ({
  accessToken: access_token,
  refreshToken: refresh_token,
  expiresAt: Date.now() + expires_in * 1000,
});

app.get("/auth/login", async (request, reply) => {
  const verifier = oidc.randomPKCECodeVerifier();
  const login = { verifier, state: oidc.randomState(), nonce: oidc.randomNonce() };
  request.session.login = login;
  const url = oidc.buildAuthorizationUrl(provider, {
    redirect_uri: `${own}/auth/callback`,
    scope: "openid",
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state: login.state,
    nonce: login.nonce,
  });
  return reply.redirect(url.href);
});

app.get("/auth/callback", async (request, reply) => {
  const { verifier, state, nonce } = request.session.login;
  const tokens = await oidc.authorizationCodeGrant(provider, new URL(request.url, own), {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
  });
  await request.session.regenerate();
  request.session.tokens = kept(tokens);
  return reply.redirect("/");
});

app.register(proxy, {
  upstream: things,
  prefix: "/pass",
  rewritePrefix: "/pass",
  undici: { connections: 256, keepAliveTimeout: 60_000 },
  preHandler: async (request, reply) => {
    const { tokens } = request.session;
    if (!tokens) return reply.code(401).send({ code: "login_required" });
    if (tokens.expiresAt < Date.now() + 30_000) {
      request.session.tokens = kept(await oidc.refreshTokenGrant(provider, tokens.refreshToken));
    }
  },
  replyOptions: {
    rewriteRequestHeaders: (request, { cookie, ...headers }) => ({
      ...headers,
      authorization: `Bearer ${request.session.tokens.accessToken}`,
    }),
  },
});

await app.listen({ port: Number(port), host: "127.0.0.1" });
