//! Messages that have a JSON form of their own.

use std::fmt::Write;

use bumpalo::Bump;
use bumpalo::collections::{String as BumpString, Vec as BumpVec};
use frontdesk_catalog::WellKnown;

use super::Scalar;
use super::scalar::{base64, string};
use super::wire::{Fields, Flaw, Payload};
use crate::object::ObjectBuilder;
use crate::value::{Object, Record, Value};

pub(super) fn value<'a>(
    known: WellKnown,
    bytes: &'a [u8],
    depth: u32,
    arena: &'a Bump,
) -> Result<Value<'a>, Flaw> {
    match known {
        WellKnown::Timestamp => timestamp(bytes, arena),
        WellKnown::Duration => duration(bytes, arena),
        WellKnown::FieldMask => field_mask(bytes, arena),
        WellKnown::Struct => record(bytes, depth, arena),
        WellKnown::Value => any_json(bytes, depth, arena),
        WellKnown::ListValue => list(bytes, depth, arena),
        WellKnown::Empty => {
            let mut fields = Fields::of(bytes);
            while fields.next()?.is_some() {}
            Ok(Value::Object(arena.alloc(Object::Record(Record { names: &[], values: &[], sparse: true }))))
        }
        WellKnown::Any => any(bytes, arena),
        WellKnown::DoubleValue => wrapped(&Scalar::Double, bytes, arena),
        WellKnown::FloatValue => wrapped(&Scalar::Float, bytes, arena),
        WellKnown::Int32Value => wrapped(&Scalar::Int32, bytes, arena),
        WellKnown::Int64Value => wrapped(&Scalar::Int64, bytes, arena),
        WellKnown::Uint32Value => wrapped(&Scalar::Uint32, bytes, arena),
        WellKnown::Uint64Value => wrapped(&Scalar::Uint64, bytes, arena),
        WellKnown::BoolValue => wrapped(&Scalar::Bool, bytes, arena),
        WellKnown::StringValue => wrapped(&Scalar::String, bytes, arena),
        WellKnown::BytesValue => wrapped(&Scalar::Bytes, bytes, arena),
        WellKnown::NullValue => Ok(Value::Null),
    }
}

/// A message around one scalar, which is how `optional` was written before it came to proto3.
fn wrapped<'a>(scalar: &'static Scalar, bytes: &'a [u8], arena: &'a Bump) -> Result<Value<'a>, Flaw> {
    let mut found = None;
    let mut fields = Fields::of(bytes);
    while let Some((number, payload)) = fields.next()? {
        if number == 1 {
            found = Some(payload);
        }
    }
    match found {
        Some(payload) => scalar.value(payload, arena),
        None => scalar.default(arena),
    }
}

/// `seconds` and `nanos` of a timestamp or duration.
fn moment(bytes: &[u8]) -> Result<(i64, i32), Flaw> {
    let (mut seconds, mut nanos) = (0, 0);
    let mut fields = Fields::of(bytes);
    while let Some((number, payload)) = fields.next()? {
        match (number, payload) {
            (1, Payload::Varint(bits)) => seconds = bits as i64,
            (2, Payload::Varint(bits)) => nanos = bits as i32,
            (1 | 2, _) => return Err("the wire type is not that of the schema"),
            _ => {}
        }
    }
    Ok((seconds, nanos))
}

/// The seconds of 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
const YEARS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// RFC 3339 in UTC, with as many triples of decimals as are needed.
fn timestamp<'a>(bytes: &[u8], arena: &'a Bump) -> Result<Value<'a>, Flaw> {
    let (seconds, nanos) = moment(bytes)?;
    if !YEARS.contains(&seconds) || !(0..1_000_000_000).contains(&nanos) {
        return Err("a timestamp outside the years 1 to 9999");
    }
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    let mut out = BumpString::with_capacity_in(30, arena);
    // Writing to memory does not fail, here and below.
    let _ = write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    push_fraction(&mut out, nanos.unsigned_abs());
    out.push('Z');
    Ok(Value::Plain(out.into_bump_str()))
}

/// The date so many days after 1970-01-01 in the proleptic Gregorian calendar. Years are counted from March, so
/// that the leap day is the last of its year; the days before March of each month follow one line.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

/// Nothing, or a dot and three, six or nine digits.
fn push_fraction(out: &mut BumpString<'_>, nanos: u32) {
    let _ = match (nanos, nanos % 1_000_000, nanos % 1_000) {
        (0, ..) => Ok(()),
        (_, 0, _) => write!(out, ".{:03}", nanos / 1_000_000),
        (_, _, 0) => write!(out, ".{:06}", nanos / 1_000),
        _ => write!(out, ".{nanos:09}"),
    };
}

/// `-1.500s`
fn duration<'a>(bytes: &[u8], arena: &'a Bump) -> Result<Value<'a>, Flaw> {
    const MOST: u64 = 315_576_000_000;
    let (seconds, nanos) = moment(bytes)?;
    let same_sign = seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0);
    if seconds.unsigned_abs() > MOST || nanos.unsigned_abs() >= 1_000_000_000 || !same_sign {
        return Err("a duration that is out of range");
    }
    let mut out = BumpString::with_capacity_in(26, arena);
    if seconds < 0 || nanos < 0 {
        out.push('-');
    }
    let _ = write!(out, "{}", seconds.unsigned_abs());
    push_fraction(&mut out, nanos.unsigned_abs());
    out.push('s');
    Ok(Value::Plain(out.into_bump_str()))
}

