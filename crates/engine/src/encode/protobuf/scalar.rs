//! Values of fields that are no messages.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bumpalo::Bump;
use frontdesk_catalog::{FieldKind, WellKnown};

use super::push_varint;
use crate::number;
use crate::text;
use crate::value::Value;

type Why = &'static str;

/// Base64 with or without padding; the alphabet is told by the text.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Writes the payload of a scalar, without its tag.
pub(super) fn write<'a>(
    kind: &FieldKind,
    value: Value<'a>,
    arena: &'a Bump,
    out: &mut Vec<u8>,
) -> Result<(), Why> {
    match kind {
        FieldKind::Int32 => push_varint(i64::from(integer::<i32>(value, arena)?) as u64, out),
        FieldKind::Int64 => push_varint(integer::<i64>(value, arena)? as u64, out),
        FieldKind::Uint32 => push_varint(u64::from(integer::<u32>(value, arena)?), out),
        FieldKind::Uint64 => push_varint(integer::<u64>(value, arena)?, out),
        FieldKind::Sint32 => push_varint(zigzag(i64::from(integer::<i32>(value, arena)?)), out),
        FieldKind::Sint64 => push_varint(zigzag(integer::<i64>(value, arena)?), out),
        FieldKind::Fixed32 => out.extend_from_slice(&integer::<u32>(value, arena)?.to_le_bytes()),
        FieldKind::Fixed64 => out.extend_from_slice(&integer::<u64>(value, arena)?.to_le_bytes()),
        FieldKind::Sfixed32 => out.extend_from_slice(&integer::<i32>(value, arena)?.to_le_bytes()),
        FieldKind::Sfixed64 => out.extend_from_slice(&integer::<i64>(value, arena)?.to_le_bytes()),
        FieldKind::Double => out.extend_from_slice(&float(value, arena)?.to_le_bytes()),
        FieldKind::Float => out.extend_from_slice(&single(float(value, arena)?)?.to_le_bytes()),
        FieldKind::Bool => match value {
            Value::Bool(value) => out.push(u8::from(value)),
            _ => return Err("not a boolean"),
        },
        FieldKind::String => push_bytes(string(value, arena).ok_or("not a string")??.as_bytes(), out),
        FieldKind::Bytes => {
            let text = string(value, arena).ok_or("not a string of base64")??;
            let engine = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
            push_bytes(&engine.decode(text).map_err(|_| "not base64")?, out);
        }
        FieldKind::Enum(values) => push_varint(i64::from(member(values, value, arena)?) as u64, out),
        FieldKind::WellKnown(WellKnown::NullValue) => match value {
            Value::Null => out.push(0),
            _ => return Err("not null"),
        },
        FieldKind::Message(_) | FieldKind::WellKnown(_) | FieldKind::Map { .. } => {
            return Err("not a single value");
        }
    }
    Ok(())
}

/// A map's key, which is text whatever its kind.
pub(super) fn write_key<'a>(
    kind: &FieldKind,
    key: &'a [u8],
    arena: &'a Bump,
    out: &mut Vec<u8>,
) -> Result<(), Why> {
    let value = match (kind, key) {
        (FieldKind::Bool, b"true") => Value::Bool(true),
        (FieldKind::Bool, b"false") => Value::Bool(false),
        _ => Value::Text(key),
    };
    write(kind, value, arena, out)
}

pub(super) fn push_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    push_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// The text of a string, `None` for other values.
pub(super) fn string<'a>(value: Value<'a>, arena: &'a Bump) -> Option<Result<&'a str, Why>> {
    let bytes = match value {
        Value::Plain(text) => return Some(Ok(text)),
        Value::Escaped(escaped) => text::decoded(escaped, arena),
        Value::Text(bytes) => bytes,
        _ => return None,
    };
    // WTF-8 that is not UTF-8 holds half of a surrogate pair, which protobuf has no way to say.
    Some(std::str::from_utf8(bytes).map_err(|_| "a string with a lone surrogate"))
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// An integer that is a number, or text that reads as one (64-bit integers are strings in JSON).
fn integer<'a, T: TryFrom<i128>>(value: Value<'a>, arena: &'a Bump) -> Result<T, Why> {
    let number = match value {
        Value::Number(number) => whole(number),
        Value::Digits(digits) => digits.parse().ok().or_else(|| whole(number::of_digits(digits))),
        other => match string(other, arena) {
            Some(Ok(text)) => text.parse().ok().or_else(|| whole(text.parse().ok()?)),
            _ => None,
        },
    };
    T::try_from(number.ok_or("not an integer")?).map_err(|_| "an integer out of the field's range")
}

fn whole(number: f64) -> Option<i128> {
    (number.trunc() == number && number.abs() < 2f64.powi(64)).then_some(number as i128)
}

fn float<'a>(value: Value<'a>, arena: &'a Bump) -> Result<f64, Why> {
    match value {
        Value::Number(number) => Ok(number),
        Value::Digits(digits) => Ok(number::of_digits(digits)),
        other => match string(other, arena) {
            Some(Ok("NaN")) => Ok(f64::NAN),
            Some(Ok("Infinity")) => Ok(f64::INFINITY),
            Some(Ok("-Infinity")) => Ok(f64::NEG_INFINITY),
            Some(Ok(text)) => {
                let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
                number.ok_or("not a number")
            }
            _ => Err("not a number"),
        },
    }
}

fn single(number: f64) -> Result<f32, Why> {
    let single = number as f32;
    if single.is_infinite() && number.is_finite() {
        return Err("a number out of the field's range");
    }
    Ok(single)
}

/// An enum's member by its name, or by its number.
fn member<'a>(values: &[(i32, std::sync::Arc<str>)], value: Value<'a>, arena: &'a Bump) -> Result<i32, Why> {
    if let Some(text) = string(value, arena) {
        let text = text?;
        let found = values.iter().find(|(_, name)| **name == *text);
        return found.map(|(number, _)| *number).ok_or("not a name of the field's enum");
    }
    integer(value, arena).map_err(|_| "not a name of the field's enum")
}
