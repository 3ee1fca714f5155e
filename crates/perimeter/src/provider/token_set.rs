//! What a token endpoint gives.

use std::fmt;
use std::sync::Arc;

use frontdesk_adapter::AccessToken;
use serde_json::{Map, Value};

use super::ProviderFault;

/// How long an access token is used whose provider does not say how long it lives (RFC 6749 §5.1 only recommends
/// `expires_in`), in seconds.
const UNSAID_LIFE: u64 = 300;
/// Longer than any token lives; keeps sums of times far from their end.
const LONGEST_LIFE: u64 = 10 * 365 * 24 * 60 * 60;
const LONGEST_TOKEN: usize = 64 * 1024;

/// A token response (RFC 6749 §5.1, RFC 8693 §2.2.1). `Debug` shows no token.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenSet {
    pub access_token: Arc<str>,
    /// Bound to the key whose proof came with the request (RFC 9449).
    pub is_dpop: bool,
    /// Unix time in seconds.
    pub expires_at: u64,
    pub refresh_token: Option<Arc<str>>,
    /// Seconds, if the provider says.
    pub refresh_expires_in: Option<u64>,
    pub id_token: Option<Arc<str>>,
    /// `None`: as asked for.
    pub scopes: Option<Vec<Arc<str>>>,
    pub issued_token_type: Option<Arc<str>>,
}

impl fmt::Debug for TokenSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSet")
            .field("is_dpop", &self.is_dpop)
            .field("expires_at", &self.expires_at)
            .field("refreshable", &self.refresh_token.is_some())
            .finish_non_exhaustive()
    }
}

/// What was asked of the token endpoint, as far as its answer must fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// A proof was sent.
    pub(super) dpop: bool,
    /// A token that is not bound is of no use.
    pub(super) dpop_required: bool,
}

impl TokenSet {
    /// The access token as it is sent to services.
    pub fn access(&self) -> AccessToken {
        AccessToken {
            secret: Arc::clone(&self.access_token),
            expires: self.expires_at,
            is_dpop: self.is_dpop,
        }
    }

    /// Reads a token response. `now` is when it was asked for, so that a slow answer shortens its life.
    pub(super) fn read(body: &Map<String, Value>, wanted: Wanted, now: u64) -> Result<Self, ProviderFault> {
        let access_token = token(body, "access_token")?
            .ok_or(ProviderFault::Untrusted("the token response has no access token"))?;
        let kind = body.get("token_type").and_then(Value::as_str);
        let is_dpop = match kind {
            Some(kind) if kind.eq_ignore_ascii_case("dpop") => true,
            Some(kind) if kind.eq_ignore_ascii_case("bearer") => false,
            _ => return Err(ProviderFault::Untrusted("the token is neither `Bearer` nor `DPoP`")),
        };
        if is_dpop && !wanted.dpop {
            return Err(ProviderFault::Untrusted("the token is bound to a key that was not shown"));
        }
        if !is_dpop && wanted.dpop_required {
            return Err(ProviderFault::Untrusted("the token is `Bearer` although `DPoP` was required"));
        }
        let life = seconds(body, "expires_in").unwrap_or(UNSAID_LIFE);
        let refresh_life = seconds(body, "refresh_expires_in");
        let scopes = body.get("scope").and_then(Value::as_str);
        Ok(Self {
            access_token,
            is_dpop,
            expires_at: now.saturating_add(life),
            refresh_token: token(body, "refresh_token")?,
            // Keycloak says 0 for a token that lives as long as it is used.
            refresh_expires_in: refresh_life.filter(|life| *life > 0),
            id_token: token(body, "id_token")?,
            scopes: scopes.map(|scopes| scopes.split_ascii_whitespace().map(Arc::from).collect()),
            issued_token_type: body.get("issued_token_type").and_then(Value::as_str).map(Arc::from),
        })
    }
}

/// A member that is a token: visible ASCII (RFC 6749 appendix A), so that it fits into a header.
fn token(body: &Map<String, Value>, name: &str) -> Result<Option<Arc<str>>, ProviderFault> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text))
            if !text.is_empty()
                && text.len() <= LONGEST_TOKEN
                && text.bytes().all(|byte| (0x21..=0x7e).contains(&byte)) =>
        {
            Ok(Some(Arc::from(text.as_str())))
        }
        Some(_) => Err(ProviderFault::Untrusted("the token response holds what is not a token")),
    }
}

/// Some providers write the number as text.
fn seconds(body: &Map<String, Value>, name: &str) -> Option<u64> {
    let value = body.get(name)?;
    let said = value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
    said.map(|seconds| seconds.min(LONGEST_LIFE))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{TokenSet, Wanted};

    fn read(body: Value, dpop: bool, dpop_required: bool) -> Result<TokenSet, String> {
        let Value::Object(body) = body else { panic!("an object") };
        TokenSet::read(&body, Wanted { dpop, dpop_required }, 1_000).map_err(|fault| fault.to_string())
    }

    #[test]
    fn reads_what_providers_write() {
        let set = read(
            json!({ "access_token": "at", "token_type": "bearer", "expires_in": "60", "refresh_token": "rt",
                "refresh_expires_in": 0, "scope": "openid  cart", "id_token": null }),
            false,
            false,
        )
        .unwrap();
        assert_eq!((set.expires_at, set.refresh_expires_in, set.is_dpop), (1_060, None, false));
        assert_eq!(set.scopes.as_ref().map(Vec::len), Some(2));
        assert_eq!(set.id_token, None);
        let shown = format!("{set:?}");
        assert!(!shown.contains("\"at\"") && !shown.contains("\"rt\""), "{shown}");
        let unsaid = read(json!({ "access_token": "at", "token_type": "Bearer" }), false, false).unwrap();
        assert_eq!(unsaid.expires_at, 1_300);
    }

    #[test]
    fn refuses_what_cannot_be_used() {
        for (body, dpop, required) in [
            (json!({ "token_type": "Bearer" }), false, false),
            (json!({ "access_token": "at" }), false, false),
            (json!({ "access_token": "at", "token_type": "N_A" }), false, false),
            (json!({ "access_token": "at", "token_type": "mac" }), false, false),
            (json!({ "access_token": "a\r\nt", "token_type": "Bearer" }), false, false),
            (json!({ "access_token": 7, "token_type": "Bearer" }), false, false),
            (json!({ "access_token": "", "token_type": "Bearer" }), false, false),
            (json!({ "access_token": "at", "token_type": "Bearer", "refresh_token": [] }), false, false),
            (json!({ "access_token": "at", "token_type": "Bearer" }), true, true),
            (json!({ "access_token": "at", "token_type": "DPoP" }), false, false),
        ] {
            assert!(read(body.clone(), dpop, required).is_err(), "{body}");
        }
        assert!(read(json!({ "access_token": "at", "token_type": "DPoP" }), true, true).unwrap().is_dpop);
        // Asked for, not insisted on.
        assert!(!read(json!({ "access_token": "at", "token_type": "Bearer" }), true, false).unwrap().is_dpop);
    }
}
