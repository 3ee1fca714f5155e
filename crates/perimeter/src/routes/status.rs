//! `GET /auth/session`: what a page may know of who is signed in. Never a redirect, and never a reason for the session
//! to live longer.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Map, Value, json};

use crate::{Inbound, Refusal};

use super::{LOGIN, LOGOUT, Routes, json_response};

impl Routes {
    pub(super) async fn status(&self, inbound: &Inbound<'_>) -> Result<Response<Bytes>, Refusal> {
        let Some(open) = self.live(inbound).await? else {
            let nobody = json!({ "authenticated": false, "login_url": LOGIN });
            return Ok(json_response(StatusCode::OK, &nobody));
        };
        let identity = open.identity();
        let mut told = Map::new();
        told.insert("authenticated".to_owned(), json!(true));
        told.insert("subject".to_owned(), json!(&*identity.subject));
        told.insert("claims".to_owned(), Value::Object(identity.claims.clone()));
        if let Some(acr) = &identity.acr {
            told.insert("acr".to_owned(), json!(&**acr));
        }
        told.insert("authenticated_at".to_owned(), json!(identity.authenticated_at));
        told.insert("expires_at".to_owned(), json!(open.absolute_expires()));
        told.insert("idle_expires_at".to_owned(), json!(open.idle_expires()));
        told.insert("logout_url".to_owned(), json!(LOGOUT));
        told.insert("provider".to_owned(), json!(&*open.content().provider));
        let mut response = json_response(StatusCode::OK, &Value::Object(told));
        self.renew_cookie(inbound, &open, &mut response);
        Ok(response)
    }
}
