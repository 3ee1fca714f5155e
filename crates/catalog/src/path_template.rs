//! `/products/{id}/reviews`: paths with arguments.

use std::fmt::Write;

#[derive(Debug, PartialEq, Eq)]
pub enum Part<'a> {
    Literal(&'a str),
    /// What stands between braces.
    Name(&'a str),
}

/// Literal and named parts in order. A brace without its partner is literal.
pub fn parse(path: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = path;
    while let Some((before, from)) = rest.split_once('{') {
        let Some((name, after)) = from.split_once('}') else { break };
        if !before.is_empty() {
            parts.push(Part::Literal(before));
        }
        parts.push(Part::Name(name));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest));
    }
    parts
}

/// Why `path` cannot be called, if so.
pub fn problem(path: &str) -> Option<&'static str> {
    if !path.starts_with('/') {
        Some("a path begins with `/`")
    } else if path.contains(['?', '#']) {
        Some("a path has no query and no fragment")
    } else {
        None
    }
}

/// A literal part as it goes on the wire: what RFC 3986 §3.3 does not allow in a path is percent-encoded, what
/// is encoded already stays.
pub fn encoded(literal: &str) -> String {
    let mut out = String::with_capacity(literal.len());
    for byte in literal.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Part, encoded, parse};

    #[test]
    fn a_literal_part_holds_only_what_a_path_may() {
        assert_eq!(encoded("/a b/gr\u{f6}\u{df}e/%20\r\n"), "/a%20b/gr%C3%B6%C3%9Fe/%20%0D%0A");
    }

    #[test]
    fn a_template_is_split_at_its_braces() {
        assert_eq!(parse("/a/{id}.json"), [Part::Literal("/a/"), Part::Name("id"), Part::Literal(".json")]);
        assert_eq!(parse("/a/{id"), [Part::Literal("/a/{id")]);
    }
}
