//! BCP 47 (RFC 5646 §2.1): whether a language tag is well formed.

/// `langtag` of RFC 5646 §2.1 without extended languages and grandfathered tags.
pub(super) fn is_well_formed(tag: &str) -> bool {
    let mut parts = tag.split('-').peekable();
    let language = parts.next().unwrap_or_default();
    if !(alpha(language, 2..=3) || alpha(language, 5..=8)) {
        return false;
    }
    if parts.peek().is_some_and(|part| alpha(part, 4..=4)) {
        parts.next();
    }
    if parts.peek().is_some_and(|part| alpha(part, 2..=2) || (part.len() == 3 && digits(part))) {
        parts.next();
    }
    while parts.peek().is_some_and(|part| is_variant(part)) {
        parts.next();
    }
    while let Some(singleton) = parts.next() {
        if singleton.len() != 1 || !singleton.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return false;
        }
        let least = if singleton.eq_ignore_ascii_case("x") { 1 } else { 2 };
        let mut subtags = 0;
        while parts.peek().is_some_and(|part| alphanumeric(part, least..=8)) {
            parts.next();
            subtags += 1;
        }
        if subtags == 0 {
            return false;
        }
    }
    true
}

/// The tag with `-` for `_` and the usual letter case, if that makes it one.
pub(super) fn repaired(tag: &str) -> Option<String> {
    let parts: Vec<String> = tag
        .split(['_', '-'])
        .enumerate()
        .map(|(i, part)| match (i, part.len()) {
            (1.., 2) => part.to_ascii_uppercase(),
            _ => part.to_ascii_lowercase(),
        })
        .collect();
    let repaired = parts.join("-");
    is_well_formed(&repaired).then_some(repaired)
}

fn is_variant(part: &str) -> bool {
    alphanumeric(part, 5..=8) || (alphanumeric(part, 4..=4) && part.as_bytes()[0].is_ascii_digit())
}

fn alpha(part: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic())
}

fn alphanumeric(part: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn digits(part: &str) -> bool {
    part.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{is_well_formed, repaired};

    #[test]
    fn tags_are_told_from_near_misses() {
        for tag in ["en", "en-GB", "zh-Hant-TW", "es-419", "de-DE-1996", "de-DE-u-co-phonebk", "sl-rozaj-x-a"]
        {
            assert!(is_well_formed(tag), "{tag}");
        }
        for tag in ["", "e", "en_GB", "en-", "en-G", "english-GB-", "en-u", "en-GB-GB", "1n"] {
            assert!(!is_well_formed(tag), "{tag}");
        }
        assert_eq!(repaired("en_gb").as_deref(), Some("en-GB"));
        assert_eq!(repaired("?"), None);
    }
}
