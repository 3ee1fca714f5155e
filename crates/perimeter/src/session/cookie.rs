//! Cookies, byte by byte: which of a request is ours, and how ours is set and removed.
//!
//! Only what browsers really send is understood (RFC 6265bis §5.8.3): pairs between semicolons, with spaces and tabs
//! around them and nothing else. A parser that trims more (Unicode white space, say) can be given a cookie of another
//! name that becomes ours; one that takes the first of two lets a sibling site put its own before ours.

use std::time::Duration;

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// Browsers set a cookie of this prefix only over a secure connection, for this host alone, on `/`, and out of reach
/// of scripts (RFC 6265bis, layered cookies).
pub const PREFIX: &str = "__Host-Http-fd-";

/// What a request's cookies say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'h> {
    None,
    /// Exactly one has the name. Its value as it stands.
    One(&'h [u8]),
    /// Several have it: somebody else has set one of them, and nobody can tell which. As good as none, but worth
    /// counting.
    Duplicate,
}

/// Looks for `name` (case-sensitive) in all `Cookie` headers of a request.
pub fn find<'h>(headers: &'h HeaderMap, name: &str) -> Found<'h> {
    find_in(headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes), name.as_bytes())
}

/// Looks for `name` in the values of `Cookie` headers. Goes over each byte once.
pub fn find_in<'h>(values: impl IntoIterator<Item = &'h [u8]>, name: &[u8]) -> Found<'h> {
    let mut found = Found::None;
    for value in values {
        for pair in value.split(|byte| *byte == b';') {
            // No `=`: a value without a name. An empty name is nobody's either.
            let Some(equals) = memchr::memchr(b'=', pair) else { continue };
            let (before, after) = pair.split_at(equals);
            if name.is_empty() || trimmed(before) != name {
                continue;
            }
            found = match found {
                Found::None => Found::One(trimmed(after.get(1..).unwrap_or_default())),
                Found::One(_) | Found::Duplicate => return Found::Duplicate,
            };
        }
    }
    found
}

/// Without spaces and tabs at both ends; no other byte is white space here.
fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    Strict,
    Lax,
}

/// One of our cookies: its name and the attributes that it is set and removed with. There is none without `Secure`,
/// `HttpOnly` and `Path=/`, and none with `Domain`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    name: String,
    same_site: SameSite,
    max_age: Option<Duration>,
}

