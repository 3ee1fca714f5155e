//! The catalogue: what the platform team offers to BFFs.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_diagnostics::Span;
use frontdesk_types::{Origin, Type, Types};

use crate::policy::{Breaker, Bulkhead, Hedging, Outliers, Retries};
use crate::traffic::Traffic;

/// Every service of a workspace, with the types its schemas declare and the platform's settings.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    pub services: Vec<Service>,
    pub types: Types,
    pub platform: Platform,
}

impl Catalog {
    pub fn service(&self, name: &str) -> Option<(ServiceId, &Service)> {
        self.services
            .iter()
            .enumerate()
            .find(|(_, s)| &*s.name == name)
            .map(|(i, s)| (ServiceId(i as u32), s))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub u32);

/// An operation of a service, by position in [`Service::operations`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationId(pub u32);

/// Settings of the runtime itself, from `frontdesk.yaml`.
#[derive(Clone, Debug, Default)]
pub struct Platform {
    /// Where each BFF listens, by its folder's name.
    pub bffs: Vec<BffListener>,
    pub admin: Option<Listener>,
    /// What an administrator shows to end a user's sessions.
    pub admin_token: Option<Text>,
    /// An administrator may order faults of services on a running instance.
    pub admin_faults: bool,
    pub limits: ClientLimits,
    /// Providers of identity that BFFs may name as `issuer`.
    pub providers: Vec<Provider>,
    pub stores: Stores,
    /// Where secrets that `bff.ts` names come from; those that are not listed come from the environment variable of
    /// the same name.
    pub secrets: Vec<(Arc<str>, Text)>,
    /// The ring of keys that seal sessions: a path to the file that `frontdesk keys rotate` writes.
    pub session_keys: Option<Text>,
    /// Peers whose `X-Forwarded-For` and `Forwarded` are believed: CIDR blocks.
    pub trusted_proxies: Vec<Text>,
    /// Where this instance runs: endpoints of the same zone are preferred.
    pub zone: Option<Text>,
    /// `host:port` of the DNS server that is asked about `dns:` URLs, instead of the system's.
    pub resolver: Option<Text>,
}

/// A provider of identity, by position in [`Platform::providers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderId(pub u32);

/// An OpenID Provider or OAuth 2.0 authorization server.
#[derive(Clone, Debug)]
pub struct Provider {
    pub name: Arc<str>,
    /// The issuer identifier; metadata are read below it (RFC 8414, OpenID Connect Discovery).
    pub issuer: Text,
    /// A PEM file of roots to trust instead of the public ones.
    pub ca: Option<Text>,
    /// The longest that one request to it may take.
    pub timeout: Duration,
    pub span: Span,
}

/// Where state lives.
#[derive(Clone, Debug, Default)]
pub struct Stores {
    pub sessions: Store,
    pub limits: Store,
    pub cache: CachePlace,
    /// [`Store::Default`] is where sessions live.
    pub idempotency: Store,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Store {
    /// `dev`: memory; `serve`: a file.
    #[default]
    Default,
    Memory,
    /// A database file of this process, relative to the workspace.
    Embedded(Text),
    Redis(Box<Redis>),
}

/// Where answers are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachePlace {
    /// The most bytes in the memory of each instance.
    pub memory: u64,
    /// Shared by all instances, behind each one's memory.
    pub shared: Option<Box<Redis>>,
}

impl Default for CachePlace {
    fn default() -> Self {
        Self { memory: 64 * 1024 * 1024, shared: None }
    }
}

/// A Redis or Valkey. What may hold a password is resolved where it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redis {
    /// `redis://…` or `rediss://…`.
    pub urls: Vec<Text>,
    pub topology: RedisTopology,
    /// The user and the password for addresses that name none; with Sentinel those of the primary.
    pub username: Option<Text>,
    pub password: Option<Text>,
    /// A PEM file of roots to trust instead of the public ones.
    pub ca: Option<Text>,
    /// What all keys begin with.
    pub prefix: Option<Text>,
    /// The longest that one operation may take, instead of what each kind of store has.
    pub timeout: Option<Duration>,
}

/// What stands at the addresses of a [`Redis`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedisTopology {
    /// The one server.
    Single,
    /// Some of the nodes.
    Cluster,
    /// Sentinels, which know where the primary of this name is.
    Sentinel(Text),
}

