//! What an endpoint wants of its caller beyond being known: scopes, a fresh or strong sign-in, the user's own hand.

use std::sync::Arc;

use frontdesk_lang::model::Requires;
use http::HeaderValue;
use http::header::WWW_AUTHENTICATE;

use crate::routes::login_url;
use crate::{Identity, Kind, Perimeter, Refusal};

impl Perimeter {
    /// `requires({ scopes, acr, maxAge, approval })`, in that order.
    pub(crate) fn check_requirements(&self, identity: &Identity, requires: &Requires) -> Result<(), Refusal> {
        check_scopes(identity, &requires.scopes)?;
        let is_strong =
            requires.acr.is_empty() || identity.acr.as_ref().is_some_and(|acr| requires.acr.contains(acr));
        let is_fresh = requires.max_age.is_none_or(|longest| {
            let now = self.clock.unix();
            identity.authenticated_at.is_some_and(|at| now.saturating_sub(at) <= longest.as_secs())
        });
        if !is_strong || !is_fresh {
            return Err(step_up(identity, requires));
        }
        if requires.approval && !identity.approved {
            return Err(Refusal::new(403, "approval_required"));
        }
        Ok(())
    }
}

/// RFC 6750 §3.1: 403 `insufficient_scope`, naming all that are wanted.
pub(crate) fn check_scopes(identity: &Identity, wanted: &[Arc<str>]) -> Result<(), Refusal> {
    if wanted.iter().all(|scope| identity.scopes.contains(scope)) {
        return Ok(());
    }
    let scheme = scheme(identity.kind);
    let challenge = format!("{scheme} error=\"insufficient_scope\", scope=\"{}\"", wanted.join(" "));
    Err(with_challenge(Refusal::new(403, "insufficient_scope"), &challenge))
}

/// RFC 9470: who is asked to sign in again, and how.
fn step_up(identity: &Identity, requires: &Requires) -> Refusal {
    let mut challenge = format!("{} error=\"insufficient_user_authentication\"", scheme(identity.kind));
    if !requires.acr.is_empty() {
        challenge.push_str(&format!(", acr_values=\"{}\"", requires.acr.join(" ")));
    }
    if let Some(longest) = requires.max_age {
        challenge.push_str(&format!(", max_age={}", longest.as_secs()));
    }
    let refusal = with_challenge(Refusal::new(401, "step_up_required"), &challenge);
    match identity.kind {
        Kind::Session => Refusal { login_url: Some(login_url(&requires.acr, requires.max_age)), ..refusal },
        _ => refusal,
    }
}

fn scheme(kind: Kind) -> &'static str {
    match kind {
        Kind::Device => "DPoP",
        Kind::Key => "ApiKey",
        Kind::Session | Kind::Bearer | Kind::Certificate => "Bearer",
    }
}

fn with_challenge(refusal: Refusal, challenge: &str) -> Refusal {
    match HeaderValue::from_str(challenge) {
        Ok(challenge) => refusal.header(WWW_AUTHENTICATE, challenge),
        Err(_) => refusal,
    }
}
