//! Schemas and values in a few words, for messages.

use serde_json::Value;

use super::sum::{Form, Variant};
use crate::{Kind, Schema};

/// `string (date-time)`, `list of integer`, `Product or null`, `"card" or "cash"`.
pub fn schema(schema: &Schema) -> String {
    let mut words = kind(&schema.kind, 0);
    if schema.nullable && schema.kind != Kind::Null {
        words.push_str(" or null");
    }
    words
}

fn kind(kind: &Kind, depth: usize) -> String {
    let inner = |schema: &Schema| {
        let words = if depth > 2 { "…".to_owned() } else { self::kind(&schema.kind, depth + 1) };
        if schema.nullable { format!("({words} or null)") } else { words }
    };
    match kind {
        Kind::Any => "anything".to_owned(),
        Kind::Null => "null".to_owned(),
        Kind::Boolean => "boolean".to_owned(),
        Kind::Number { integer: true, .. } => "integer".to_owned(),
        Kind::Number { .. } => "number".to_owned(),
        Kind::String { format: Some(format), .. } => format!("string ({format})"),
        Kind::String { .. } => "string".to_owned(),
        Kind::Enum(values) => list(values.iter().map(value)),
        Kind::Array { items, .. } => format!("list of {}", inner(items)),
        Kind::Tuple(items) => format!("[{}]", cut(items.iter().map(inner), ", ")),
        Kind::Object(object) => match &object.more {
            crate::More::Of(schema) if object.fields.is_empty() => format!("map of {}", inner(schema)),
            _ if object.fields.is_empty() => "object".to_owned(),
            _ => format!(
                "object {{ {} }}",
                cut(object.fields.iter().map(|field| field.name.to_string()), ", ")
            ),
        },
        Kind::Reference(name) => format!("`{name}`"),
        Kind::AnyOf(variants) => list(variants.iter().map(inner)),
    }
}

/// As [`schema`], of one variant of a sum.
pub fn variant(variant: &Variant<'_>) -> String {
    match (&variant.form, variant.name) {
        (Form::Enum(values), None) => list(values.iter().copied().map(value)),
        (_, Some(name)) => format!("`{name}`"),
        _ => kind(&variant.schema.kind, 0),
    }
}

/// What stands between `<` and `>` in a place below one variant of several.
pub fn label(variant: &Variant<'_>) -> String {
    match (variant.name, &variant.form) {
        (Some(name), _) => name.to_string(),
        (None, Form::Object(object)) => {
            // A field of one value tells variants apart, if their authors meant them to be.
            let tag = object.fields.iter().find_map(|field| match &field.schema.kind {
                Kind::Enum(values) => match values.as_slice() {
                    [Value::String(only)] => Some(only.clone()),
                    _ => None,
                },
                _ => None,
            });
            tag.unwrap_or_else(|| "object".to_owned())
        }
        (None, Form::Array { .. }) => "list".to_owned(),
        (None, Form::Tuple(_)) => "tuple".to_owned(),
        (None, Form::Enum(_)) => "enum".to_owned(),
        (None, Form::Boolean | Form::Number { .. } | Form::Text { .. }) => kind(&variant.schema.kind, 0),
    }
}

/// A JSON value, cut if it is long.
pub fn value(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 60 { text } else { text.chars().take(59).chain(['…']).collect() }
}

fn list(words: impl Iterator<Item = String>) -> String {
    cut(words, " or ")
}

/// The first of many.
fn cut(words: impl Iterator<Item = String>, between: &str) -> String {
    let mut words: Vec<String> = words.collect();
    if words.len() > 8 {
        words.truncate(7);
        words.push("…".to_owned());
    }
    words.join(between)
}
