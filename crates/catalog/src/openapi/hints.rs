//! What a schema says of a value beyond its type: formats, bounds, examples. Calls do not check them; contracts and
//! made-up answers go by them.

use std::fmt::Write as _;
use std::sync::Arc;

use frontdesk_types::{Hints, Type};

use super::Reader;
use crate::tree::{Map, Node, Value};

/// References and compositions that are followed from one property.
const MAX_STEPS: u32 = 8;
/// The longest example that is kept, in bytes of JSON.
const MAX_EXAMPLE: usize = 4096;

/// Of which kind the bounds are.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Number,
    Text,
    List,
    Other,
}

impl Reader<'_> {
    /// The hints of a property whose type is `ty`; `None` if its schema gives none.
    pub(super) fn hints(&mut self, node: &Arc<Node>, ty: &Type) -> Option<Arc<Hints>> {
        let mut hints = Hints::default();
        let mut kinds: Vec<Kind> = Vec::new();
        for member in ty.members() {
            match member {
                Type::Named(_) => kinds.push(self.kind_of(node, 0)),
                other => kinds.extend(kind(other)),
            }
        }
        // Bounds of different kinds of values cannot be told apart.
        let kind = match kinds.as_slice() {
            [first, rest @ ..] if rest.iter().all(|other| other == first) => *first,
            _ => Kind::Other,
        };
        self.collect_hints(node, kind, &mut hints, 0);
        (hints != Hints::default()).then(|| Arc::new(hints))
    }

    /// The hints of a parameter: those of its schema, and its own example before that of the schema.
    pub(super) fn parameter_hints(&mut self, node: &Arc<Node>, ty: &Type) -> Option<Arc<Hints>> {
        let own = self.hints(node, ty).and_then(|hints| hints.example.clone());
        let schema = node.get("schema").cloned();
        let of_schema = schema.and_then(|schema| self.hints(&schema, ty));
        match (own, of_schema) {
            (None, of_schema) => of_schema,
            (Some(example), of_schema) => {
                let of_schema = of_schema.as_deref().cloned().unwrap_or_default();
                Some(Arc::new(Hints { example: Some(example), ..of_schema }))
            }
        }
    }

    /// The kind of value that a schema with a name describes, as far as it says so in one word.
    fn kind_of(&mut self, node: &Arc<Node>, steps: u32) -> Kind {
        if let Some(ty) = node.get("type") {
            return match ty.as_str() {
                Some("number" | "integer") => Kind::Number,
                Some("string") => Kind::Text,
                Some("array") => Kind::List,
                _ => Kind::Other,
            };
        }
        let inner = match node.get("$ref").cloned() {
            Some(reference) => self.target(&reference).map(|target| target.node),
            None => only_form(node),
        };
        match inner {
            Some(inner) if steps < MAX_STEPS => self.kind_of(&inner, steps + 1),
            _ => Kind::Other,
        }
    }

    /// What stands nearer to the property goes before what it refers to.
    fn collect_hints(&mut self, node: &Arc<Node>, kind: Kind, hints: &mut Hints, steps: u32) {
        let Some(map) = node.as_map() else { return };
        if steps > MAX_STEPS {
            return;
        }
        own(map, kind, hints);
        // What refers to an object is named after it, and its example would be of the whole.
        if kind == Kind::Other {
            return;
        }
        if let Some(reference) = map.get("$ref").cloned()
            && let Some(target) = self.target(&reference)
        {
            self.collect_hints(&target.node, kind, hints, steps + 1);
        }
        if let Some(form) = only_form(node) {
            self.collect_hints(&form, kind, hints, steps + 1);
        }
    }
}

/// The one schema that a composition stands for beside `null`. Of several forms none speaks for the value.
fn only_form(node: &Node) -> Option<Arc<Node>> {
    let members = ["allOf", "oneOf", "anyOf"].iter().find_map(|keyword| node.get(keyword)?.as_list())?;
    let is_value = |member: &&Arc<Node>| member.get("type").and_then(|ty| ty.as_str()) != Some("null");
    let mut values = members.iter().filter(is_value);
    values.next().filter(|_| values.next().is_none()).cloned()
}

