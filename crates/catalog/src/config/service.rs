//! One service of `frontdesk.yaml`: its schema, its place, its policy.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_diagnostics::{Diagnostic, Span, codes};
use frontdesk_types::{is_identifier, is_reserved};

use super::batch::{self, BatchEntry};
use super::section::{Section, entries, one_or_many, wrong_type};
use super::{Spanned, balance, keys, resilience, service_auth, text, traffic, units};
use crate::catalog::{
    Addresses, Balance, Endpoints, Provider, ServiceAuth, ServicePolicy, ServiceTls, Text, TextPart,
};
use crate::openapi::is_token;
use crate::policy::{Breaker, Bulkhead, Hedging, Outliers, Retries};
use crate::traffic::Traffic;
use crate::tree::{Entry, Value};

/// A service as it was written.
#[derive(Clone, Debug)]
pub struct ServiceEntry {
    pub name: Arc<str>,
    /// The service's key.
    pub span: Span,
    pub schema: SchemaEntry,
    pub policy: ServicePolicy,
    pub traffic: Traffic,
    /// Operations that only read, whatever the schema says or leaves out.
    pub reads: Vec<Spanned<String>>,
    pub batch: Vec<BatchEntry>,
    /// Operation → parameter that takes the fields to answer.
    pub fields: Vec<(Spanned<Arc<str>>, Spanned<String>)>,
}

/// Where a service's operations come from.
#[derive(Clone, Debug)]
pub enum SchemaEntry {
    OpenApi(Spanned<String>),
    Grpc(Spanned<String>),
    Sampled(Vec<SampledOperation>),
}

/// An operation described by its path and samples.
#[derive(Clone, Debug)]
pub struct SampledOperation {
    pub name: Arc<str>,
    pub span: Span,
    /// Upper case.
    pub method: &'static str,
    pub path: Spanned<String>,
    pub query: Vec<Spanned<String>>,
    pub samples: Vec<Spanned<String>>,
    pub body: Vec<Spanned<String>>,
    pub reads: bool,
}

impl Default for ServicePolicy {
    fn default() -> Self {
        Self {
            endpoints: Endpoints::default(),
            balance: Balance::LeastLoaded,
            slow_start: Duration::from_secs(10),
            health: None,
            timeout: Duration::from_secs(1),
            connect_timeout: Duration::from_millis(500),
            bulkhead: Bulkhead::Adaptive,
            http2: false,
            retries: Retries::default(),
            hedge: Hedging::Never,
            breaker: Some(Breaker::default()),
            outliers: Some(Outliers::default()),
            tls: ServiceTls::default(),
            headers: Vec::new(),
            body_limit: 8 * 1024 * 1024,
            auth: ServiceAuth::None,
            addresses: Addresses::Any,
        }
    }
}

/// `providers` are those of the workspace, for services that ask one for tokens.
pub fn read_all(entry: &Entry, providers: &[Provider], found: &mut Vec<Diagnostic>) -> Vec<ServiceEntry> {
    let all: Vec<&Entry> = entries(entry, found).collect();
    all.into_iter().filter_map(|entry| read(entry, providers, found)).collect()
}

fn read(entry: &Entry, providers: &[Provider], found: &mut Vec<Diagnostic>) -> Option<ServiceEntry> {
    check_name(entry, found);
    let what = format!("service `{}`", entry.key);
    let mut section = Section::open(&entry.value, entry.key_span, what, keys::SERVICE, found)?;
    let mut policy = read_policy(&mut section, found);
    if let Some(auth) = section.take("auth") {
        policy.auth = service_auth::read(&auth, providers, found).unwrap_or_default();
        service_auth::refuse_contradictions(&auth, &policy, found);
    }
    let traffic =
        section.take("traffic").map(|entry| traffic::read(&entry, &policy, found)).unwrap_or_default();
    let reads = section.take("reads").map(|entry| read_words(&entry, found)).unwrap_or_default();
    let batch = section.take("batch").map(|entry| batch::read_all(&entry, found)).unwrap_or_default();
    let fields = section.take("fields").map(|entry| read_fields(&entry, found)).unwrap_or_default();
    let schema = read_schema(entry, &mut section, found)?;
    Some(ServiceEntry {
        name: entry.key.clone(),
        span: entry.key_span,
        schema,
        policy,
        traffic,
        reads,
        batch,
        fields,
    })
}

fn check_name(entry: &Entry, found: &mut Vec<Diagnostic>) {
    let is_reserved = is_reserved(&entry.key);
    if is_identifier(&entry.key) && !is_reserved {
        return;
    }
    let (label, help) = if is_reserved {
        ("a reserved word of TypeScript", format!("call it `{}Service`", entry.key))
    } else {
        ("views could not import this name", format!("call it `{}`", text::as_identifier(&entry.key)))
    };
    found.push(
        Diagnostic::error(
            codes::catalog::BAD_NAME,
            format!("`{}` cannot be the name of a service", entry.key),
            entry.key_span,
            label,
        )
        .help(help),
    );
}

