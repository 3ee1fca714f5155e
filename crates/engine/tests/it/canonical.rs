//! One form for JSON texts that mean the same: numbers as JavaScript prints them, strings with one kind of escape.
//! The order of keys stays, because the engine promises JavaScript's.

use std::fmt::Write as _;

/// Rewrites valid JSON token by token.
pub fn canonical(json: &str) -> String {
    let mut out = String::new();
    let mut rest = json;
    while let Some(first) = rest.chars().next() {
        match first {
            '"' => rest = string(&rest[1..], &mut out),
            '-' | '0'..='9' => {
                let is_number = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
                let end = rest.find(|c| !is_number(c)).unwrap_or(rest.len());
                let value: f64 = rest[..end].parse().unwrap();
                if value.is_finite() {
                    out.push_str(ryu_js::Buffer::new().format(value + 0.0));
                } else {
                    out.push_str("null");
                }
                rest = &rest[end..];
            }
            ' ' | '\n' | '\t' | '\r' => rest = &rest[1..],
            other => {
                out.push(other);
                rest = &rest[other.len_utf8()..];
            }
        }
    }
    out
}

/// Writes a string, and returns what follows its closing quote.
fn string<'a>(contents: &'a str, out: &mut String) -> &'a str {
    out.push('"');
    let mut chars = contents.char_indices();
    while let Some((at, character)) = chars.next() {
        match character {
            '"' => {
                out.push('"');
                return &contents[at + 1..];
            }
            '\\' => {
                let unit = match chars.next().unwrap().1 {
                    'b' => 8,
                    'f' => 12,
                    'n' => 10,
                    'r' => 13,
                    't' => 9,
                    'u' => {
                        let digits: String = (0..4).map(|_| chars.next().unwrap().1).collect();
                        u16::from_str_radix(&digits, 16).unwrap()
                    }
                    other => other as u16,
                };
                unit_to(unit, out);
            }
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    unit_to(*unit, out);
                }
            }
        }
    }
    panic!("string without an end: {contents}");
}

fn unit_to(unit: u16, out: &mut String) {
    match char::from_u32(u32::from(unit)) {
        Some(character) if character.is_ascii_graphic() && character != '"' && character != '\\' => {
            out.push(character);
        }
        Some(' ') => out.push(' '),
        _ => {
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
}