fn kind(ty: &Type) -> Option<Kind> {
    Some(match ty {
        Type::Null | Type::Undefined => return None,
        Type::Number => Kind::Number,
        Type::String => Kind::Text,
        Type::Array(_) | Type::Tuple(_) => Kind::List,
        _ => Kind::Other,
    })
}

fn own(map: &Map, kind: Kind, hints: &mut Hints) {
    let text = |key: &str| map.get(key).and_then(|node| node.as_str()).map(Arc::from);
    hints.format = hints.format.take().or_else(|| text("format"));
    hints.pattern = hints.pattern.take().or_else(|| text("pattern").filter(|_| kind == Kind::Text));
    hints.integer |= map.get("type").is_some_and(|ty| is_integer(ty)) && kind == Kind::Number;
    let (least, most) = match kind {
        Kind::Number => (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")),
        Kind::Text => (("minLength", ""), ("maxLength", "")),
        Kind::List => (("minItems", ""), ("maxItems", "")),
        Kind::Other => (("", ""), ("", "")),
    };
    hints.min = hints.min.or_else(|| bound(map, least, 1.0, hints.integer));
    hints.max = hints.max.or_else(|| bound(map, most, -1.0, hints.integer));
    if hints.example.is_none() {
        let first = || map.get("examples").and_then(|node| node.as_list()).and_then(|list| list.first());
        hints.example = map.get("example").or_else(first).and_then(json);
    }
}

fn is_integer(ty: &Node) -> bool {
    match &ty.value {
        Value::String(name) => name == "integer",
        Value::List(names) => names.iter().any(|name| name.as_str() == Some("integer")),
        _ => false,
    }
}

/// A bound that is included. One that is not (in 3.0 a mark beside it, in 3.1 a keyword) is the next whole number, or
/// for other numbers taken as it is: who makes up a value keeps away from bounds.
fn bound(map: &Map, (included, excluded): (&str, &str), step: f64, integer: bool) -> Option<f64> {
    let number = |key: &str| match &map.get(key)?.value {
        Value::Number(text) => text.parse::<f64>().ok().filter(|number| number.is_finite()),
        _ => None,
    };
    let step = if integer { step } else { 0.0 };
    let is_marked = map.get(excluded).and_then(|node| node.as_bool()) == Some(true);
    match (number(included), number(excluded)) {
        (Some(bound), None) if is_marked => Some(bound + step),
        (Some(bound), None) => Some(bound),
        (None, Some(bound)) => Some(bound + step),
        (Some(bound), Some(other)) if step < 0.0 => Some(bound.min(other + step)),
        (Some(bound), Some(other)) => Some(bound.max(other + step)),
        (None, None) => None,
    }
}

/// The value as JSON text, if it has one and is not too long.
fn json(node: &Arc<Node>) -> Option<Arc<str>> {
    let mut out = String::new();
    write_json(node, &mut out)?;
    Some(out.into())
}

fn write_json(node: &Node, out: &mut String) -> Option<()> {
    if out.len() > MAX_EXAMPLE {
        return None;
    }
    match &node.value {
        Value::Null => out.push_str("null"),
        Value::Boolean(value) => write!(out, "{value}").ok()?,
        // `0x1F`, `.5` and `1e400` are numbers of YAML, not of JSON.
        Value::Number(text) => {
            let number = serde_json::from_str::<f64>(text).ok()?;
            number.is_finite().then(|| out.push_str(text))?;
        }
        Value::String(text) => out.push_str(&serde_json::to_string(text).ok()?),
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                write_json(item, out)?;
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (at, entry) in map.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                out.push_str(&serde_json::to_string(&*entry.key).ok()?);
                out.push(':');
                write_json(&entry.value, out)?;
            }
            out.push('}');
        }
    }
    (out.len() <= MAX_EXAMPLE).then_some(())
}
