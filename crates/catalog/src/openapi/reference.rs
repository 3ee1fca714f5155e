//! `$ref`: across files, by JSON pointer (RFC 6901).

use std::sync::Arc;

use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Span, codes};

use super::{Place, Reader};
use crate::files::resolve_path;
use crate::names::upper_camel;
use crate::tree::{Node, Value};

/// What a `$ref` leads to.
#[derive(Clone)]
pub(super) struct Target {
    pub node: Arc<Node>,
    /// The key it stands behind, or the start of its file.
    pub span: Span,
    /// What the reference calls it: `Product` of `#/components/schemas/Product`, `Money` of `shared/money.yaml`.
    pub name: String,
}

/// References to references to …; longer chains are taken for circles.
const MAX_CHAIN: usize = 32;

impl Reader<'_> {
    /// What the `$ref` of `node` leads to; `None` and a diagnostic if it leads nowhere.
    pub(super) fn target(&mut self, reference: &Arc<Node>) -> Option<Target> {
        let Some(text) = reference.as_str() else {
            self.wrong(reference, "`$ref` must be text");
            return None;
        };
        self.follow(text, reference.span)
    }

    /// `node`, or what it refers to if it is only a reference: for parameters, bodies, answers, path items.
    pub(super) fn dereferenced(&mut self, node: &Arc<Node>) -> Option<Arc<Node>> {
        let mut node = node.clone();
        for _ in 0..MAX_CHAIN {
            let Some(reference) = node.get("$ref").cloned() else { return Some(node) };
            node = self.target(&reference)?.node;
        }
        self.circle(node.span);
        None
    }

    pub(super) fn circle(&mut self, span: Span) {
        self.cut_short += 1;
        self.found.push(
            Diagnostic::error(
                codes::catalog::REFERENCE_BROKEN,
                "references lead in a circle",
                span,
                "following this one comes back here",
            )
            .help("give one of them a schema of its own"),
        );
    }

    pub(super) fn follow(&mut self, text: &str, span: Span) -> Option<Target> {
        let key = (span.file, text.to_owned());
        if let Some(known) = self.targets.get(&key) {
            return Some(known.clone());
        }
        let target = self.follow_anew(text, span)?;
        self.targets.insert(key, target.clone());
        Some(target)
    }

    fn follow_anew(&mut self, text: &str, span: Span) -> Option<Target> {
        let (file, pointer) = text.split_once('#').unwrap_or((text, ""));
        if file.contains("://") {
            self.broken(
                span,
                text,
                "nothing is fetched over the network",
                "put the file beside this one and mention it by path",
            );
            return None;
        }
        let here = self.files.path(span).to_owned();
        let path = if file.is_empty() { Some(here) } else { resolve_path(&here, &percent_decoded(file)) };
        let Some(path) = path else {
            self.broken(span, text, "this leads out of the workspace", "put the file into the workspace");
            return None;
        };
        let document = self.files.tree(&path, span, &mut self.found)?;
        if pointer.is_empty() {
            let file_name = path.rsplit('/').next().unwrap_or_default();
            let name = upper_camel(file_name.split('.').next().unwrap_or_default());
            let span = Span { end: document.span.start + 1, ..document.span };
            return Some(Target { node: document, span, name });
        }
        let Some(pointer) = pointer.strip_prefix('/') else {
            let help = "write where it stands: `#/components/schemas/…`";
            self.broken(span, text, "references by anchor are not understood", help);
            return None;
        };
        self.walk(document, pointer, text, span)
    }

    fn walk(&mut self, document: Arc<Node>, pointer: &str, text: &str, span: Span) -> Option<Target> {
        let mut node = document;
        let mut name = String::new();
        let mut place = node.span;
        let mut walked = text.split_once('#').map_or(String::new(), |(file, _)| format!("{file}#"));
        for token in pointer.split('/') {
            let key = percent_decoded(token).replace("~1", "/").replace("~0", "~");
            let next = match &node.value {
                Value::Map(map) => map.entry(&key).map(|entry| (entry.value.clone(), entry.key_span)),
                Value::List(items) => {
                    let item = key.parse::<usize>().ok().and_then(|at| items.get(at));
                    item.map(|item| (item.clone(), item.span))
                }
                _ => None,
            };
            let Some((next, span_of_next)) = next else {
                let near = node.as_map().and_then(|map| nearest(&key, map.keys()));
                let rest = pointer.len() - pointer.find(token).unwrap_or(0) - token.len();
                let tail = pointer.get(pointer.len() - rest..).unwrap_or_default();
                let help = match near {
                    Some(near) => format!("did you mean `{walked}/{near}{tail}`?"),
                    None => format!("there is no `{key}` in `{walked}`"),
                };
                self.broken(span, text, "leads nowhere", &help);
                return None;
            };
            walked = format!("{walked}/{token}");
            if !is_structural(&key) {
                name = key;
            }
            node = next;
            place = span_of_next;
        }
        if name.is_empty() {
            "schema".clone_into(&mut name);
        }
        Some(Target { node, span: place, name })
    }

    fn broken(&mut self, span: Span, text: &str, label: &str, help: &str) {
        self.found.push(
            Diagnostic::error(
                codes::catalog::REFERENCE_BROKEN,
                format!("the reference `{text}` cannot be followed"),
                span,
                label,
            )
            .help(help),
        );
    }

    /// Whether `reference` leads to `place`, without a word if it leads nowhere.
    pub(super) fn leads_to(&mut self, reference: &Arc<Node>, place: Place) -> bool {
        let before = self.found.len();
        let target = self.target(reference);
        self.found.truncate(before);
        target.is_some_and(|target| Place::of(&target.node) == place)
    }
}

/// Keys that say how a schema is nested, not what it is.
fn is_structural(key: &str) -> bool {
    matches!(
        key,
        "schema"
            | "items"
            | "properties"
            | "additionalProperties"
            | "allOf"
            | "oneOf"
            | "anyOf"
            | "content"
            | "responses"
    ) || super::body::is_media_type(key)
        || key.bytes().all(|byte| byte.is_ascii_digit())
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        let code = hex.filter(|_| byte == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(code.unwrap_or(byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}
