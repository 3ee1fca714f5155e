//! Where a service's endpoints are and which of them takes a call: `url`, `balance`, `slow-start`, `health`.
//!
//! `url` is one URL, a list, or a file with such a list. `dns:` URLs stand for whatever a name resolves to.

use core::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Diagnostics, FileId, Sources, Span, codes};

use super::section::{Section, one_or_many, wrong_type};
use super::{keys, text, units};
use crate::catalog::{Balance, EndpointEntry, Endpoints, HealthCheck, ServicePolicy, Text};
use crate::tree::{self, Entry, Node, Reading, Value};

/// The schemes of `url`, as they are offered when one is misspelt.
const SCHEMES: &[&str] = &["http", "https", "dns", "dns+https", "dns+srv", "dns+srv+https"];
/// The greatest `weight`: with more, the others would hardly be asked at all.
const MOST_WEIGHT: u32 = 1000;
/// The most endpoints one list may have.
const MOST_ENDPOINTS: usize = 1024;

/// `balance`, `slow-start` and `health`, with `url` read before.
pub fn read(
    section: &mut Section<'_>,
    is_grpc: bool,
    policy: &mut ServicePolicy,
    found: &mut Vec<Diagnostic>,
) {
    if let Some(entry) = section.take("balance")
        && let Some(word) = units::one_of(&entry, keys::BALANCE_WORDS, found)
    {
        policy.balance = if word == "hash" { Balance::Hash } else { Balance::LeastLoaded };
    }
    if let Some(entry) = section.take("slow-start") {
        policy.slow_start = match &entry.value.value {
            Value::Boolean(false) => Duration::ZERO,
            Value::String(word) if word == "off" => Duration::ZERO,
            _ => units::duration(&entry, found).unwrap_or(policy.slow_start),
        };
    }
    if let Some(entry) = section.take("health") {
        policy.health = read_health(&entry, is_grpc, found);
    }
}

/// `resolver`: the address of a DNS server, whose name nobody could ask for.
pub fn read_resolver(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<Text> {
    let text = text::filled(entry, found)?;
    let Some(written) = text.literal() else { return Some(text) };
    if written.parse::<SocketAddr>().is_err() && written.parse::<IpAddr>().is_err() {
        let message = format!("`resolver: {written}` is not the address of a DNS server");
        let help = "write an address, with a port if it is not 53: `127.0.0.1:5353`";
        found.push(text::bad_value(entry.value.span, &message, "not an address", help));
        return None;
    }
    Some(text)
}

/// What stands behind a `url`: one, a list, or a file with a list.
pub fn read_url(entry: &Entry, found: &mut Vec<Diagnostic>) -> Endpoints {
    if let Value::Map(map) = &entry.value.value
        && map.entry("url").is_none()
    {
        let what = "`url` as a mapping";
        let Some(mut section) = Section::open(&entry.value, entry.key_span, what, keys::URL_FILE, found)
        else {
            return Endpoints::default();
        };
        let Some(file) = section.require("file", "endpoints.yaml", found) else {
            return Endpoints::default();
        };
        return text::filled(&file, found).map(Endpoints::File).unwrap_or_default();
    }
    let nodes = one_or_many(entry);
    if nodes.is_empty() {
        let help = "write at least one: `url: http://127.0.0.1:9102`";
        found.push(text::bad_value(entry.value.span, "`url` is an empty list", "no URL stands here", help));
    }
    Endpoints::Listed(read_list(nodes, entry.key_span, SCHEMES, found))
}

/// A list of endpoints: URLs, or mappings with a URL, a weight and a zone.
fn read_list(
    nodes: &[Arc<Node>],
    key: Span,
    schemes: &'static [&'static str],
    found: &mut Vec<Diagnostic>,
) -> Vec<EndpointEntry> {
    let listed: Vec<EndpointEntry> =
        nodes.iter().filter_map(|node| read_endpoint(node, key, schemes, found)).collect();
    refuse_mixture(&listed, found);
    refuse_twice(&listed, found);
    if listed.len() > MOST_ENDPOINTS {
        let message = format!("{} endpoints are more than one list may have", listed.len());
        let help = format!("write at most {MOST_ENDPOINTS}, or put a load balancer before them");
        found.push(text::bad_value(key, &message, "too many", &help));
    }
    listed
}

