//! Codes about frontdesk.yaml (FD10xx) and service schemas (FD11xx).

use super::{Code, Page};

pub const NOT_YAML: Code = Code("FD1001");
pub const UNKNOWN_KEY: Code = Code("FD1002");
pub const MISSING_KEY: Code = Code("FD1003");
pub const WRONG_TYPE: Code = Code("FD1004");
pub const BAD_VALUE: Code = Code("FD1005");
pub const DUPLICATE_KEY: Code = Code("FD1006");
pub const BAD_INTERPOLATION: Code = Code("FD1007");
pub const SCHEMA_KIND: Code = Code("FD1008");
pub const BAD_NAME: Code = Code("FD1009");
pub const NO_WORKSPACE_FILE: Code = Code("FD1010");
pub const BATCH_UNCLEAR: Code = Code("FD1011");
pub const ADDRESS_TWICE: Code = Code("FD1012");
pub const UNKNOWN_OPERATION: Code = Code("FD1013");
pub const UNKNOWN_PROVIDER: Code = Code("FD1014");
pub const SERVICE_AUTH: Code = Code("FD1015");
pub const TRUSTS_EVERYBODY: Code = Code("FD1016");
pub const UNKNOWN_VERSION: Code = Code("FD1030");
pub const TRAFFIC_SHARES: Code = Code("FD1031");
pub const ROUTE_UNREACHED: Code = Code("FD1032");
pub const VERSION_UNUSED: Code = Code("FD1033");
pub const MIRROR_CREDENTIALS: Code = Code("FD1034");

pub const SCHEMA_UNREADABLE: Code = Code("FD1101");
pub const SCHEMA_SYNTAX: Code = Code("FD1102");
pub const REFERENCE_BROKEN: Code = Code("FD1103");
pub const NOT_UNDERSTOOD: Code = Code("FD1104");
pub const SCHEMA_WRONG: Code = Code("FD1105");
pub const OPERATION_SKIPPED: Code = Code("FD1106");
pub const NAME_TAKEN: Code = Code("FD1107");
pub const SCHEMA_TOO_LARGE: Code = Code("FD1108");
pub const TYPES_INFERRED: Code = Code("FD1109");
pub const NO_SAMPLE: Code = Code("FD1110");

