//! Messages that have a JSON form of their own.

use bumpalo::Bump;
use frontdesk_catalog::{FieldKind, WellKnown};
use frontdesk_plan::Program;

use super::scalar::{self, push_bytes, string};
use super::{DELIMITED, entries, prefix_length, push_tag, push_varint, wire_type};
use crate::number;
use crate::value::Value;

type Why = &'static str;

/// Writes the content of a message of this kind.
pub(super) fn write<'a>(
    known: WellKnown,
    value: Value<'a>,
    program: &'a Program,
    arena: &'a Bump,
    depth: u32,
    out: &mut Vec<u8>,
) -> Result<(), Why> {
    let json = Json { program, arena };
    let scalar = match known {
        WellKnown::Timestamp => return timestamp(text(value, arena, "not a moment in RFC 3339")?, out),
        WellKnown::Duration => return duration(text(value, arena, "not a duration such as `1.5s`")?, out),
        WellKnown::FieldMask => return field_mask(text(value, arena, "not a list of field paths")?, out),
        WellKnown::Struct => return json.record(value, depth, out),
        WellKnown::Value => return json.value(value, depth, out),
        WellKnown::ListValue => return json.list(value, depth, out),
        WellKnown::Any => return json.any(value, out),
        WellKnown::Empty => {
            return if matches!(value, Value::Object(_)) { Ok(()) } else { Err("not an object") };
        }
        WellKnown::DoubleValue => FieldKind::Double,
        WellKnown::FloatValue => FieldKind::Float,
        WellKnown::Int32Value => FieldKind::Int32,
        WellKnown::Int64Value => FieldKind::Int64,
        WellKnown::Uint32Value => FieldKind::Uint32,
        WellKnown::Uint64Value => FieldKind::Uint64,
        WellKnown::BoolValue => FieldKind::Bool,
        WellKnown::StringValue => FieldKind::String,
        WellKnown::BytesValue => FieldKind::Bytes,
        WellKnown::NullValue => return Err("not a message"),
    };
    push_tag(1, wire_type(&scalar), out);
    scalar::write(&scalar, value, arena, out)
}

fn text<'a>(value: Value<'a>, arena: &'a Bump, why: Why) -> Result<&'a str, Why> {
    string(value, arena).ok_or(why)?
}

/// RFC 3339 §5.6 with an offset, as many decimals as nanoseconds have, and no leap second.
fn timestamp(text: &str, out: &mut Vec<u8>) -> Result<(), Why> {
    let (seconds, nanos) = moment(text).ok_or("not a moment in RFC 3339")?;
    if !(-62_135_596_800..=253_402_300_799).contains(&seconds) {
        return Err("a moment outside the years 1 to 9999");
    }
    push_moment(seconds, nanos, out);
    Ok(())
}

fn moment(text: &str) -> Option<(i64, i32)> {
    let digits = |range: std::ops::Range<usize>, most: i64| -> Option<i64> {
        let text = text.get(range)?;
        let number = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())??;
        (number <= most).then_some(number)
    };
    let is = |at: usize, marks: &str| text.get(at..=at).is_some_and(|mark| marks.contains(mark));
    if !(is(4, "-") && is(7, "-") && is(10, "Tt") && is(13, ":") && is(16, ":")) {
        return None;
    }
    let (year, month, day) = (digits(0..4, 9_999)?, digits(5..7, 12)?, digits(8..10, 31)?);
    let of_day = digits(11..13, 23)? * 3_600 + digits(14..16, 59)? * 60 + digits(17..19, 59)?;
    let rest = text.get(19..)?;
    let (fraction, offset) = match rest.strip_prefix('.') {
        Some(after) => after.split_at(after.find(|c: char| !c.is_ascii_digit())?),
        None => ("0", rest),
    };
    if fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let offset = match offset {
        "Z" | "z" => 0,
        _ => {
            let at = text.len() - offset.len();
            let length = digits(at + 1..at + 3, 23)? * 3_600 + digits(at + 4..at + 6, 59)? * 60;
            let is_offset = offset.len() == 6 && is(at, "+-") && is(at + 3, ":");
            is_offset.then_some(if offset.starts_with('-') { -length } else { length })?
        }
    };
    let seconds = days(year, month, day)? * 86_400 + of_day - offset;
    Some((seconds, format!("{fraction:0<9}").parse().ok()?))
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar; years are counted from March, as in `select`.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=last).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let from_march = (month + 9) % 12;
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

fn push_moment(seconds: i64, nanos: i32, out: &mut Vec<u8>) {
    if seconds != 0 {
        push_tag(1, 0, out);
        push_varint(seconds as u64, out);
    }
    if nanos != 0 {
        push_tag(2, 0, out);
        push_varint(i64::from(nanos) as u64, out);
    }
}

