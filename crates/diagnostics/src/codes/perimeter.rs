//! Codes about who may ask, and how they prove it (FD16xx).

use super::{Code, Page};

pub const UNKNOWN_METHOD: Code = Code("FD1601");
pub const SECRET_WRITTEN: Code = Code("FD1602");
pub const NO_CLIENT_AUTH: Code = Code("FD1603");
pub const CONTRADICTION: Code = Code("FD1604");
pub const NO_REASON: Code = Code("FD1605");
pub const BAD_ISSUER: Code = Code("FD1606");
pub const BAD_ORIGIN: Code = Code("FD1607");
pub const BAD_RATE: Code = Code("FD1608");
pub const BAD_CLAIM: Code = Code("FD1609");
pub const HEADER_NEVER_PASSES: Code = Code("FD1610");
pub const WEAK_CSP: Code = Code("FD1611");
pub const AUTH_PATH_TAKEN: Code = Code("FD1612");
pub const NOBODY_KNOWN: Code = Code("FD1613");
pub const NO_TOKEN: Code = Code("FD1614");
pub const BAD_SITE: Code = Code("FD1615");
pub const BAD_ALGORITHM: Code = Code("FD1616");
pub const NO_ORIGIN: Code = Code("FD1617");
pub const SECRET_MISSPELT: Code = Code("FD1618");
pub const BAD_KEY_FILE: Code = Code("FD1619");

