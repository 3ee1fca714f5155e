//! What browsers are told to forbid: of pages that we serve, of answers that are data, of what comes from services.

use std::sync::Arc;

use http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
/// A year, this host only: what other hosts of the domain do is not ours to decide.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Scripts, styles and data of our own origin only; no plug-ins, no frames around it, no foreign targets of forms.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
);
/// Of pages that come from a service and say nothing themselves: what else they need is not known.
const FOREIGN_PAGE_POLICY: HeaderValue =
    HeaderValue::from_static("frame-ancestors 'none'; object-src 'none'; base-uri 'self'");
const NO_DEVICES: HeaderValue = HeaderValue::from_static(
    "camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), payment=(), serial=(), usb=()",
);

/// The security headers of one BFF.
#[derive(Clone, Debug, Default)]
pub struct SecurityHeaders {
    /// `headers.csp` of `bff.ts`.
    csp: Option<HeaderValue>,
}

impl SecurityHeaders {
    /// `None` if the policy cannot be a header's value.
    pub fn new(csp: Option<&Arc<str>>) -> Option<Self> {
        match csp {
            None => Some(Self::default()),
            Some(text) => HeaderValue::from_str(text).ok().map(|csp| Self { csp: Some(csp) }),
        }
    }

    /// Of a file of our site, whatever its type. `secure`: the client came over TLS.
    pub fn page(&self, headers: &mut HeaderMap, secure: bool) {
        headers.insert(CONTENT_SECURITY_POLICY, self.csp.clone().unwrap_or(PAGE_POLICY));
        headers.insert(OPENER_POLICY, SAME_ORIGIN);
        headers.insert(PERMISSIONS_POLICY, NO_DEVICES);
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
        self.data(headers, secure);
    }

    /// Of a page that stands between the user and the provider: a failed login. Its address may hold a code, which
    /// no other server may learn (RFC 9700 §4.2.4).
    pub fn login_page(&self, headers: &mut HeaderMap, secure: bool) {
        self.page(headers, secure);
        headers.insert(CONTENT_SECURITY_POLICY, PAGE_POLICY);
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    }

    /// Of answers that are data: no other type than we say, nothing for pages of other origins to embed.
    pub fn data(&self, headers: &mut HeaderMap, secure: bool) {
        headers.insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
        headers.insert(RESOURCE_POLICY, SAME_ORIGIN);
        if secure {
            headers.insert(STRICT_TRANSPORT_SECURITY, HSTS);
        }
    }

    /// Of what a service answered through a proxy route, after its own headers were filtered. A page keeps the
    /// policy it brings, if `headers.answer` let that pass.
    pub fn proxied(&self, headers: &mut HeaderMap, secure: bool) {
        if is_page(headers) {
            match &self.csp {
                Some(csp) => _ = headers.insert(CONTENT_SECURITY_POLICY, csp.clone()),
                None => _ = headers.entry(CONTENT_SECURITY_POLICY).or_insert(FOREIGN_PAGE_POLICY),
            }
        }
        self.data(headers, secure);
    }
}

fn is_page(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(CONTENT_TYPE) else { return false };
    let kind = kind.as_bytes();
    let starts =
        |prefix: &[u8]| kind.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix));
    starts(b"text/html") || starts(b"application/xhtml") || starts(b"image/svg")
}