/// `-1.5s`
fn duration(text: &str, out: &mut Vec<u8>) -> Result<(), Why> {
    const WHY: Why = "not a duration such as `1.5s`";
    const MOST: i64 = 315_576_000_000;
    let digits = text.strip_suffix('s').ok_or(WHY)?;
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, digits),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) || fraction.len() > 9 {
        return Err(WHY);
    }
    let seconds: Option<i64> = whole.parse().ok().filter(|seconds| *seconds <= MOST);
    let seconds = seconds.ok_or("a duration out of range")?;
    let nanos: i32 = format!("{fraction:0<9}").parse().map_err(|_| WHY)?;
    push_moment(i64::from(sign) * seconds, sign * nanos, out);
    Ok(())
}

/// `a.bC,d` → the paths `a.b_c` and `d`.
fn field_mask(text: &str, out: &mut Vec<u8>) -> Result<(), Why> {
    for path in text.split(',').filter(|path| !path.is_empty()) {
        let mut snake = String::with_capacity(path.len() + 4);
        for c in path.chars() {
            if c == '_' {
                return Err("a path of a field mask is written in lowerCamelCase");
            }
            if c.is_ascii_uppercase() {
                snake.push('_');
            }
            snake.push(c.to_ascii_lowercase());
        }
        push_tag(1, DELIMITED, out);
        push_bytes(snake.as_bytes(), out);
    }
    Ok(())
}

/// Values whose type nobody declared.
#[derive(Clone, Copy)]
struct Json<'a> {
    program: &'a Program,
    arena: &'a Bump,
}

impl<'a> Json<'a> {
    fn value(self, value: Value<'a>, depth: u32, out: &mut Vec<u8>) -> Result<(), Why> {
        let depth = depth.checked_sub(1).ok_or("nested too deep")?;
        let value = value.settled(self.arena);
        match value {
            Value::Undefined | Value::Null => {
                push_tag(1, 0, out);
                out.push(0);
            }
            Value::Bool(value) => {
                push_tag(4, 0, out);
                out.push(u8::from(value));
            }
            Value::Number(number) => push_number(number, out)?,
            Value::Digits(digits) => push_number(number::of_digits(digits), out)?,
            Value::Array(_) | Value::Object(_) => {
                let is_list = matches!(value, Value::Array(_));
                push_tag(if is_list { 6 } else { 5 }, DELIMITED, out);
                let start = out.len();
                if is_list { self.list(value, depth, out) } else { self.record(value, depth, out) }?;
                prefix_length(start, out);
            }
            text => {
                push_tag(3, DELIMITED, out);
                push_bytes(string(text, self.arena).ok_or("not a value of JSON")??.as_bytes(), out);
            }
        }
        Ok(())
    }

    fn list(self, value: Value<'a>, depth: u32, out: &mut Vec<u8>) -> Result<(), Why> {
        let depth = depth.checked_sub(1).ok_or("nested too deep")?;
        let Value::Array(items) = value else { return Err("not a list") };
        for item in items {
            push_tag(1, DELIMITED, out);
            let start = out.len();
            self.value(*item, depth, out)?;
            prefix_length(start, out);
        }
        Ok(())
    }

    fn record(self, value: Value<'a>, depth: u32, out: &mut Vec<u8>) -> Result<(), Why> {
        let depth = depth.checked_sub(1).ok_or("nested too deep")?;
        let Value::Object(object) = value else { return Err("not an object") };
        for (key, value) in entries(object, self.program) {
            if value.is_undefined() {
                continue;
            }
            push_tag(1, DELIMITED, out);
            let entry = out.len();
            push_tag(1, DELIMITED, out);
            scalar::write_key(&FieldKind::String, key, self.arena, out)?;
            push_tag(2, DELIMITED, out);
            let start = out.len();
            self.value(value, depth, out)?;
            prefix_length(start, out);
            prefix_length(entry, out);
        }
        Ok(())
    }

    /// As answers show it: `{ "@type": …, "value": base64 }`.
    fn any(self, value: Value<'a>, out: &mut Vec<u8>) -> Result<(), Why> {
        const WHY: Why = "not an object with `@type`, and `value` in base64";
        let Value::Object(object) = value else { return Err(WHY) };
        let member = |key: &str| object.get_key(key.as_bytes(), self.program).unwrap_or(Value::Undefined);
        push_tag(1, DELIMITED, out);
        push_bytes(text(member("@type"), self.arena, WHY)?.as_bytes(), out);
        push_tag(2, DELIMITED, out);
        scalar::write(&FieldKind::Bytes, member("value"), self.arena, out).map_err(|_| WHY)
    }
}

fn push_number(number: f64, out: &mut Vec<u8>) -> Result<(), Why> {
    if !number.is_finite() {
        return Err("a number that is not finite, in a value of JSON");
    }
    push_tag(2, 1, out);
    out.extend_from_slice(&number.to_le_bytes());
    Ok(())
}
