//! Conversions between kinds of value: ToString, ToNumber, ToPropertyKey.

use bumpalo::Bump;
use frontdesk_plan::Program;

use crate::number;
use crate::text::{Str, TextBuilder, classified_bytes, decoded};
use crate::value::Value;

/// Arrays in arrays deeper than this convert to the empty string, where JavaScript would run out of stack.
const DEPTH: usize = 200;

/// Joining stops beyond so many bytes, which is more than a request can pay for: whoever converts a value spends
/// for the text and so fails.
const MOST: usize = 33 << 20;

/// `String(value)`
pub fn to_text<'a>(value: Value<'a>, arena: &'a Bump) -> Str<'a> {
    text_within(value, arena, DEPTH)
}

fn text_within<'a>(value: Value<'a>, arena: &'a Bump, depth: usize) -> Str<'a> {
    match value {
        Value::Undefined => Str::Plain("undefined"),
        Value::Null => Str::Plain("null"),
        Value::Bool(true) => Str::Plain("true"),
        Value::Bool(false) => Str::Plain("false"),
        Value::Number(value) => Str::Plain(number::to_text(value, arena)),
        Value::Digits(digits) => Str::Plain(digits_text(digits, arena)),
        Value::Plain(text) => Str::Plain(text),
        Value::Escaped(escaped) => Str::Wtf8(decoded(escaped, arena)),
        Value::Text(bytes) => Str::Wtf8(bytes),
        Value::Array(items) => joined(items, Str::Plain(","), arena, depth),
        Value::Object(_) => Str::Plain("[object Object]"),
        Value::Verbatim(_) => text_within(value.settled(arena), arena, depth),
    }
}

/// Short integers print as they are written, which is nearly all ids.
fn digits_text<'a>(digits: &'a str, arena: &'a Bump) -> &'a str {
    let canonical = digits.len() <= 15
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits.len() == 1 || !digits.starts_with('0'));
    if canonical { digits } else { number::to_text(number::of_digits(digits), arena) }
}

/// `items.join(separator)`: null and undefined are empty.
pub fn join<'a>(items: &[Value<'a>], separator: Str<'a>, arena: &'a Bump) -> Str<'a> {
    joined(items, separator, arena, DEPTH)
}

fn joined<'a>(items: &[Value<'a>], separator: Str<'a>, arena: &'a Bump, depth: usize) -> Str<'a> {
    let Some(depth) = depth.checked_sub(1) else {
        return Str::Plain("");
    };
    let mut out = TextBuilder::new(arena, items.len() * 8);
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(separator);
        }
        if out.len() > MOST {
            break;
        }
        if !item.is_nullish() {
            out.push(text_within(*item, arena, depth));
        }
    }
    out.finish()
}

/// `Number(value)`
pub fn to_number<'a>(value: Value<'a>, arena: &'a Bump) -> f64 {
    match value {
        Value::Undefined => f64::NAN,
        Value::Null | Value::Bool(false) => 0.0,
        Value::Bool(true) => 1.0,
        Value::Number(value) => value,
        Value::Digits(digits) => number::of_digits(digits),
        Value::Plain(text) => number::of_text(text.as_bytes()),
        Value::Escaped(_) | Value::Text(_) | Value::Array(_) | Value::Object(_) => {
            number::of_text(to_text(value, arena).bytes())
        }
        Value::Verbatim(_) => to_number(value.settled(arena), arena),
    }
}

/// What `+` and comparisons see of a value: arrays and objects become strings.
pub fn to_primitive<'a>(value: Value<'a>, arena: &'a Bump) -> Value<'a> {
    match value {
        Value::Array(_) | Value::Object(_) => to_text(value, arena).value(),
        Value::Verbatim(_) => to_primitive(value.settled(arena), arena),
        other => other,
    }
}

/// The string value of a key: plain if it can be.
pub fn key_value<'a>(key: crate::value::Key<'a>, program: &'a Program) -> Value<'a> {
    match key {
        // The JSON form is longer than the text by two quotes and a colon, unless it has escapes.
        crate::value::Key::Name(name, _) if is_plain_name(program.name(name)) => {
            Value::Plain(&program.name(name).text)
        }
        other => classified_bytes(other.text()).value(),
    }
}

fn is_plain_name(name: &frontdesk_plan::Name) -> bool {
    name.json.len() == name.text.len() + 3
}