fn read_endpoint(
    node: &Node,
    key: Span,
    schemes: &'static [&'static str],
    found: &mut Vec<Diagnostic>,
) -> Option<EndpointEntry> {
    if !matches!(node.value, Value::Map(_)) {
        let url = url(node, key, schemes, found)?;
        return Some(EndpointEntry { url, weight: 1, zone: None });
    }
    if let Value::Map(map) = &node.value
        && let (Some(file), None) = (map.entry("file"), map.entry("url"))
    {
        let message = "a file of endpoints stands alone, not in a list";
        let help = "write `url: { file: endpoints.yaml }`, and the other endpoints into that file";
        found.push(text::bad_value(file.key_span, message, "no endpoint", help));
        return None;
    }
    let mut section = Section::open(node, key, "an endpoint", keys::ENDPOINT, found)?;
    let url_entry = section.require("url", "http://127.0.0.1:9102", found);
    let weight = section.take("weight").map(|entry| read_weight(&entry, found));
    let zone = section.take("zone").and_then(|entry| text::filled(&entry, found));
    let url_entry = url_entry?;
    let url = url(&url_entry.value, url_entry.key_span, schemes, found)?;
    Some(EndpointEntry { url, weight: weight.flatten().unwrap_or(1), zone })
}

fn read_weight(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<u32> {
    let weight = units::count(entry, 0, found)?;
    let refuse = |found: &mut Vec<Diagnostic>, is: &str, help: &str| {
        found.push(text::bad_value(entry.value.span, &format!("`weight: {weight}` {is}"), is, help));
        None
    };
    match weight {
        0 => refuse(found, "would never be asked", "take the endpoint out, or give it a weight of 1"),
        1..=MOST_WEIGHT => Some(weight),
        _ => refuse(found, "is out of range", "write a number between 1 and 1000; only their ratio counts"),
    }
}

/// A base URL by one of `schemes`.
fn url(
    node: &Node,
    key: Span,
    schemes: &'static [&'static str],
    found: &mut Vec<Diagnostic>,
) -> Option<Text> {
    let text = text::text(node, key, "url", found)?;
    let Some(written) = text.literal() else { return Some(text) };
    match url_problem(written, schemes) {
        None => Some(text),
        Some((is, help)) => {
            found.push(text::bad_value(node.span, &format!("`{written}` {is}"), &is, &help));
            None
        }
    }
}

fn url_problem(url: &str, schemes: &'static [&'static str]) -> Option<(String, String)> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return text::url_problem(url).map(|(is, help)| (is.to_owned(), help));
    };
    if !schemes.contains(&scheme) {
        if scheme.starts_with("dns") && SCHEMES.contains(&scheme) {
            let help = "write the addresses themselves, or the name as `url` in frontdesk.yaml".to_owned();
            return Some(("cannot stand in a file of endpoints".to_owned(), help));
        }
        let help = match nearest(scheme, schemes.iter().copied()) {
            Some(near) => format!("did you mean `{near}://{rest}`?"),
            None => format!("write `http://{rest}` or `https://{rest}`"),
        };
        return Some((format!("begins with none of {}", with_slashes(schemes)), help));
    }
    let is_srv = scheme.starts_with("dns+srv");
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if is_srv && authority.contains(':') {
        let bare = authority.split(':').next().unwrap_or_default();
        let name = if bare.starts_with('_') { bare.to_owned() } else { format!("_http._tcp.{bare}") };
        return Some((
            "names a port, which SRV records do (RFC 2782)".to_owned(),
            format!("write `{scheme}://{name}`"),
        ));
    }
    if is_srv && !(authority.starts_with('_') && authority.contains("._tcp.")) {
        return Some((
            "is not the name of SRV records (RFC 2782)".to_owned(),
            format!("write `{scheme}://_http._tcp.{}`", authority.trim_start_matches('_')),
        ));
    }
    let is_address =
        authority.starts_with('[') || text::is_ipv4(authority.split(':').next().unwrap_or_default());
    if scheme.starts_with("dns") && is_address {
        let plain = if scheme.ends_with("https") { "https" } else { "http" };
        return Some((
            "asks DNS for what is an address already".to_owned(),
            format!("write `{plain}://{rest}`"),
        ));
    }
    // The rest is as for any base URL.
    text::url_problem(&format!("http://{rest}"))
        .map(|(is, help)| (is.to_owned(), help.replace("http://", &format!("{scheme}://"))))
}

fn with_slashes(schemes: &[&str]) -> String {
    let all: Vec<String> = schemes.iter().map(|scheme| format!("{scheme}://")).collect();
    all.join(", ")
}

/// Half of the calls in the clear is a mistake nobody would see.
fn refuse_mixture(listed: &[EndpointEntry], found: &mut Vec<Diagnostic>) {
    let is_secure = |entry: &EndpointEntry| {
        let (scheme, _) = entry.url.literal()?.split_once("://")?;
        Some(scheme.ends_with("https"))
    };
    let first = |wanted: bool| listed.iter().find(|entry| is_secure(entry) == Some(wanted));
    let (Some(secure), Some(plain)) = (first(true), first(false)) else { return };
    found.push(
        Diagnostic::error(
            codes::catalog::BAD_VALUE,
            "some endpoints of the service speak TLS and others do not",
            plain.url.span,
            "calls that come to this one travel in the clear",
        )
        .label(secure.url.span, "this one speaks TLS")
        .help("write `https://…` for all of them; two ways to speak to a service are two services"),
    );
}

