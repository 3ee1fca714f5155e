//! Whether an ID token is believed (OpenID Connect Core §3.1.3.7).

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
use frontdesk_adapter::Deadline;
use frontdesk_lang::model::Algorithm;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use super::{OAuthError, Provider, ProviderFault};
use crate::jose::{Expectations, Verified, encode};

/// Seconds that the provider's clock may differ.
pub(super) const LEEWAY: u64 = 30;
/// Seconds since it was made: an ID token is read once, right after it was asked for.
const LONGEST_AGE: u64 = 600;
/// The longest subject identifier (OpenID Connect Core §2 allows 255 characters).
pub(super) const MOST_SUBJECT: usize = 255;

/// What an ID token must fit, beside being the provider's and for us.
#[derive(Clone, Copy, Default)]
pub struct IdTokenChecks<'a> {
    /// Of the login. `None` only for one that came with a refresh, which has none.
    pub nonce: Option<&'a str>,
    /// Compared with `at_hash`, if the token has it.
    pub access_token: Option<&'a str>,
    /// Compared with `c_hash`, if the token has it.
    pub code: Option<&'a str>,
    /// The user must have signed in within so many seconds.
    pub max_age: Option<u64>,
    /// One of them must have been reached; none: whatever was.
    pub acr: &'a [Arc<str>],
}

/// What an ID token says. `Debug` shows nothing of the user.
#[derive(Clone, PartialEq)]
pub struct IdToken {
    pub issuer: Arc<str>,
    pub subject: Arc<str>,
    /// The session at the provider.
    pub sid: Option<Arc<str>>,
    pub acr: Option<Arc<str>>,
    pub amr: Vec<Arc<str>>,
    /// Unix seconds of the sign-in, if the provider says.
    pub auth_time: Option<u64>,
    /// Unix seconds
    pub expires_at: u64,
    /// All of them.
    pub claims: Map<String, Value>,
}

impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdToken").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl Provider {
    /// Verifies an ID token that came from the token endpoint.
    ///
    /// # Errors
    /// [`OAuthError::UnmetAuthenticationRequirements`] if the sign-in was too weak or too long ago for what was asked;
    /// otherwise [`ProviderFault::Untrusted`].
    pub async fn verify_id_token(
        &self,
        token: &str,
        checks: &IdTokenChecks<'_>,
        deadline: Deadline,
    ) -> Result<IdToken, ProviderFault> {
        let expect = Expectations {
            issuer: Arc::clone(&self.line.settings.issuer),
            audiences: vec![Arc::clone(&self.line.settings.client_id)],
            types: vec!["JWT".into()],
            untyped: true,
            algorithms: self.line.settings.algorithms.clone(),
            leeway: LEEWAY,
            require: vec!["sub", "iat"],
            max_age: Some(LONGEST_AGE),
        };
        let verified = self.verified(token, &expect, deadline).await?;
        self.check_parties(&verified.claims)?;
        check_binding(&verified, checks)?;
        let id = self.read(verified)?;
        check_sign_in(&id, checks, self.clock.unix())?;
        Ok(id)
    }

    /// `aud` holds us already; with others beside us, `azp` must say that the token was made for us.
    fn check_parties(&self, claims: &Map<String, Value>) -> Result<(), ProviderFault> {
        let has_others = claims.get("aud").and_then(Value::as_array).is_some_and(|all| all.len() > 1);
        match claims.get("azp") {
            Some(Value::String(party)) if **party == *self.line.settings.client_id => Ok(()),
            None if !has_others => Ok(()),
            _ => Err(ProviderFault::Untrusted("the ID token was made for another client")),
        }
    }

    fn read(&self, verified: Verified) -> Result<IdToken, ProviderFault> {
        let text = |name: &str| verified.text(name).map(Arc::<str>::from);
        let subject = text("sub").filter(|sub| !sub.is_empty() && sub.len() <= MOST_SUBJECT);
        let amr = verified.claims.get("amr").and_then(Value::as_array);
        let amr = amr.into_iter().flatten().filter_map(Value::as_str).map(Arc::from).collect();
        Ok(IdToken {
            issuer: Arc::clone(&self.line.settings.issuer),
            subject: subject.ok_or(ProviderFault::Untrusted("the ID token has no usable subject"))?,
            sid: text("sid").filter(|sid| !sid.is_empty()),
            acr: text("acr"),
            amr,
            auth_time: verified.date("auth_time"),
            expires_at: verified.date("exp").unwrap_or_default(),
            claims: verified.claims,
        })
    }
}

/// It belongs to this login, this access token, this code.
fn check_binding(verified: &Verified, checks: &IdTokenChecks<'_>) -> Result<(), ProviderFault> {
    if let Some(nonce) = checks.nonce {
        let said = verified.text("nonce").unwrap_or_default();
        if !bool::from(said.as_bytes().ct_eq(nonce.as_bytes())) {
            return Err(ProviderFault::Untrusted("the ID token is of another login"));
        }
    }
    let pairs = [("at_hash", checks.access_token), ("c_hash", checks.code)];
    for (claim, value) in pairs {
        let (Some(said), Some(value)) = (verified.claims.get(claim), value) else { continue };
        let expected = half_hash(verified.algorithm, value);
        if said.as_str().is_none_or(|said| !bool::from(said.as_bytes().ct_eq(expected.as_bytes()))) {
            return Err(ProviderFault::Untrusted("the ID token came with another token or code"));
        }
    }
    Ok(())
}

/// `at_hash`, `c_hash`: the left half, by the hash of the signature's algorithm.
fn half_hash(algorithm: Algorithm, text: &str) -> String {
    let hash = match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 => &SHA256,
        Algorithm::Rs384 | Algorithm::Ps384 | Algorithm::Es384 => &SHA384,
        // Ed25519 hashes with SHA-512.
        Algorithm::Rs512 | Algorithm::Ps512 | Algorithm::EdDsa => &SHA512,
    };
    let whole = digest(hash, text.as_bytes());
    let whole = whole.as_ref();
    encode(whole.get(..whole.len() / 2).unwrap_or_default())
}

fn check_sign_in(id: &IdToken, checks: &IdTokenChecks<'_>, now: u64) -> Result<(), ProviderFault> {
    let unmet = Err(ProviderFault::Refused { error: OAuthError::UnmetAuthenticationRequirements });
    if let Some(most) = checks.max_age {
        match id.auth_time {
            None => {
                return Err(ProviderFault::Untrusted("the ID token does not say when the user signed in"));
            }
            Some(at) if now > at.saturating_add(most).saturating_add(LEEWAY) => return unmet,
            Some(_) => {}
        }
    }
    let is_reached = checks.acr.is_empty() || id.acr.as_ref().is_some_and(|acr| checks.acr.contains(acr));
    if is_reached { Ok(()) } else { unmet }
}