/// Paths in lowerCamelCase, separated by commas.
fn field_mask<'a>(bytes: &'a [u8], arena: &'a Bump) -> Result<Value<'a>, Flaw> {
    let mut out = BumpString::new_in(arena);
    let mut fields = Fields::of(bytes);
    let mut is_first = true;
    while let Some((number, payload)) = fields.next()? {
        let (1, Payload::Bytes(path)) = (number, payload) else { continue };
        let path = simdutf8::basic::from_utf8(path).map_err(|_| "a string is not UTF-8")?;
        if !is_first {
            out.push(',');
        }
        is_first = false;
        let mut raises = false;
        for c in path.chars() {
            if raises && c.is_ascii_lowercase() {
                out.push(c.to_ascii_uppercase());
                raises = false;
            } else if c == '_' && !raises {
                raises = true;
            } else if raises || c.is_ascii_uppercase() {
                return Err("a path of a field mask that JSON cannot say");
            } else {
                out.push(c);
            }
        }
        if raises {
            return Err("a path of a field mask that JSON cannot say");
        }
    }
    Ok(crate::text::classified(out.into_bump_str()).value())
}

fn any<'a>(bytes: &'a [u8], arena: &'a Bump) -> Result<Value<'a>, Flaw> {
    let (mut url, mut content): (&[u8], &[u8]) = (&[], &[]);
    let mut fields = Fields::of(bytes);
    while let Some((number, payload)) = fields.next()? {
        match (number, payload) {
            (1, Payload::Bytes(bytes)) => url = bytes,
            (2, Payload::Bytes(bytes)) => content = bytes,
            (1 | 2, _) => return Err("the wire type is not that of the schema"),
            _ => {}
        }
    }
    let mut object = ObjectBuilder::new(arena, 2);
    object.put(b"@type", string(url)?);
    object.put(b"value", base64(content, arena));
    Ok(Value::Object(object.finish()))
}

fn record<'a>(bytes: &'a [u8], depth: u32, arena: &'a Bump) -> Result<Value<'a>, Flaw> {
    let depth = depth.checked_sub(1).ok_or("nested too deep")?;
    let mut object = ObjectBuilder::new(arena, 8);
    let mut fields = Fields::of(bytes);
    while let Some((number, payload)) = fields.next()? {
        let (1, Payload::Bytes(entry)) = (number, payload) else { continue };
        let (mut key, mut value): (&[u8], &[u8]) = (&[], &[]);
        let mut parts = Fields::of(entry);
        while let Some((number, payload)) = parts.next()? {
            match (number, payload) {
                (1, Payload::Bytes(bytes)) => key = bytes,
                (2, Payload::Bytes(bytes)) => value = bytes,
                _ => {}
            }
        }
        simdutf8::basic::from_utf8(key).map_err(|_| "a string is not UTF-8")?;
        object.put(key, any_json(value, depth, arena)?);
    }
    Ok(Value::Object(object.finish()))
}

fn list<'a>(bytes: &'a [u8], depth: u32, arena: &'a Bump) -> Result<Value<'a>, Flaw> {
    let depth = depth.checked_sub(1).ok_or("nested too deep")?;
    let mut items = BumpVec::new_in(arena);
    let mut fields = Fields::of(bytes);
    while let Some((number, payload)) = fields.next()? {
        if let (1, Payload::Bytes(item)) = (number, payload) {
            items.push(any_json(item, depth, arena)?);
        }
    }
    Ok(Value::Array(items.into_bump_slice()))
}

/// `google.protobuf.Value`: the last of its members that came; `null` if none did.
fn any_json<'a>(bytes: &'a [u8], depth: u32, arena: &'a Bump) -> Result<Value<'a>, Flaw> {
    let depth = depth.checked_sub(1).ok_or("nested too deep")?;
    let mut last: Option<(u32, Payload<'a>)> = None;
    // Lists and structs that come twice are merged: their pieces joined.
    let mut joined: Vec<u8> = Vec::new();
    let mut fields = Fields::of(bytes);
    while let Some((number, payload)) = fields.next()? {
        match (number, payload, last) {
            (5 | 6, Payload::Bytes(more), Some((same, Payload::Bytes(first)))) if same == number => {
                if joined.is_empty() {
                    joined.extend_from_slice(first);
                }
                joined.extend_from_slice(more);
            }
            (1..=6, ..) => {
                joined.clear();
                last = Some((number, payload));
            }
            _ => {}
        }
    }
    let whole = |bytes| if joined.is_empty() { bytes } else { &*arena.alloc_slice_copy(&joined) };
    match last {
        None | Some((1, Payload::Varint(_))) => Ok(Value::Null),
        Some((2, Payload::Fixed64(bits))) => Ok(Value::Number(f64::from_bits(bits))),
        Some((3, Payload::Bytes(text))) => string(text),
        Some((4, Payload::Varint(bits))) => Ok(Value::Bool(bits != 0)),
        Some((5, Payload::Bytes(bytes))) => record(whole(bytes), depth, arena),
        Some((6, Payload::Bytes(bytes))) => list(whole(bytes), depth, arena),
        Some(_) => Err("the wire type is not that of the schema"),
    }
}
