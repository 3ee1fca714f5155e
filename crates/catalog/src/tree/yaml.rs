//! YAML 1.2 text → tree, from the events of the parser below `serde-saphyr`.
//!
//! Scalars follow the core schema: `no` and `on` are text. Aliases share their anchor's node and count with
//! its full weight, so ten lines of aliases to aliases do not become a billion nodes. `<<` merges, because
//! people's OpenAPI documents use it.

use std::collections::HashMap;
use std::sync::Arc;

use frontdesk_diagnostics::{Diagnostic, Span, codes};
use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, Span as EventSpan, Tag, options};

use super::{Entry, MAX_DEPTH, MAX_NODES, Map, Node, Reading, Taken, Value};

pub fn read(text: &str, reading: Reading, found: &mut Vec<Diagnostic>) -> Option<Arc<Node>> {
    let options = options! { emit_comments: false, simple_key_max_lookahead: 4096 };
    let mut builder = Builder { reading, text, open: Vec::new(), anchors: HashMap::new(), root: None, found };
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => match builder.event(event, &span) {
                Ok(Step::More) => {}
                Ok(Step::Done) => break,
                Err(problem) => {
                    found.push(*problem);
                    return None;
                }
            },
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
                let (start, end) = visible(text, at);
                let diagnostic =
                    reading.error(reading.span(start, end), "the file is not YAML", error.info());
                let is_tab = text.get(..end).is_some_and(|before| {
                    before
                        .rsplit('\n')
                        .next()
                        .is_some_and(|line| line.trim_start_matches(' ').starts_with('\t'))
                });
                found.push(if is_tab { diagnostic.help("indent with spaces") } else { diagnostic });
                return None;
            }
        }
    }
    builder.root
}

/// A place at which a reader sees something: the parser may point behind the last character.
fn visible(text: &str, at: usize) -> (usize, usize) {
    let mut start = at;
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    if text.get(start..).is_some_and(|rest| !rest.trim().is_empty()) {
        return (start, start + 1);
    }
    let end = text.trim_end().len();
    (text.get(..end).and_then(|t| t.char_indices().next_back()).map_or(0, |(i, _)| i), end)
}

struct Builder<'a> {
    reading: Reading,
    text: &'a str,
    open: Vec<Open>,
    anchors: HashMap<usize, Arc<Node>>,
    root: Option<Arc<Node>>,
    found: &'a mut Vec<Diagnostic>,
}

/// A collection that is not closed yet.
struct Open {
    start: usize,
    anchor: usize,
    /// The end of its last child, where a block collection ends for a reader.
    last: usize,
    kind: Kind,
}

enum Kind {
    List(Vec<Arc<Node>>),
    Map { entries: Vec<Entry>, taken: Taken, key: Option<Arc<Node>>, merged: Vec<Arc<Node>> },
}

