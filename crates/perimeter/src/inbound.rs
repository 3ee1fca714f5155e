//! A request as the perimeter sees it, whatever server it came through.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, Method, Uri};

/// The head of a client's request. Its path was checked and matched; its host is unambiguous.
#[derive(Clone, Copy, Debug)]
pub struct Inbound<'r> {
    pub method: &'r Method,
    pub uri: &'r Uri,
    pub headers: &'r HeaderMap,
    /// Who is at the other end of the connection: a client, or a proxy of ours.
    pub peer: IpAddr,
    /// The connection came over TLS.
    pub secure: bool,
    pub certificate: Option<&'r ClientCertificate>,
}

/// The certificate that the peer proved to have the key of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// DNS and URI names of the subject; its common name if it has none of these.
    pub names: Vec<String>,
    /// SHA-256 of the DER form, base64url: `x5t#S256` (RFC 8705 §3.1).
    pub thumbprint: String,
}

impl<'r> Inbound<'r> {
    /// The header's value if it stands there exactly once and is visible ASCII.
    pub fn header(&self, name: &HeaderName) -> Option<&'r str> {
        let mut values = self.headers.get_all(name).iter();
        let (first, second) = (values.next(), values.next());
        first.filter(|_| second.is_none())?.to_str().ok()
    }

    /// The parameters of the query, percent-decoded, in order. Broken escapes are kept as they stand.
    pub fn query(
        &self,
    ) -> impl Iterator<Item = (std::borrow::Cow<'r, str>, std::borrow::Cow<'r, str>)> + use<'r> {
        url::form_urlencoded::parse(self.uri.query().unwrap_or_default().as_bytes())
    }

    /// The first parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<std::borrow::Cow<'r, str>> {
        self.query().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}
