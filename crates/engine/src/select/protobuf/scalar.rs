//! Field values that are no messages.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bumpalo::Bump;
use bumpalo::collections::String as BumpString;

use super::Scalar;
use super::wire::{Flaw, Payload, fixed, varint};
use crate::text;
use crate::value::Value;

const MISFIT: Flaw = "the wire type is not that of the schema";

impl Scalar {
    /// The value of one occurrence.
    #[inline]
    pub(super) fn value<'a>(&'a self, payload: Payload<'a>, arena: &'a Bump) -> Result<Value<'a>, Flaw> {
        match (self, payload) {
            (Self::String, Payload::Bytes(bytes)) => string(bytes),
            (Self::Bytes, Payload::Bytes(bytes)) => Ok(base64(bytes, arena)),
            (Self::Double | Self::Fixed64 | Self::Sfixed64, Payload::Fixed64(bits)) => {
                Ok(self.of_fixed64(bits, arena))
            }
            (Self::Float | Self::Fixed32 | Self::Sfixed32, Payload::Fixed32(bits)) => {
                Ok(self.of_fixed32(bits))
            }
            (_, Payload::Varint(bits)) => self.of_varint(bits, arena),
            _ => Err(MISFIT),
        }
    }

    /// What is there when the message says nothing.
    pub(super) fn default<'a>(&'a self, arena: &'a Bump) -> Result<Value<'a>, Flaw> {
        match self {
            Self::String | Self::Bytes => Ok(Value::EMPTY_STRING),
            Self::Double | Self::Float | Self::Fixed32 | Self::Sfixed32 => Ok(Value::Number(0.0)),
            Self::Fixed64 | Self::Sfixed64 => Ok(Value::Plain("0")),
            _ => self.of_varint(0, arena),
        }
    }

    /// How many values `packed` holds; as many as there can be if it is broken.
    pub(super) fn count(&self, packed: &[u8]) -> usize {
        match self {
            Self::String | Self::Bytes => 1,
            Self::Double | Self::Fixed64 | Self::Sfixed64 => packed.len() / 8,
            Self::Float | Self::Fixed32 | Self::Sfixed32 => packed.len() / 4,
            _ => packed.iter().filter(|byte| **byte < 0x80).count(),
        }
    }

    /// Whether several values may stand in one payload.
    pub(super) fn is_packable(&self) -> bool {
        !matches!(self, Self::String | Self::Bytes)
    }

    /// Takes the next value off a packed payload.
    pub(super) fn unpack<'a>(&'a self, packed: &mut &'a [u8], arena: &'a Bump) -> Result<Value<'a>, Flaw> {
        let payload = match self {
            Self::Double | Self::Fixed64 | Self::Sfixed64 => {
                Payload::Fixed64(u64::from_le_bytes(fixed(packed)?))
            }
            Self::Float | Self::Fixed32 | Self::Sfixed32 => {
                Payload::Fixed32(u32::from_le_bytes(fixed(packed)?))
            }
            _ => Payload::Varint(varint(packed)?),
        };
        self.value(payload, arena)
    }

    fn of_fixed64<'a>(&self, bits: u64, arena: &'a Bump) -> Value<'a> {
        match self {
            Self::Double => Value::Number(f64::from_bits(bits)),
            Self::Sfixed64 => signed(bits as i64, arena),
            _ => unsigned(bits, arena),
        }
    }

    fn of_fixed32<'a>(&self, bits: u32) -> Value<'a> {
        Value::Number(match self {
            Self::Float => widened(f32::from_bits(bits)),
            Self::Sfixed32 => f64::from(bits as i32),
            _ => f64::from(bits),
        })
    }

    fn of_varint<'a>(&'a self, bits: u64, arena: &'a Bump) -> Result<Value<'a>, Flaw> {
        Ok(match self {
            Self::Int32 => Value::Number(f64::from(bits as i32)),
            Self::Uint32 => Value::Number(f64::from(bits as u32)),
            Self::Sint32 => Value::Number(f64::from(unzigzag(u64::from(bits as u32)) as i32)),
            Self::Int64 => signed(bits as i64, arena),
            Self::Uint64 => unsigned(bits, arena),
            Self::Sint64 => signed(unzigzag(bits), arena),
            Self::Bool => Value::Bool(bits != 0),
            Self::Null => Value::Null,
            Self::Enum(values) => {
                let number = bits as i32;
                match values.iter().find(|(known, _)| *known == number) {
                    Some((_, name)) => Value::Plain(name),
                    None => return Err("a number that the schema's enum does not have"),
                }
            }
            _ => return Err(MISFIT),
        })
    }
}

fn unzigzag(bits: u64) -> i64 {
    (bits >> 1) as i64 ^ -((bits & 1) as i64)
}

/// The number that reads like the shortest text of `value`, as JSON would have it: 0.1, not 0.10000000149011612.
fn widened(value: f32) -> f64 {
    let exact = f64::from(value);
    let is_small_integer = exact.trunc() == exact && exact.abs() < 16_777_216.0;
    if is_small_integer || !value.is_finite() {
        return exact;
    }
    // Such text does not fail to parse.
    value.to_string().parse().unwrap_or(exact)
}

pub(super) fn string(bytes: &[u8]) -> Result<Value<'_>, Flaw> {
    let text = simdutf8::basic::from_utf8(bytes).map_err(|_| "a string is not UTF-8")?;
    Ok(text::classified(text).value())
}

pub(super) fn base64<'a>(bytes: &[u8], arena: &'a Bump) -> Value<'a> {
    let room = bytes.len().div_ceil(3) * 4;
    let out = arena.alloc_slice_fill_copy(room, 0u8);
    let written = STANDARD.encode_slice(bytes, out).unwrap_or(0);
    let text = out.get(..written).and_then(|out| std::str::from_utf8(out).ok());
    Value::Plain(text.unwrap_or_default())
}

fn signed(value: i64, arena: &Bump) -> Value<'_> {
    Value::Plain(arena.alloc_str(itoa::Buffer::new().format(value)))
}

fn unsigned(value: u64, arena: &Bump) -> Value<'_> {
    Value::Plain(arena.alloc_str(itoa::Buffer::new().format(value)))
}

/// The text of a map's key.
pub(super) fn key<'a>(value: Value<'a>, arena: &'a Bump) -> &'a [u8] {
    match value {
        Value::Plain(text) => text.as_bytes(),
        Value::Text(bytes) => bytes,
        Value::Bool(true) => b"true",
        Value::Bool(false) => b"false",
        Value::Number(number) => {
            let mut text = BumpString::new_in(arena);
            // Only integers are keys; writing to memory does not fail.
            let _ = write!(text, "{number}");
            text.into_bump_str().as_bytes()
        }
        _ => b"",
    }
}
