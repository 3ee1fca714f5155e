//! The origins that are this BFF's own, as browsers see it.

use std::borrow::Cow;
use std::sync::Arc;

use http::header::HOST;

use crate::Inbound;

/// What browsers have in their address bar when they talk to this BFF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    /// `origin` of `frontdesk.yaml`: `https://shop.example.com`, without a slash at the end.
    Fixed(Arc<str>),
    /// The listener is on loopback and nothing was said: whatever name of loopback the browser used.
    Loopback,
    /// Nothing was said: no browser's origin is ours.
    Unknown,
}

impl Origins {
    /// The origin under which this request reached us; `None` if its host is not one of ours.
    ///
    /// The path is checked and there is one host (RFC 9112 §3.2), which the server made sure of.
    pub fn of<'o>(&'o self, inbound: &Inbound<'_>) -> Option<Cow<'o, str>> {
        match self {
            Self::Fixed(origin) => Some(Cow::Borrowed(&**origin)),
            Self::Unknown => None,
            Self::Loopback => {
                let host = match inbound.uri.authority() {
                    Some(authority) => authority.as_str(),
                    None => inbound.headers.get(HOST)?.to_str().ok()?,
                };
                let scheme = if inbound.secure { "https" } else { "http" };
                is_loopback(host).then(|| Cow::Owned(format!("{scheme}://{}", host.to_ascii_lowercase())))
            }
        }
    }

    /// Whether `origin`, as a browser wrote it, is the one this request was sent to.
    pub fn is_own(&self, inbound: &Inbound<'_>, origin: &str) -> bool {
        self.of(inbound).is_some_and(|own| *own == *origin)
    }
}

/// `localhost`, `127.0.0.1`, `[::1]`, with or without a port: names that no other machine can be made to answer to.
fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    name.eq_ignore_ascii_case("localhost") || name == "127.0.0.1" || name == "[::1]"
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, Method, Uri};

    fn of(origins: &Origins, host: &str, secure: bool) -> Option<String> {
        let uri: Uri = "/x".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        let inbound = Inbound {
            method: &Method::GET,
            uri: &uri,
            headers: &headers,
            peer: [127, 0, 0, 1].into(),
            secure,
            certificate: None,
        };
        origins.of(&inbound).map(Cow::into_owned)
    }

    #[test]
    fn loopback_is_whatever_name_of_it_was_used() {
        let own = |host| of(&Origins::Loopback, host, false);
        assert_eq!(own("localhost:7002").as_deref(), Some("http://localhost:7002"));
        assert_eq!(own("LOCALHOST").as_deref(), Some("http://localhost"));
        assert_eq!(own("[::1]:80").as_deref(), Some("http://[::1]:80"));
        for host in
            ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.1:80@evil", "", ":"]
        {
            assert_eq!(own(host), None, "{host}");
        }
        assert_eq!(of(&Origins::Loopback, "127.0.0.1:1", true).as_deref(), Some("https://127.0.0.1:1"));
    }

    #[test]
    fn a_fixed_origin_holds_whatever_the_host_says() {
        let fixed = Origins::Fixed("https://shop.example.com".into());
        assert_eq!(of(&fixed, "evil.example", false).as_deref(), Some("https://shop.example.com"));
    }
}
