//! Walking one section of `frontdesk.yaml`: known keys are handed out, unknown ones refused.

use std::sync::Arc;

use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Span, codes};

use super::keys::Key;
use crate::tree::{Entry, Map, Node, Value};

/// A mapping whose keys have been checked against its table.
pub struct Section<'a> {
    map: &'a Map,
    keys: &'static [Key],
    /// The section's key, for "X is missing".
    span: Span,
    /// What it is, for messages: "service `catalog`".
    what: String,
}

impl<'a> Section<'a> {
    /// `None` (and a diagnostic) if `node` is not a mapping. `span` is the key that `node` stands behind.
    pub fn open(
        node: &'a Node,
        span: Span,
        what: impl Into<String>,
        keys: &'static [Key],
        found: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let what = what.into();
        let Value::Map(map) = &node.value else {
            let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
            let example = keys.iter().find(|key| key.required).or(keys.first()).map_or("", |key| key.name);
            found.push(
                wrong_type(node, span, &what, "a mapping of keys to values")
                    .help(format!("write `{{ {example}: … }}`; the keys are {}", names.join(", "))),
            );
            return None;
        };
        for entry in map.iter().filter(|entry| !keys.iter().any(|key| key.name == &*entry.key)) {
            found.push(unknown_key(entry, &what, keys));
        }
        Some(Self { map, keys, span, what })
    }

    /// The entry of `name`, which must be in the section's table.
    pub fn take(&mut self, name: &str) -> Option<Entry> {
        debug_assert!(self.keys.iter().any(|key| key.name == name), "`{name}` is not in the table");
        self.map.entry(name).cloned()
    }

    /// The entry of `name`, or a diagnostic that it is missing.
    pub fn require(&mut self, name: &str, example: &str, found: &mut Vec<Diagnostic>) -> Option<Entry> {
        let entry = self.take(name);
        if entry.is_none() {
            found.push(
                Diagnostic::error(
                    codes::catalog::MISSING_KEY,
                    format!("{} has no `{name}`", self.what),
                    self.span,
                    format!("`{name}` is missing here"),
                )
                .help(format!("add `{name}: {example}`")),
            );
        }
        entry
    }
}

fn unknown_key(entry: &Entry, what: &str, keys: &'static [Key]) -> Diagnostic {
    let names = || keys.iter().map(|key| key.name);
    let diagnostic = |label: String| {
        Diagnostic::error(
            codes::catalog::UNKNOWN_KEY,
            format!("{what} has no key `{}`", entry.key),
            entry.key_span,
            label,
        )
    };
    // `timeout_ms`, `idleTimeout`: people know other tools' spelling.
    let spelt: String = entry
        .key
        .chars()
        .flat_map(|c| if c.is_ascii_uppercase() { vec!['-', c.to_ascii_lowercase()] } else { vec![c] })
        .map(|c| if c == '_' { '-' } else { c })
        .collect();
    match nearest(&entry.key, names()).or_else(|| nearest(&spelt, names())) {
        Some(name) => diagnostic(format!("did you mean `{name}`?")).help(format!("write `{name}`")),
        None => diagnostic("not a key of this section".to_owned())
            .help(format!("the keys are {}", names().collect::<Vec<_>>().join(", "))),
    }
}

/// The mapping behind a key whose names are free.
pub fn mapping<'a>(node: &'a Node, span: Span, what: &str, found: &mut Vec<Diagnostic>) -> Option<&'a Map> {
    if let Value::Map(map) = &node.value {
        Some(map)
    } else {
        found.push(
            wrong_type(node, span, what, "a mapping of keys to values")
                .help("write `{ name: … }`, with a name of your choice for each"),
        );
        None
    }
}

/// The entries behind a key whose names are free; none if it is not a mapping.
pub fn entries<'a>(entry: &'a Entry, found: &mut Vec<Diagnostic>) -> impl Iterator<Item = &'a Entry> {
    let what = format!("`{}`", entry.key);
    mapping(&entry.value, entry.key_span, &what, found).into_iter().flat_map(Map::iter)
}

/// The values behind a key that takes one or several.
pub fn one_or_many(entry: &Entry) -> &[Arc<Node>] {
    match &entry.value.value {
        Value::List(items) => items,
        _ => std::slice::from_ref(&entry.value),
    }
}

/// "`x` must be …, this is …".
pub fn wrong_type(node: &Node, key: Span, what: &str, wanted: &str) -> Diagnostic {
    let is_nothing = matches!(node.value, Value::Null);
    let span = if is_nothing || node.span.start >= node.span.end { key } else { node.span };
    let label =
        if is_nothing { "nothing stands here".to_owned() } else { format!("this is {}", node.describe()) };
    Diagnostic::error(codes::catalog::WRONG_TYPE, format!("{what} must be {wanted}"), span, label)
}
