//! `WWW-Authenticate`: what a client may do better next time (RFC 6750 §3, RFC 9449 §7.1, RFC 9470 §3).
//!
//! Everything in it is fixed text or configuration; nothing of the request.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderName, HeaderValue};

use super::credential::Scheme;
use crate::Refusal;
use crate::jose::Algorithm;

pub(crate) const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// Writes challenges of one BFF.
#[derive(Clone, Debug)]
pub(crate) struct Challenger {
    /// `realm="web"`
    realm: String,
    /// `algs="ES256 EdDSA"`
    algorithms: String,
    bearer: bool,
    dpop: bool,
}

impl Challenger {
    /// `bearer` and `dpop`: which schemes may be used.
    pub(crate) fn new(bff: &str, proofs: &[Algorithm], bearer: bool, dpop: bool) -> Self {
        let names: Vec<_> = proofs.iter().map(|algorithm| algorithm.name()).collect();
        let quotable = |c: &char| matches!(c, ' '..='~') && *c != '"' && *c != '\\';
        let realm: String = bff.chars().filter(quotable).collect();
        Self {
            realm: format!("realm=\"{realm}\""),
            algorithms: format!("algs=\"{}\"", names.join(" ")),
            bearer,
            dpop,
        }
    }

    /// For requests without any credential (RFC 6750 §3.1: then no error is named).
    pub(crate) fn bare(&self) -> Vec<HeaderValue> {
        let bearer = self.bearer.then(|| format!("Bearer {}", self.realm));
        let dpop = self.dpop.then(|| format!("DPoP {}, {}", self.realm, self.algorithms));
        bearer.into_iter().chain(dpop).filter_map(|text| HeaderValue::try_from(text).ok()).collect()
    }

    /// `refusal` with the challenge that goes with `error` (`invalid_token`, `insufficient_scope`).
    pub(crate) fn with_error(
        &self,
        refusal: Refusal,
        scheme: Scheme,
        error: &str,
        further: &[(&str, &str)],
    ) -> Refusal {
        // A client that may not use plain tokens at all is told about proofs.
        let scheme = if self.bearer { scheme } else { Scheme::Dpop };
        let mut text = match scheme {
            Scheme::Bearer => format!("Bearer {}", self.realm),
            Scheme::Dpop => format!("DPoP {}, {}", self.realm, self.algorithms),
        };
        text.push_str(&format!(", error=\"{error}\""));
        if let Some(detail) = refusal.detail.filter(|detail| is_quotable(detail)) {
            text.push_str(&format!(", error_description=\"{detail}\""));
        }
        for (name, value) in further {
            if is_quotable(value) {
                text.push_str(&format!(", {name}=\"{value}\""));
            }
        }
        match HeaderValue::try_from(text) {
            Ok(value) => refusal.header(WWW_AUTHENTICATE, value),
            Err(_) => refusal,
        }
    }
}

/// RFC 6750 §3: visible ASCII and spaces, without quotes.
fn is_quotable(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, 0x20..=0x7e) && byte != b'"' && byte != b'\\')
}
