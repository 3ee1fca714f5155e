//! `/products/{id}/reviews`: paths with arguments.

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

#[cfg(test)]
mod tests {
    use super::{Part, parse};

    #[test]
    fn a_template_is_split_at_its_braces() {
        assert_eq!(parse("/a/{id}.json"), [Part::Literal("/a/"), Part::Name("id"), Part::Literal(".json")]);
        assert_eq!(parse("/a/{id"), [Part::Literal("/a/{id")]);
    }
}
