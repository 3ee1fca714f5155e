//! Which headers of a request select an answer (RFC 9111 §4.1).

use http::header::{HeaderMap, HeaderName, VARY};

/// Answers that vary by more headers than this are not kept: they are as good as `*`.
pub const MOST_NAMES: usize = 16;

/// The names in `Vary`, in order and once each. `None`: nothing ever matches, because it is `*`, or too much, or no name.
pub fn names(headers: &HeaderMap) -> Option<Vec<HeaderName>> {
    let mut names: Vec<HeaderName> = Vec::new();
    let texts = headers.get_all(VARY).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    for text in texts.map(<[u8]>::trim_ascii).filter(|text| !text.is_empty()) {
        if text == b"*" {
            return None;
        }
        let name = HeaderName::from_bytes(text).ok()?;
        if !names.contains(&name) {
            names.push(name);
        }
        if names.len() > MOST_NAMES {
            return None;
        }
    }
    names.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    Some(names)
}

/// Both, or `None` if that is too much.
pub fn union(one: &[HeaderName], other: &[HeaderName]) -> Option<Vec<HeaderName>> {
    let mut names = one.to_vec();
    names.extend(other.iter().filter(|name| !one.contains(name)).cloned());
    names.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    (names.len() <= MOST_NAMES).then_some(names)
}

/// What a request says under `name`, in a form in which two requests that say the same are equal: lines joined, no space
/// around commas, and case folded where the header has none. `None` if it says nothing.
pub fn value(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<u8>> {
    let folds = matches!(name.as_str(), "accept-encoding" | "accept-language" | "accept-charset");
    let mut out: Option<Vec<u8>> = None;
    for line in headers.get_all(name) {
        for part in line.as_bytes().split(|byte| *byte == b',') {
            let out = match &mut out {
                Some(out) => {
                    out.push(b',');
                    out
                }
                None => out.insert(Vec::new()),
            };
            let part = part.trim_ascii();
            out.extend(part.iter().map(|byte| if folds { byte.to_ascii_lowercase() } else { *byte }));
        }
    }
    out
}
