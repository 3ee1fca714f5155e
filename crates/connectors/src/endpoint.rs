//! A base URL, taken apart once.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls_pki_types::ServerName;

use crate::Error;

/// One place where a service answers.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// A name or an address, without the brackets of IPv6.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// `host` or `host:port` as it stands in the `Host` header.
    pub(crate) authority: String,
    /// The URL's own path without a slash at its end: empty, or `/api/v2`.
    pub(crate) base_path: String,
    pub(crate) is_secure: bool,
    /// The host as certificates name it; `None` without TLS.
    pub(crate) server_name: Option<ServerName<'static>>,
    /// What is dialled, if that was found out before; else `host` is resolved by each dial.
    pub(crate) address: Option<SocketAddr>,
    /// What tells it from every other endpoint, for people too: `http://cart.internal:80 at 10.0.0.1:80`.
    pub(crate) name: Arc<str>,
}

impl Endpoint {
    /// This endpoint at one address of its host.
    pub(crate) fn at(&self, address: SocketAddr) -> Self {
        Self {
            host: self.host.clone(),
            port: address.port(),
            authority: self.authority.clone(),
            base_path: self.base_path.clone(),
            is_secure: self.is_secure,
            server_name: self.server_name.clone(),
            address: Some(address),
            name: format!("{} at {address}", self.name).into(),
        }
    }

    /// The whole address of `target`, as HTTP/2 wants it.
    pub(crate) fn uri(&self, target: &[u8]) -> Option<::http::Uri> {
        let path = [self.base_path.as_bytes(), target].concat();
        let scheme = if self.is_secure { "https" } else { "http" };
        let parts = ::http::Uri::builder().scheme(scheme).authority(self.authority.as_str());
        parts.path_and_query(path).build().ok()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
    /// HTTP/2 in the clear by prior knowledge. Not a registered scheme, but what the field writes.
    H2c,
}

pub(crate) fn parse(url: &str) -> Result<(Endpoint, Scheme), Error> {
    let refuse = |why| Err(Error::Url { url: url.to_owned(), why });
    if url.contains('#') {
        return refuse("a base URL has no fragment");
    }
    let Ok(uri) = url.parse::<::http::Uri>() else {
        return refuse("not a URL (a name beyond ASCII is written in punycode)");
    };
    let scheme = match uri.scheme_str() {
        Some("http") => Scheme::Http,
        Some("https") => Scheme::Https,
        Some("h2c") => Scheme::H2c,
        _ => return refuse("it must begin with `http://`, `https://` or `h2c://`"),
    };
    let Some(authority) = uri.authority() else {
        return refuse("it names no host");
    };
    if authority.as_str().contains('@') {
        return refuse("user and password do not belong in a URL: use `headers`");
    }
    if uri.query().is_some() {
        return refuse("a base URL has no query");
    }
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() {
        return refuse("it names no host");
    }
    let is_secure = scheme == Scheme::Https;
    let port = match authority.as_str().strip_prefix(authority.host()) {
        None | Some("") if is_secure => 443,
        None | Some("") => 80,
        Some(written) => match written.trim_start_matches(':').parse() {
            Ok(0) | Err(_) => return refuse("its port is not a number from 1 to 65535"),
            Ok(port) => port,
        },
    };
    let server_name = if is_secure {
        match ServerName::try_from(host.to_owned()) {
            Ok(name) => Some(name),
            Err(_) => return refuse("its host is not a server name"),
        }
    } else {
        None
    };
    let endpoint = Endpoint {
        host: host.to_owned(),
        port,
        authority: authority.as_str().to_owned(),
        base_path: uri.path().trim_end_matches('/').to_owned(),
        is_secure,
        server_name,
        address: None,
        name: url.trim_end_matches('/').into(),
    };
    Ok((endpoint, scheme))
}

#[cfg(test)]
mod tests {
    use super::{Scheme, parse};

    #[test]
    fn takes_urls_apart() {
        let (e, scheme) = parse("https://[::1]:8443/api/v2/").unwrap();
        assert_eq!((e.host.as_str(), e.port, e.base_path.as_str()), ("::1", 8443, "/api/v2"));
        assert_eq!((e.authority.as_str(), scheme), ("[::1]:8443", Scheme::Https));
        let (e, scheme) = parse("h2c://cart").unwrap();
        assert_eq!((e.port, e.base_path.as_str(), scheme), (80, "", Scheme::H2c));
    }

    #[test]
    fn refuses_what_cannot_be_a_base() {
        for url in [
            "",
            "cart:80",
            "/cart",
            "ftp://cart",
            "http://",
            "http://u:p@cart",
            "http://cart/?q=1",
            "http://cart/#x",
            "http://cart:0",
            "http://cart:",
            "http://cart:99999",
            "http://bücher.example",
        ] {
            assert!(parse(url).is_err(), "{url} was accepted");
        }
    }
}
