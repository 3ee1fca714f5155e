//! YAML and JSON text as one tree whose every node knows its place.
//!
//! Configuration and schemas are walked, not deserialised: a walk can report every problem of a file, each at
//! its characters, where deriving stops at the first. Reading is bounded ([`MAX_DEPTH`], [`MAX_NODES`]), so that
//! whoever walks a tree may recurse and may visit every node.

mod json;
mod yaml;

use std::sync::Arc;

use frontdesk_diagnostics::{Code, Diagnostic, FileId, Span, codes};

/// The deepest nesting that is read. Real OpenAPI documents stay below 40.
pub const MAX_DEPTH: u32 = 128;

/// The most nodes of one document, counted as if aliases were written out.
pub const MAX_NODES: u64 = 2_000_000;

#[derive(Debug)]
pub struct Node {
    pub value: Value,
    pub span: Span,
    depth: u32,
    /// Nodes below and including this one.
    weight: u64,
}

#[derive(Debug)]
pub enum Value {
    Null,
    Boolean(bool),
    /// As written: `1.10`, `0x1F`, `1e400`.
    Number(String),
    String(String),
    List(Vec<Arc<Node>>),
    Map(Map),
}

#[derive(Debug, Default)]
pub struct Map {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub key: Arc<str>,
    pub key_span: Span,
    pub value: Arc<Node>,
}

impl Node {
    fn new(value: Value, span: Span) -> Self {
        let children: (u32, u64) = match &value {
            Value::List(items) => measure(items.iter()),
            Value::Map(map) => measure(map.entries.iter().map(|entry| &entry.value)),
            _ => (0, 0),
        };
        Self { value, span, depth: children.0 + 1, weight: children.1.saturating_add(1) }
    }

    /// The value as JSON, which has less to write numbers with: `0x1F` is 31, and what is no number there stays text.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Boolean(value) => serde_json::Value::Bool(*value),
            Value::Number(text) => number_to_json(text),
            Value::String(text) => serde_json::Value::String(text.clone()),
            Value::List(items) => items.iter().map(|item| item.to_json()).collect(),
            Value::Map(map) => {
                let members = map.iter().map(|entry| (entry.key.to_string(), entry.value.to_json()));
                serde_json::Value::Object(members.collect())
            }
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match &self.value {
            Value::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Arc<Node>]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// A whole number that is not negative.
    pub fn as_count(&self) -> Option<u64> {
        match &self.value {
            Value::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The value of `key`, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Arc<Node>> {
        self.as_map()?.get(key)
    }

    /// What it is, for a message: "a list".
    pub fn describe(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Boolean(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}

/// The nearest number that there is, which the parser of `serde_json` does not always find.
fn number_to_json(text: &str) -> serde_json::Value {
    let digits = |prefix: &str, radix| i64::from_str_radix(text.strip_prefix(prefix)?, radix).ok();
    if let Ok(whole) = text.parse::<u64>() {
        return whole.into();
    }
    if let Some(whole) = text.parse().ok().or_else(|| digits("0x", 16)).or_else(|| digits("0o", 8)) {
        return whole.into();
    }
    let number = text.parse().ok().and_then(serde_json::Number::from_f64);
    number.map_or_else(|| serde_json::Value::String(text.to_owned()), serde_json::Value::Number)
}

fn measure<'a>(children: impl Iterator<Item = &'a Arc<Node>>) -> (u32, u64) {
    children
        .fold((0, 0), |(depth, weight), child| (depth.max(child.depth), weight.saturating_add(child.weight)))
}

impl Map {
    pub fn get(&self, key: &str) -> Option<&Arc<Node>> {
        self.entry(key).map(|entry| &entry.value)
    }

    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| &*entry.key == key)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.entries.iter()
    }

    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| &*entry.key)
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = &'a Entry;
    type IntoIter = std::slice::Iter<'a, Entry>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A new tree in which what `over` says stands instead of what `base` says: maps are merged key by key,
/// anything else is replaced, and a key that `over` sets to nothing is taken away.
pub fn merge(base: &Arc<Node>, over: &Arc<Node>) -> Arc<Node> {
    let (Value::Map(below), Value::Map(above)) = (&base.value, &over.value) else {
        return over.clone();
    };
    let mut entries: Vec<Entry> = Vec::new();
    for entry in below {
        match above.entry(&entry.key) {
            None => entries.push(entry.clone()),
            Some(changed) if matches!(changed.value.value, Value::Null) => {}
            Some(changed) => {
                entries.push(Entry { value: merge(&entry.value, &changed.value), ..changed.clone() });
            }
        }
    }
    entries.extend(above.iter().filter(|entry| below.entry(&entry.key).is_none()).cloned());
    Arc::new(Node::new(Value::Map(Map { entries }), base.span))
}

/// How a document is read, and under which code its syntax errors are reported.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    pub file: FileId,
    pub syntax_error: Code,
}

/// The tree of a document: JSON if `path` ends in `.json`, else YAML. `None` if the text cannot be read or is
/// empty; then `found` says why.
pub fn read(path: &str, text: &str, reading: Reading, found: &mut Vec<Diagnostic>) -> Option<Arc<Node>> {
    let is_json = path.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("json"));
    let before = found.len();
    let tree = if is_json { json::read(text, reading, found) } else { yaml::read(text, reading, found) };
    // Where a parser stumbles over them says less than what they are.
    if let (None, true, Some((start, end))) = (&tree, found.len() > before, merge_mark(text)) {
        found.truncate(before);
        let span = reading.span(start, end);
        let message = "a merge left its marks in the file";
        found.push(reading.error(span, message, "two sides of it stand here, one below the other"));
    }
    tree
}

/// The first line that git writes before the two sides of a conflict.
fn merge_mark(text: &str) -> Option<(usize, usize)> {
    let mut start = 0;
    for line in text.split('\n') {
        if line.starts_with("<<<<<<< ") {
            return Some((start, start + line.trim_end().len()));
        }
        start += line.len() + 1;
    }
    None
}

impl Reading {
    fn span(self, start: usize, end: usize) -> Span {
        Span::new(self.file, start as u32, end.max(start) as u32)
    }

    fn error(self, span: Span, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic::error(self.syntax_error, message, span, label)
    }

    fn too_deep(span: Span) -> Diagnostic {
        Diagnostic::error(
            codes::catalog::SCHEMA_TOO_LARGE,
            format!("the document is nested more than {MAX_DEPTH} levels deep"),
            span,
            "this is the level that is too deep",
        )
    }

    fn too_large(span: Span) -> Diagnostic {
        Diagnostic::error(
            codes::catalog::SCHEMA_TOO_LARGE,
            format!("the document holds more than {MAX_NODES} values"),
            span,
            "reading stopped here",
        )
        .help("write large repeated parts once and mention them with `$ref`, not with YAML aliases")
    }

    /// Puts `entry` into `entries`, or reports that its key is taken.
    fn insert(entries: &mut Vec<Entry>, taken: &mut Taken, entry: Entry, found: &mut Vec<Diagnostic>) {
        match taken.insert(entry.key.clone(), entry.key_span) {
            None => entries.push(entry),
            Some(first) => found.push(
                Diagnostic::error(
                    codes::catalog::DUPLICATE_KEY,
                    format!("the key `{}` stands twice", entry.key),
                    entry.key_span,
                    "this one would be ignored",
                )
                .label(first, "first here")
                .help("keep one of the two"),
            ),
        }
    }
}

type Taken = std::collections::HashMap<Arc<str>, Span>;
