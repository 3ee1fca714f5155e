//! `GET /auth/sessions` and `DELETE /auth/sessions/<handle>`: where else somebody is signed in, and an end to it.

use std::sync::Arc;

use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::session::{Ending, Open};
use crate::{Inbound, Refusal};

use super::{LOGIN, Routes, json_response};

impl Routes {
    pub(super) async fn own_sessions(&self, inbound: &Inbound<'_>) -> Result<Response<Bytes>, Refusal> {
        let open = self.required(inbound).await?;
        let listed = self.sessions.list(&open).await?;
        let listed: Vec<Value> = listed
            .iter()
            .map(|one| {
                json!({
                    "handle": one.handle,
                    "label": one.label,
                    "created": one.created,
                    "last_seen": one.last_seen,
                    "current": one.is_current,
                })
            })
            .collect();
        let mut response = json_response(StatusCode::OK, &json!({ "sessions": listed }));
        self.renew_cookie(inbound, &open, &mut response);
        Ok(response)
    }

    pub(super) async fn end_own(
        &self,
        inbound: &Inbound<'_>,
        handle: &str,
    ) -> Result<Response<Bytes>, Refusal> {
        let open = self.required(inbound).await?;
        let listed = self.sessions.list(&open).await?;
        let Some(one) = listed.iter().find(|one| one.handle == handle) else {
            return Err(Refusal::new(404, "not_found"));
        };
        let mut response = json_response(StatusCode::OK, &json!({ "ended": true }));
        if one.is_current {
            self.sessions.end(&open, Ending::SignedOut).await?;
            response.headers_mut().append(SET_COOKIE, self.cookie.delete());
        } else {
            self.sessions.end_listed(&open, handle).await?;
        }
        Ok(response)
    }

    async fn required(&self, inbound: &Inbound<'_>) -> Result<Arc<Open>, Refusal> {
        let refusal = || Refusal { login_url: Some(LOGIN.to_owned()), ..Refusal::login_required() };
        self.live(inbound).await?.ok_or_else(refusal)
    }
}
