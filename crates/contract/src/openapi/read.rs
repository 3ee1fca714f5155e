//! A locked contract, read back.
//!
//! Only what [`write`](super::write) has put there is looked for; what else there is, `compare` finds.

mod schema;

use std::collections::BTreeMap;
use std::sync::Arc;

use frontdesk_catalog::tree::{self, Map, Node, Reading};
use frontdesk_diagnostics::codes::contract as codes;
use frontdesk_diagnostics::{Diagnostic, Diagnostics, FileId, Severity, Sources, Span};
use frontdesk_lang::model::{CacheScope, Idempotency};
use frontdesk_types::{Date, Deprecation, Version};

use super::{FORMAT, PROBLEM, compare, document};
use crate::contract::{
    Body, Contract, Kind, Operation, Parameter, Place, Problem, Schema, SecurityScheme, Versioning, Written,
};

/// What every problem of a lock comes down to.
const REMEDY: &str = "run `frontdesk lock` to write it anew from the code";

/// Reads the document that [`write`](super::write) wrote.
///
/// `None` if `diagnostics` say why: it is no YAML, no OpenAPI 3.1, written by a newer release, or not as `write` would
/// have it. `path` is the file's, for diagnostics; one that ends in `.json` is read as JSON.
pub fn read(
    text: &str,
    path: &str,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Contract> {
    let file = sources.add(path, text);
    let mut found = Vec::new();
    let tree = tree::read(path, text, Reading { file, syntax_error: codes::LOCK_UNREADABLE }, &mut found);
    if tree.is_none() && found.is_empty() {
        let span = Span::new(file, 0, 0);
        found.push(Diagnostic::error(
            codes::LOCK_UNREADABLE,
            "the contract is empty",
            span,
            "nothing is here",
        ));
    }
    let mut reader = Reader { file, found, references: Vec::new() };
    let contract = tree.and_then(|tree| reader.whole(&tree));
    let is_good = reader.found.iter().all(|found| found.severity != Severity::Error);
    diagnostics.extend(reader.found.into_iter().map(|mut diagnostic| {
        diagnostic.help.get_or_insert_with(|| REMEDY.to_owned());
        diagnostic
    }));
    contract.filter(|_| is_good)
}

struct Reader {
    file: FileId,
    found: Vec<Diagnostic>,
    /// Every schema that is mentioned, and where.
    references: Vec<(Arc<str>, Span)>,
}

impl Reader {
    fn whole(&mut self, tree: &Node) -> Option<Contract> {
        self.check_format(tree)?;
        let contract = self.contract(tree)?;
        for (name, span) in std::mem::take(&mut self.references) {
            if !contract.schemas.contains_key(&name) {
                self.edited(span, format!("there is no schema `{name}`"), "it is not among `components`");
            }
        }
        if self.found.is_empty() {
            compare::compare(&document::json(&contract), tree, &mut self.found);
        }
        Some(contract)
    }

    /// Whether it is ours, and old enough to be known.
    fn check_format(&mut self, tree: &Node) -> Option<()> {
        let start = Span::new(self.file, 0, 0);
        let version = tree.get("openapi");
        if version.and_then(|node| node.as_str()) != Some("3.1.0") {
            let span = version.map_or(start, |node| node.span);
            self.found.push(Diagnostic::error(
                codes::LOCK_UNREADABLE,
                "this is not a contract that Frontdesk wrote",
                span,
                "a contract begins with `openapi: 3.1.0`",
            ));
            return None;
        }
        let format = tree.get("x-frontdesk").and_then(|ours| ours.get("format"));
        match format.map(|node| (node.as_count(), node.span)) {
            Some((Some(format), span)) if format > FORMAT => {
                self.found.push(
                    Diagnostic::error(
                        codes::LOCK_TOO_NEW,
                        "this contract was written by a newer Frontdesk",
                        span,
                        format!("this one knows format {FORMAT}"),
                    )
                    .help("use the release that wrote it, or run `frontdesk lock` with this one"),
                );
                None
            }
            Some((Some(_), _)) => Some(()),
            _ => {
                let span = tree.get("x-frontdesk").map_or(start, |node| node.span);
                self.found.push(Diagnostic::error(
                    codes::LOCK_UNREADABLE,
                    "this is not a contract that Frontdesk wrote",
                    span,
                    "`x-frontdesk: { format: … }` is missing",
                ));
                None
            }
        }
    }

    fn contract(&mut self, tree: &Node) -> Option<Contract> {
        let info = self.map(tree, "info")?;
        let ours = self.map(tree, "x-frontdesk")?;
        let owner = match info.get("x-owner") {
            Some(node) => Some(self.text_of(node)?),
            None => None,
        };
        let (bff, client) = (self.text(ours, "bff")?, self.text(ours, "client")?);
        let versions = self.versions(ours)?;
        let components = tree.get("components");
        let mut schemas = BTreeMap::new();
        for entry in entries(components.and_then(|node| node.get("schemas"))) {
            if *entry.key != *PROBLEM {
                schemas.insert(entry.key.clone(), self.schema(&entry.value));
            }
        }
        let mut security = BTreeMap::new();
        for entry in entries(components.and_then(|node| node.get("securitySchemes"))) {
            if let Some(scheme) = self.scheme(&entry.value) {
                security.insert(entry.key.clone(), scheme);
            }
        }
        let mut operations = Vec::new();
        for path in self.map(tree, "paths")? {
            for method in entries(Some(&path.value)) {
                let method_name = method.key.to_ascii_uppercase();
                let operation = self.operation(&path.key, method_name.into(), method.key_span, &method.value);
                operations.extend(operation);
            }
        }
        Some(Contract { bff, client, owner, versions, security, operations, schemas })
    }

    fn versions(&mut self, ours: &Map) -> Option<Versioning> {
        let Some(node) = ours.get("versions") else { return Some(Versioning::None) };
        let Some(map) = node.as_map() else { return self.wrong(node, "a mapping") };
        let header = self.text(map, "header")?;
        if let Some(date) = map.get("date") {
            return Some(Versioning::Dated { header, date: self.date(date)? });
        }
        let minimum = match map.get("minimum") {
            Some(node) => Some(self.version(node)?),
            None => None,
        };
        let supported = self.list(map, "supported").to_vec();
        let supported = supported.iter().filter_map(|node| self.version(node)).collect();
        Some(Versioning::Client { header, minimum, supported })
    }

    fn scheme(&mut self, node: &Node) -> Option<SecurityScheme> {
        let Some(map) = node.as_map() else { return self.wrong(node, "a mapping") };
        let method = self.text(map, "x-method")?;
        Some(match &*method {
            "session" => {
                SecurityScheme::Cookie { name: self.text(map, "name")?, header: self.text(map, "x-header")? }
            }
            "bearer" => SecurityScheme::Bearer,
            "device" => SecurityScheme::Device,
            "apiKeys" => SecurityScheme::ApiKey { header: self.text(map, "name")? },
            "certificate" => SecurityScheme::Certificate,
            other => {
                let span = map.get("x-method").map_or(node.span, |node| node.span);
                self.edited(span, format!("`{other}` is no way to prove who one is"), "not one of `bff.ts`");
                return None;
            }
        })
    }

    fn operation(&mut self, path: &Arc<str>, method: Arc<str>, span: Span, node: &Node) -> Option<Operation> {
        let Some(map) = node.as_map() else { return self.wrong(node, "a mapping") };
        let id = self.text(map, "operationId")?;
        let summary = match map.get("summary") {
            Some(node) => Some(self.text_of(node)?),
            None => None,
        };
        let deprecated = self.deprecation(map.get("x-deprecated"));
        let degradable = self.texts(map, "x-degradable");
        let mut security = Vec::new();
        for one in self.list(map, "security").to_vec() {
            security.extend(entries(Some(&one)).map(|entry| entry.key.clone()));
        }
        let scopes = self.texts(map, "x-scopes");
        let mut parameters = Vec::new();
        for node in self.list(map, "parameters").to_vec() {
            // The version's is the same for all operations, and what the key means stands in `x-idempotency`.
            if node.get("$ref").is_none() {
                parameters.extend(self.parameter(&node));
            }
        }
        let cache = map.get("x-cache").and_then(|node| {
            let words = [CacheScope::Public, CacheScope::Private].map(|one| (document::cache_word(one), one));
            self.word(node, &words)
        });
        let idempotency = map.get("x-idempotency").and_then(|node| {
            self.word(node, &[("optional", Idempotency::Optional), ("required", Idempotency::Required)])
        });
        let body = map.get("requestBody").and_then(|node| self.body(node));
        let responses = self.map(node, "responses")?;
        let mut answer = Schema::default();
        let mut problems = Vec::new();
        for entry in responses {
            if *entry.key == *"200" {
                answer = self.content(&entry.value, "application/json").map(|node| self.schema(&node))?;
            } else if *entry.key != *document::NOT_MODIFIED {
                problems.extend(self.problems(&entry.key, entry.key_span, &entry.value));
            }
        }
        Some(Operation {
            id,
            method,
            path: path.clone(),
            summary,
            parameters,
            body,
            answer,
            problems,
            degradable,
            security,
            scopes,
            cache,
            idempotency: idempotency.unwrap_or_default(),
            deprecated,
            span: Written(Some(span)),
        })
    }

    /// One of these words.
    fn word<T: Copy>(&mut self, node: &Node, words: &[(&str, T)]) -> Option<T> {
        let text = self.text_of(node)?;
        let found = words.iter().find(|(word, _)| **word == *text);
        if found.is_none() {
            let known: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            self.edited(
                node.span,
                format!("`{text}` means nothing here"),
                format!("not {}", known.join(" or ")),
            );
        }
        found.map(|(_, value)| *value)
    }

    fn parameter(&mut self, node: &Node) -> Option<Parameter> {
        let Some(map) = node.as_map() else { return self.wrong(node, "a mapping") };
        let name = self.text(map, "name")?;
        let places = [Place::Path, Place::Query, Place::Header];
        let place = self.text(map, "in")?;
        let Some(place) = places.into_iter().find(|known| document::place(*known) == &*place) else {
            let span = map.get("in").map_or(node.span, |node| node.span);
            self.edited(
                span,
                format!("`{place}` is no place for a parameter"),
                "not `path`, `query`, `header`",
            );
            return None;
        };
        let input = match map.get("x-input") {
            Some(node) => self.text_of(node)?,
            None => name.clone(),
        };
        let required = map.get("required").and_then(|node| node.as_bool()).unwrap_or(false);
        let mut schema = map.get("schema").map(|node| self.schema(node)).unwrap_or_default();
        if let (Place::Path, Kind::String { pattern, .. }) = (place, &mut schema.kind)
            && pattern.as_deref() == Some(document::SEGMENT)
        {
            *pattern = None;
        }
        Some(Parameter { place, name, input, required, schema, span: Written(Some(node.span)) })
    }

    fn body(&mut self, node: &Node) -> Option<Body> {
        let required = node.get("required").and_then(|node| node.as_bool()).unwrap_or(false);
        let schema = self.content(node, "application/json")?;
        Some(Body { required, schema: self.schema(&schema) })
    }

    /// The schema of a body or response.
    fn content(&mut self, node: &Node, media_type: &str) -> Option<Arc<Node>> {
        let content = node.get("content").and_then(|content| content.get(media_type));
        let schema = content.and_then(|content| content.get("schema")).cloned();
        if schema.is_none() {
            self.edited(
                node.span,
                format!("there is no `{media_type}` with a `schema`"),
                "in `content` here",
            );
        }
        schema
    }

    fn problems(&mut self, status: &str, span: Span, node: &Node) -> Vec<Problem> {
        let Ok(status) = status.parse::<u16>() else {
            self.edited(span, format!("`{status}` is no status of a problem"), "a number from 400 to 599");
            return Vec::new();
        };
        let Some(schema) = self.content(node, "application/problem+json") else { return Vec::new() };
        let all_of = schema.get("allOf").and_then(|node| node.as_list()).and_then(|all| all.get(1));
        let code = all_of.and_then(|node| node.get("properties")).and_then(|node| node.get("code")).cloned();
        let Some(code) = code.as_ref().and_then(|code| code.as_map()) else {
            self.edited(schema.span, "the codes of this problem are missing", "in `allOf` here");
            return Vec::new();
        };
        let titles = code.get("x-titles").cloned();
        let codes = self.texts(code, "enum");
        codes
            .into_iter()
            .map(|code| {
                let title = titles.as_ref().and_then(|titles| titles.get(&code)).cloned();
                let title = title.and_then(|title| self.text_of(&title));
                Problem { status, code, title }
            })
            .collect()
    }

    fn deprecation(&mut self, node: Option<&Arc<Node>>) -> Option<Deprecation> {
        let node = node?;
        let Some(map) = node.as_map() else { return self.wrong(node, "a mapping") };
        let Some(since) = map.get("since") else {
            self.edited(node.span, "`since` is missing", "in `x-deprecated`");
            return None;
        };
        let since = self.date(since)?;
        let text = |reader: &mut Self, key: &str| map.get(key).and_then(|node| reader.text_of(node));
        Some(Deprecation {
            since,
            sunset: map.get("sunset").and_then(|node| self.date(node)),
            instead: text(self, "use"),
            because: text(self, "because"),
            enforce: map.get("enforce").and_then(|node| node.as_bool()).unwrap_or(false),
        })
    }

    fn date(&mut self, node: &Node) -> Option<Date> {
        match node.as_str().and_then(Date::parse) {
            Some(date) => Some(date),
            None => self.wrong(node, "a date such as `\"2026-05-01\"`"),
        }
    }

    fn version(&mut self, node: &Node) -> Option<Version> {
        match node.as_str().and_then(Version::parse) {
            Some(version) => Some(version),
            None => self.wrong(node, "a version such as `\"5.1.0\"`"),
        }
    }

    fn map<'n>(&mut self, node: &'n Node, key: &str) -> Option<&'n Map> {
        let Some(value) = node.get(key) else {
            self.edited(node.span, format!("`{key}` is missing"), "here");
            return None;
        };
        match value.as_map() {
            Some(map) => Some(map),
            None => self.wrong(value, "a mapping"),
        }
    }

    fn text(&mut self, map: &Map, key: &str) -> Option<Arc<str>> {
        let Some(value) = map.get(key) else {
            let span = map.iter().next().map_or(Span::new(self.file, 0, 0), |first| first.key_span);
            self.edited(span, format!("`{key}` is missing"), "beside this");
            return None;
        };
        self.text_of(value)
    }

    fn text_of(&mut self, node: &Node) -> Option<Arc<str>> {
        match node.as_str() {
            Some(text) => Some(text.into()),
            None => self.wrong(node, "text"),
        }
    }

    fn texts(&mut self, map: &Map, key: &str) -> Vec<Arc<str>> {
        let items = self.list(map, key).to_vec();
        items.iter().filter_map(|item| self.text_of(item)).collect()
    }

    fn list<'n>(&mut self, map: &'n Map, key: &str) -> &'n [Arc<Node>] {
        let Some(value) = map.get(key) else { return &[] };
        match value.as_list() {
            Some(items) => items,
            None => self.wrong(value, "a list").unwrap_or_default(),
        }
    }

    fn wrong<T>(&mut self, node: &Node, wanted: &str) -> Option<T> {
        let label = format!("this is {}, not {wanted}", node.describe());
        self.edited(node.span, "this contract is not as Frontdesk writes it", label);
        None
    }

    fn edited(&mut self, span: Span, message: impl Into<String>, label: impl Into<String>) {
        self.found.push(Diagnostic::error(codes::LOCK_EDITED, message, span, label));
    }
}

fn entries(node: Option<&Arc<Node>>) -> impl Iterator<Item = &tree::Entry> {
    node.and_then(|node| node.as_map()).into_iter().flat_map(Map::iter)
}