impl Cookie {
    /// `__Host-Http-fd-<name>`. Without `max_age` it ends with the browser.
    ///
    /// # Errors
    /// `name` must be 1 to 64 of `A-Z a-z 0-9 - _`: it comes back in the error.
    pub fn new(name: &str, same_site: SameSite, max_age: Option<Duration>) -> Result<Self, &str> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !(1..=64).contains(&name.len()) || !name.bytes().all(fits) {
            return Err(name);
        }
        Ok(Self { name: format!("{PREFIX}{name}"), same_site, max_age })
    }

    /// With its prefix.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Looks for it in a request.
    pub fn find<'h>(&self, headers: &'h HeaderMap) -> Found<'h> {
        find(headers, &self.name)
    }

    /// The `Set-Cookie` that gives it `value`. `None` if the value cannot stand in a cookie: base64url and `.` always
    /// can.
    pub fn set(&self, value: &str) -> Option<HeaderValue> {
        let fits = |byte: u8| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte);
        if !value.bytes().all(fits) {
            return None;
        }
        self.header(value, self.max_age.map(|age| age.as_secs()))
    }

    /// The `Set-Cookie` that removes it: with the same attributes, or browsers would keep it.
    pub fn delete(&self) -> HeaderValue {
        // Name and attributes are visible ASCII.
        self.header("", Some(0)).unwrap_or_else(|| HeaderValue::from_static(""))
    }

    fn header(&self, value: &str, max_age: Option<u64>) -> Option<HeaderValue> {
        let same_site = match self.same_site {
            SameSite::Strict => "Strict",
            SameSite::Lax => "Lax",
        };
        let mut text = format!("{}={value}; Path=/; Secure; HttpOnly; SameSite={same_site}", self.name);
        if let Some(seconds) = max_age {
            text.push_str(&format!("; Max-Age={seconds}"));
        }
        let mut header = HeaderValue::try_from(text).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::{HeaderMap, HeaderValue};
    use proptest::prelude::*;

    use super::{Cookie, Found, SameSite, find, find_in};

    const NAME: &str = "__Host-Http-fd-web";

    fn of<'h>(values: &[&'h [u8]]) -> Found<'h> {
        find_in(values.iter().copied(), NAME.as_bytes())
    }

    #[test]
    fn ours_is_found_and_nothing_else_is_ours() {
        for (values, wanted) in [
            (&["__Host-Http-fd-web=A"][..], Found::One(&b"A"[..])),
            (&["a=1; __Host-Http-fd-web=A; b=2"], Found::One(b"A")),
            (&["a=1;__Host-Http-fd-web=A=;b"], Found::One(b"A=")),
            (&["a=1", " \t__Host-Http-fd-web\t = \tA\t "], Found::One(b"A")),
            (&["__Host-Http-fd-web="], Found::One(b"")),
            (&["a=__Host-Http-fd-web=A"], Found::None),
            (&["__Host-Http-fd-web=A; __Host-Http-fd-web=B"], Found::Duplicate),
            (&["__Host-Http-fd-web=A", "__Host-Http-fd-web=A"], Found::Duplicate),
            (&["__Host-Http-fd-web=A; __Host-Http-fd-web"], Found::One(b"A")),
            (&["__host-http-fd-web=x"], Found::None),
            (&["=__Host-Http-fd-web=x"], Found::None),
            (&["__Host-Http-fd-web"], Found::None),
            (&["\u{2000}__Host-Http-fd-web=x"], Found::None),
            (&["\u{a0}__Host-Http-fd-web=x"], Found::None),
            (&["__Host-Http-fd-web\u{2000}=x"], Found::None),
            (&["\u{b}__Host-Http-fd-web=x"], Found::None),
            (&["\"__Host-Http-fd-web\"=x"], Found::None),
            (&["__Host-Http-fd-web2=x"], Found::None),
            (&["__Host-Http-fd-we=x"], Found::None),
            (&["a=1,__Host-Http-fd-web=x"], Found::None),
            (&[""], Found::None),
            (&[], Found::None),
        ] {
            let values: Vec<&[u8]> = values.iter().map(|text| text.as_bytes()).collect();
            assert_eq!(of(&values), wanted, "{values:?}");
        }
        assert_eq!(of(&[b"\xff\xfe=1; __Host-Http-fd-web=A"]), Found::One(b"A"));
        assert_eq!(find_in([&b"=x"[..]], b""), Found::None);
    }

    #[test]
    fn one_strange_header_does_not_hide_ours() {
        let mut headers = HeaderMap::new();
        headers.append("cookie", HeaderValue::from_bytes(b"x=\xe2\x80\x80").unwrap());
        headers.append("cookie", HeaderValue::from_static("__Host-Http-fd-web=A"));
        assert_eq!(find(&headers, NAME), Found::One(b"A"));
    }

    #[test]
    fn a_header_of_many_cookies_is_gone_over_once() {
        let many = "a=1;".repeat(4_000) + "__Host-Http-fd-web=A" + &";".repeat(16_000);
        assert_eq!(of(&[many.as_bytes()]), Found::One(b"A"));
    }

    #[test]
    fn it_is_set_and_removed_with_every_flag() {
        let cookie = Cookie::new("web", SameSite::Strict, None).unwrap();
        let flags = "Path=/; Secure; HttpOnly; SameSite=Strict";
        assert_eq!(cookie.set("A.b-_").unwrap(), format!("{NAME}=A.b-_; {flags}"));
        assert_eq!(cookie.delete(), format!("{NAME}=; {flags}; Max-Age=0"));
        assert!(cookie.set("A").unwrap().is_sensitive());
        let lax = Cookie::new("web-login", SameSite::Lax, Some(Duration::from_secs(600))).unwrap();
        let wanted = "__Host-Http-fd-web-login=A; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600";
        assert_eq!(lax.set("A").unwrap(), wanted);
        for value in ["a b", "a;b", "a,b", "a\"b", "a\\b", "a\r\nb", "ä"] {
            assert!(cookie.set(value).is_none(), "{value}");
        }
        for name in ["", "a b", "a;b", "ä", "a=b", &"a".repeat(65)] {
            assert!(Cookie::new(name, SameSite::Lax, None).is_err(), "{name}");
        }
    }

    /// The same, in as many words as it takes.
    fn naive(values: &[Vec<u8>], name: &[u8]) -> Option<Vec<Vec<u8>>> {
        let strip = |bytes: &[u8]| {
            let is_blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
            let start = bytes.iter().position(|byte| !is_blank(byte)).unwrap_or(bytes.len());
            let end = bytes.iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| last + 1);
            bytes[start..end].to_vec()
        };
        let mut all = Vec::new();
        for value in values {
            let mut pairs = vec![Vec::new()];
            for byte in value {
                match byte {
                    b';' => pairs.push(Vec::new()),
                    other => pairs.last_mut()?.push(*other),
                }
            }
            for pair in pairs {
                let mut halves = pair.splitn(2, |byte| *byte == b'=');
                if let (Some(before), Some(after)) = (halves.next(), halves.next())
                    && strip(before) == name
                {
                    all.push(strip(after));
                }
            }
        }
        Some(all)
    }

    proptest! {
        #[test]
        fn agrees_with_a_naive_reading(
            values in prop::collection::vec(
                prop::collection::vec(prop::sample::select(&b"nN=; \t\"\x0b\xa0,"[..]), 0..24), 0..4)
        ) {
            let found = find_in(values.iter().map(Vec::as_slice), b"n");
            let all = naive(&values, b"n").unwrap();
            match (found, all.as_slice()) {
                (Found::None, []) | (Found::Duplicate, [_, _, ..]) => {}
                (Found::One(value), [only]) => prop_assert_eq!(value, only.as_slice()),
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }
}