pub const PAGES: &[Page] = &[
    Page {
        code: UNKNOWN_METHOD,
        title: "Not a way to prove who one is",
        why: "`auth` takes one method or a list of them. What it does not know it cannot enforce.",
        example: "bff({ client: \"web\", auth: \"session\" })",
        instead: "bff({ client: \"web\", auth: session({ issuer: \"harbor\", client: { … } }) })",
    },
    Page {
        code: SECRET_WRITTEN,
        title: "A secret in the code",
        why: "Code is read by many, copied, and kept for ever. Secrets are named in it; their values are given to the \
              server, as an environment variable of the same name or under `secrets` in `frontdesk.yaml`.",
        example: "client: { id: \"web\", auth: clientSecret(\"hunter2\") }",
        instead: "client: { id: \"web\", auth: clientSecret(secret(\"WEB_CLIENT_SECRET\")) }",
    },
    Page {
        code: NO_CLIENT_AUTH,
        title: "A client that proves nothing",
        why: "A BFF is a confidential client (OAuth 2.0 for Browser-Based Applications §6.1.3.1): without credentials of \
              its own, whoever gets hold of a code can redeem it.",
        example: "session({ issuer: \"harbor\", client: { id: \"web\" } })",
        instead: "session({ issuer: \"harbor\", client: { id: \"web\", auth: privateKeyJwt(secret(\"WEB_CLIENT_KEY\")) } })",
    },
    Page {
        code: CONTRADICTION,
        title: "Settings that contradict each other",
        why: "Of two settings that cannot both hold, one would be ignored in silence; somebody relies on it.",
        example: "view(\"GET /home\", { public: true, auth: requires({ scopes: [\"home\"] }), load: () => null })",
        instead: "view(\"GET /home\", { auth: requires({ scopes: [\"home\"] }), load: () => null })",
    },
    Page {
        code: NO_REASON,
        title: "A relaxation without a reason",
        why: "Defaults are strict. What makes one endpoint or cookie less so is reviewed again and again; the reason \
              stands beside it, and `frontdesk check --security` shows it.",
        example: "csrf: { headerless: true }",
        instead: "csrf: { headerless: true, because: \"invoices are downloaded by a plain link\" }",
    },
    Page {
        code: BAD_ISSUER,
        title: "An issuer that is unknown or cannot be trusted",
        why: "An issuer is a provider of `frontdesk.yaml`, or a URL. Keys and endpoints are read from below the issuer: over http:// anybody on the way could put in their own. \
              It must be the identifier exactly as the provider's metadata have it (RFC 8414 §2).",
        example: "issuer: \"http://login.example.com\"",
        instead: "issuer: \"https://login.example.com\"",
    },
    Page {
        code: BAD_ORIGIN,
        title: "Not an origin that may be let in",
        why: "Origins are compared exactly, as browsers send them: scheme, host and port. A placeholder would let in \
              pages of strangers.",
        example: "cors: { origins: [\"https://*.example.com\"] }",
        instead: "cors: { origins: [\"https://app.example.com\", \"https://admin.example.com\"] }",
    },
    Page {
        code: BAD_RATE,
        title: "A rate that counts nothing, or lets nothing in",
        why: "A limit that never applies protects nobody, and one that always does is an outage.",
        example: "bff({ client: \"web\", auth: session({ … }), limits: { rate: [{ per: \"key\", requests: 60, every: \"1m\" }] } })",
        instead: "bff({ client: \"web\", auth: session({ … }), limits: { rate: [{ per: \"user\", requests: 60, every: \"1m\" }] } })",
    },
    Page {
        code: BAD_CLAIM,
        title: "A claim that clashes",
        why: "Views see one `session`, whichever way the caller came. Each member of it has one meaning and one type.",
        example: "auth: [session({ …, claims: { tier: t.string() } }), bearer({ …, claims: { tier: t.integer() } })]",
        instead: "auth: [session({ …, claims: { tier: t.string() } }), bearer({ …, claims: { tier: t.string() } })]",
    },
    Page {
        code: HEADER_NEVER_PASSES,
        title: "A header that never passes",
        why: "Services believe some headers: who the user is, where the request comes from. A client that could send them \
              through could be anybody. Names that other servers read as one of those (`X_Forwarded_For`) do not pass either.",
        example: "headers: { forward: [\"x-forwarded-for\"] }",
        instead: "headers: { forward: [\"x-request-id\"] }",
    },
    Page {
        code: WEAK_CSP,
        title: "A policy that lets injected code run",
        why: "The session cookie cannot be stolen by a script, but a script that was injected can use it. The policy is \
              what stops it from running.",
        example: "headers: { csp: \"default-src 'self' 'unsafe-inline'\" }",
        instead: "headers: { csp: \"default-src 'self'\" }",
    },
    Page {
        code: AUTH_PATH_TAKEN,
        title: "A route in the place of the login",
        why: "Paths below `/auth/` belong to logins wherever there are some. A route there would never be asked.",
        example: "view(\"GET /auth/profile\", { load: () => null })",
        instead: "view(\"GET /profile\", { load: () => null })",
    },
    Page {
        code: NOBODY_KNOWN,
        title: "Nobody is known here",
        why: "A public endpoint looks at no cookie and no token, so there is nobody it could know. The same holds in a BFF \
              without `auth`.",
        example: "view(\"GET /home\", { public: true, load: (_, { session }) => ({ me: session.subject }) })",
        instead: "view(\"GET /home\", { load: (_, { session }) => ({ me: session.subject }) })",
    },
    Page {
        code: NO_TOKEN,
        title: "A service that needs the caller's token",
        why: "With `auth: user` or `exchange` a service gets a token of whoever asks. On a public endpoint there is none, \
              and API keys and certificates have none: each request would fail.",
        example: "view(\"GET /orders\", { public: true, load: () => orders.list({}) })   // orders: { auth: user }",
        instead: "view(\"GET /orders\", { load: () => orders.list({}) })",
    },
    Page {
        code: BAD_SITE,
        title: "Not a folder of pages",
        why: "A site is one folder below the BFF's own; its files are public.",
        example: "routes: [site({ folder: \"../..\" })]",
        instead: "routes: [site({ folder: \"./site\" })]",
    },
    Page {
        code: BAD_ALGORITHM,
        title: "An algorithm that proves nothing",
        why: "A token must be signed with a key that only the provider has. `none` is no signature, and with HS256 \
              whoever checks tokens can make them (RFC 8725 §3.2).",
        example: "bearer({ …, algorithms: [\"HS256\"] })",
        instead: "bearer({ …, algorithms: [\"RS256\"] })",
    },
    Page {
        code: NO_ORIGIN,
        title: "Where do browsers come back to?",
        why: "After a login the provider sends the browser back to the BFF, at an address that is registered with the \
              provider. It cannot be guessed from what the server listens on, and never from what the request says.",
        example: "bffs:\n  web: { listen: \"0.0.0.0:8080\" }",
        instead: "bffs:\n  web: { listen: \"0.0.0.0:8080\", origin: https://shop.example.com }",
    },
    Page {
        code: SECRET_MISSPELT,
        title: "A secret that is nearly one of those listed",
        why: "A secret that `secrets` in `frontdesk.yaml` does not list comes from the environment variable of its name. \
              One that differs from a listed one by a letter or two is likely a slip, which would show only when the \
              server starts.",
        example: "// frontdesk.yaml: secrets: { WEB_CLIENT_SECRET: \"${file:secrets/web}\" }\nclientSecret(secret(\"WEB_CLINT_SECRET\"))",
        instead: "clientSecret(secret(\"WEB_CLIENT_SECRET\"))",
    },
    Page {
        code: BAD_KEY_FILE,
        title: "A file of API keys that cannot be read",
        why: "`keys.yaml` holds the hashes of the keys that partners have. A server does not start with one that it cannot \
              read in full: to leave out what it does not understand could let somebody in, or keep somebody out.",
        example: "keys:\n  - id: \"k7m2p9qx\"\n    hash: \"sha256:0123\"",
        instead: "frontdesk keys create partner --name acme --expires 90d",
    },
];