/// One endpoint that stands twice would be counted, checked and left out as two.
fn refuse_twice(listed: &[EndpointEntry], found: &mut Vec<Diagnostic>) {
    for (at, entry) in listed.iter().enumerate() {
        let Some(url) = entry.url.literal() else { continue };
        let plain = |url: &str| url.trim_end_matches('/').to_ascii_lowercase();
        let mut before = listed.iter().take(at);
        let Some(first) =
            before.find(|other| other.url.literal().is_some_and(|other| plain(other) == plain(url)))
        else {
            continue;
        };
        found.push(
            Diagnostic::error(
                codes::catalog::BAD_VALUE,
                format!("`{url}` stands in the list twice"),
                entry.url.span,
                "the second time",
            )
            .label(first.url.span, "the first time")
            .help(format!("keep one of them; `{{ url: {url}, weight: 2 }}` gives it twice as many calls")),
        );
    }
}

fn read_health(entry: &Entry, is_grpc: bool, found: &mut Vec<Diagnostic>) -> Option<HealthCheck> {
    if matches!(&entry.value.value, Value::String(word) if word == "off") {
        return None;
    }
    let mut section = Section::open(&entry.value, entry.key_span, "`health`", keys::HEALTH, found)?;
    let mut health = HealthCheck::default();
    let path = section.take("path");
    let service = section.take("service");
    match (&path, &service, is_grpc) {
        (Some(path), _, true) => found.push(text::bad_value(
            path.key_span,
            "a gRPC service has no health path",
            "it is asked by grpc.health.v1.Health/Check",
            "take `path` out; `service: package.Service` asks for one service of the server",
        )),
        (_, Some(service), false) => found.push(text::bad_value(
            service.key_span,
            "`service` is for gRPC",
            "this service is asked over HTTP",
            "write the path that is asked: `path: /health`",
        )),
        (None, _, false) => {
            section.require("path", "/health", found);
            return None;
        }
        _ => {}
    }
    if let Some(path) = path.and_then(|path| text::word(&path.value, path.key_span, "path", found)) {
        let is_path =
            path.value.starts_with('/') && path.value.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
        if !is_path {
            let message = format!("`{}` is not a path", path.value);
            let help = "begin with `/` and percent-encode what is no plain ASCII (RFC 3986 §3.3)";
            found.push(text::bad_value(path.span, &message, "cannot be asked for", help));
        }
        health.path = path.value.into();
    }
    if let Some(service) = service.and_then(|e| text::word(&e.value, e.key_span, "service", found)) {
        health.service = service.value.into();
    }
    let mut length = |key: &str, into: &mut Duration| {
        if let Some(length) = section.take(key).and_then(|entry| units::duration(&entry, found)) {
            *into = length;
        }
    };
    length("every", &mut health.every);
    length("timeout", &mut health.timeout);
    for (key, into) in [("healthy", &mut health.healthy), ("unhealthy", &mut health.unhealthy)] {
        if let Some(count) = section.take(key).and_then(|entry| units::count(&entry, 1, found)) {
            *into = count;
        }
    }
    if health.timeout > health.every {
        let message = format!("`timeout` of `health` ({:?}) is longer than `every`", health.timeout);
        let help = format!("write `timeout: {}ms` or less", health.every.as_millis());
        found.push(text::bad_value(entry.key_span, &message, "checks would overtake each other", &help));
    }
    Some(health)
}

/// The endpoints of a file that `url: { file: … }` names: a YAML list as `url` takes it, without `dns:` URLs.
///
/// `None` (and diagnostics) if anything in it is wrong: of half a list, half the endpoints would get all calls.
pub fn endpoint_list(
    path: &str,
    written: String,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<EndpointEntry>> {
    let file: FileId = sources.add(path, written);
    let reading = Reading { file, syntax_error: codes::catalog::NOT_YAML };
    let mut found = Vec::new();
    let listed = tree::read(path, sources.text(file), reading, &mut found).and_then(|tree| {
        let start = Span::new(file, 0, 0);
        let Value::List(nodes) = &tree.value else {
            found.push(
                wrong_type(&tree, start, &format!("`{path}`"), "a list of endpoints")
                    .help("write one endpoint a line: `- http://10.0.0.1:9102`"),
            );
            return None;
        };
        if nodes.is_empty() {
            let help = "write at least one: `- http://10.0.0.1:9102`";
            found.push(text::bad_value(tree.span, "the list of endpoints is empty", "no endpoint", help));
        }
        Some(read_list(nodes, start, &["http", "https"], &mut found))
    });
    let is_good = found.is_empty();
    diagnostics.extend(found);
    listed.filter(|_| is_good)
}
