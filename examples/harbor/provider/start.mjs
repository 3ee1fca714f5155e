// Harbor's provider of identity: npm `oidc-provider`, the same server that tests sign in at, with Harbor's people and
// clients and a page of its own. For demonstrations only: keys are made up at each start, passwords are on the page.
//
//   HARBOR_WEB_SECRET=… node start.mjs [--port 9120] [--web http://localhost:7002 …] [--detached]
//
// `--web` says where the browser reaches the web BFF: each address may be returned to after signing in.

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "9120" },
    web: { type: "string", multiple: true, default: ["http://localhost:7002", "http://127.0.0.1:7002"] },
    detached: { type: "boolean", default: false },
  },
});
const secret = process.env.HARBOR_WEB_SECRET;
if (!secret) {
  console.error("HARBOR_WEB_SECRET is what the web BFF and the provider both know; it is not set");
  process.exit(2);
}

process.env.PROVIDER_CONFIG = JSON.stringify({
  port: Number(values.port),
  detached: values.detached,
  // Whoever signs out in the shop has said so already.
  autoLogout: true,
  template: fileURLToPath(new URL("page.html", import.meta.url)),
  clients: [
    {
      client_id: "harbor-web",
      client_name: "Harbor Commerce",
      client_secret: secret,
      grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange"],
      redirect_uris: values.web.map((origin) => `${origin}/auth/callback`),
      post_logout_redirect_uris: values.web.map((origin) => `${origin}/`),
      backchannel_logout_uri: `${values.web.at(-1)}/auth/backchannel`,
      backchannel_logout_session_required: true,
    },
    {
      // Gets tokens for the iOS BFF by client credentials, so that one `curl` line shows what an app would see.
      client_id: "harbor-curl",
      client_secret: "not-a-secret-on-loopback",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
    },
  ],
  accounts: {
    ada: { password: "lovelace", name: "Ada Lovelace", tier: "gold", locale: "en-GB" },
    grace: { password: "hopper", name: "Grace Hopper", tier: "basic", locale: "en-GB" },
  },
  resources: {
    "https://ios.harbor.example": { scope: "shop", audience: "harbor-ios" },
    "https://customers.harbor.example": { scope: "customers:read", audience: "harbor-customers" },
  },
  audiences: { "harbor-customers": "https://customers.harbor.example" },
});
// Arguments are ours; the server takes its settings from the environment.
process.argv.length = 2;
await import("../../../tests/provider/server.mjs");
