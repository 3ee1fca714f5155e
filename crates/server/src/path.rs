//! One decision about a request's path, used for protection and dispatch alike.
//!
//! A path that two parsers could read differently is refused before anything is matched: dot segments in any
//! spelling, backslashes, encoded slashes and control characters, empty segments, escapes that are broken or not
//! UTF-8, raw control or non-ASCII bytes.

/// Why a request target is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Answered 400.
    Malformed,
    /// Answered 404: a path that nothing can be served under, such as one with an empty segment.
    Unknown,
}

/// Checks the raw path of a request (without the query).
pub fn check(path: &str) -> Result<(), Refused> {
    let Some(rest) = path.strip_prefix('/') else { return Err(Refused::Malformed) };
    let bytes = path.as_bytes();
    let mut i = 0;
    let mut is_ascii = true;
    while let Some(&byte) = bytes.get(i) {
        match byte {
            b'%' => {
                let (Some(high), Some(low)) = (hex(bytes.get(i + 1)), hex(bytes.get(i + 2))) else {
                    return Err(Refused::Malformed);
                };
                let plain = high * 16 + low;
                if matches!(plain, 0..=0x1f | b'/' | b'\\' | 0x7f) {
                    return Err(Refused::Malformed);
                }
                is_ascii &= plain.is_ascii();
                i += 3;
            }
            b'\\' | b'#' | 0..=0x20 | 0x7f.. => return Err(Refused::Malformed),
            _ => i += 1,
        }
    }
    if !is_ascii && percent_decoded(bytes).is_none() {
        return Err(Refused::Malformed);
    }
    // The last segment may be empty: `/legacy/` is a path of its own.
    let segments = rest.split('/').count();
    for (at, segment) in rest.split('/').enumerate() {
        if segment.is_empty() && at + 1 < segments {
            return Err(Refused::Unknown);
        }
        if is_dots(segment) {
            return Err(Refused::Malformed);
        }
    }
    Ok(())
}

/// `.` or `..`, in any mixture of plain and encoded dots, with or without `;parameters` (which some services take
/// off before they look).
fn is_dots(segment: &str) -> bool {
    let mut rest = segment.as_bytes();
    let mut dots = 0;
    loop {
        rest = match rest {
            [] | [b';', ..] | [b'%', b'3', b'b' | b'B', ..] => return matches!(dots, 1 | 2),
            [b'.', rest @ ..] | [b'%', b'2', b'e' | b'E', rest @ ..] => rest,
            _ => return false,
        };
        dots += 1;
    }
}

/// The text that the path stands for; `None` if it is not UTF-8. Its escapes are known to be whole.
pub fn percent_decoded(path: &[u8]) -> Option<String> {
    let mut plain = Vec::with_capacity(path.len());
    let mut bytes = path.iter();
    while let Some(&byte) = bytes.next() {
        plain.push(match byte {
            b'%' => hex(bytes.next())? * 16 + hex(bytes.next())?,
            byte => byte,
        });
    }
    String::from_utf8(plain).ok()
}

/// What servers take a checked path for that decode it, or take `;parameters` off its segments, before they look: each
/// reading that differs from the one before.
pub fn readings(path: &str) -> impl Iterator<Item = String> {
    let mut last = path.to_owned();
    std::iter::from_fn(move || {
        let plain = percent_decoded(last.as_bytes()).unwrap_or_else(|| last.clone());
        let bare: Vec<&str> =
            plain.split('/').map(|segment| segment.split(';').next().unwrap_or_default()).collect();
        let next = bare.join("/");
        if next == last {
            return None;
        }
        last.clone_from(&next);
        Some(next)
    })
}

fn hex(byte: Option<&u8>) -> Option<u8> {
    (*byte? as char).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_servers_read_other_paths() {
        let read = |path: &str| readings(path).collect::<Vec<_>>();
        assert!(read("/plain/path").is_empty());
        assert_eq!(read("/%61dmin/x"), ["/admin/x"]);
        assert_eq!(read("/admin;v=1/x;y"), ["/admin/x"]);
        assert_eq!(read("/admin%3bv/x"), ["/admin/x"]);
        assert_eq!(read("/%2561dmin"), ["/%61dmin", "/admin"]);
        assert_eq!(read("/100%25"), ["/100%"]);
    }

    #[test]
    fn ambiguous_paths_are_refused() {
        for path in [
            "/public/../admin/x",
            "/public/%2e%2e/admin",
            "/public/..%2fadmin",
            "/public/%2e%2E%2Fadmin",
            "/public/.",
            "/public\\..\\admin",
            "/a%5cb",
            "/a%00",
            "/a%0a",
            "/a%7F",
            "/a%ff",
            "/a%c3%28",
            "/public/..;/admin",
            "/public/%2e.%3Bx=1/admin",
            "/a%zz",
            "/a%2",
            "/a b",
            "/a#b",
            "admin",
            "*",
            "/\u{ff41}dmin",
        ] {
            assert_eq!(check(path), Err(Refused::Malformed), "{path}");
        }
        assert_eq!(check("//admin/x"), Err(Refused::Unknown));
        assert_eq!(check("/public//admin"), Err(Refused::Unknown));
        for path in [
            "/",
            "/v2/mobile/checkout-summary",
            "/a%23b/c",
            "/legacy/",
            "/a..b/...",
            "/a%20b",
            "/caf%C3%A9",
            "/a.;.x",
            "/;",
        ] {
            assert_eq!(check(path), Ok(()), "{path}");
        }
    }
}
