//! A file of cases → cases.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use frontdesk_catalog::Catalog;
use frontdesk_catalog::tree::{self, Entry, Map, Node, Reading, Value as Written};
use frontdesk_diagnostics::codes::testing::{BAD_CASE, SAME_CASE};
use frontdesk_diagnostics::{Diagnostic, FileId, Span};
use frontdesk_lang::model::Versions;
use frontdesk_perimeter::Kind;
use frontdesk_plan::BffPlan;
use http::{HeaderName, HeaderValue, Request};
use serde_json::{Value, json};

use super::quantity;
use super::walk::Found;
use super::{Case, Expected, ExpectedCall, ExpectedCalls, Who, ask, services};
use crate::fake::Scripts;
use crate::identity::As;

const FILE: [&str; 9] = ["says", "services", "as", "version", "at", "request", "response", "calls", "cases"];
const CASE: [&str; 8] = ["says", "services", "as", "version", "at", "request", "response", "calls"];
const AS: [&str; 8] = ["subject", "scopes", "claims", "kind", "acr", "client", "age", "pin"];
const REQUEST: [&str; 7] = ["endpoint", "input", "method", "path", "headers", "json", "body"];
const RESPONSE: [&str; 10] = [
    "status", "headers", "json", "snapshot", "problem", "payload", "latency", "within", "degraded", "without",
];
const KINDS: [(&str, Kind); 5] = [
    ("session", Kind::Session),
    ("bearer", Kind::Bearer),
    ("device", Kind::Device),
    ("key", Kind::Key),
    ("certificate", Kind::Certificate),
];

/// Every case of a file; what is wrong goes to `diagnostics`, and a case with an error is left out.
///
/// `path` is that of the file in the workspace, `text` its content, which is `file` of the sources.
pub fn read(
    catalog: &Catalog,
    bff: &BffPlan,
    path: &str,
    text: &str,
    file: FileId,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Case> {
    let mut found = Found::default();
    let stem = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or(path, |(stem, _)| stem);
    let mut reader = Reader { catalog, bff, stem, names: BTreeSet::new() };
    let mut written: Vec<(Arc<Node>, Map2)> = Vec::new();
    for document in documents(text) {
        let reading = Reading { file, syntax_error: BAD_CASE };
        let Some(node) = tree::read(path, &document, reading, &mut found.0) else { continue };
        let Some(map) = found.section(&node, "a file of cases", &FILE) else { continue };
        match map.entry("cases") {
            None => written.push((node.clone(), Map2 { own: node.clone(), shared: None })),
            Some(cases) => match cases.value.as_list() {
                Some(list) => written.extend(
                    list.iter()
                        .map(|own| (own.clone(), Map2 { own: own.clone(), shared: Some(node.clone()) })),
                ),
                None => found.wrong(cases.value.span, "cases", "a list of cases"),
            },
        }
    }
    let several = written.len() > 1;
    let cases: Vec<Case> = written
        .iter()
        .filter_map(|(node, map)| {
            let before = found.0.iter().filter(|one| is_error(one)).count();
            let case = reader.case(node, map, several, &mut found);
            let after = found.0.iter().filter(|one| is_error(one)).count();
            case.filter(|_| before == after)
        })
        .collect();
    diagnostics.extend(found.0);
    cases
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == frontdesk_diagnostics::Severity::Error
}

/// A case's own keys, and those of the file it stands in.
struct Map2 {
    own: Arc<Node>,
    shared: Option<Arc<Node>>,
}

impl Map2 {
    fn shared(&self, key: &str) -> Option<&Entry> {
        self.shared.as_ref()?.as_map()?.entry(key)
    }

    fn own(&self, key: &str) -> Option<&Entry> {
        self.own.as_map()?.entry(key)
    }

    fn get(&self, key: &str) -> Option<&Entry> {
        self.own(key).or_else(|| self.shared(key))
    }
}

/// The documents of a stream, each with everything else blanked out, so that places stay what they are.
fn documents(text: &str) -> impl Iterator<Item = String> {
    let mut starts = vec![0];
    let mut ends = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let is_marker = line.trim_end() == "---" || line.starts_with("--- ");
        if is_marker {
            ends.push(at);
            starts.push(at + line.len());
        }
        at += line.len();
    }
    ends.push(text.len());
    let blank =
        |part: &str| -> String { part.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect() };
    starts.into_iter().zip(ends).filter_map(move |(start, end)| {
        let (before, part) = (text.get(..start)?, text.get(start..end)?);
        let has_content =
            part.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
        has_content.then(|| format!("{}{part}", blank(before)))
    })
}