pub const PAGES: &[Page] = &[
    Page {
        code: NOT_YAML,
        title: "The file is not YAML",
        why: "The text cannot be read as YAML, so nothing in it can be used.",
        example: "services:\n  catalog: { url: http://127.0.0.1:9102",
        instead: "services:\n  catalog: { url: http://127.0.0.1:9102 }",
    },
    Page {
        code: UNKNOWN_KEY,
        title: "A key that means nothing here",
        why: "Settings that are misspelt would be ignored in silence; a limit that is not in force is worse \
              than an error.",
        example: "services:\n  catalog:\n    timout: 150ms",
        instead: "services:\n  catalog:\n    timeout: 150ms",
    },
    Page {
        code: MISSING_KEY,
        title: "A key is missing",
        why: "Without it there is nothing to do: a service must have an address, a listener must have a port.",
        example: "bffs:\n  ios: {}",
        instead: "bffs:\n  ios: { listen: 127.0.0.1:7001 }",
    },
    Page {
        code: WRONG_TYPE,
        title: "A value of the wrong kind",
        why: "The key takes another kind of value: a list where text stands, a number where a mapping stands.",
        example: "services:\n  catalog: services/catalog.openapi.yaml",
        instead: "services:\n  catalog:\n    openapi: services/catalog.openapi.yaml\n    url: http://127.0.0.1:9102",
    },
    Page {
        code: BAD_VALUE,
        title: "A value that cannot be read",
        why: "Durations are written `150ms`, `2s`, `1m`; sizes `8KB`, `4MB`; addresses `host:port`; URLs with \
              `http://` or `https://` and a host.",
        example: "timeout: 150",
        instead: "timeout: 150ms",
    },
    Page {
        code: DUPLICATE_KEY,
        title: "A key stands twice",
        why: "One of the two would be ignored in silence.",
        example: "timeout: 150ms\ntimeout: 200ms",
        instead: "timeout: 200ms",
    },
    Page {
        code: BAD_INTERPOLATION,
        title: "`${…}` that cannot be read, or stands where it must not",
        why: "`${env:NAME}` and `${file:path}` are filled in when the server starts. They may stand in text \
              that is first needed then; a timeout or a schema file is needed by `frontdesk check`, which \
              reads no environment.",
        example: "headers: { x-api-key: \"${CATALOG_KEY}\" }",
        instead: "headers: { x-api-key: \"${env:CATALOG_KEY}\" }",
    },
    Page {
        code: SCHEMA_KIND,
        title: "A service needs exactly one kind of schema",
        why: "The kind says how the service is spoken to, and what its operations are.",
        example: "catalog: { url: http://127.0.0.1:9102 }",
        instead: "catalog: { openapi: services/catalog.openapi.yaml, url: http://127.0.0.1:9102 }",
    },
    Page {
        code: BAD_NAME,
        title: "A name that cannot be used in a view",
        why: "A view imports services by name, so a service is called like a variable of TypeScript: letters, \
              digits, `_` and `$`, no digit first, no reserved word.",
        example: "services:\n  product-catalog: …",
        instead: "services:\n  productCatalog: …",
    },
    Page {
        code: NO_WORKSPACE_FILE,
        title: "There is no frontdesk.yaml",
        why: "The workspace's root is the folder that holds `frontdesk.yaml`. An environment named on the \
              command line needs its own `frontdesk.<environment>.yaml` beside it.",
        example: "frontdesk check --env prod   # without frontdesk.prod.yaml",
        instead: "frontdesk new harbor && cd harbor && frontdesk check",
    },
    Page {
        code: BATCH_UNCLEAR,
        title: "How to batch an operation cannot be told from its schema",
        why: "Batching needs to know which argument of the single operation is the id, which argument of its \
              twin takes the list, where the answer's list is, and which field of an item holds the id. What \
              is not obvious from names and types must be written.",
        example: "batch: { getProduct: searchProducts }",
        instead: "batch: { getProduct: { with: batchGetProducts, ids: ids, items: items, key: id, limit: 50 } }",
    },
    Page {
        code: ADDRESS_TWICE,
        title: "Two listeners on one address",
        why: "Each BFF has a listener of its own; the second one could not be opened.",
        example: "bffs:\n  ios: { listen: 127.0.0.1:7001 }\n  web: { listen: 127.0.0.1:7001 }",
        instead: "bffs:\n  ios: { listen: 127.0.0.1:7001 }\n  web: { listen: 127.0.0.1:7002 }",
    },
    Page {
        code: UNKNOWN_OPERATION,
        title: "The service has no such operation",
        why: "`batch` and `fields` name operations as the service's schema declares them, in lowerCamelCase.",
        example: "batch: { getProdukt: batchGetProducts }",
        instead: "batch: { getProduct: batchGetProducts }",
    },
    Page {
        code: UNKNOWN_PROVIDER,
        title: "A provider of identity that is not defined",
        why: "Tokens are only asked of providers that `providers` lists: the platform decides whom to trust.",
        example: "services:\n  quotes:\n    auth: { client-credentials: { provider: habor, client-id: bff, client-secret: \"${env:QUOTES}\" } }\nproviders:\n  harbor: { issuer: https://login.example.com }",
        instead: "services:\n  quotes:\n    auth: { client-credentials: { provider: harbor, client-id: bff, client-secret: \"${env:QUOTES}\" } }",
    },
    Page {
        code: SERVICE_AUTH,
        title: "Credentials for a service that cannot work",
        why: "What calls carry must be one thing, and complete: a certificate needs its key, a fixed header its \
              value, and two sources of one header would leave open which is sent.",
        example: "services:\n  ledger:\n    url: https://ledger.internal\n    auth: mtls",
        instead: "services:\n  ledger:\n    url: https://ledger.internal\n    auth: mtls\n    tls: { cert: certs/bff.pem, key: certs/bff.key }",
    },
    Page {
        code: TRUSTS_EVERYBODY,
        title: "Everybody may say who they are",
        why: "With every address in `trusted-proxies`, a client chooses its own address: limits by address and \
              access logs then hold nothing.",
        example: "trusted-proxies: [0.0.0.0/0]",
        instead: "trusted-proxies: [10.0.0.0/8]",
    },
    Page {
        code: UNKNOWN_VERSION,
        title: "A version of a service that is not defined",
        why: "Routes and mirrors name one of the service's `versions`; calls that were sent to another would have \
              nowhere to go.",
        example: "traffic:\n  versions: { v2: { url: http://127.0.0.1:9202 } }\n  routes: [{ to: v3, share: 5% }]",
        instead: "traffic:\n  versions: { v2: { url: http://127.0.0.1:9202 } }\n  routes: [{ to: v2, share: 5% }]",
    },
    Page {
        code: TRAFFIC_SHARES,
        title: "Shares of more than everything",
        why: "Each `share` is of all calls to the service, and what they leave is the service's own: together they \
              cannot be more than 100 %.",
        example: "routes: [{ to: v2, share: 60% }, { to: v3, share: 60% }]",
        instead: "routes: [{ to: v2, share: 60% }, { to: v3, share: 40% }]",
    },
    Page {
        code: ROUTE_UNREACHED,
        title: "A route that no call takes",
        why: "The first route that fits decides, and one before this takes every call that it would take.",
        example: "routes: [{ to: v2, share: 100% }, { to: v3, header: x-catalog, is: next }]",
        instead: "routes: [{ to: v3, header: x-catalog, is: next }, { to: v2, share: 100% }]",
    },
    Page {
        code: VERSION_UNUSED,
        title: "A version that nothing goes to",
        why: "No route and no mirror names the version, so it is never called.",
        example: "traffic:\n  versions: { v2: { url: http://127.0.0.1:9202 } }",
        instead: "traffic:\n  versions: { v2: { url: http://127.0.0.1:9202 } }\n  routes: [{ to: v2, share: 5% }]",
    },
    Page {
        code: MIRROR_CREDENTIALS,
        title: "A mirror that may see no credentials",
        why: "Mirrored calls carry no credentials unless the mirror says so: the version under test may run where \
              users' tokens must not go. The service has `auth`, so a version that checks it refuses what is \
              mirrored.",
        example: "auth: user\ntraffic:\n  versions: { v2: { url: https://next.internal } }\n  mirror: { to: v2 }",
        instead: "auth: user\ntraffic:\n  versions: { v2: { url: https://next.internal } }\n  mirror: { to: v2, credentials: true }",
    },
    Page {
        code: SCHEMA_UNREADABLE,
        title: "A schema file cannot be read",
        why: "The file is not there, is not text, or lies outside the workspace. Without it the service has no \
              operations.",
        example: "openapi: services/catalogue.yaml   # the file is called catalog.openapi.yaml",
        instead: "openapi: services/catalog.openapi.yaml",
    },
    Page {
        code: SCHEMA_SYNTAX,
        title: "A schema file has a syntax error",
        why: "The file is not the YAML, JSON or protobuf text that it should be.",
        example: "{ \"openapi\": \"3.1.0\", }",
        instead: "{ \"openapi\": \"3.1.0\" }",
    },
    Page {
        code: REFERENCE_BROKEN,
        title: "A reference leads nowhere",
        why: "A `$ref` or an import names something that does not exist, leads in a circle, or points outside \
              the workspace. Nothing is fetched over the network.",
        example: "$ref: '#/components/schemas/Produkt'",
        instead: "$ref: '#/components/schemas/Product'",
    },
    Page {
        code: NOT_UNDERSTOOD,
        title: "A part of a schema that is not understood",
        why: "The schema says something that the type system cannot express, so the part is ignored, and the \
              types are wider than the schema says. The service can be used.",
        example: "not: { type: string }",
        instead: "oneOf: [{ type: number }, { type: boolean }]",
    },
    Page {
        code: SCHEMA_WRONG,
        title: "A part of a schema is not valid",
        why: "The part has the wrong shape for its place in an OpenAPI or protobuf document, so it is ignored.",
        example: "properties: [id, title]",
        instead: "properties: { id: { type: string }, title: { type: string } }",
    },
    Page {
        code: OPERATION_SKIPPED,
        title: "An operation cannot be called",
        why: "The operation needs something that calls cannot do, such as an XML body, streaming, or a file \
              upload. It is left out; a view that calls it is told so.",
        example: "requestBody: { content: { application/xml: … } }",
        instead: "requestBody: { content: { application/json: … } }",
    },
    Page {
        code: NAME_TAKEN,
        title: "Two things of a service have the same name",
        why: "A view calls an operation by one name and passes arguments by one name each, so the names must \
              differ.",
        example: "operationId: getProduct   # in two places",
        instead: "operationId: getProductHistory",
    },
    Page {
        code: SCHEMA_TOO_LARGE,
        title: "A schema is too large or too deep",
        why: "References and `allOf` can make a small file describe an enormous type. Reading stops at a bound, \
              so that a broken schema cannot hold up the server.",
        example: "allOf of allOf of allOf …, each naming the next one ten times",
        instead: "a named schema under components/schemas for each object",
    },
    Page {
        code: TYPES_INFERRED,
        title: "Types of a service are inferred from samples",
        why: "A service without a schema is typed by what its sample documents hold. A field that the samples \
              do not show is unknown, one that they always show is taken to be always there. Worth knowing, \
              nothing to mend.",
        example: "http: { getThing: { get: /things/{id}, sample: services/samples/thing.json } }",
        instead: "openapi: services/things.openapi.yaml",
    },
    Page {
        code: NO_SAMPLE,
        title: "An operation has no sample",
        why: "Without a sample nothing is known about the operation's answer: its type is `unknown`, and no \
              field of it can be read.",
        example: "http: { getThing: { get: /things/{id} } }",
        instead: "http: { getThing: { get: /things/{id}, sample: services/samples/thing.json } }",
    },
];
