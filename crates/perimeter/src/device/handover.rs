//! `POST /auth/device/session`: the app's code becomes its session, if the app is the one that began the login (its
//! PKCE verifier) on the device that it named (a proof by its key).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::sign_in::DeviceLogin;
use super::token::DeviceToken;
use super::{Devices, json_response};
use crate::jose::{Algorithm, PublicKey, object, sha256};
use crate::routes::page::Page;
use crate::routes::stopped::Stopped;
use crate::session::seal::{self, OpenFault, Purpose};
use crate::session::{Content, Device, Secret, Unavailable};
use crate::transaction::unguessable;
use crate::{Inbound, Refusal};

/// How long the code is good.
const LIFE: Duration = Duration::from_secs(60);
/// The longest name of a platform, in bytes.
const LONGEST_PLATFORM: usize = 64;

/// What waits for the app, sealed under its code.
#[derive(Serialize, Deserialize)]
struct Handover {
    content: Content,
    login: DeviceLogin,
    /// Unix seconds.
    created: u64,
}

/// What the app sends.
struct Claimed {
    code: Secret,
    verifier: Secret,
    /// The device's second key, which only its user's presence unlocks.
    approval_key: Option<Value>,
    platform: Option<Arc<str>>,
}

impl Devices {
    /// Keeps the session for the app until it comes with the code that this gives.
    pub(super) async fn hand_over(&self, content: Content, login: &DeviceLogin) -> Result<Secret, Stopped> {
        let trouble = |cause: &str| Stopped::new(Page::Unavailable, cause);
        let code = unguessable().map_err(|none| trouble(&none.to_string()))?;
        let now = self.clock.unix();
        let handover = Handover { content, login: login.clone(), created: now };
        let plain = serde_json::to_vec(&handover).map_err(|_| trouble("a handover cannot be written"))?;
        let plain = Zeroizing::new(plain);
        let key = self.handover_key(code.expose());
        let sealed = seal::seal(
            &self.ring.load(),
            now,
            Purpose::Handover,
            code.expose().as_bytes(),
            key.as_bytes(),
            &plain,
        )
        .map_err(|none| trouble(&none.to_string()))?;
        let kept = self.entries.put_new(&key, sealed.into(), LIFE).await;
        let is_new = kept.map_err(|fault| trouble(&fault.to_string()))?;
        if is_new { Ok(code) } else { Err(trouble("a random number came twice")) }
    }

