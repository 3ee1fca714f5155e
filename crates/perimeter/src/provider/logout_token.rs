//! Whether a logout token is believed (OpenID Connect Back-Channel Logout §2.6).

use std::fmt;
use std::sync::Arc;

use frontdesk_adapter::Deadline;
use serde_json::Value;

use super::id_token::{LEEWAY, MOST_SUBJECT};
use super::{Provider, ProviderFault};
use crate::jose::Expectations;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Seconds since it was made. Its `jti` need not be remembered for longer than this and the leeway.
const LONGEST_AGE: u64 = 300;
const MOST_JTI: usize = 256;

/// Whose sessions end. `Debug` shows nothing of the user.
#[derive(Clone, PartialEq, Eq)]
pub struct LogoutToken {
    pub issuer: Arc<str>,
    /// Without `sid`: all sessions of this subject.
    pub subject: Option<Arc<str>>,
    /// This session at the provider.
    pub sid: Option<Arc<str>>,
    pub jti: Arc<str>,
    /// Unix seconds
    pub issued_at: u64,
}

impl fmt::Debug for LogoutToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogoutToken").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl LogoutToken {
    /// Seconds for which a `jti` must be remembered so that no token is accepted twice.
    pub const REMEMBERED: u64 = LONGEST_AGE + 2 * LEEWAY;
}

impl Provider {
    /// Verifies a logout token. Whether its `jti` was seen before is the caller's to know.
    ///
    /// # Errors
    /// [`ProviderFault::Untrusted`], or [`ProviderFault::Away`] if the provider's keys cannot be had.
    pub async fn verify_logout_token(
        &self,
        token: &str,
        deadline: Deadline,
    ) -> Result<LogoutToken, ProviderFault> {
        let refuse = |why| Err(ProviderFault::Untrusted(why));
        let mut types: Vec<Arc<str>> = vec!["logout+jwt".into()];
        if !self.line.settings.logout_typ {
            types.push("JWT".into());
        }
        let expect = Expectations {
            issuer: Arc::clone(&self.line.settings.issuer),
            audiences: vec![Arc::clone(&self.line.settings.client_id)],
            types,
            untyped: !self.line.settings.logout_typ,
            algorithms: self.line.settings.algorithms.clone(),
            leeway: LEEWAY,
            require: vec!["iat", "jti", "events"],
            max_age: Some(LONGEST_AGE),
        };
        let verified = self.verified(token, &expect, deadline).await?;
        if verified.claims.contains_key("nonce") {
            return refuse("a logout token has no nonce: this is something else");
        }
        let events = verified.claims.get("events").and_then(Value::as_object);
        if !events.is_some_and(|events| events.get(EVENT).is_some_and(Value::is_object)) {
            return refuse("the token does not speak of a logout");
        }
        let text = |name: &'static str, most: usize| match verified.claims.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() && text.len() <= most => {
                Ok(Some(Arc::<str>::from(text.as_str())))
            }
            Some(_) => Err(ProviderFault::Untrusted("the logout token has a claim that is not usable text")),
        };
        let (subject, sid) = (text("sub", MOST_SUBJECT)?, text("sid", MOST_SUBJECT)?);
        if subject.is_none() && sid.is_none() {
            return refuse("the logout token does not say whose sessions end");
        }
        let Some(jti) = text("jti", MOST_JTI)? else { return refuse("the logout token has no `jti`") };
        Ok(LogoutToken {
            issuer: Arc::clone(&self.line.settings.issuer),
            subject,
            sid,
            jti,
            issued_at: verified.date("iat").unwrap_or_default(),
        })
    }
}
