//! What a session holds: known only while one of its requests is served, sealed everywhere else.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_adapter::AccessToken;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::Secret;

/// Of the layout below. A record of a newer one is left alone (503), so that going back to an older release signs
/// nobody out.
pub const SCHEMA: u16 = 1;
/// A longer ID token does not fit into the URL that it would be a hint in.
pub const LONGEST_ID_TOKEN: usize = 4096;
/// The most that a session may take up in a store.
pub const LARGEST: usize = 64 * 1024;

/// One user's session with one provider of identity. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The issuer identifier; with `subject` it says who the user is.
    pub issuer: Arc<str>,
    /// Which `ProviderUse` of `bff.ts` the user came through.
    pub provider: Arc<str>,
    pub subject: Arc<str>,
    /// The provider's own session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<Arc<str>>,
    /// Unix seconds: when the user proved who they are (`auth_time`); 0 if the provider does not say, which is no
    /// recent sign-in for anybody who asks for one.
    pub auth_time: u64,
    /// What was granted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<Arc<str>>,
    /// Only those that `bff.ts` declares, of the types it declares.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub claims: Map<String, Value>,
    /// The token that services with `auth: user` get and that exchanges start from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<HeldToken>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<RefreshToken>,
    /// Kept only as the hint of a logout, and only up to 4096 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token: Option<Secret>,
    /// The private key that the session's tokens are bound to, as `SigningKey` writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_key: Option<Secret>,
    /// It is an app's session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// Unix seconds of our own clock: when the login *began*, so that a logout at the provider which comes between
    /// login and callback is not overtaken by it. Lifetimes count from here.
    pub created: u64,
    /// What the user sees in the list of their sessions: `Firefox on Linux`.
    #[serde(default)]
    pub label: String,
    /// Random; stays the same when the id changes, and is not known outside.
    #[serde(default)]
    pub(super) serial: String,
    /// Unix seconds of the last change of the id; 0 if it never changed.
    #[serde(default)]
    pub(super) id_since: u64,
    /// Unix seconds: the absolute end, whatever the store says.
    #[serde(default)]
    pub(super) ends: u64,
}

/// An access token as it is kept. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldToken {
    pub token: Arc<str>,
    /// Unix seconds of the moment it was asked for.
    pub issued: u64,
    /// Unix seconds after which it is not to be used.
    pub expires: u64,
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_dpop: bool,
}

/// A refresh token as it is kept. `Debug` does not show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshToken {
    pub token: Secret,
    /// Unix seconds, if the provider says how long it lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<u64>,
}

/// What an app's session has beside a browser's. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    pub id: Arc<str>,
    /// RFC 7638 thumbprint of the key that signs each request.
    pub thumbprint: Arc<str>,
    /// The public key (JWK) that signs only after the user's presence was proved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_key: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Arc<str>>,
    /// The part of the app's token that changes.
    pub token: Secret,
    /// The one before: see `crate::device`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Secret>,
    /// Unix seconds of the last change.
    #[serde(default)]
    pub rotated: u64,
    /// The current one has been used.
    #[serde(default)]
    pub is_used: bool,
}

/// How far an access token is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    Fresh,
    /// Still good, but soon to be replaced.
    Ageing,
    Expired,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Content {
    /// A session that began at `created` (see the field) and holds nothing yet.
    pub fn new(
        provider: impl Into<Arc<str>>,
        issuer: impl Into<Arc<str>>,
        subject: impl Into<Arc<str>>,
        created: u64,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            provider: provider.into(),
            subject: subject.into(),
            sid: None,
            acr: None,
            amr: Vec::new(),
            auth_time: created,
            scopes: Vec::new(),
            claims: Map::new(),
            access: None,
            refresh: None,
            id_token: None,
            dpop_key: None,
            device: None,
            created,
            label: String::new(),
            serial: String::new(),
            id_since: 0,
            ends: 0,
        }
    }

    /// As it is sealed. Overwritten when it is dropped.
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // Maps have text keys, so this always serializes; an empty text would not open again.
        Zeroizing::new(serde_json::to_vec(self).unwrap_or_default())
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// The members that take up most, the largest first: what the operator is told if it is too large.
    pub(super) fn fattest(&self) -> Vec<(String, usize)> {
        let text = |token: Option<&str>| token.map_or(0, str::len);
        let mut sizes: Vec<(String, usize)> = self
            .claims
            .iter()
            .map(|(name, value)| (format!("claim {name}"), value.to_string().len()))
            .collect();
        sizes.push(("access token".to_owned(), text(self.access.as_ref().map(|held| &*held.token))));
        let refresh = self.refresh.as_ref().map(|held| held.token.expose());
        sizes.push(("refresh token".to_owned(), text(refresh)));
        sizes.push(("id token".to_owned(), text(self.id_token.as_ref().map(Secret::expose))));
        sizes.push(("scopes".to_owned(), self.scopes.iter().map(|scope| scope.len() + 3).sum()));
        sizes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        sizes.truncate(3);
        sizes
    }
}

