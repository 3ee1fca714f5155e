//! Approvals: the device's second key, which only its user's presence unlocks (a face, a finger, a code), signs one
//! operation.
//!
//! `POST /auth/device/challenge` gives a challenge. The request to approve then carries `Frontdesk-Approval`, a JWS by
//! that key:
//!
//! ```text
//! header  { "alg": "ES256", "typ": "frontdesk-approval+jwt" }
//! claims  { "challenge": "…", "htm": "POST", "htu": "https://shop.example.com/transfers", "bsh": "…" }
//! ```
//!
//! `bsh` is SHA-256 of the body in base64url, of no bytes if there is none; `htu` has no query, so `qsh`, the same of
//! the query as it is sent, is required if there is one. A challenge is good once, for two minutes, for the session
//! that asked for it.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, Response, StatusCode};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

use super::{Devices, json_response};
use crate::jose::{Algorithm, PublicKey, PublicKeys, decode, dpop, peek, sha256};
use crate::session::Open;
use crate::transaction::unguessable;
use crate::{Inbound, Refusal};

const APPROVAL: HeaderName = HeaderName::from_static("frontdesk-approval");
const TYPE: &str = "frontdesk-approval+jwt";
/// How long a user may take to show their face.
const LIFE: Duration = Duration::from_secs(120);

impl Devices {
    pub(super) async fn challenge(&self, inbound: &Inbound<'_>) -> Result<Response<Bytes>, Refusal> {
        let (open, headers) = self.proved(inbound).await?.ok_or_else(|| self.nobody())?;
        if open.content().device.as_ref().is_none_or(|device| device.approval_key.is_none()) {
            return Err(Refusal::new(409, "no_approval_key")
                .detail("The device has registered no key to approve with: sign in again with one."));
        }
        let challenge = unguessable().map_err(|_| Refusal::unavailable())?;
        let key = self.challenge_key(challenge.expose());
        let whose = Bytes::copy_from_slice(open.identity().handle.as_bytes());
        let kept = self.entries.put_new(&key, whose, LIFE).await;
        if !kept.map_err(|fault| Refusal::unavailable().because(fault))? {
            return Err(Refusal::unavailable());
        }
        let body = json!({ "challenge": challenge.expose(), "expires_in": LIFE.as_secs() });
        let mut response = json_response(StatusCode::CREATED, &body);
        for (name, value) in headers {
            response.headers_mut().append(name, value);
        }
        Ok(response)
    }

    /// SHA-256 that the body of the request must have, if an approval came with it and is good for the rest.
    ///
    /// # Errors
    /// 403 `approval_required`: what came is no approval of this request.
    pub(super) async fn approved(
        &self,
        inbound: &Inbound<'_>,
        open: &Open,
    ) -> Result<Option<[u8; 32]>, Refusal> {
        if !inbound.headers.contains_key(APPROVAL) {
            return Ok(None);
        }
        let no = || Refusal::new(403, "approval_required").detail("The approval is not one of this request.");
        let text = inbound.header(&APPROVAL).ok_or_else(no)?;
        let key = open.content().device.as_ref().and_then(|device| device.approval_key.as_ref());
        let key =
            key.and_then(Value::as_object).and_then(|jwk| PublicKey::from_jwk(jwk).ok()).ok_or_else(no)?;
        let origin = self.origins.of(inbound).ok_or_else(no)?;
        let url = format!("{origin}{}", inbound.uri.path());
        let (challenge, body) = read(text, key, inbound, &url).ok_or_else(no)?;
        // Last, because it uses the challenge up.
        let taken = self.entries.take(&self.challenge_key(&challenge)).await;
        let whose = taken.map_err(|fault| Refusal::unavailable().because(fault))?.ok_or_else(no)?;
        let is_theirs = bool::from(whose.ct_eq(open.identity().handle.as_bytes()));
        if is_theirs { Ok(Some(body)) } else { Err(no()) }
    }

    fn challenge_key(&self, challenge: &str) -> String {
        format!("fd:{}:c:{}", self.bff, sha256(challenge))
    }
}

/// The challenge and the body's hash of an approval that `key` has made for this request.
fn read(text: &str, key: PublicKey, inbound: &Inbound<'_>, url: &str) -> Option<(String, [u8; 32])> {
    let peeked = peek(text).ok()?;
    let keys = PublicKeys::one(key);
    let key = keys.find(None, Algorithm::Es256)?;
    if peeked.algorithm != Algorithm::Es256 || !peeked.is_of_type(&[TYPE], false) {
        return None;
    }
    let claims = peeked.signed_by(key).ok()?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let is_same_place = dpop::target(text("htu")?)? == dpop::target(url)?;
    let is_same_query = match inbound.uri.query() {
        Some(query) if !query.is_empty() => text("qsh")? == sha256(query),
        _ => true,
    };
    if text("htm")? != inbound.method.as_str() || !is_same_place || !is_same_query {
        return None;
    }
    let body = decode(text("bsh")?)?.try_into().ok()?;
    Some((text("challenge")?.to_owned(), body))
}
