//! `POST /auth/backchannel`: the provider says that sessions have ended (OpenID Connect Back-Channel Logout 1.0).
//!
//! Anybody may call it, so nothing is believed but a logout token of a provider of ours. The specification knows two
//! answers only, 200 and 400; a store that is away is a 400 that says `temporarily_unavailable`, and the provider tries
//! again.

use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Deadline, EntryStore, now};
use http::header::CONTENT_TYPE;
use http::{Response, StatusCode};
use serde_json::json;

use crate::Inbound;
use crate::jose::{peek, sha256};
use crate::provider::{LogoutToken, Provider, ProviderFault};
use crate::session::{Ending, Sessions};

use super::page::{Told, keep_to_itself};
use super::{PATIENCE, Routes, json_response};

/// The longest body that is read.
pub(crate) const LARGEST: usize = 64 * 1024;

/// Why a call is answered 400.
#[derive(Debug)]
enum Refused {
    /// What came is not a logout of ours, or came before.
    Invalid(&'static str),
    /// It may be one, but cannot be carried out now.
    Later(String),
}

/// What a provider may end.
pub(crate) struct Backchannel<'b> {
    pub(crate) bff: &'b str,
    pub(crate) providers: Vec<&'b Provider>,
    pub(crate) sessions: &'b Sessions,
    /// For identifiers of tokens that were used.
    pub(crate) entries: &'b dyn EntryStore,
}

impl Routes {
    pub(super) async fn backchannel(&self, inbound: &Inbound<'_>, body: &[u8]) -> Response<Bytes> {
        let backchannel = Backchannel {
            bff: &self.bff,
            providers: self.providers.iter().map(|chosen| &*chosen.provider).collect(),
            sessions: &self.sessions,
            entries: &*self.entries,
        };
        backchannel.answer(inbound, body).await
    }
}

impl Backchannel<'_> {
    pub(crate) async fn answer(&self, inbound: &Inbound<'_>, body: &[u8]) -> Response<Bytes> {
        let (error, cause) = match self.end_by_provider(inbound, body).await {
            Ok(()) => {
                let mut response = Response::new(Bytes::new());
                keep_to_itself(response.headers_mut());
                return response;
            }
            Err(Refused::Invalid(why)) => ("invalid_request", why.to_owned()),
            Err(Refused::Later(why)) => ("temporarily_unavailable", why),
        };
        refusal(error, cause)
    }

    async fn end_by_provider(&self, inbound: &Inbound<'_>, body: &[u8]) -> Result<(), Refused> {
        let token = logout_token(inbound, body)?;
        let logout = self.believed(&token).await?;
        let later = |why: &dyn std::fmt::Display| Refused::Later(why.to_string());
        let seen = format!("fd:{}:j:{}", self.bff, sha256(format!("{}|{}", logout.issuer, logout.jti)));
        if self.entries.get(&seen).await.map_err(|fault| later(&fault))?.is_some() {
            return Err(Refused::Invalid("the logout token was used before"));
        }
        // §2.7: the one session that is named, else all of the subject's.
        let ended = match (&logout.sid, &logout.subject) {
            (Some(sid), _) => self.sessions.end_by_sid(&logout.issuer, sid).await,
            (None, Some(subject)) => {
                self.sessions.end_by_subject(&logout.issuer, subject, Ending::ProviderLogout).await
            }
            (None, None) => return Err(Refused::Invalid("the logout token does not say whose sessions end")),
        };
        ended.map_err(|fault| later(&fault))?;
        // Only now: a token whose logout failed must be good for another try.
        let remembered = Duration::from_secs(LogoutToken::REMEMBERED);
        self.entries
            .put_new(&seen, Bytes::from_static(b"1"), remembered)
            .await
            .map_err(|fault| later(&fault))?;
        Ok(())
    }

    /// Verified by the provider that it says it is of. Two clients at one provider have one issuer.
    async fn believed(&self, token: &str) -> Result<LogoutToken, Refused> {
        let peeked = peek(token).map_err(|fault| Refused::Invalid(fault.text()))?;
        let issuer = peeked.unverified_issuer().unwrap_or_default();
        let mut refused = Refused::Invalid("the logout token is of no provider of ours");
        for provider in &self.providers {
            if *provider.settings().issuer != *issuer {
                continue;
            }
            let deadline = Deadline::after(now(), PATIENCE);
            match provider.verify_logout_token(token, deadline).await {
                Ok(logout) => return Ok(logout),
                Err(ProviderFault::Untrusted(why)) => refused = Refused::Invalid(why),
                Err(fault) => refused = Refused::Later(fault.to_string()),
            }
        }
        Err(refused)
    }
}

/// The answer to a body that is too large, or does not come.
pub(crate) fn unreadable() -> Response<Bytes> {
    refusal("invalid_request", "the body is too large, or did not come".to_owned())
}

fn refusal(error: &'static str, cause: String) -> Response<Bytes> {
    let mut response = json_response(StatusCode::BAD_REQUEST, &json!({ "error": error }));
    response.extensions_mut().insert(Told { code: "logout_refused", cause: Some(cause) });
    response
}

/// The one `logout_token` of a form (§2.5). Parameters that are not known are ignored.
fn logout_token(inbound: &Inbound<'_>, body: &[u8]) -> Result<String, Refused> {
    let media_type = inbound.header(&CONTENT_TYPE).unwrap_or_default().split(';').next().unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refused::Invalid("the body is not a form"));
    }
    if body.len() > LARGEST {
        return Err(Refused::Invalid("the body is too large"));
    }
    let mut tokens = url::form_urlencoded::parse(body).filter(|(name, _)| name == "logout_token");
    match (tokens.next(), tokens.next()) {
        (Some((_, token)), None) => Ok(token.into_owned()),
        _ => Err(Refused::Invalid("the form has not exactly one logout token")),
    }
}