/// How calls to a service prove on whose behalf they are made.
#[derive(Clone, Debug, Default)]
pub enum ServiceAuth {
    #[default]
    None,
    /// The caller's own access token.
    User { dpop: bool },
    /// The caller's token exchanged for one of this service (RFC 8693).
    Exchange { audience: Option<Text>, resource: Option<Text>, scopes: Vec<Arc<str>>, dpop: bool },
    /// A token of the BFF itself (RFC 6749 §4.4).
    ClientCredentials {
        provider: ProviderId,
        client_id: Text,
        client_secret: Text,
        audience: Option<Text>,
        resource: Option<Text>,
        scopes: Vec<Arc<str>>,
        dpop: bool,
    },
    /// Fixed headers whose values are secrets.
    Static(Vec<(Arc<str>, Text)>),
    /// The client certificate of `tls`.
    Mtls,
}

#[derive(Clone, Debug)]
pub struct BffListener {
    pub name: Arc<str>,
    pub listener: Listener,
    /// `https://shop.example.com`: how browsers reach this BFF. Needed for logins unless it listens on loopback.
    pub origin: Option<Text>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Listener {
    /// `host:port`.
    pub address: Text,
    pub tls: Option<ListenerTls>,
}

#[derive(Clone, Debug)]
pub struct ListenerTls {
    /// Paths of PEM files, relative to the workspace.
    pub cert: Text,
    pub key: Text,
    /// A PEM file of roots that client certificates must come from.
    pub client_ca: Option<Text>,
}

/// What a client may use up of one listener.
#[derive(Clone, Debug)]
pub struct ClientLimits {
    pub header_bytes: u64,
    pub body_bytes: u64,
    /// From the first byte of a request (or the accept) to the end of its headers.
    pub header_timeout: Duration,
    /// Between two requests of a kept-alive connection.
    pub idle_timeout: Duration,
    pub connections: u32,
    /// Served at once, by all cores together; half of it for background work, nine tenths for views.
    pub requests: u32,
}

impl Default for ClientLimits {
    fn default() -> Self {
        Self {
            header_bytes: 16 * 1024,
            body_bytes: 1024 * 1024,
            header_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_mins(1),
            connections: 10_000,
            requests: 10_000,
        }
    }
}

/// A string of the configuration that may have parts known only where it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub parts: Vec<TextPart>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextPart {
    Literal(String),
    /// `${env:NAME}`
    Env(String),
    /// `${file:path}`, relative to the workspace; trailing line breaks are dropped.
    File(String),
}

impl Text {
    /// The text once `env` and `file` have answered; the name of the first part they have no answer for.
    pub fn resolve(
        &self,
        env: &dyn Fn(&str) -> Option<String>,
        file: &dyn Fn(&str) -> Option<String>,
    ) -> Result<String, String> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                TextPart::Literal(text) => out.push_str(text),
                TextPart::Env(name) => {
                    out.push_str(&env(name).ok_or_else(|| format!("${{env:{name}}} is not set"))?);
                }
                TextPart::File(path) => {
                    let text = file(path).ok_or_else(|| format!("${{file:{path}}} cannot be read"))?;
                    out.push_str(text.trim_end_matches(['\r', '\n']));
                }
            }
        }
        Ok(out)
    }

    /// The text if nothing of it waits for the environment.
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [TextPart::Literal(text)] => Some(text),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Service {
    pub name: Arc<str>,
    pub kind: ServiceKind,
    pub doc: Option<Arc<str>>,
    /// The service's key in `frontdesk.yaml`.
    pub span: Span,
    /// The schema file, or `None` when operations stand in `frontdesk.yaml` itself.
    pub schema_path: Option<Arc<str>>,
    pub policy: ServicePolicy,
    /// Where its calls go beside the service itself.
    pub traffic: Traffic,
    pub operations: Vec<Operation>,
    /// Protobuf messages that operations mention; empty unless gRPC.
    pub messages: Vec<Message>,
}

