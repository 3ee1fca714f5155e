//! `POST /auth/logout`: the session is over here at once, its refresh token is given back, and the page learns where
//! to send its user to be signed out at the provider as well.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Deadline, now};
use http::header::SET_COOKIE;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::session::cookie::Found;
use crate::session::{Ending, Open, Secret};
use crate::{Inbound, Refusal};

use super::{Routes, json_response};

/// How long the provider's metadata may take: signing out here does not wait for them longer.
const METADATA: Duration = Duration::from_secs(3);

impl Routes {
    pub(super) async fn logout(
        &self,
        inbound: &Inbound<'_>,
        body: &[u8],
    ) -> Result<Response<Bytes>, Refusal> {
        let everywhere = is_everywhere(inbound, body)?;
        let mut end_session_url = None;
        if let Some(open) = self.live(inbound).await? {
            if everywhere {
                let content = open.content();
                // First the one whose token can be given back for sure.
                self.sessions.end(&open, Ending::SignedOut).await?;
                self.sessions.end_by_subject(&content.issuer, &content.subject, Ending::SignedOut).await?;
            } else {
                self.sessions.end(&open, Ending::SignedOut).await?;
            }
            end_session_url = self.end_session_url(inbound, &open).await;
        }
        let mut response = json_response(StatusCode::OK, &json!({ "end_session_url": end_session_url }));
        // Of two cookies one is somebody else's: none is removed on their behalf.
        if let Found::One(_) = self.cookie.find(inbound.headers) {
            response.headers_mut().append(SET_COOKIE, self.cookie.delete());
        }
        Ok(response)
    }

    /// OpenID Connect RP-Initiated Logout §2; the way back is of our own making, never the request's.
    async fn end_session_url(&self, inbound: &Inbound<'_>, open: &Open) -> Option<String> {
        let content = open.content();
        let provider = Arc::clone(&self.login_provider(Some(&content.provider))?.provider);
        let hint = content.id_token.clone();
        let back = format!("{}{}", self.origins.of(inbound)?, self.after_logout);
        let found = self.office.ask(move |desk| async move {
            let deadline = Deadline::after(now(), METADATA);
            let hint = hint.as_ref().map(Secret::expose);
            provider.end_session_url(&desk, hint, &back, None, deadline).await
        });
        // The provider is away: its own session ends by itself some time.
        found.await.ok()?.ok()?
    }
}

/// `?everywhere=true`, or `{"everywhere": true}`.
fn is_everywhere(inbound: &Inbound<'_>, body: &[u8]) -> Result<bool, Refusal> {
    if inbound.parameter("everywhere").is_some_and(|value| value == "true") {
        return Ok(true);
    }
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(false);
    }
    let refused = Refusal::new(400, "invalid_body").detail("Send no body, or `{\"everywhere\": true}`.");
    match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(members)) => match members.get("everywhere") {
            None => Ok(false),
            Some(Value::Bool(everywhere)) => Ok(*everywhere),
            Some(_) => Err(refused),
        },
        _ => Err(refused),
    }
}
