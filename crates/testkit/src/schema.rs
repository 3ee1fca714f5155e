//! Inputs and claims as types, so that values can be made up for them.

use frontdesk_contract::example::{Knobs, with};
use frontdesk_lang::model::json::number;
use frontdesk_lang::model::{Schema, SchemaKind};
use frontdesk_types::{Field, Hints, Type, Types};
use serde_json::{Map, Value};

/// A value that `schema` accepts.
pub(crate) fn value(schema: &Schema, name: &str, seed: &str, knobs: Knobs) -> Value {
    let (ty, hints) = type_of(schema);
    with(&Types::default(), &ty, Some(&hints), name, seed, knobs)
}

/// A value that asks for as much as `schema` accepts: numbers at their bound, lists as long as they may be.
pub(crate) fn largest(schema: &Schema, name: &str) -> Value {
    match &schema.kind {
        SchemaKind::Integer { max: Some(max), .. } | SchemaKind::Number { max: Some(max), .. } => {
            number(*max)
        }
        SchemaKind::Array { of, max, .. } => {
            let count = max.map_or(Knobs::LARGE.list, |max| max as usize).min(Knobs::LARGE.list);
            let one = largest(of, name);
            Value::Array(vec![one; count])
        }
        SchemaKind::Object(members) => members
            .iter()
            .map(|(name, schema)| (name.to_string(), largest(schema, name)))
            .collect::<Map<_, _>>()
            .into(),
        _ => value(schema, name, name, Knobs::default()),
    }
}

fn type_of(schema: &Schema) -> (Type, Hints) {
    let bounds = |min: Option<f64>, max: Option<f64>| Hints { min, max, ..Hints::default() };
    let format = |name: &str| Hints { format: Some(name.into()), ..Hints::default() };
    match &schema.kind {
        SchemaKind::String { min, max, pattern } => {
            let hints = bounds(min.map(f64::from), max.map(f64::from));
            (Type::String, Hints { pattern: pattern.clone(), ..hints })
        }
        SchemaKind::Number { min, max } => (Type::Number, bounds(*min, *max)),
        SchemaKind::Integer { min, max } => (Type::Number, Hints { integer: true, ..bounds(*min, *max) }),
        SchemaKind::Boolean => (Type::Boolean, Hints::default()),
        SchemaKind::Enum(words) => {
            (Type::union(words.iter().map(|word| Type::string(word))), Hints::default())
        }
        SchemaKind::Date => (Type::String, format("date")),
        SchemaKind::DateTime => (Type::String, format("date-time")),
        SchemaKind::Array { of, min, max } => {
            let (ty, hints) = type_of(of);
            let counts = bounds(min.map(f64::from), max.map(f64::from));
            (
                Type::array(ty),
                Hints { format: hints.format, pattern: hints.pattern, integer: hints.integer, ..counts },
            )
        }
        SchemaKind::Object(members) => {
            let field = |(name, schema): &(std::sync::Arc<str>, Schema)| {
                let (ty, hints) = type_of(schema);
                let optional = schema.optional || schema.default.is_some();
                Field { optional, hints: Some(hints.into()), ..Field::required(name.clone(), ty) }
            };
            (Type::object(members.iter().map(field).collect()), Hints::default())
        }
    }
}
