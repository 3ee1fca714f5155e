//! Where a browser may be sent after it signed in: a page of this BFF and nothing else (RFC 9700 §4.11).
//!
//! The raw text is judged, byte by byte, and is sent as it came. It is never resolved or normalised first: a URL
//! library turns `/\evil` or `/<TAB>/evil` into another host. What our own server would refuse as a path is refused
//! here too, so that what passes is a path that can be answered.

/// The longest that is accepted, in bytes.
pub const LONGEST: usize = 2048;

/// Why a value is not a place to return to. Fixed words, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("longer than 2048 bytes")]
    TooLong,
    #[error("does not begin with exactly one slash")]
    NotAPath,
    #[error("holds a space, a control character, a backslash or something that is not ASCII")]
    Character,
    #[error("its path has a broken or forbidden escape")]
    Escape,
    #[error("its path has dot segments or empty segments")]
    Segments,
    #[error("belongs to signing in itself")]
    Own,
    #[error("is an endpoint, not a page")]
    Endpoint,
}

/// Accepts `/path?query#fragment` of this origin, as it stands.
///
/// `is_endpoint` says whether a path (without its query) is answered by an endpoint, which is no page. It is asked
/// for the path as it stands and for what its escapes mean.
pub fn check<'v>(value: &'v str, is_endpoint: &dyn Fn(&str) -> bool) -> Result<&'v str, Refused> {
    let bytes = value.as_bytes();
    if bytes.len() > LONGEST {
        return Err(Refused::TooLong);
    }
    if bytes.iter().any(|byte| !byte.is_ascii_graphic() || *byte == b'\\') {
        return Err(Refused::Character);
    }
    if bytes.first() != Some(&b'/') || bytes.get(1) == Some(&b'/') {
        return Err(Refused::NotAPath);
    }
    let path = value.split(['?', '#']).next().unwrap_or_default();
    judge(path, is_endpoint)?;
    if has_broken_escape(path) {
        return Err(Refused::Escape);
    }
    // Somebody behind us may decode more often than we do: every reading must be harmless. Each is shorter than the
    // one before, so this ends.
    let mut reading = decoded(path)?;
    while let Some(path) = reading {
        judge(&path, is_endpoint)?;
        reading = decoded(&path)?;
    }
    Ok(value)
}

fn judge(path: &str, is_endpoint: &dyn Fn(&str) -> bool) -> Result<(), Refused> {
    if path.chars().any(|c| c.is_control() || c == '\\' || looks_like_a_slash(c)) {
        return Err(Refused::Escape);
    }
    let rest = path.strip_prefix('/').ok_or(Refused::NotAPath)?;
    let last = rest.split('/').count() - 1;
    for (at, segment) in rest.split('/').enumerate() {
        // Some servers take `;parameters` off before they look for dots.
        let name = segment.split(';').next().unwrap_or_default();
        if matches!(name, "." | "..") || (segment.is_empty() && at < last) {
            return Err(Refused::Segments);
        }
    }
    let first = rest.split(['/', ';']).next().unwrap_or_default();
    if first.eq_ignore_ascii_case("auth") {
        return Err(Refused::Own);
    }
    if is_endpoint(path) { Err(Refused::Endpoint) } else { Ok(()) }
}

/// Characters that a later step might fold into `/` or `\`.
fn looks_like_a_slash(c: char) -> bool {
    matches!(c, '\u{2044}' | '\u{2215}' | '\u{2216}' | '\u{29f5}' | '\u{29f8}' | '\u{29f9}')
        || matches!(c, '\u{fe68}' | '\u{ff0f}' | '\u{ff3c}' | '\u{ff0e}' | '\u{2024}' | '\u{2025}')
}

/// What the escapes of `path` stand for, `None` if it has none; broken ones stand for themselves. An encoded slash has
/// no second reading that is harmless, and neither has what is not UTF-8.
fn decoded(path: &str) -> Result<Option<String>, Refused> {
    let mut plain = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        match escape(*byte, after) {
            Some((b'/', _)) => return Err(Refused::Escape),
            Some((meant, after)) => {
                plain.push(meant);
                rest = after;
            }
            None => plain.push(*byte),
        }
    }
    if plain.len() == path.len() {
        return Ok(None);
    }
    String::from_utf8(plain).map(Some).map_err(|_| Refused::Escape)
}

