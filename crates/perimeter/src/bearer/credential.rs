//! `Authorization`, read strictly (RFC 9110 §11.6.2).

use http::HeaderName;
use http::header::AUTHORIZATION;

use crate::Inbound;
use crate::jose::MAX_TOKEN;

pub(crate) const DPOP: HeaderName = HeaderName::from_static("dpop");

/// How a token is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// RFC 6750
    Bearer,
    /// RFC 9449, with a proof.
    Dpop,
}

/// A token, as it came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Credential<'r> {
    pub scheme: Scheme,
    pub token: &'r str,
}

impl std::fmt::Debug for Credential<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

/// The header does not say one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// The token of `Authorization`, if that is what it holds. Other schemes are other people's business.
pub(crate) fn credential<'r>(inbound: &Inbound<'r>) -> Result<Option<Credential<'r>>, Unreadable> {
    let mut values = inbound.headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Unreadable);
    }
    let value = value.to_str().map_err(|_| Unreadable)?;
    let (name, token) = value.split_once(' ').unwrap_or((value, ""));
    let scheme = if name.eq_ignore_ascii_case("bearer") {
        Scheme::Bearer
    } else if name.eq_ignore_ascii_case("dpop") {
        Scheme::Dpop
    } else {
        return Ok(None);
    };
    let token = token.trim_start_matches(' ');
    if is_token68(token) && token.len() <= MAX_TOKEN {
        Ok(Some(Credential { scheme, token }))
    } else {
        Err(Unreadable)
    }
}

/// RFC 9110 §11.2.
fn is_token68(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !body.is_empty() && body.bytes().all(fits)
}

/// The proof that came with the request, if there is exactly one (RFC 9449 §4.3).
pub(crate) fn proof<'r>(inbound: &Inbound<'r>) -> Result<Option<&'r str>, Unreadable> {
    let mut values = inbound.headers.get_all(DPOP).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| Unreadable),
        (Some(_), Some(_)) => Err(Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Method, Uri};

    use super::*;

    fn read(values: &[&[u8]]) -> Result<Option<(Scheme, String)>, Unreadable> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        let uri = Uri::from_static("/x");
        let inbound = Inbound {
            method: &Method::GET,
            uri: &uri,
            headers: &headers,
            peer: [127, 0, 0, 1].into(),
            secure: true,
            certificate: None,
        };
        credential(&inbound).map(|found| found.map(|found| (found.scheme, found.token.to_owned())))
    }

    #[test]
    fn exactly_one_header_with_exactly_one_token() {
        let token = |scheme, token: &str| Ok(Some((scheme, token.to_owned())));
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[b"Basic dTpw"]), Ok(None));
        assert_eq!(read(&[b"Bearerx y"]), Ok(None));
        assert_eq!(read(&[b"Bearer a.b-c_~+/=="]), token(Scheme::Bearer, "a.b-c_~+/=="));
        assert_eq!(read(&[b"bEaReR  a"]), token(Scheme::Bearer, "a"));
        assert_eq!(read(&[b"DPoP a"]), token(Scheme::Dpop, "a"));
        let long = [b"Bearer ".as_slice(), &vec![b'a'; MAX_TOKEN + 1]].concat();
        let refused: [&[&[u8]]; 10] = [
            &[b"Bearer"],
            &[b"Bearer "],
            &[b"Bearer ="],
            &[b"Bearer a b"],
            &[b"Bearer a,b"],
            &[b"Bearer a=b"],
            &[b"Bearer \xc3\xa9"],
            &[b"Bearer \"a\""],
            &[b"Bearer a", b"Bearer a"],
            &[&long],
        ];
        for values in refused {
            assert_eq!(read(values), Err(Unreadable));
        }
    }
}
