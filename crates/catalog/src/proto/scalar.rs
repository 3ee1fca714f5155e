//! Field types that are no messages: their wire kind and their type in JSON.

use std::sync::Arc;

use frontdesk_types::{Hints, Type};
use prost_reflect::Kind;

use super::message::Direction;
use crate::{FieldKind, WellKnown};

/// The wire kind and the JSON type of a scalar; `None` for messages and enums.
///
/// 64-bit integers are strings, because a JSON number loses their last digits; as arguments numbers will do too.
pub(super) fn scalar(kind: &Kind, direction: Direction) -> Option<(FieldKind, Type)> {
    let long = || match direction {
        Direction::Response => Type::String,
        Direction::Request => Type::union([Type::String, Type::Number]),
    };
    Some(match kind {
        Kind::Double => (FieldKind::Double, Type::Number),
        Kind::Float => (FieldKind::Float, Type::Number),
        Kind::Int32 => (FieldKind::Int32, Type::Number),
        Kind::Int64 => (FieldKind::Int64, long()),
        Kind::Uint32 => (FieldKind::Uint32, Type::Number),
        Kind::Uint64 => (FieldKind::Uint64, long()),
        Kind::Sint32 => (FieldKind::Sint32, Type::Number),
        Kind::Sint64 => (FieldKind::Sint64, long()),
        Kind::Fixed32 => (FieldKind::Fixed32, Type::Number),
        Kind::Fixed64 => (FieldKind::Fixed64, long()),
        Kind::Sfixed32 => (FieldKind::Sfixed32, Type::Number),
        Kind::Sfixed64 => (FieldKind::Sfixed64, long()),
        Kind::Bool => (FieldKind::Bool, Type::Boolean),
        Kind::String => (FieldKind::String, Type::String),
        Kind::Bytes => (FieldKind::Bytes, Type::String),
        Kind::Message(_) | Kind::Enum(_) => return None,
    })
}

/// The message called `name`, if JSON has a form of its own for it.
pub(super) fn well_known(name: &str, direction: Direction) -> Option<(WellKnown, Type)> {
    let scalar_type = |kind: Kind| scalar(&kind, direction).map_or(Type::Unknown, |(_, ty)| ty);
    Some(match name.strip_prefix("google.protobuf.")? {
        "Timestamp" => (WellKnown::Timestamp, Type::String),
        "Duration" => (WellKnown::Duration, Type::String),
        "FieldMask" => (WellKnown::FieldMask, Type::String),
        "Struct" => (WellKnown::Struct, Type::map(Type::Unknown)),
        "Value" => (WellKnown::Value, Type::Unknown),
        "ListValue" => (WellKnown::ListValue, Type::array(Type::Unknown)),
        "Empty" => (WellKnown::Empty, Type::object(Vec::new())),
        "Any" => (WellKnown::Any, Type::Unknown),
        "DoubleValue" => (WellKnown::DoubleValue, scalar_type(Kind::Double)),
        "FloatValue" => (WellKnown::FloatValue, scalar_type(Kind::Float)),
        "Int32Value" => (WellKnown::Int32Value, scalar_type(Kind::Int32)),
        "Int64Value" => (WellKnown::Int64Value, scalar_type(Kind::Int64)),
        "UInt32Value" => (WellKnown::Uint32Value, scalar_type(Kind::Uint32)),
        "UInt64Value" => (WellKnown::Uint64Value, scalar_type(Kind::Uint64)),
        "BoolValue" => (WellKnown::BoolValue, scalar_type(Kind::Bool)),
        "StringValue" => (WellKnown::StringValue, scalar_type(Kind::String)),
        "BytesValue" => (WellKnown::BytesValue, scalar_type(Kind::Bytes)),
        _ => return None,
    })
}

/// What is known of a value beyond its JSON type: whole numbers, and text that is a number, a moment or bytes.
pub(super) fn hints(kind: &Kind, well_known: Option<WellKnown>) -> Option<Arc<Hints>> {
    let whole = Hints { integer: true, ..Hints::default() };
    let unsigned = Hints { min: Some(0.0), ..whole.clone() };
    let text = |format: &str, pattern: Option<&str>| Hints {
        format: Some(format.into()),
        pattern: pattern.map(Arc::from),
        ..Hints::default()
    };
    let (signed, digits) = (Some("^-?[0-9]+$"), Some("^[0-9]+$"));
    Some(Arc::new(match (kind, well_known) {
        (Kind::Int32 | Kind::Sint32 | Kind::Sfixed32, _) | (_, Some(WellKnown::Int32Value)) => whole,
        (Kind::Uint32 | Kind::Fixed32, _) | (_, Some(WellKnown::Uint32Value)) => unsigned,
        (Kind::Int64 | Kind::Sint64 | Kind::Sfixed64, _) | (_, Some(WellKnown::Int64Value)) => {
            text("int64", signed)
        }
        (Kind::Uint64 | Kind::Fixed64, _) | (_, Some(WellKnown::Uint64Value)) => text("uint64", digits),
        (Kind::Bytes, _) | (_, Some(WellKnown::BytesValue)) => text("byte", None),
        (_, Some(WellKnown::Timestamp)) => text("date-time", None),
        (_, Some(WellKnown::Duration)) => Hints {
            pattern: Some("^-?[0-9]+([.][0-9]{1,9})?s$".into()),
            example: Some("\"1.5s\"".into()),
            ..Hints::default()
        },
        _ => return None,
    }))
}

/// Whether `null` is a way to write that a message of this kind is absent, or its value.
pub(super) fn is_nullable(kind: WellKnown) -> bool {
    matches!(
        kind,
        WellKnown::DoubleValue
            | WellKnown::FloatValue
            | WellKnown::Int32Value
            | WellKnown::Int64Value
            | WellKnown::Uint32Value
            | WellKnown::Uint64Value
            | WellKnown::BoolValue
            | WellKnown::StringValue
            | WellKnown::BytesValue
    )
}
