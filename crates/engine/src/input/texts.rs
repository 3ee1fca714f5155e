//! Inputs that are text: path parameters, query parameters, headers.

use bumpalo::Bump;

use super::rule::{Kind, Rule};
use super::{Place, Problems, body};
use crate::select::Scanner;
use crate::value::Value;

/// How a text is written in a URL.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// RFC 3986: `%XX`.
    Path,
    /// `application/x-www-form-urlencoded`: `%XX`, and `+` for a space.
    Query,
    /// As it stands.
    Plain,
}

/// An input that is sent once or not at all.
pub(super) fn one<'a>(
    rule: &'a Rule,
    raw: Option<&'a str>,
    coding: Coding,
    place: Place<'_>,
    problems: &mut Problems,
    arena: &'a Bump,
) -> Value<'a> {
    let Some(raw) = raw else { return rule.missing(place, problems, arena) };
    let Some(text) = decoded(raw, coding, arena) else {
        problems.add(&place, "malformed", "is not percent-encoded UTF-8");
        return Value::Undefined;
    };
    match &rule.kind {
        Kind::Array { .. } => {
            let items = text.split(',').filter(|_| !text.is_empty()).map(str::trim);
            list(rule, items.map(Ok), place, problems, arena)
        }
        _ => scalar(rule, text, place, problems, arena),
    }
}

/// A query parameter: a list repeats it, anything else may come only once.
pub(super) fn query<'a>(
    rule: &'a Rule,
    query: &'a str,
    wire: &str,
    place: Place<'_>,
    problems: &mut Problems,
    arena: &'a Bump,
) -> Value<'a> {
    let mut values = query.split('&').filter_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let same = name == wire || decoded(name, Coding::Query, arena) == Some(wire);
        same.then_some(value)
    });
    let first = values.next();
    if let (Kind::Array { .. }, Some(first)) = (&rule.kind, first) {
        let texts =
            std::iter::once(first).chain(values).map(|raw| decoded(raw, Coding::Query, arena).ok_or(()));
        return list(rule, texts, place, problems, arena);
    }
    if first.is_some() && values.next().is_some() {
        problems.add(&place, "malformed", format!("query parameter `{wire}` may be given only once"));
        return Value::Undefined;
    }
    one(rule, first, Coding::Query, place, problems, arena)
}

/// A header, whose list items stand between commas.
pub(super) fn header<'a>(
    rule: &'a Rule,
    value: Option<&'a [u8]>,
    place: Place<'_>,
    problems: &mut Problems,
    arena: &'a Bump,
) -> Value<'a> {
    match value.map(std::str::from_utf8) {
        Some(Ok(text)) => one(rule, Some(text.trim()), Coding::Plain, place, problems, arena),
        Some(Err(_)) => {
            problems.add(&place, "malformed", "is not UTF-8");
            Value::Undefined
        }
        None => rule.missing(place, problems, arena),
    }
}

fn list<'a>(
    rule: &'a Rule,
    texts: impl Iterator<Item = Result<&'a str, ()>>,
    place: Place<'_>,
    problems: &mut Problems,
    arena: &'a Bump,
) -> Value<'a> {
    let Kind::Array { of, .. } = &rule.kind else { return Value::Undefined };
    let mut items = Vec::new();
    for (at, text) in texts.enumerate() {
        let place = Place::Index(&place, at);
        items.push(match text {
            Ok(text) => scalar(of, text, place, problems, arena),
            Err(()) => {
                problems.add(&place, "malformed", "is not percent-encoded UTF-8");
                Value::Undefined
            }
        });
    }
    rule.check_count(items.len(), place, problems);
    Value::Array(arena.alloc_slice_copy(&items))
}

/// A value that has one text; objects (and lists in lists) are JSON.
fn scalar<'a>(
    rule: &'a Rule,
    text: &'a str,
    place: Place<'_>,
    problems: &mut Problems,
    arena: &'a Bump,
) -> Value<'a> {
    match &rule.kind {
        Kind::String { .. } | Kind::Enum(_) | Kind::Date | Kind::DateTime => {
            rule.check_text(text, place, problems)
        }
        Kind::Number { .. } => {
            let mut scan = Scanner::new(text.as_bytes());
            let is_number = scan.scalar().is_ok_and(|scalar| scalar.len() == text.len())
                && text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
            if is_number {
                return rule.check_number(text, place, problems);
            }
            problems.add(&place, "type", rule.expected());
            Value::Undefined
        }
        Kind::Boolean => match text {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => {
                problems.add(&place, "type", rule.expected());
                Value::Undefined
            }
        },
        Kind::Array { .. } | Kind::Object(_) => body::document(rule, text, place, problems, arena),
    }
}

/// `None` if an escape is broken or what comes out is not UTF-8.
fn decoded<'a>(raw: &'a str, coding: Coding, arena: &'a Bump) -> Option<&'a str> {
    let plus = coding == Coding::Query;
    if coding == Coding::Plain || !raw.bytes().any(|byte| byte == b'%' || (plus && byte == b'+')) {
        return Some(raw);
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' if plus => b' ',
            b'%' => {
                let high = char::from(bytes.next()?).to_digit(16)?;
                let low = char::from(bytes.next()?).to_digit(16)?;
                (high * 16 + low) as u8
            }
            other => other,
        });
    }
    std::str::from_utf8(arena.alloc_slice_copy(&out)).ok()
}