impl Service {
    pub fn operation(&self, name: &str) -> Option<(OperationId, &Operation)> {
        self.operations
            .iter()
            .enumerate()
            .find(|(_, o)| &*o.name == name)
            .map(|(i, o)| (OperationId(i as u32), o))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceKind {
    OpenApi,
    Grpc,
    /// Plain HTTP whose types were inferred from samples.
    Sampled,
}

/// How a service is reached and what it may cost.
#[derive(Clone, Debug)]
pub struct ServicePolicy {
    /// Where it is; calls are balanced over all of its endpoints.
    pub endpoints: Endpoints,
    pub balance: Balance,
    /// How long an endpoint that appears, or comes back, takes to get its whole share of the calls; zero: at once.
    pub slow_start: Duration,
    /// How endpoints are asked whether they are well; `None`: they are not.
    pub health: Option<HealthCheck>,
    /// The longest a call may take, unless the call says less.
    pub timeout: Duration,
    pub connect_timeout: Duration,
    pub bulkhead: Bulkhead,
    /// Speak HTTP/2 to it. A gRPC service is spoken to in HTTP/2 whatever this says.
    pub http2: bool,
    pub retries: Retries,
    pub hedge: Hedging,
    /// `None`: no breaker.
    pub breaker: Option<Breaker>,
    /// `None`: no endpoint is left out because it fails.
    pub outliers: Option<Outliers>,
    pub tls: ServiceTls,
    /// Static headers (or gRPC metadata) of every call.
    pub headers: Vec<(Arc<str>, Text)>,
    /// The largest answer that is read, in bytes.
    pub body_limit: u64,
    pub auth: ServiceAuth,
    /// Addresses the service's name may resolve to.
    pub addresses: Addresses,
}

/// Where the endpoints of a service are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoints {
    /// As they are written.
    Listed(Vec<EndpointEntry>),
    /// A file with such a list, relative to the workspace. It is read again when it changes.
    File(Text),
}

impl Default for Endpoints {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

impl Endpoints {
    /// The URLs that are written; none if they stand in a file.
    pub fn urls(&self) -> impl Iterator<Item = &Text> {
        let listed: &[EndpointEntry] = match self {
            Self::Listed(listed) => listed,
            Self::File(_) => &[],
        };
        listed.iter().map(|entry| &entry.url)
    }
}

/// One entry of `url`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointEntry {
    /// `http://` or `https://`: one endpoint. `dns://host:port`, `dns+https://host:port`: one for each address of the
    /// name. `dns+srv://_http._tcp.name`, `dns+srv+https://…`: one for each target of its SRV records (RFC 2782).
    pub url: Text,
    /// Its share of the calls beside the others', 1 to 1000. Of a `dns:` URL, that of each address.
    pub weight: u32,
    pub zone: Option<Text>,
}

/// Which endpoint takes the next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Balance {
    /// The less loaded of two drawn by weight.
    #[default]
    LeastLoaded,
    /// The one that always takes calls which ask for the same, unless it has far more than its share.
    Hash,
}

/// How endpoints are asked whether they are well, beside the calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// What is asked for with GET, below the endpoint's base URL; any 2xx is well. Empty for gRPC.
    pub path: Arc<str>,
    /// The service that grpc.health.v1 is asked about; empty: the server as a whole.
    pub service: Arc<str>,
    pub every: Duration,
    pub timeout: Duration,
    /// After so many good answers in a row an endpoint is used again.
    pub healthy: u32,
    /// After so many bad ones in a row it is not.
    pub unhealthy: u32,
}

impl Default for HealthCheck {
    fn default() -> Self {
        Self {
            path: Arc::from(""),
            service: Arc::from(""),
            every: Duration::from_secs(5),
            timeout: Duration::from_secs(1),
            healthy: 2,
            unhealthy: 3,
        }
    }
}

/// Which resolved addresses of a service are dialled (against names that are rebound to somewhere else).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Addresses {
    /// Any but link-local and cloud metadata ones (169.254.0.0/16, fe80::/10).
    #[default]
    Any,
    /// Public ones only.
    Public,
}

#[derive(Clone, Debug, Default)]
pub struct ServiceTls {
    /// A PEM file of roots to trust instead of the public ones.
    pub ca: Option<Text>,
    pub server_name: Option<Arc<str>>,
    /// Our own certificate and key, PEM files, for services that ask for one.
    pub cert: Option<Text>,
    pub key: Option<Text>,
}

#[derive(Clone, Debug)]
pub struct Operation {
    /// As called in a view: lowerCamelCase.
    pub name: Arc<str>,
    pub doc: Option<Arc<str>>,
    pub origin: Origin,
    /// Always an object type: parameters by name and the properties of a JSON body, or the fields of the
    /// request message.
    pub args: Type,
    pub result: Type,
    pub effect: Effect,
    pub batch: Option<Batch>,
    pub binding: Binding,
    pub deprecated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Reads,
    Writes,
}

