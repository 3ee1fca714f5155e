//! Every key of `frontdesk.yaml`: the table from which the reader refuses strangers and from which the JSON
//! Schema for editors is made.

/// A key that a section may hold.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    pub name: &'static str,
    pub doc: &'static str,
    pub kind: Kind,
    pub required: bool,
}

/// What may stand behind a key.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text that may hold `${env:…}` and `${file:…}`.
    Text,
    /// Text that is needed by `check`, so it stands as it is.
    Literal,
    /// A path in the workspace.
    Path,
    /// `http://host:port/base` or `https://…`.
    Url,
    /// As `Url`, or `dns://host:port`, `dns+srv://_http._tcp.name`.
    EndpointUrl,
    /// `host:port` to listen on.
    Address,
    /// `https://shop.example.com`: scheme, host and perhaps a port.
    Origin,
    /// `10.0.0.0/8`, or one address.
    Cidr,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// `150ms`, `2s`, `1m`.
    Duration,
    /// `8KB`, `4MB`.
    Size,
    /// A whole number from 0 (or 1, if not `zero`) on.
    Count {
        zero: bool,
    },
    Boolean,
    Section(&'static [Key]),
    /// Any names, each with a value of one kind.
    Named(&'static Kind),
    /// One value, or a list of them.
    OneOrMany(&'static Kind),
    List(&'static Kind),
    /// Either of the two.
    Either(&'static Kind, &'static Kind),
}

const fn key(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, doc, kind, required: false }
}

const fn required(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, doc, kind, required: true }
}

pub const ROOT: &[Key] = &[
    key("services", Kind::Named(&Kind::Section(SERVICE)), "What BFFs call, by the name that views import."),
    key(
        "bffs",
        Kind::Named(&Kind::Section(BFF)),
        "Where each BFF listens, by the name of its folder in bffs/.",
    ),
    key("admin", Kind::Section(ADMIN), "The listener for health, readiness and metrics."),
    key("limits", Kind::Section(CLIENT_LIMITS), "What a client may use up."),
    key(
        "providers",
        Kind::Named(&Kind::Section(PROVIDER)),
        "Providers of identity, by the name that `issuer` in bff.ts may say.",
    ),
    key(
        "stores",
        Kind::Section(STORES),
        "Where sessions, counts of requests, kept answers and idempotency keys live.",
    ),
    key(
        "secrets",
        Kind::Named(&Kind::Text),
        "Where secrets that bff.ts names come from. Default: the environment variable of the same name.",
    ),
    key(
        "session-keys",
        Kind::Text,
        "The file of keys that seal sessions, as `frontdesk keys rotate` writes it.",
    ),
    key(
        "trusted-proxies",
        Kind::List(&Kind::Cidr),
        "Peers whose X-Forwarded-For and Forwarded are believed. Default: none.",
    ),
    key("zone", Kind::Text, "Where this instance runs: endpoints of the same zone are preferred."),
    key("resolver", Kind::Text, "The DNS server that is asked about dns: URLs. Default: the system's."),
];

pub const PROVIDER: &[Key] = &[
    required("issuer", Kind::Url, "The issuer identifier; metadata are read below it."),
    key("ca", Kind::Text, "A PEM file of roots to trust instead of the public ones."),
    key("timeout", Kind::Duration, "The longest that one request to it may take. Default: 5s."),
];

pub const STORES: &[Key] = &[
    key(
        "sessions",
        Kind::Either(&Kind::OneOf(&["memory"]), &Kind::Section(STATE_STORE)),
        "Where sessions live. Default: memory in `dev`, a database file in `serve`.",
    ),
    key(
        "limits",
        Kind::Either(&Kind::OneOf(&["memory"]), &Kind::Section(LIMIT_STORE)),
        "Where requests are counted. Default: memory, each instance for itself.",
    ),
    key(
        "cache",
        Kind::Either(&Kind::OneOf(&["memory"]), &Kind::Section(CACHE_STORE)),
        "Where answers are kept. Default: 64MB of memory, each instance for itself.",
    ),
    key(
        "idempotency",
        Kind::Either(&Kind::OneOf(&["memory"]), &Kind::Section(STATE_STORE)),
        "Where idempotency keys and what became of their actions are kept. Default: where sessions live.",
    ),
];

pub const STATE_STORE: &[Key] =
    &[key("embedded", Kind::Text, "A database file of this one process; it survives restarts."), REDIS_STORE];

pub const LIMIT_STORE: &[Key] = &[REDIS_STORE];

pub const CACHE_STORE: &[Key] = &[
    key("memory", Kind::Size, "The most that is kept in the memory of each instance. Default: 64MB."),
    REDIS_STORE,
];

const REDIS_STORE: Key = key(
    "redis",
    Kind::Either(&Kind::OneOrMany(&Kind::Text), &Kind::Section(REDIS)),
    "redis:// or rediss://, shared by instances; a list is a cluster.",
);

pub const REDIS: &[Key] = &[
    required("urls", Kind::OneOrMany(&Kind::Text), "redis:// or rediss://: the server, nodes, or Sentinels."),
    key("sentinel", Kind::Text, "The name by which the Sentinels at `urls` know the primary."),
    key("cluster", Kind::Boolean, "Whether `urls` are nodes of a cluster. Default: if there are several."),
    key("username", Kind::Text, "The ACL user, if no URL names one; with `sentinel` that of the primary."),
    key("password", Kind::Text, "The password, if no URL holds one; with `sentinel` that of the primary."),
    key("ca", Kind::Text, "A PEM file of roots to trust instead of the public ones."),
    key("prefix", Kind::Text, "What all keys begin with. Default: fd."),
    key(
        "timeout",
        Kind::Duration,
        "The longest that one operation may take. Default: 200ms to read, 500ms to write, 50ms for the cache.",
    ),
];

pub const SERVICE: &[Key] = &[
    key("openapi", Kind::Path, "The service's OpenAPI 3.0 or 3.1 document, YAML or JSON."),
    key("grpc", Kind::Path, "The service's .proto file, or a descriptor set (.binpb)."),
    key("http", Kind::Named(&Kind::Section(SAMPLED)), "Operations of a service that has no schema."),
    required(
        "url",
        SERVICE_URL,
        "Where the service is; calls are balanced over a list, over what DNS names, or over a watched file.",
    ),
    key(
        "balance",
        Kind::OneOf(BALANCE_WORDS),
        "Which endpoint takes a call: the less loaded of two, or always the same for the same question. Default: least-loaded.",
    ),
    key(
        "slow-start",
        Kind::Either(&Kind::OneOf(&["off"]), &Kind::Duration),
        "How long an endpoint that appears or comes back takes to get its whole share. Default: 10s.",
    ),
    key("health", Kind::Section(HEALTH), "Asks each endpoint whether it is well. Default: nobody asks."),
    key("timeout", Kind::Duration, "The longest a call may take. Default: 1s."),
    key("connect-timeout", Kind::Duration, "The longest that connecting may take. Default: 500ms."),
    key(
        "bulkhead",
        Kind::Either(
            &Kind::Count { zero: false },
            &Kind::Either(&Kind::OneOf(BULKHEAD_WORDS), &Kind::Section(BULKHEAD)),
        ),
        "The most calls in flight at once, on each core. Default: adaptive, as many as it answers without delay.",
    ),
    key(
        "retries",
        Kind::Either(&Kind::Count { zero: true }, &Kind::Section(RETRIES)),
        "How often a call that only reads, or carries a key, is tried again. Default: 0.",
    ),
    key(
        "hedge",
        Kind::Either(&Kind::OneOf(&["off"]), &Kind::Literal),
        "When a second attempt of a call that only reads sets out: `30ms`, or `p95` of its operation. Default: off.",
    ),
    key(
        "breaker",
        Kind::Either(&Kind::OneOf(&["off"]), &Kind::Section(BREAKER)),
        "When calls are no longer made for a while. Default: when half of them fail.",
    ),
    key(
        "outliers",
        Kind::Either(&Kind::OneOf(&["off"]), &Kind::Section(OUTLIERS)),
        "When one endpoint of several is left out for a while. Default: after 5 failures in a row.",
    ),
    key(
        "http2",
        Kind::Boolean,
        "Speak HTTP/2 to an OpenAPI or sampled service: by ALPN over https://, by prior knowledge over http://. Default: false.",
    ),
    key("tls", Kind::Section(SERVICE_TLS), "How an https:// service is verified, and what we show it."),
    key(
        "auth",
        Kind::Either(&Kind::OneOf(SERVICE_AUTH_WORDS), &Kind::Section(SERVICE_AUTH)),
        "How calls prove on whose behalf they are made. Default: none.",
    ),
    key(
        "addresses",
        Kind::OneOf(&["any", "public"]),
        "Which addresses the service's name may resolve to. Default: any but link-local ones.",
    ),
    key("headers", Kind::Named(&Kind::Text), "Headers (or gRPC metadata) of every call."),
    key(
        "traffic",
        Kind::Section(TRAFFIC),
        "Versions of the service, who is sent to which, and what is mirrored.",
    ),
    key("limits", Kind::Section(SERVICE_LIMITS), "What an answer of the service may use up."),
    key(
        "reads",
        Kind::List(&Kind::Literal),
        "Operations that change nothing although the schema does not say so.",
    ),
    key(
        "batch",
        Kind::Named(&Kind::Either(&Kind::Literal, &Kind::Section(BATCH))),
        "Single operations and their batch twins.",
    ),
    key(
        "fields",
        Kind::Named(&Kind::Literal),
        "Operations and their parameter that takes the fields to answer.",
    ),
];

pub const TRAFFIC: &[Key] = &[
    key(
        "versions",
        Kind::Named(&Kind::Section(VERSION)),
        "Other versions of the service, by the name that routes say.",
    ),
    key(
        "routes",
        Kind::List(&Kind::Section(TRAFFIC_ROUTE)),
        "Which calls go to which version; the first that fits decides, else the service itself answers.",
    ),
    key(
        "mirror",
        Kind::Section(TRAFFIC_MIRROR),
        "Calls that are made a second time, to a version whose answers nobody gets.",
    ),
];

pub const VERSION: &[Key] = &[
    required("url", SERVICE_URL, "Where the version is; everything else is as the service has it."),
    key("headers", Kind::Named(&Kind::Text), "Headers of its calls, beside and before those of the service."),
];

pub const TRAFFIC_ROUTE: &[Key] = &[
    required("to", Kind::Literal, "One of `versions`."),
    key("header", Kind::Literal, "Requests of clients that have this header."),
    key("is", Kind::Literal, "The value that the header must have. Default: any."),
    key("share", Kind::Literal, "This share of all calls, such as 5%."),
    key("sticky", Kind::OneOf(&["user"]), "The share is one of users: who is in it stays in it."),
];

pub const TRAFFIC_MIRROR: &[Key] = &[
    required("to", Kind::Literal, "One of `versions`."),
    key("share", Kind::Literal, "The share of the calls that only read. Default: 100%."),
    key("compare", Kind::Boolean, "Count where the version answers otherwise. Default: false."),
    key("timeout", Kind::Duration, "The longest a mirrored call may take. Default: the service's."),
    key(
        "calls",
        Kind::Count { zero: false },
        "The most in flight at once on each core; those beyond are left out. Default: 16.",
    ),
    key("credentials", Kind::Boolean, "Mirrored calls carry what `auth` says, too. Default: false."),
];

const SERVICE_URL: Kind = Kind::Either(&Kind::OneOrMany(&URL), &Kind::Section(URL_FILE));

/// One endpoint, or a name that stands for several.
const URL: Kind = Kind::Either(&Kind::EndpointUrl, &Kind::Section(ENDPOINT));

pub const URL_FILE: &[Key] = &[required(
    "file",
    Kind::Text,
    "A YAML file with a list of endpoints; it is read again when it changes.",
)];

pub const ENDPOINT: &[Key] = &[
    required("url", Kind::EndpointUrl, "One endpoint, or a dns: name that stands for several."),
    key("weight", Kind::Count { zero: false }, "Its share beside the others', 1 to 1000. Default: 1."),
    key("zone", Kind::Text, "Where it is; instances in the same zone prefer it."),
];

pub const BALANCE_WORDS: &[&str] = &["least-loaded", "hash"];

pub const HEALTH: &[Key] = &[
    key(
        "path",
        Kind::Literal,
        "What is asked for with GET; a 2xx is well. Needed unless the service is gRPC.",
    ),
    key(
        "service",
        Kind::Literal,
        "gRPC: the service that grpc.health.v1 is asked about. Default: the server.",
    ),
    key("every", Kind::Duration, "The time between two questions. Default: 5s."),
    key("timeout", Kind::Duration, "The longest an answer may take. Default: 1s."),
    key("healthy", Kind::Count { zero: false }, "Good answers in a row until it is used again. Default: 2."),
    key("unhealthy", Kind::Count { zero: false }, "Bad answers in a row until it is not used. Default: 3."),
];

/// What `bulkhead` may be without numbers.
pub const BULKHEAD_WORDS: &[&str] = &["adaptive"];

pub const BULKHEAD: &[Key] = &[
    required("calls", Kind::Count { zero: false }, "The most calls in flight at once, on each core."),
    key("queue", Kind::Count { zero: true }, "The most calls that wait for their turn. Default: as many."),
];

pub const RETRIES: &[Key] = &[
    key("most", Kind::Count { zero: true }, "For one call, up to 10. Default: 1."),
    key("budget", Kind::Literal, "How much retries and hedges may add to the calls. Default: 20%."),
    key(
        "pause",
        Kind::Duration,
        "The longest pause before the first retry; it doubles each time. Default: 10ms.",
    ),
];

pub const BREAKER: &[Key] = &[
    key("failures", Kind::Literal, "The share of failures at which it opens. Default: 50%."),
    key("window", Kind::Duration, "How much of the past is looked at. Default: 10s."),
    key("open", Kind::Duration, "For how long, the first time; up to ten times as long later. Default: 5s."),
    key("calls", Kind::Count { zero: false }, "Fewer calls in the window prove nothing. Default: 20."),
    key("slow", Kind::Duration, "A success that takes so long counts as a failure. Default: none does."),
];

pub const OUTLIERS: &[Key] = &[
    key(
        "failures",
        Kind::Count { zero: false },
        "So many failures in a row leave an endpoint out. Default: 5.",
    ),
    key("eject", Kind::Duration, "For how long, times how often it happened before. Default: 10s."),
    key("most", Kind::Literal, "The most of all endpoints that may be out at once. Default: 50%."),
];

pub const SAMPLED: &[Key] = &[
    key("get", Kind::Literal, "The path of a GET, with {arguments}."),
    key("put", Kind::Literal, "The path of a PUT, with {arguments}."),
    key("post", Kind::Literal, "The path of a POST, with {arguments}."),
    key("patch", Kind::Literal, "The path of a PATCH, with {arguments}."),
    key("delete", Kind::Literal, "The path of a DELETE, with {arguments}."),
    key("query", Kind::List(&Kind::Literal), "Query parameters that may be given."),
    key("sample", Kind::OneOrMany(&Kind::Path), "JSON documents as the service answers them."),
    key("body", Kind::OneOrMany(&Kind::Path), "JSON documents as the service takes them."),
    key(
        "reads",
        Kind::Boolean,
        "The operation changes nothing although its method says it may. Default: false.",
    ),
];

pub const SERVICE_TLS: &[Key] = &[
    key("ca", Kind::Text, "A PEM file of roots to trust instead of the public ones."),
    key("server-name", Kind::Literal, "The name in the service's certificate, if it is not the URL's host."),
    key("cert", Kind::Text, "A PEM file with our own certificate, for services that ask for one."),
    key("key", Kind::Text, "A PEM file with the key of `cert`."),
];

/// What `auth` of a service may be without settings.
pub const SERVICE_AUTH_WORDS: &[&str] = &["none", "user", "exchange", "mtls"];

pub const SERVICE_AUTH: &[Key] = &[
    key("user", Kind::Section(AUTH_USER), "The caller's own access token."),
    key(
        "exchange",
        Kind::Section(AUTH_EXCHANGE),
        "The caller's token, exchanged for one of this service (RFC 8693).",
    ),
    key("client-credentials", Kind::Section(AUTH_CLIENT), "A token of the BFF itself (RFC 6749 §4.4)."),
    key("static", Kind::Named(&Kind::Text), "Fixed headers whose values are secrets."),
];

pub const AUTH_USER: &[Key] = &[key("dpop", Kind::Boolean, DPOP)];

pub const AUTH_EXCHANGE: &[Key] = &[
    key("audience", Kind::Text, AUDIENCE),
    key("resource", Kind::Text, RESOURCE),
    key("scopes", Kind::List(&Kind::Literal), SCOPES),
    key("dpop", Kind::Boolean, DPOP),
];

pub const AUTH_CLIENT: &[Key] = &[
    required("provider", Kind::Literal, "One of `providers`."),
    required("client-id", Kind::Text, "What the provider knows us as."),
    required("client-secret", Kind::Text, "What proves it: `${env:NAME}` or `${file:path}`."),
    key("audience", Kind::Text, AUDIENCE),
    key("resource", Kind::Text, RESOURCE),
    key("scopes", Kind::List(&Kind::Literal), SCOPES),
    key("dpop", Kind::Boolean, DPOP),
];

const AUDIENCE: &str = "Whom the token is for, as the provider calls it.";
const RESOURCE: &str = "Whom the token is for, as an absolute URI (RFC 8707).";
const SCOPES: &str = "What the token may do; never more than the caller's.";
const DPOP: &str = "Bind the token to a key and prove it with each call (RFC 9449). Default: false.";

pub const SERVICE_LIMITS: &[Key] =
    &[key("body", Kind::Size, "The largest answer that is read. Default: 8MB.")];

pub const BATCH: &[Key] = &[
    required("with", Kind::Literal, "The operation that takes many ids."),
    key("id", Kind::Literal, "The single operation's argument that is the id."),
    key("ids", Kind::Literal, "The twin's argument that takes the list of ids."),
    key("items", Kind::Literal, "The field of the twin's answer that holds the list."),
    key("key", Kind::Literal, "The field of an item that holds its id."),
    key(
        "limit",
        Kind::Count { zero: false },
        "The most ids of one call. Default: what the schema says, or 100.",
    ),
];

pub const BFF: &[Key] = &[
    required("listen", Kind::Address, "host:port."),
    key("tls", Kind::Section(BFF_TLS), "Serve https instead of http."),
    key("origin", Kind::Origin, "How browsers reach it. Needed for logins unless it listens on loopback."),
];

pub const ADMIN: &[Key] = &[
    required("listen", Kind::Address, "host:port."),
    key("tls", Kind::Section(ADMIN_TLS), "Serve https instead of http."),
    key(
        "token",
        Kind::Text,
        "What an administrator shows to end a user's sessions. Without it nobody can. At least 16 characters.",
    ),
    key(
        "faults",
        Kind::Boolean,
        "An administrator may order faults of services at /-/faults. For staging; needs `token`. Default: false.",
    ),
];

pub const BFF_TLS: &[Key] = &[
    required("cert", Kind::Text, LISTENER_CERT),
    required("key", Kind::Text, LISTENER_KEY),
    key("client-ca", Kind::Text, "A PEM file of roots that client certificates must come from."),
];

pub const ADMIN_TLS: &[Key] =
    &[required("cert", Kind::Text, LISTENER_CERT), required("key", Kind::Text, LISTENER_KEY)];

const LISTENER_CERT: &str = "A PEM file with the certificate chain.";
const LISTENER_KEY: &str = "A PEM file with the private key.";

pub const CLIENT_LIMITS: &[Key] = &[
    key("header-bytes", Kind::Size, "The largest head of a request. Default: 16KB."),
    key("body", Kind::Size, "The largest body of a request. Default: 1MB."),
    key("header-timeout", Kind::Duration, "The longest a request's head may take to arrive. Default: 5s."),
    key("idle-timeout", Kind::Duration, "The longest a connection may stay idle. Default: 60s."),
    key("connections", Kind::Count { zero: false }, "The most connections of one listener. Default: 10000."),
    key(
        "requests",
        Kind::Count { zero: false },
        "The most requests served at once; the last tenth of them is for actions. Default: 10000.",
    ),
];
