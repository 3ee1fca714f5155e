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
    /// `host:port` to listen on.
    Address,
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
];

pub const SERVICE: &[Key] = &[
    key("openapi", Kind::Path, "The service's OpenAPI 3.0 or 3.1 document, YAML or JSON."),
    key("grpc", Kind::Path, "The service's .proto file, or a descriptor set (.binpb)."),
    key("http", Kind::Named(&Kind::Section(SAMPLED)), "Operations of a service that has no schema."),
    required("url", Kind::OneOrMany(&Kind::Url), "Where the service is; calls are balanced over a list."),
    key("timeout", Kind::Duration, "The longest a call may take. Default: 1s."),
    key("connect-timeout", Kind::Duration, "The longest that connecting may take. Default: 500ms."),
    key("bulkhead", Kind::Count { zero: false }, "The most calls in flight at once. Default: 256."),
    key(
        "retries",
        Kind::Count { zero: true },
        "How often a call that only reads is tried again. Default: 0.",
    ),
    key(
        "http2",
        Kind::Boolean,
        "Speak HTTP/2 to an OpenAPI or sampled service: by ALPN over https://, by prior knowledge over http://. Default: false.",
    ),
    key("tls", Kind::Section(SERVICE_TLS), "How an https:// service is verified."),
    key("headers", Kind::Named(&Kind::Text), "Headers (or gRPC metadata) of every call."),
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
];

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
    key("tls", Kind::Section(LISTENER_TLS), "Serve https instead of http."),
];

pub const ADMIN: &[Key] = BFF;

pub const LISTENER_TLS: &[Key] = &[
    required("cert", Kind::Text, "A PEM file with the certificate chain."),
    required("key", Kind::Text, "A PEM file with the private key."),
];

pub const CLIENT_LIMITS: &[Key] = &[
    key("header-bytes", Kind::Size, "The largest head of a request. Default: 16KB."),
    key("body", Kind::Size, "The largest body of a request. Default: 1MB."),
    key("header-timeout", Kind::Duration, "The longest a request's head may take to arrive. Default: 5s."),
    key("idle-timeout", Kind::Duration, "The longest a connection may stay idle. Default: 60s."),
    key("connections", Kind::Count { zero: false }, "The most connections of one listener. Default: 10000."),
];
