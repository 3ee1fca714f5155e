//! One provider, as sessions and bearer tokens ask it for tokens.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_adapter::{AccessToken, CallerKey, Clock, Deadline, Exchange, Fault};

use crate::bearer::{Exchanged, Introspection, TokenService};
use crate::exchange::Exchanger;
use crate::jose::{KeyError, SigningKey};
use crate::office::{Desk, Office};
use crate::provider::{Provider, ProviderFault, TokenHint, TokenSet};
use crate::session::{GrantFault, GrantFuture, Granted, Grants, Secret};

/// [`Grants`] and [`TokenService`] of one [`Provider`].
pub struct ProviderGrants {
    provider: Arc<Provider>,
    office: Office,
    exchanger: Exchanger,
    /// What tokens of bearers are bound to when they are exchanged, whose own keys we do not have.
    own_key: Option<Arc<SigningKey>>,
}

impl fmt::Debug for ProviderGrants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderGrants").field("provider", &self.provider).finish_non_exhaustive()
    }
}

impl ProviderGrants {
    /// `own_key` is needed only for bearers whose tokens are exchanged for bound ones.
    pub fn new(
        provider: Arc<Provider>,
        office: Office,
        clock: Arc<dyn Clock>,
        own_key: Option<Arc<SigningKey>>,
    ) -> Self {
        let exchanger = Exchanger::new(Arc::clone(&provider), office.clone(), clock);
        Self { provider, office, exchanger, own_key }
    }

    pub fn provider(&self) -> &Arc<Provider> {
        &self.provider
    }
}

impl Grants for ProviderGrants {
    fn refresh<'a>(
        &'a self,
        desk: &'a Desk,
        refresh: &'a Secret,
        dpop_key: Option<&'a Secret>,
        deadline: Deadline,
    ) -> GrantFuture<'a, Granted> {
        Box::pin(async move {
            let key = signing(dpop_key).map_err(|fault| grant_fault(&fault))?;
            let set = self.provider.refresh(desk, refresh.expose(), key.as_ref(), deadline).await;
            set.map(granted).map_err(|fault| grant_fault(&fault))
        })
    }

    fn revoke<'a>(&'a self, desk: &'a Desk, refresh: &'a Secret, deadline: Deadline) -> GrantFuture<'a, ()> {
        Box::pin(async move {
            let revoked = self.provider.revoke(desk, refresh.expose(), TokenHint::Refresh, deadline).await;
            revoked.map(drop).map_err(|fault| grant_fault(&fault))
        })
    }

    fn exchange<'a>(
        &'a self,
        caller: CallerKey,
        subject: &'a AccessToken,
        dpop_key: Option<&'a Secret>,
        wanted: &'a Exchange,
        deadline: Deadline,
    ) -> Pin<Box<dyn Future<Output = Result<AccessToken, Fault>> + 'a>> {
        Box::pin(async move {
            // Read only if a bound token is wanted: it costs more than the rest.
            let key = signing(dpop_key.filter(|_| wanted.is_dpop)).map_err(|fault| fault.credential())?;
            self.exchanger.exchange(caller, subject, key.as_ref(), wanted, deadline).await
        })
    }
}

impl TokenService for ProviderGrants {
    fn introspect(&self, token: Arc<str>, deadline: Deadline) -> Introspection {
        let (provider, office) = (Arc::clone(&self.provider), self.office.clone());
        Box::pin(async move {
            let asked = office.ask(move |desk| async move {
                let answer = provider.introspect(&desk, &token, deadline).await;
                answer.map(|answer| answer.claims).map_err(|fault| fault.credential())
            });
            asked.await.unwrap_or_else(|closed| Err(Fault::Credential(closed.to_string())))
        })
    }

    fn exchange(&self, subject: AccessToken, wanted: Exchange, deadline: Deadline) -> Exchanged {
        let (provider, office, key) = (Arc::clone(&self.provider), self.office.clone(), self.own_key.clone());
        Box::pin(async move {
            let asked = office.ask(move |desk| async move {
                let key = key.filter(|_| wanted.is_dpop);
                let set = provider.exchange(&desk, &subject, &wanted, key.as_deref(), deadline).await;
                set.map(|set| set.access()).map_err(|fault| fault.credential())
            });
            asked.await.unwrap_or_else(|closed| Err(Fault::Credential(closed.to_string())))
        })
    }

    fn key(&self) -> Option<Arc<SigningKey>> {
        self.own_key.clone()
    }
}

fn signing(secret: Option<&Secret>) -> Result<Option<SigningKey>, ProviderFault> {
    let read = |secret: &Secret| SigningKey::from_secret(secret.expose());
    let unreadable = |_: KeyError| ProviderFault::away("the session's key cannot be read");
    secret.map(read).transpose().map_err(unreadable)
}

fn granted(set: TokenSet) -> Granted {
    Granted {
        access: set.access(),
        refresh: set.refresh_token.as_deref().map(Secret::from),
        refresh_expires_in: set.refresh_expires_in.map(Duration::from_secs),
        scopes: set.scopes,
    }
}

/// Only `invalid_grant` is a rejection. Whatever else the provider says is our side's trouble or its own, and what it
/// says that cannot be believed may all the same have rotated the token.
fn grant_fault(fault: &ProviderFault) -> GrantFault {
    if fault.ends_session() {
        return GrantFault::Rejected;
    }
    let (maybe_done, retry_after) = match fault {
        ProviderFault::Away { maybe_done, retry_after, .. } => (*maybe_done, *retry_after),
        ProviderFault::Untrusted(_) | ProviderFault::Refused { .. } | ProviderFault::Unsupported(_) => {
            (false, None)
        }
    };
    GrantFault::Away { why: fault.to_string(), maybe_done, retry_after }
}

#[cfg(test)]
mod tests {
    use super::grant_fault;
    use crate::provider::{OAuthError, ProviderFault};
    use crate::session::GrantFault;

    #[test]
    fn only_a_dead_refresh_token_is_a_rejection() {
        let refused = |error| grant_fault(&ProviderFault::Refused { error });
        assert_eq!(refused(OAuthError::InvalidGrant), GrantFault::Rejected);
        for error in [
            OAuthError::InvalidClient,
            OAuthError::UnauthorizedClient,
            OAuthError::InvalidDpopProof,
            OAuthError::UseDpopNonce,
            OAuthError::InvalidRequest,
            OAuthError::Unknown,
        ] {
            assert!(matches!(refused(error), GrantFault::Away { maybe_done: false, .. }), "{error:?}");
        }
        let lost = ProviderFault::Away { why: "lost".to_owned(), maybe_done: true, retry_after: None };
        assert!(matches!(grant_fault(&lost), GrantFault::Away { maybe_done: true, .. }));
        assert!(matches!(grant_fault(&ProviderFault::Untrusted("x")), GrantFault::Away { .. }));
    }
}