struct Reader<'r> {
    catalog: &'r Catalog,
    bff: &'r BffPlan,
    stem: &'r str,
    names: BTreeSet<String>,
}

impl Reader<'_> {
    fn case(&mut self, node: &Node, map: &Map2, several: bool, found: &mut Found) -> Option<Case> {
        found.section(node, "a case", if map.shared.is_some() { &CASE } else { &FILE })?;
        let span = map.own("says").map_or(node.span, |says| says.key_span);
        let says = match map.get("says").filter(|_| !several || map.own("says").is_some()) {
            Some(entry) => found.text(entry)?,
            None if several => {
                found.bad(
                    span,
                    "a case does not say what it shows",
                    "`says` is missing here",
                    "add `says: …`",
                );
                return None;
            }
            None => self.stem.to_owned(),
        };
        if several && slug(&says).is_empty() {
            found.bad(
                span,
                "a case does not say what it shows",
                "nothing in it can be part of a name",
                "add `says: …`",
            );
            return None;
        }
        let name = if several { format!("{}.{}", self.stem, slug(&says)) } else { self.stem.to_owned() };
        if !self.names.insert(name.clone()) {
            found.0.push(
                Diagnostic::error(
                    SAME_CASE,
                    format!("two cases are called `{name}`"),
                    span,
                    "the second one",
                )
                .help("let `says` tell them apart"),
            );
            return None;
        }
        let read = |entry: Option<&Entry>, found: &mut Found| match entry {
            Some(entry) => services::read(self.catalog, entry, &mut found.0),
            None => Scripts::default(),
        };
        // Of what several cases share, mistakes are told once: repeated diagnostics are dropped.
        let scripts = read(map.shared("services"), found).with(&read(map.own("services"), found));
        let Some(request_entry) = map.get("request") else {
            found.bad(span, "a case asks nothing", "`request` is missing", "add `request: { endpoint: … }`");
            return None;
        };
        let (mut request, endpoint) = self.request(request_entry, found)?;
        if let Some(version) = map.get("version") {
            self.version(version, &mut request, found);
        }
        let mut expected = self.response(map.get("response"), &name, found);
        if let Some(calls) = map.get("calls") {
            expected.calls = self.calls(calls, found);
        }
        Some(Case {
            bff: self.bff.name.clone(),
            name,
            says,
            span: Span::new(span.file, span.start, span.end),
            endpoint,
            request,
            scripts,
            who: map.get("as").map_or(Who::Somebody(As::default()), |entry| who(entry, found)),
            at: map.get("at").and_then(|entry| {
                found.quantity(
                    entry,
                    quantity::moment,
                    "a moment such as `2026-05-01` or `2026-05-01T09:30:00Z`",
                )
            }),
            expected,
        })
    }

    fn request(&self, entry: &Entry, found: &mut Found) -> Option<(Request<Bytes>, Option<Arc<str>>)> {
        let map = found.section(&entry.value, "`request`", &REQUEST)?;
        let (mut request, endpoint) = match (map.entry("endpoint"), map.entry("path")) {
            (Some(endpoint), None) => self.by_endpoint(endpoint, map, found)?,
            (None, Some(path)) => (by_path(path, map, found)?, None),
            _ => {
                found.bad(
                    entry.key_span,
                    "a request names an endpoint, or else a path",
                    "which one?",
                    "write `request: { endpoint: home, input: { … } }` or `request: { path: /home }`",
                );
                return None;
            }
        };
        for header in map.entry("headers").and_then(|entry| found.map(entry)).into_iter().flat_map(Map::iter)
        {
            let Some(text) = found.text(header) else { continue };
            match (header.key.parse::<HeaderName>(), HeaderValue::from_str(&text)) {
                (Ok(name), Ok(value)) => {
                    request.headers_mut().insert(name, value);
                }
                _ => found.wrong(header.value.span, &header.key, "a header and its value"),
            }
        }
        Some((request, endpoint))
    }

    fn by_endpoint(
        &self,
        entry: &Entry,
        map: &Map,
        found: &mut Found,
    ) -> Option<(Request<Bytes>, Option<Arc<str>>)> {
        let name = found.text(entry)?;
        let Some(plan) = self.bff.endpoints.iter().find(|endpoint| *endpoint.name == *name) else {
            let names = self.bff.endpoints.iter().map(|endpoint| &*endpoint.name);
            found.unknown(entry.value.span, ("endpoint", Some(&self.bff.name)), &name, names);
            return None;
        };
        for other in ["method", "json", "body"].iter().filter_map(|key| map.entry(key)) {
            found.bad(
                other.key_span,
                format!("`{}` is for requests to a path", other.key),
                "the endpoint knows it",
                "write inputs under `input`, by their names in the view",
            );
        }
        let input = match map.entry("input") {
            None => None,
            Some(entry) => {
                let inputs = found.map(entry)?;
                for input in
                    inputs.iter().filter(|one| !plan.inputs.iter().any(|known| known.name == one.key))
                {
                    let known = plan.inputs.iter().map(|input| &*input.name);
                    found.unknown(input.key_span, ("input", Some(&name)), &input.key, known);
                }
                entry.value.to_json().as_object().cloned()
            }
        };
        match ask::request(plan, input.as_ref()) {
            Ok(request) => Some((request, Some(plan.name.clone()))),
            Err(ask::Unaskable(why)) => {
                found.bad(entry.value.span, format!("this cannot be asked: {why}"), "", "change `input`");
                None
            }
        }
    }

    /// The version of the client, or the date of the contract, in the header that the BFF reads it from.
    fn version(&self, entry: &Entry, request: &mut Request<Bytes>, found: &mut Found) {
        let Some(version) = found.text(entry) else { return };
        let header = match &self.bff.config.versions {
            Versions::Client(versions) => &versions.header,
            Versions::Dated(versions) => &versions.header,
            Versions::None => {
                found.bad(
                    entry.key_span,
                    format!("`{}` does not tell versions of its clients apart", self.bff.name),
                    "nobody would read it",
                    "take it away, or add `versions` to bff.ts",
                );
                return;
            }
        };
        match (header.parse::<HeaderName>(), HeaderValue::from_str(&version)) {
            (Ok(name), Ok(value)) => {
                request.headers_mut().insert(name, value);
            }
            _ => found.wrong(entry.value.span, "version", "a version"),
        }
    }

    fn response(&self, entry: Option<&Entry>, name: &str, found: &mut Found) -> Expected {
        let mut expected = Expected::default();
        let Some(map) = entry.and_then(|entry| found.section(&entry.value, "`response`", &RESPONSE)) else {
            return expected;
        };
        for entry in map {
            match &*entry.key {
                "status" => expected.status = found.status(entry),
                "headers" => {
                    for header in found.map(entry).into_iter().flat_map(Map::iter) {
                        let value = match header.value.value {
                            Written::Null => None,
                            _ => found.text(header),
                        };
                        expected.headers.push((header.key.to_ascii_lowercase(), value));
                    }
                }
                "json" => expected.json = Some(entry.value.to_json()),
                "snapshot" => expected.snapshot = self.snapshot(entry, name, found),
                "problem" => {
                    expected.problem = match &entry.value.value {
                        Written::String(code) => Some(json!({ "code": code })),
                        Written::Map(_) => Some(entry.value.to_json()),
                        _ => {
                            found.wrong(entry.value.span, "problem", "a code, or members of the problem");
                            None
                        }
                    };
                }
                "payload" => {
                    expected.payload = found.quantity(entry, quantity::size, "a size such as `8KB`");
                }
                "latency" | "within" => {
                    expected.latency =
                        found.quantity(entry, quantity::duration, "a length of time such as `200ms`");
                }
                "degraded" => expected.degraded = Some(found.texts(entry)),
                "without" => expected.without = found.texts(entry),
                _ => {}
            }
        }
        if let (Some(_), Some(entry)) = (&expected.json, map.entry("snapshot"))
            && expected.snapshot.is_some()
        {
            found.bad(
                entry.key_span,
                "`json` and `snapshot` both say the body",
                "or here",
                "keep one of the two",
            );
        }
        expected
    }

    fn snapshot(&self, entry: &Entry, name: &str, found: &mut Found) -> Option<String> {
        let file = match &entry.value.value {
            Written::Boolean(false) => return None,
            Written::Boolean(true) => format!("{name}.json"),
            _ => found.text(entry)?,
        };
        let is_inside = !file.is_empty()
            && !file.starts_with('/')
            && file.split('/').all(|part| !matches!(part, "" | "." | "..") && !part.contains('\\'));
        if !is_inside {
            found.wrong(entry.value.span, "snapshot", "`true`, or the name of a file in `tests/snapshots/`");
            return None;
        }
        Some(format!("bffs/{}/tests/snapshots/{file}", self.bff.name))
    }

    fn calls(&self, entry: &Entry, found: &mut Found) -> Vec<ExpectedCalls> {
        let mut all = Vec::new();
        for service in found.map(entry).into_iter().flat_map(Map::iter) {
            let Some((id, known)) = self.catalog.service(&service.key) else {
                let names = self.catalog.services.iter().map(|service| &*service.name);
                found.unknown(service.key_span, ("service", None), &service.key, names);
                continue;
            };
            let Some(list) = service.value.as_list() else {
                found.wrong(service.value.span, &service.key, "a list of calls; `[]` for none");
                continue;
            };
            let mut calls = Vec::new();
            for node in list {
                let (name, span, args) = match &node.value {
                    Written::String(text) if text.contains('/') => {
                        calls.push(ExpectedCall::Line(text.clone()));
                        continue;
                    }
                    Written::String(text) => (text.as_str(), node.span, None),
                    Written::Map(map) if map.iter().count() == 1 => {
                        let Some(only) = map.iter().next() else { continue };
                        (&*only.key, only.key_span, Some(only.value.to_json()))
                    }
                    _ => {
                        found.wrong(
                            node.span,
                            &service.key,
                            "a list of operations, or `{ operation: args }`",
                        );
                        continue;
                    }
                };
                match known.operation(name) {
                    Some((id, operation)) => {
                        calls.push(ExpectedCall::Operation { id, name: operation.name.clone(), args });
                    }
                    None => {
                        let names = known.operations.iter().map(|operation| &*operation.name);
                        found.unknown(span, ("operation", Some(&known.name)), name, names);
                    }
                }
            }
            all.push(ExpectedCalls { service: id, name: known.name.clone(), calls });
        }
        all
    }
}