fn read_schema(
    service: &Entry,
    section: &mut Section<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<SchemaEntry> {
    let given: Vec<Entry> =
        ["openapi", "grpc", "http"].iter().filter_map(|kind| section.take(kind)).collect();
    let [one] = given.as_slice() else {
        let diagnostic = match given.as_slice() {
            [first, second, ..] => Diagnostic::error(
                codes::catalog::SCHEMA_KIND,
                format!("service `{}` has two kinds of schema", service.key),
                second.key_span,
                format!("`{}` and `{}` exclude each other", first.key, second.key),
            )
            .label(first.key_span, "the other kind")
            .help("keep one; two ways to speak to a service are two services"),
            _ => Diagnostic::error(
                codes::catalog::SCHEMA_KIND,
                format!("service `{}` has no schema", service.key),
                service.key_span,
                "`openapi`, `grpc` or `http` is missing here",
            )
            .help(format!("add `openapi: services/{}.openapi.yaml`", service.key)),
        };
        found.push(diagnostic);
        return None;
    };
    match &*one.key {
        "openapi" => text::path(&one.value, one.key_span, "openapi", found).map(SchemaEntry::OpenApi),
        "grpc" => text::path(&one.value, one.key_span, "grpc", found).map(SchemaEntry::Grpc),
        _ => {
            let operations: Vec<&Entry> = entries(one, found).collect();
            let operations = operations.into_iter().filter_map(|entry| read_sampled(entry, found));
            Some(SchemaEntry::Sampled(operations.collect()))
        }
    }
}

fn read_policy(section: &mut Section<'_>, found: &mut Vec<Diagnostic>) -> ServicePolicy {
    let mut policy = ServicePolicy::default();
    if let Some(entry) = section.require("url", "http://127.0.0.1:9102", found) {
        policy.endpoints = balance::read_url(&entry, found);
    }
    let is_grpc = section.take("grpc").is_some();
    balance::read(section, is_grpc, &mut policy, found);
    if let Some(timeout) = section.take("timeout").and_then(|e| units::duration(&e, found)) {
        policy.timeout = timeout;
    }
    if let Some(timeout) = section.take("connect-timeout").and_then(|e| units::duration(&e, found)) {
        policy.connect_timeout = timeout;
    }
    if let Some(http2) = section.take("http2").and_then(|e| units::boolean(&e, found)) {
        policy.http2 = http2;
    }
    resilience::read(section, &mut policy, found);
    if let Some(entry) = section.take("addresses")
        && let Some(word) = units::one_of(&entry, &["any", "public"], found)
    {
        policy.addresses = if word == "public" { Addresses::Public } else { Addresses::Any };
    }
    policy.tls = section.take("tls").and_then(|entry| read_tls(&entry, found)).unwrap_or_default();
    policy.headers = section.take("headers").map(|entry| read_headers(&entry, found)).unwrap_or_default();
    if let Some(entry) = section.take("limits")
        && let Some(mut limits) =
            Section::open(&entry.value, entry.key_span, "`limits` of a service", keys::SERVICE_LIMITS, found)
        && let Some(bytes) = limits.take("body").and_then(|e| units::size(&e, found))
    {
        policy.body_limit = bytes;
    }
    policy
}

fn read_tls(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<ServiceTls> {
    let what = "`tls` of a service";
    let mut section = Section::open(&entry.value, entry.key_span, what, keys::SERVICE_TLS, found)?;
    let ca = section.take("ca").and_then(|e| text::text(&e.value, e.key_span, "ca", found));
    let server_name =
        section.take("server-name").and_then(|e| text::word(&e.value, e.key_span, "server-name", found));
    let (cert_entry, key_entry) = (section.take("cert"), section.take("key"));
    if let (Some(alone), None) | (None, Some(alone)) = (&cert_entry, &key_entry) {
        let (other, example) = if &*alone.key == "cert" {
            ("key", "key: certs/bff.key")
        } else {
            ("cert", "cert: certs/bff.pem")
        };
        found.push(
            Diagnostic::error(
                codes::catalog::SERVICE_AUTH,
                format!("`tls` has `{}` without `{other}`", alone.key),
                alone.key_span,
                "of no use alone",
            )
            .help(format!("add `{example}`")),
        );
    }
    let cert = cert_entry.and_then(|entry| text::filled(&entry, found));
    let key = key_entry.and_then(|entry| text::filled(&entry, found));
    Some(ServiceTls { ca, server_name: server_name.map(|name| name.value.into()), cert, key })
}

/// Header names and values that can be sent, lower case.
pub fn read_headers(entry: &Entry, found: &mut Vec<Diagnostic>) -> Vec<(Arc<str>, Text)> {
    let mut headers = Vec::new();
    for header in entries(entry, found).collect::<Vec<_>>() {
        if !is_token(&header.key) {
            let message = format!("`{}` is not the name of a header", header.key);
            let help = "use letters, digits and `-` (RFC 9110 §5.1)";
            found.push(text::bad_value(header.key_span, &message, "not a header name", help));
            continue;
        }
        if HOP_BY_HOP.iter().any(|name| header.key.eq_ignore_ascii_case(name)) {
            let message = format!("the header `{}` belongs to the connection", header.key);
            let help = "take it out; Frontdesk writes it (RFC 9110 §7.6.1)";
            found.push(text::bad_value(header.key_span, &message, "cannot be set", help));
            continue;
        }
        let value = text::text(&header.value, header.key_span, &header.key, found);
        let is_printable = |part: &TextPart| match part {
            TextPart::Literal(text) => text.chars().all(|c| c == '\t' || !c.is_control()),
            _ => true,
        };
        if value.as_ref().is_some_and(|value| !value.parts.iter().all(is_printable)) {
            let message = format!("the value of the header `{}` has a control character", header.key);
            let help = "write it on one line (RFC 9110 §5.5)";
            found.push(text::bad_value(header.value.span, &message, "cannot be sent", help));
            continue;
        }
        headers.extend(value.map(|value| (Arc::from(header.key.to_ascii_lowercase()), value)));
    }
    headers
}

const HOP_BY_HOP: &[&str] = &[
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

fn read_fields(entry: &Entry, found: &mut Vec<Diagnostic>) -> Vec<(Spanned<Arc<str>>, Spanned<String>)> {
    let all: Vec<&Entry> = entries(entry, found).collect();
    all.into_iter()
        .filter_map(|entry| {
            let param = text::word(&entry.value, entry.key_span, &entry.key, found)?;
            Some((Spanned { value: entry.key.clone(), span: entry.key_span }, param))
        })
        .collect()
}

fn read_sampled(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<SampledOperation> {
    if !is_identifier(&entry.key) {
        found.push(
            Diagnostic::error(
                codes::catalog::BAD_NAME,
                format!("`{}` cannot be the name of an operation", entry.key),
                entry.key_span,
                "views could not call this name",
            )
            .help(format!("call it `{}`", text::as_identifier(&entry.key))),
        );
    }
    let what = format!("operation `{}`", entry.key);
    let mut section = Section::open(&entry.value, entry.key_span, what, keys::SAMPLED, found)?;
    let query = section.take("query").map(|e| read_words(&e, found)).unwrap_or_default();
    let samples = section.take("sample").map(|e| read_paths(&e, found)).unwrap_or_default();
    let body = section.take("body").map(|e| read_paths(&e, found)).unwrap_or_default();
    let reads = section.take("reads").and_then(|e| units::boolean(&e, found)).unwrap_or(false);
    let methods =
        [("get", "GET"), ("put", "PUT"), ("post", "POST"), ("patch", "PATCH"), ("delete", "DELETE")];
    let given: Vec<(Entry, &'static str)> =
        methods.iter().filter_map(|(key, method)| Some((section.take(key)?, *method))).collect();
    let [(path_entry, method)] = given.as_slice() else {
        let span = given.get(1).map_or(entry.key_span, |(entry, _)| entry.key_span);
        found.push(
            Diagnostic::error(
                codes::catalog::MISSING_KEY,
                format!("operation `{}` needs exactly one method with a path", entry.key),
                span,
                if given.is_empty() { "no method stands here" } else { "a second method" },
            )
            .help("write for instance `get: /things/{id}`"),
        );
        return None;
    };
    let path = text::word(&path_entry.value, path_entry.key_span, &path_entry.key, found)?;
    Some(SampledOperation {
        name: entry.key.clone(),
        span: entry.key_span,
        method,
        path,
        query,
        samples,
        body,
        reads,
    })
}

pub fn read_words(entry: &Entry, found: &mut Vec<Diagnostic>) -> Vec<Spanned<String>> {
    let Value::List(items) = &entry.value.value else {
        let what = format!("`{}`", entry.key);
        found.push(wrong_type(&entry.value, entry.key_span, &what, "a list of names"));
        return Vec::new();
    };
    items.iter().filter_map(|node| text::word(node, entry.key_span, &entry.key, found)).collect()
}

fn read_paths(entry: &Entry, found: &mut Vec<Diagnostic>) -> Vec<Spanned<String>> {
    one_or_many(entry).iter().filter_map(|node| text::path(node, entry.key_span, &entry.key, found)).collect()
}