/// How many single calls become one call of the twin.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    pub twin: OperationId,
    /// The single operation's argument that identifies what is asked for.
    pub id_arg: Arc<str>,
    /// The twin's argument that takes the list of ids.
    pub ids_arg: Arc<str>,
    /// The field of the twin's result that holds the list, or `None` if the result is the list.
    pub items: Option<Arc<str>>,
    /// The field of an item that holds its id.
    pub key: Arc<str>,
    /// The most ids of one call.
    pub limit: u32,
}

#[derive(Clone, Debug)]
pub enum Binding {
    Http(HttpBinding),
    Grpc(GrpcBinding),
}

#[derive(Clone, Debug)]
pub struct HttpBinding {
    /// Upper case.
    pub method: Arc<str>,
    /// The path below the service's URL, beginning with `/`.
    pub path: Vec<PathPart>,
    /// Query, header and cookie parameters in the order of declaration (path parameters are in `path`).
    pub params: Vec<HttpParam>,
    pub body: Option<HttpBody>,
    /// The query parameter, as on the wire, that takes the comma-separated list of fields to answer, if the
    /// service has one. It is neither an argument nor in `params`: the planner fills it in.
    pub fields_param: Option<Arc<str>>,
    /// Success statuses that have no body (204).
    pub empty_statuses: Vec<u16>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum PathPart {
    Literal(Arc<str>),
    /// One percent-encoded segment (or part of one) filled from an argument.
    Arg(Arc<str>),
}

#[derive(Clone, Debug)]
pub struct HttpParam {
    /// The name in the argument object.
    pub arg: Arc<str>,
    /// The name on the wire.
    pub wire: Arc<str>,
    pub place: ParamPlace,
    pub style: ParamStyle,
    pub explode: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamPlace {
    Query,
    Header,
    Cookie,
}

/// OpenAPI's `style`, as far as query, header and cookie parameters use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamStyle {
    Form,
    Simple,
    SpaceDelimited,
    PipeDelimited,
    DeepObject,
    /// `content: application/json`: the value as JSON text.
    Json,
}

#[derive(Clone, Debug)]
pub enum HttpBody {
    /// These arguments make up the JSON object.
    Fields(Vec<Arc<str>>),
    /// This argument is the body.
    Whole(Arc<str>),
}

#[derive(Clone, Debug)]
pub struct GrpcBinding {
    /// `/harbor.cart.v1.Cart/GetCart`
    pub path: Arc<str>,
    pub request: MessageId,
    pub response: MessageId,
    /// The request field that takes a `google.protobuf.FieldMask`, if it has one.
    pub mask_arg: Option<Arc<str>>,
}

/// A message of [`Service::messages`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MessageId(pub u32);

#[derive(Clone, Debug)]
pub struct Message {
    /// Fully qualified: `harbor.cart.v1.Line`.
    pub name: Arc<str>,
    pub fields: Vec<MessageField>,
}

#[derive(Clone, Debug)]
pub struct MessageField {
    pub number: u32,
    /// The proto JSON name: lowerCamelCase.
    pub name: Arc<str>,
    pub kind: FieldKind,
    pub cardinality: Cardinality,
    /// Fields of one message with the same number here exclude each other.
    pub oneof: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// Proto3 without `optional`: absent on the wire means the default value.
    Implicit,
    /// `optional`, a oneof member, a message: absent means absent.
    Optional,
    Repeated,
}

#[derive(Clone, Debug, PartialEq)]
pub enum FieldKind {
    Double,
    Float,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Bool,
    String,
    Bytes,
    /// Number → name.
    Enum(Arc<[(i32, Arc<str>)]>),
    Message(MessageId),
    /// `map<K, V>`: an entry message with fields 1 and 2.
    Map {
        key: Box<FieldKind>,
        value: Box<FieldKind>,
    },
    /// A message with a JSON form of its own.
    WellKnown(WellKnown),
}

/// <https://protobuf.dev/programming-guides/json/>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WellKnown {
    Timestamp,
    Duration,
    FieldMask,
    Struct,
    Value,
    ListValue,
    Empty,
    Any,
    DoubleValue,
    FloatValue,
    Int32Value,
    Int64Value,
    Uint32Value,
    Uint64Value,
    BoolValue,
    StringValue,
    BytesValue,
    /// An enum with one value, which is `null` in JSON.
    NullValue,
}
