//! Calls to services on behalf of somebody with a bearer token.

use std::fmt;
use std::sync::Arc;

use frontdesk_adapter::{AccessToken, Caller, CallerKey, Deadline, Exchange, Fault, TokenFuture};

use super::Shared;
use super::token::{KnownToken, keyed};
use crate::jose::dpop;

/// `Debug` shows no token.
pub(super) struct BearerCaller {
    pub shared: Arc<Shared>,
    pub token: Arc<str>,
    pub known: Arc<KnownToken>,
}

impl fmt::Debug for BearerCaller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerCaller").field("identity", &self.known.identity).finish_non_exhaustive()
    }
}

impl BearerCaller {
    /// The token itself.
    fn subject(&self) -> AccessToken {
        let is_dpop = self.known.binding.jkt.is_some();
        AccessToken { secret: self.token.clone(), expires: self.known.expires, is_dpop }
    }
}

impl Caller for BearerCaller {
    fn key(&self) -> CallerKey {
        self.known.identity.key
    }

    fn cohort(&self) -> u64 {
        self.known.identity.cohort()
    }

    fn access_token(&self, _: Deadline) -> TokenFuture<'_> {
        let token = if self.known.binding.is_free() {
            Ok(self.subject())
        } else {
            // Only its owner can show it; an exchange gives one that is ours.
            Err(Fault::Credential("the caller's token is bound to its own key".to_owned()))
        };
        Box::pin(std::future::ready(token))
    }

    fn exchanged<'a>(&'a self, wanted: &'a Exchange, deadline: Deadline) -> TokenFuture<'a> {
        Box::pin(async move {
            let shared = &self.shared;
            let Some(provider) = &shared.tokens else {
                return Err(Fault::Credential("no client for token exchange is configured".to_owned()));
            };
            let now = shared.clock.unix();
            let scopes = wanted.scopes.join(" ");
            let key = keyed(
                &shared.secret,
                &[
                    b"exchange",
                    &self.known.identity.key.0,
                    wanted.audience.as_deref().unwrap_or_default().as_bytes(),
                    wanted.resource.as_deref().unwrap_or_default().as_bytes(),
                    scopes.as_bytes(),
                    &[u8::from(wanted.is_dpop)],
                ],
            );
            if let Some(token) = shared.exchanged.get(&key, now) {
                return Ok(token);
            }
            let question = || provider.exchange(self.subject(), wanted.clone(), deadline);
            let asked = shared.exchanges.ask(key, question);
            let token = match tokio::time::timeout_at(deadline.instant(), asked).await {
                Ok(Some(answer)) => answer?,
                Ok(None) => return Err(Fault::Shed),
                Err(_) => return Err(Fault::TimedOut),
            };
            // Never for longer than the caller's own.
            let expires = token.expires.min(self.known.expires);
            let token = AccessToken { expires, ..token };
            // One that is about to end is not worth keeping.
            shared.exchanged.put(key, token.clone(), now, expires.saturating_sub(super::SPARE));
            Ok(token)
        })
    }

    fn proof(&self, method: &str, url: &str, token: &AccessToken, nonce: Option<&str>) -> Option<String> {
        let key = self.shared.tokens.as_ref()?.key()?;
        let now = self.shared.clock.unix();
        dpop::prove(&key, method, url, Some(&token.secret), nonce, now).ok()
    }
}
