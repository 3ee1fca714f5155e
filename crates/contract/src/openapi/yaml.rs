//! JSON as YAML that diffs well: block style, a line for each scalar, no anchors, no flow collections but empty ones.

use serde_json::Value;

/// Appends the document, which is an object or an array.
pub(super) fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => members(map.iter(), 0, out),
        Value::Array(items) if !items.is_empty() => list(items, 0, out),
        other => {
            scalar(other, 0, out);
            out.push('\n');
        }
    }
}

fn members<'v>(members: impl Iterator<Item = (&'v String, &'v Value)>, depth: usize, out: &mut String) {
    for (at, (key, value)) in members.enumerate() {
        // The first member of a list's item stands beside the dash.
        if at > 0 || !out.ends_with("- ") {
            indent(depth, out);
        }
        text_on_one_line(key, out);
        out.push(':');
        child(value, depth + 1, out);
    }
}

fn list(items: &[Value], depth: usize, out: &mut String) {
    for item in items {
        indent(depth, out);
        match item {
            Value::Object(map) if !map.is_empty() => {
                out.push_str("- ");
                members(map.iter(), depth + 1, out);
            }
            _ => {
                out.push('-');
                child(item, depth + 1, out);
            }
        }
    }
}

/// What stands behind `key:` or a dash.
fn child(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            members(map.iter(), depth, out);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            list(items, depth, out);
        }
        other => {
            out.push(' ');
            scalar(other, depth, out);
            out.push('\n');
        }
    }
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", depth));
}

fn scalar(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) if is_block(text) => {
            out.push_str("|-");
            for line in text.split('\n') {
                out.push('\n');
                if !line.is_empty() {
                    indent(depth, out);
                    out.push_str(line);
                }
            }
        }
        Value::String(text) => text_on_one_line(text, out),
        // Others were taken care of.
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
    }
}

/// Whether a text of several lines can stand as it is: YAML 1.2.2 §8.1.2 keeps every character of a literal block but
/// takes leading blanks for its indentation.
fn is_block(text: &str) -> bool {
    let mut lines = text.split('\n');
    text.contains('\n')
        && !text.ends_with('\n')
        && lines.next().is_some_and(|first| !first.is_empty() && !first.starts_with([' ', '\t']))
        && text.split('\n').all(|line| !line.ends_with([' ', '\t']) && !line.starts_with('\t'))
        && text.chars().all(|c| c == '\n' || is_printable(c))
}

/// Whether a reader sees it, and YAML 1.2.2 §5.1 lets it stand as it is.
pub(super) fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn text_on_one_line(text: &str, out: &mut String) {
    if is_plain(text) {
        out.push_str(text);
        return;
    }
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_printable(c) => out.push(c),
            c if (c as u32) <= 0xff => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if (c as u32) <= 0xffff => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push_str(&format!("\\U{:08x}", c as u32)),
        }
    }
    out.push('"');
}

/// Whether a text without quotes is that text, for YAML 1.1 readers as well: no number, date or boolean, no sign that
/// means something.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 11] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf"];
    let begins =
        text.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '/' | '_' | '$'));
    begins
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
        && text.chars().all(|c| {
            is_printable(c) && (c.is_alphanumeric() || " -_./:;,()'+=?!&*#%$@{}\"`<>–…’".contains(c))
        })
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([' ', ':'])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_are_one_property_a_line() {
        let value = json!({
            "openapi": "3.1.0",
            "paths": { "/v2/{id}": { "get": { "tags": ["ios"], "list": [{ "a": 1, "b": [] }, [true, null], {}] } } },
            "text": "Two lines,\n\n  the second indented: \"yes\" # no comment",
            "yes": "no", "n1": "1.50", "empty": "", "ref": "#/components", "colon": "a: b", "nothing": null,
            "odd": "tab\tand \u{7} bell", "trailing": "line\n"
        });
        let mut out = String::new();
        write(&value, &mut out);
        let expected = r##"openapi: "3.1.0"
paths:
  /v2/{id}:
    get:
      tags:
        - ios
      list:
        - a: 1
          b: []
        -
          - true
          - null
        - {}
text: |-
  Two lines,

    the second indented: "yes" # no comment
"yes": "no"
n1: "1.50"
empty: ""
ref: "#/components"
colon: "a: b"
nothing: null
odd: "tab\tand \x07 bell"
trailing: "line\n"
"##;
        assert_eq!(out, expected);
    }
}