enum Step {
    More,
    Done,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, at: &EventSpan) -> Result<Step, Box<Diagnostic>> {
        let range = at.byte_range().unwrap_or(self.text.len()..self.text.len());
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let span = self.reading.span(range.start, range.end);
                let node = Arc::new(Node::new(scalar(&text, style, tag.as_deref()), span));
                self.finish(node, anchor)?;
            }
            Event::SequenceStart(_, anchor, _) => self.open(range.start, anchor, Kind::List(Vec::new()))?,
            Event::MappingStart(_, anchor, _) => {
                let kind =
                    Kind::Map { entries: Vec::new(), taken: Taken::new(), key: None, merged: Vec::new() };
                self.open(range.start, anchor, kind)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    // A block collection's end event comes where the next token begins, a flow collection's
                    // covers its bracket.
                    let is_flow = matches!(self.text.get(range.clone()), Some("]" | "}"));
                    let end = if is_flow { range.end } else { open.last };
                    let (anchor, node) = self.close(open, end);
                    self.finish(Arc::new(node), anchor)?;
                }
            }
            Event::Alias(anchor) => {
                let span = self.reading.span(range.start, range.end);
                let Some(node) = self.anchors.get(&anchor).cloned() else {
                    return Err(Box::new(self.reading.error(
                        span,
                        "an alias mentions the value that it stands in",
                        "this would go on for ever",
                    )));
                };
                self.finish(node, 0)?;
            }
            Event::DocumentEnd => return Ok(Step::Done),
            _ => {}
        }
        Ok(Step::More)
    }

    fn open(&mut self, start: usize, anchor: usize, kind: Kind) -> Result<(), Box<Diagnostic>> {
        if self.open.len() as u32 >= MAX_DEPTH {
            return Err(Box::new(Reading::too_deep(self.reading.span(start, start + 1))));
        }
        self.open.push(Open { start, anchor, last: start, kind });
        Ok(())
    }

    fn close(&mut self, open: Open, end: usize) -> (usize, Node) {
        let span = self.reading.span(open.start, end);
        let value = match open.kind {
            Kind::List(items) => Value::List(items),
            Kind::Map { mut entries, mut taken, key, merged } => {
                if let Some(key) = key {
                    self.complain_about_key(key.span);
                }
                for entry in merged.iter().filter_map(|node| node.as_map()).flat_map(Map::iter) {
                    if taken.insert(entry.key.clone(), entry.key_span).is_none() {
                        entries.push(entry.clone());
                    }
                }
                Value::Map(Map { entries })
            }
        };
        (open.anchor, Node::new(value, span))
    }

    /// Puts a complete node where it belongs.
    fn finish(&mut self, node: Arc<Node>, anchor: usize) -> Result<(), Box<Diagnostic>> {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        if self.open.len() as u32 + node.depth > MAX_DEPTH {
            return Err(Box::new(Reading::too_deep(node.span)));
        }
        if node.weight > MAX_NODES {
            return Err(Box::new(Reading::too_large(node.span)));
        }
        let end = node.span.end as usize;
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.last = open.last.max(end);
        match &mut open.kind {
            Kind::List(items) => items.push(node),
            Kind::Map { entries, taken, key, merged } => match key.take() {
                None => *key = Some(node),
                Some(key) => {
                    let Some(name) = key_text(&key) else {
                        self.complain_about_key(key.span);
                        return Ok(());
                    };
                    // Only where it is not quoted (https://yaml.org/type/merge.html).
                    let is_plain =
                        self.text.get(key.span.start as usize..).is_some_and(|rest| rest.starts_with('<'));
                    if name == "<<" && is_plain && (node.as_map().is_some() || node.as_list().is_some()) {
                        match node.as_list() {
                            Some(list) => merged.extend(list.iter().cloned()),
                            None => merged.push(node),
                        }
                        return Ok(());
                    }
                    let entry = Entry { key: name.into(), key_span: key.span, value: node };
                    Reading::insert(entries, taken, entry, self.found);
                }
            },
        }
        Ok(())
    }

    fn complain_about_key(&mut self, span: Span) {
        self.found.push(Diagnostic::error(
            codes::catalog::WRONG_TYPE,
            "a key must be text",
            span,
            "this is not text, a number or a truth value",
        ));
    }
}

/// Response codes are keys too, and stand without quotes: `200:`.
fn key_text(key: &Node) -> Option<String> {
    match &key.value {
        Value::String(text) | Value::Number(text) => Some(text.clone()),
        Value::Boolean(value) => Some(value.to_string()),
        Value::Null => Some("null".to_owned()),
        Value::List(_) | Value::Map(_) => None,
    }
}

/// <https://yaml.org/spec/1.2.2/#1032-tag-resolution>
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let is_plain = style == ScalarStyle::Plain;
    if !is_plain || tag.is_some_and(|tag| tag.core_suffix() == Some("str")) {
        return Value::String(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Boolean(true),
        "false" | "False" | "FALSE" => Value::Boolean(false),
        _ if is_number(text) => Value::Number(text.to_owned()),
        _ => Value::String(text.to_owned()),
    }
}

/// Integers and floats of the core schema; the not-finite ones stay text, since JSON has none.
fn is_number(text: &str) -> bool {
    let radix = |prefix: &str, is_digit: fn(&u8) -> bool| {
        text.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty() && rest.as_bytes().iter().all(is_digit))
    };
    if radix("0x", u8::is_ascii_hexdigit) || radix("0o", |byte| (b'0'..=b'7').contains(byte)) {
        return true;
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    !(whole.is_empty() && fraction.is_empty())
        && digits(whole)
        && digits(fraction)
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}
