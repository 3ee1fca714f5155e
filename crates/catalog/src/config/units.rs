//! Durations, sizes, counts and truth values.

use std::time::Duration;

use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, codes};

use super::section::wrong_type;
use super::text;
use crate::tree::{Entry, Value};

/// `150ms`, `2s`, `1m`. Zero is refused: a wait of no time always fails.
pub fn duration(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<Duration> {
    let text = scalar(entry, "a duration such as `150ms`", found)?;
    let (number, unit) = split(&text);
    let millis_each = match unit {
        "ms" => Some(1),
        "s" => Some(1000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let millis = number.parse::<u64>().ok().zip(millis_each).and_then(|(n, each)| n.checked_mul(each));
    match millis {
        Some(0) => {
            found.push(bad(entry, "is no time at all", "write a duration above zero, such as `150ms`"));
            None
        }
        Some(millis) if millis <= 24 * 3_600_000 => Some(Duration::from_millis(millis)),
        Some(_) => {
            found.push(bad(entry, "is longer than a day", "write a duration of at most `24h`"));
            None
        }
        None => {
            let help = match (number.parse::<u64>(), unit) {
                (Ok(_), "") => format!("say which unit: `{number}ms` or `{number}s`"),
                _ => "write a whole number and a unit: `150ms`, `2s`, `1m`".to_owned(),
            };
            found.push(bad(entry, "is not a duration", &help));
            None
        }
    }
}

/// `8KB`, `4MB`, `512B`; one KB is 1024 bytes.
pub fn size(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<u64> {
    let text = scalar(entry, "a size such as `4MB`", found)?;
    let (number, unit) = split(&text);
    let bytes_each = match unit.to_ascii_lowercase().as_str() {
        "b" => Some(1),
        "kb" | "kib" => Some(1024),
        "mb" | "mib" => Some(1024 * 1024),
        "gb" | "gib" => Some(1024 * 1024 * 1024),
        _ => None,
    };
    let bytes =
        number.parse::<u64>().ok().zip(bytes_each).and_then(|(n, each): (u64, u64)| n.checked_mul(each));
    match bytes {
        Some(0) => {
            found.push(bad(entry, "is no size at all", "write a size above zero, such as `8KB`"));
            None
        }
        Some(bytes) => Some(bytes),
        None => {
            let help = match (number.parse::<u64>(), unit) {
                (Ok(_), "") => format!("say which unit: `{number}KB` or `{number}MB`"),
                _ => "write a whole number and a unit: `512B`, `8KB`, `4MB`".to_owned(),
            };
            found.push(bad(entry, "is not a size", &help));
            None
        }
    }
}

/// A whole number from `least` on.
pub fn count(entry: &Entry, least: u32, found: &mut Vec<Diagnostic>) -> Option<u32> {
    count_up_to(entry, least, u32::MAX, found)
}

/// A whole number from `least` to `most`.
pub fn count_up_to(entry: &Entry, least: u32, most: u32, found: &mut Vec<Diagnostic>) -> Option<u32> {
    if let Value::Number(text) = &entry.value.value {
        match text.parse::<u32>() {
            Ok(count) if (least..=most).contains(&count) => Some(count),
            _ => {
                let help = if most == u32::MAX {
                    format!("write a whole number from {least} on")
                } else {
                    format!("write a whole number from {least} to {most}")
                };
                found.push(bad(entry, "is out of range", &help));
                None
            }
        }
    } else {
        let what = format!("`{}`", entry.key);
        let help = format!("write a number without a unit, such as `{}: {}`", entry.key, least.max(2));
        found.push(wrong_type(&entry.value, entry.key_span, &what, "a whole number").help(help));
        None
    }
}

pub fn boolean(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<bool> {
    if let Value::Boolean(value) = entry.value.value {
        return Some(value);
    }
    let what = format!("`{}`", entry.key);
    let help = format!("write `{0}: true` or `{0}: false`", entry.key);
    found.push(wrong_type(&entry.value, entry.key_span, &what, "`true` or `false`").help(help));
    None
}

/// One of these words.
pub fn one_of(entry: &Entry, words: &[&'static str], found: &mut Vec<Diagnostic>) -> Option<&'static str> {
    if matches!(entry.value.value, Value::Map(_) | Value::List(_)) {
        let what = format!("`{}`", entry.key);
        let help = format!("write {}", words.join(" or "));
        found.push(wrong_type(&entry.value, entry.key_span, &what, "one word").help(help));
        return None;
    }
    let written = text::literal(&entry.value, entry.key_span, &entry.key, found)?;
    if let Some(word) = words.iter().find(|word| **word == written) {
        return Some(word);
    }
    let help = match nearest(&written, words.iter().copied()) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("write {}", words.join(" or ")),
    };
    found.push(bad(entry, "is not known", &help));
    None
}

fn scalar(entry: &Entry, wanted: &str, found: &mut Vec<Diagnostic>) -> Option<String> {
    match &entry.value.value {
        Value::Number(text) => Some(text.clone()),
        Value::String(_) => text::literal(&entry.value, entry.key_span, &entry.key, found),
        _ => {
            let what = format!("`{}`", entry.key);
            let help = "write a number and its unit, without braces and brackets";
            found.push(wrong_type(&entry.value, entry.key_span, &what, wanted).help(help));
            None
        }
    }
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    (number, unit.trim_start())
}

fn bad(entry: &Entry, is: &str, help: &str) -> Diagnostic {
    let written = match &entry.value.value {
        Value::Number(text) | Value::String(text) => text.as_str(),
        _ => "",
    };
    Diagnostic::error(
        codes::catalog::BAD_VALUE,
        format!("`{}: {written}` {is}", entry.key),
        entry.value.span,
        format!("`{written}` {is}"),
    )
    .help(help)
}