impl HeldToken {
    /// `issued` is when it was asked for: a slow answer shortens its life.
    pub fn new(token: AccessToken, issued: u64) -> Self {
        Self { token: token.secret, issued, expires: token.expires, is_dpop: token.is_dpop }
    }

    /// As it is sent to services.
    pub fn access(&self) -> AccessToken {
        AccessToken { secret: Arc::clone(&self.token), expires: self.expires, is_dpop: self.is_dpop }
    }

    /// It is replaced in the last tenth of its life, at least `ahead_least` before its end, but never in the first
    /// half; and is not sent to a service that would get it just as it ends.
    pub fn freshness(&self, now: u64, ahead_least: Duration) -> Freshness {
        let life = self.expires.saturating_sub(self.issued);
        let ahead = (life / 10).max(ahead_least.as_secs()).min(life / 2);
        let margin = (life / 20).min(2);
        if now.saturating_add(margin) >= self.expires {
            Freshness::Expired
        } else if now.saturating_add(ahead) >= self.expires {
            Freshness::Ageing
        } else {
            Freshness::Fresh
        }
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Content(…)")
    }
}

impl fmt::Debug for HeldToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldToken")
            .field("expires", &self.expires)
            .field("is_dpop", &self.is_dpop)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Device(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Content, Device, Freshness, HeldToken, RefreshToken};
    use crate::session::Secret;

    fn held(issued: u64, expires: u64) -> HeldToken {
        HeldToken { token: "planted-at".into(), issued, expires, is_dpop: true }
    }

    #[test]
    fn tokens_age_in_their_last_tenth() {
        let ahead = Duration::from_secs(30);
        for (life, times) in [
            (3600, [(0, "Fresh"), (3239, "Fresh"), (3240, "Ageing"), (3597, "Ageing"), (3598, "Expired")]),
            (120, [(0, "Fresh"), (89, "Fresh"), (90, "Ageing"), (117, "Ageing"), (118, "Expired")]),
            // Thirty seconds would be all of its life.
            (30, [(0, "Fresh"), (14, "Fresh"), (15, "Ageing"), (28, "Ageing"), (29, "Expired")]),
            (2, [(0, "Fresh"), (0, "Fresh"), (1, "Ageing"), (2, "Expired"), (9, "Expired")]),
            (0, [(0, "Expired"), (1, "Expired"), (1, "Expired"), (1, "Expired"), (1, "Expired")]),
        ] {
            for (now, wanted) in times {
                let got = held(1000, 1000 + life).freshness(1000 + now, ahead);
                assert_eq!(format!("{got:?}"), wanted, "life {life}, after {now}");
            }
        }
        assert_eq!(held(2000, 1000).freshness(0, ahead), Freshness::Fresh);
        assert_eq!(held(2000, 1000).freshness(1000, ahead), Freshness::Expired);
    }

    #[test]
    fn it_is_read_as_it_was_written_and_shows_nothing() {
        let mut content = Content::new("harbor", "https://login.example.com", "planted-sub", 7);
        content.claims.insert("tier".to_owned(), "planted-gold".into());
        content.access = Some(held(1, 2));
        content.refresh = Some(RefreshToken { token: Secret::new("planted-rt"), expires: Some(9) });
        content.id_token = Some(Secret::new("planted-idt"));
        content.dpop_key = Some(Secret::new("planted-key"));
        content.device = Some(Device {
            id: "planted-d".into(),
            thumbprint: "planted-t".into(),
            approval_key: None,
            platform: None,
            token: Secret::new("planted-h"),
            previous: None,
            rotated: 0,
            is_used: false,
        });
        let read = Content::from_bytes(&content.to_bytes()).unwrap();
        assert_eq!(read, content);
        for shown in [
            format!("{content:?}"),
            format!("{:?}", content.access),
            format!("{:?}", content.refresh),
            format!("{:?}", content.device),
            format!("{:?}", content.id_token),
        ] {
            assert!(!shown.contains("planted"), "{shown}");
        }
        assert!(Content::from_bytes(b"").is_none());
        assert!(Content::from_bytes(b"{}").is_none());
    }

    #[test]
    fn unknown_members_of_the_same_schema_do_not_hurt() {
        let text = br#"{"issuer":"i","provider":"p","subject":"s","auth_time":1,"created":1,"later":true}"#;
        assert!(Content::from_bytes(text).is_some());
    }

    #[test]
    fn what_is_too_large_is_named() {
        let mut content = Content::new("p", "i", "s", 0);
        content.claims.insert("groups".to_owned(), vec!["x"; 1000].into());
        content.access = Some(held(0, 1));
        assert_eq!(content.fattest()[0].0, "claim groups");
    }
}