    pub(super) async fn session(
        &self,
        inbound: &Inbound<'_>,
        body: &[u8],
    ) -> Result<Response<Bytes>, Refusal> {
        let claimed = Claimed::read(inbound, body)?;
        let invalid =
            || Refusal::new(400, "invalid_code").detail("The code is not known, used, or not this app's.");
        let key = self.handover_key(claimed.code.expose());
        // Proofs are remembered, and anybody can make them: only for those who come with a code.
        if self.entries.get(&key).await.map_err(|fault| Refusal::unavailable().because(fault))?.is_none() {
            return Err(invalid());
        }
        // Before the code is used up: a nonce that is missing must not cost the login.
        let proved = self
            .proofs
            .check(inbound, None, None)
            .await
            .map_err(|unproved| self.proofs.refusal(unproved, &self.challenger))?;
        let taken = self.entries.take(&key).await.map_err(|fault| Refusal::unavailable().because(fault))?;
        let sealed = taken.ok_or_else(invalid)?;
        let secret = claimed.code.expose().as_bytes();
        let opened = seal::open(&self.ring.load(), Purpose::Handover, secret, key.as_bytes(), &sealed);
        let plain = opened.map_err(|fault| match fault {
            OpenFault::Refused => invalid(),
            OpenFault::Behind => Unavailable::RingBehind.into(),
        })?;
        let Handover { mut content, login, created } =
            serde_json::from_slice(&plain).map_err(|_| invalid())?;
        let now = self.clock.unix();
        let is_same = |one: &str, other: &str| bool::from(one.as_bytes().ct_eq(other.as_bytes()));
        if !is_same(&sha256(claimed.verifier.expose()), &login.challenge)
            || !is_same(&proved.jkt, &login.jkt)
            || now.saturating_sub(created) > LIFE.as_secs()
        {
            // The code is used up, and nobody will have its session.
            self.sessions.give_back(&content);
            return Err(invalid());
        }
        let part = DeviceToken::new_part().map_err(|_| Refusal::unavailable())?;
        let id = unguessable().map_err(|_| Refusal::unavailable())?;
        content.device = Some(Device {
            id: id.expose().into(),
            thumbprint: login.jkt.into(),
            approval_key: claimed.approval_key,
            platform: claimed.platform,
            token: part.clone(),
            previous: None,
            rotated: now,
            is_used: true,
        });
        let (subject, claims, device) = (content.subject.clone(), content.claims.clone(), id);
        let session = self.sessions.create(content).await?;
        let open = self.sessions.open(&session).await?.ok_or_else(Refusal::unavailable)?;
        let answer = json!({
            "token_type": "DPoP",
            "token": DeviceToken::text(&session, &part).expose(),
            "device": device.expose(),
            "subject": &*subject,
            "claims": claims,
            "expires_at": open.absolute_expires(),
            "idle_expires_at": open.idle_expires(),
        });
        let mut response = json_response(StatusCode::CREATED, &answer);
        if let Some((name, nonce)) = proved.header {
            response.headers_mut().insert(name, nonce);
        }
        Ok(response)
    }

    fn handover_key(&self, code: &str) -> String {
        format!("fd:{}:h:{}", self.bff, sha256(code))
    }
}

impl Claimed {
    fn read(inbound: &Inbound<'_>, body: &[u8]) -> Result<Self, Refusal> {
        let is_json = inbound.header(&CONTENT_TYPE).is_some_and(|sort| {
            let sort = sort.split(';').next().unwrap_or_default().trim();
            sort.eq_ignore_ascii_case("application/json")
        });
        if !is_json {
            return Err(Refusal::new(415, "unsupported_media_type"));
        }
        let bad = |detail| Refusal::new(400, "invalid_parameters").detail(detail);
        let members = object(body).ok_or_else(|| bad("The body must be one JSON object."))?;
        let text = |name: &str| members.get(name).and_then(Value::as_str).filter(|text| text.len() <= 256);
        let (Some(code), Some(verifier)) = (text("code"), text("verifier")) else {
            return Err(bad("`code` and `verifier` are required."));
        };
        let platform = match members.get("platform") {
            None | Some(Value::Null) => None,
            Some(Value::String(text))
                if text.len() <= LONGEST_PLATFORM && !text.contains(char::is_control) =>
            {
                Some(Arc::from(text.as_str()))
            }
            Some(_) => return Err(bad("`platform` must be a short text.")),
        };
        let approval_key = match members.get("approval_key") {
            None | Some(Value::Null) => None,
            Some(key) => {
                Some(approval_key(key).ok_or_else(|| bad("`approval_key` must be a P-256 public key."))?)
            }
        };
        Ok(Self { code: Secret::new(code), verifier: Secret::new(verifier), approval_key, platform })
    }
}

/// The members that make up the key, and nothing else of what came.
fn approval_key(key: &Value) -> Option<Value> {
    let jwk = key.as_object()?;
    let public = PublicKey::from_jwk(jwk).ok().filter(|key| key.fits(Algorithm::Es256))?;
    let mut kept = Map::new();
    for name in ["crv", "kty", "x", "y"] {
        kept.insert(name.to_owned(), jwk.get(name)?.clone());
    }
    PublicKey::from_jwk(&kept).ok().filter(|again| again.thumbprint() == public.thumbprint())?;
    Some(Value::Object(kept))
}