fn by_path(path: &Entry, map: &Map, found: &mut Found) -> Option<Request<Bytes>> {
    if let Some(input) = map.entry("input") {
        found.bad(
            input.key_span,
            "`input` is for requests to an endpoint",
            "a path has its own query",
            "write `endpoint` instead of `path`, or the query into the path",
        );
    }
    let method = map.entry("method").map_or(Some("GET".to_owned()), |entry| found.text(entry))?;
    let target = found.text(path)?;
    let mut builder = Request::builder().method(&*method).uri(&*target);
    let body = match (map.entry("json"), map.entry("body")) {
        (Some(entry), _) => {
            builder = builder.header(http::header::CONTENT_TYPE, "application/json");
            entry.value.to_json().to_string().into()
        }
        (None, Some(entry)) => found.text(entry)?.into(),
        (None, None) => Bytes::new(),
    };
    match builder.body(body) {
        Ok(request) if target.starts_with('/') => Some(request),
        _ => {
            found.wrong(path.value.span, "path", "a path that begins with `/`, and `method` one of HTTP's");
            None
        }
    }
}

pub(crate) fn who(entry: &Entry, found: &mut Found) -> Who {
    if entry.value.as_str() == Some("nobody") {
        return Who::Nobody;
    }
    let mut said = As::default();
    let Some(map) = found.section(&entry.value, "`as`", &AS) else { return Who::Nobody };
    let text = |entry: &Entry, found: &mut Found| found.text(entry).map(Arc::<str>::from);
    for entry in map {
        match &*entry.key {
            "subject" => said.subject = text(entry, found),
            "scopes" => said.scopes = Some(found.texts(entry).into_iter().map(Into::into).collect()),
            "claims" => {
                if let Value::Object(claims) = entry.value.to_json() {
                    said.claims = claims;
                } else {
                    found.wrong(entry.value.span, "claims", "a mapping of claims to values");
                }
            }
            "kind" => {
                let Some(word) = found.text(entry) else { continue };
                said.kind = KINDS.iter().find(|(known, _)| **known == *word).map(|(_, kind)| *kind);
                if said.kind.is_none() {
                    found.unknown(
                        entry.value.span,
                        ("kind of credential", None),
                        &word,
                        KINDS.map(|(word, _)| word),
                    );
                }
            }
            "acr" => said.acr = text(entry, found),
            "client" => said.client = text(entry, found),
            "pin" => said.version_pin = text(entry, found),
            "age" => {
                let age = found.quantity(entry, quantity::duration, "a length of time such as `30m`");
                said.age = age.unwrap_or_default().as_secs();
            }
            _ => {}
        }
    }
    Who::Somebody(said)
}

/// `An empty cart's total` → `an-empty-cart-s-total`
fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(80) {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}