/// The byte that an escape stands for, and what comes after it.
fn escape(first: u8, after: &[u8]) -> Option<(u8, &[u8])> {
    match after {
        [high, low, after @ ..] if first == b'%' => Some((hex(*high)? * 16 + hex(*low)?, after)),
        _ => None,
    }
}

fn has_broken_escape(path: &str) -> bool {
    let bytes = path.as_bytes();
    memchr::memchr_iter(b'%', bytes).any(|at| escape(b'%', bytes.get(at + 1..).unwrap_or_default()).is_none())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn endpoints(path: &str) -> bool {
        path == "/checkout-summary" || path.starts_with("/views/")
    }

    #[derive(serde::Deserialize)]
    struct Corpus {
        refused: std::collections::BTreeMap<String, Vec<String>>,
        accepted: Vec<String>,
    }

    fn corpus() -> Corpus {
        serde_json::from_str(include_str!("../testdata/return_to.json")).unwrap()
    }

    #[test]
    fn hostile_values_are_refused() {
        let refused = corpus().refused;
        let values: Vec<_> =
            refused.iter().flat_map(|(family, values)| values.iter().map(move |v| (family, v))).collect();
        assert!(values.len() >= 120, "{}", values.len());
        for (family, value) in values {
            assert!(check(value, &endpoints).is_err(), "{family}: {value:?} was accepted");
        }
    }

    #[test]
    fn pages_of_ours_are_accepted_as_they_stand() {
        for value in corpus().accepted {
            assert_eq!(check(&value, &endpoints), Ok(value.as_str()));
            stays_at_home(&value);
        }
    }

    #[test]
    fn length_is_bounded() {
        let long = format!("/{}", "a".repeat(LONGEST - 1));
        assert!(check(&long, &endpoints).is_ok());
        assert_eq!(check(&format!("{long}a"), &endpoints), Err(Refused::TooLong));
    }

    /// The oracle: what a browser makes of it.
    fn stays_at_home(value: &str) {
        for base in ["https://app.example", "http://localhost:7002/auth/callback?code=x"] {
            let base = url::Url::parse(base).unwrap();
            let there = base.join(value).unwrap();
            assert_eq!(there.origin(), base.origin(), "{value:?}");
            assert!(!there.path().starts_with("/auth/") && there.path() != "/auth", "{value:?}");
            assert!(!there.path().starts_with("//"), "{value:?}");
            assert!(!endpoints(there.path()), "{value:?}");
        }
    }

    /// Pieces that matter to URL parsers, put together at random.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "/",
            "\\",
            "//",
            ".",
            "..",
            "%2e",
            "%2E",
            "%2f",
            "%5c",
            "%09",
            "%00",
            "%25",
            "%252e",
            "%252f",
            "@",
            ":",
            ";",
            "?",
            "#",
            "evil.example",
            "auth",
            "logout",
            "%61uth",
            "views",
            "a",
            "http:",
            "https:",
            "javascript:",
            "\t",
            "\r",
            "\n",
            " ",
            "\u{ff0f}",
            "%ef%bc%8f",
            "é",
            "%c3%a9",
            "%",
            "%zz",
            "&",
            "=",
            "[",
            "]",
            "|",
            "^",
        ]);
        prop::collection::vec(piece, 0..10).prop_map(|all| all.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]
        #[test]
        fn whatever_passes_stays_on_our_origin(value in pieces()) {
            for value in [value.clone(), format!("/{value}"), format!("/a{value}")] {
                if check(&value, &endpoints).is_ok() {
                    stays_at_home(&value);
                }
            }
        }

        #[test]
        fn any_text_is_judged_without_a_panic(value in ".{0,64}") {
            if check(&value, &endpoints).is_ok() {
                stays_at_home(&value);
            }
        }
    }
}
