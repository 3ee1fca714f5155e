//! One provider of identity, as one BFF uses it: OAuth 2.0 and OpenID Connect, the relying party's side.
//!
//! A [`Provider`] is shared by all threads; what it asks the provider goes through the [`Desk`] of the office. It keeps
//! what is learnt on the way: metadata (pinned), keys, the newest DPoP nonces, and whether the provider is in trouble.
//! It knows nothing of sessions: it says with [`ProviderFault`] what a failure means for them.
//!
//! - `line` sends and reads metadata, which `discovery` believes or refuses; `client_auth` proves the client; `call` posts
//!   its forms;
//! - `authorize` begins a login (RFC 6749 §4.1, RFC 9126), `token` asks the token endpoint (codes, refreshes, exchange,
//!   client credentials), `token_care` revokes and introspects;
//! - `id_token` and `logout_token` believe or refuse what the provider signed; `end_session` ends its session.

mod authorize;
mod breaker;
mod call;
mod client_auth;
mod discovery;
mod end_session;
mod fault;
mod id_token;
mod line;
mod logout_token;
mod settings;
mod token;
mod token_care;
mod token_set;
mod user_info;

use std::fmt;
use std::sync::Arc;

use frontdesk_adapter::{Clock, Deadline};
use frontdesk_lang::model::Demand;

pub use self::authorize::AuthorizationRequest;
pub use self::discovery::Metadata;
pub use self::fault::{OAuthError, ProviderFault};
pub use self::id_token::{IdToken, IdTokenChecks};
use self::line::Line;
pub use self::logout_token::LogoutToken;
pub use self::settings::{ClientCredential, ProviderSettings};
pub use self::token_care::{Introspection, TokenHint};
pub use self::token_set::TokenSet;
use crate::jose::jwks::{Fetch, KeyCache};
use crate::jose::nonce::NonceMemory;
use crate::jose::{Expectations, Verified, peek, verify};
use crate::office::{Desk, Office};

/// See the module.
pub struct Provider {
    line: Arc<Line>,
    clock: Arc<dyn Clock>,
    keys: KeyCache,
    nonces: NonceMemory,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("settings", &self.line.settings).finish_non_exhaustive()
    }
}

impl Provider {
    /// Asks nothing yet.
    ///
    /// # Errors
    /// The issuer is no issuer identifier: https, or http on loopback; no query, no fragment.
    pub fn new(
        settings: ProviderSettings,
        clock: Arc<dyn Clock>,
        office: &Office,
    ) -> Result<Arc<Self>, ProviderFault> {
        let line = Arc::new(Line::new(settings)?);
        let asked = Arc::clone(&line);
        // Keys may be asked for by those who have nothing else of the provider.
        let source = Arc::new(move |desk| fetch_keys(Arc::clone(&asked), desk));
        let keys = KeyCache::new(office.clone(), source, Arc::clone(&clock));
        Ok(Arc::new(Self { line, clock, keys, nonces: NonceMemory::default() }))
    }

    pub fn settings(&self) -> &ProviderSettings {
        &self.line.settings
    }

    /// `https://login.example.com`, as certificates and allow lists name it.
    pub fn origin(&self) -> &str {
        &self.line.issuer.origin
    }

    /// The provider's keys, for whoever verifies other tokens of it.
    pub fn keys(&self) -> &KeyCache {
        &self.keys
    }

    /// What the provider offers; read if it is not known, or not any more.
    ///
    /// # Errors
    /// [`ProviderFault::Untrusted`] if the metadata are another issuer's or name places that are not acceptable.
    pub async fn metadata(&self, desk: &Desk, deadline: Deadline) -> Result<Arc<Metadata>, ProviderFault> {
        self.line.metadata(desk, deadline).await
    }

    /// Whether tokens are to be bound to a key (RFC 9449). Keys are P-256.
    ///
    /// # Errors
    /// It is required, and the provider says that it cannot.
    pub fn wants_dpop(&self, metadata: &Metadata) -> Result<bool, ProviderFault> {
        let offered = &metadata.dpop_signing_alg_values_supported;
        let fits = offered.iter().any(|name| name == "ES256");
        match self.line.settings.dpop {
            Demand::Off => Ok(false),
            Demand::Auto => Ok(fits),
            Demand::Required if fits || offered.is_empty() => Ok(true),
            Demand::Required => Err(ProviderFault::Unsupported("DPoP with ES256")),
        }
    }

    /// RFC 9207: a callback names its issuer if the provider says it does, and never another one.
    ///
    /// # Errors
    /// [`ProviderFault::Untrusted`]: the callback belongs to another provider, or may.
    pub fn check_issuer_parameter(
        &self,
        metadata: &Metadata,
        iss: Option<&str>,
    ) -> Result<(), ProviderFault> {
        match iss {
            Some(iss) if iss == &*self.line.issuer.text => Ok(()),
            Some(_) => Err(ProviderFault::Untrusted("the callback is of another issuer")),
            None if metadata.authorization_response_iss_parameter_supported => {
                Err(ProviderFault::Untrusted("the callback does not say whose it is"))
            }
            None => Ok(()),
        }
    }

    /// Verifies a token of this provider.
    async fn verified(
        &self,
        token: &str,
        expect: &Expectations,
        deadline: Deadline,
    ) -> Result<Verified, ProviderFault> {
        let peeked = peek(token).map_err(|fault| ProviderFault::Untrusted(fault.text()))?;
        if !expect.algorithms.contains(&peeked.algorithm) {
            return Err(ProviderFault::Untrusted("the token's signature algorithm is not accepted"));
        }
        let keys = self.keys.keys_for(peeked.kid(), deadline).await;
        let keys = keys.map_err(|none| ProviderFault::away(none.to_string()))?;
        verify(token, &keys, expect, self.clock.unix())
            .map_err(|fault| ProviderFault::Untrusted(fault.text()))
    }
}

fn fetch_keys(line: Arc<Line>, desk: Desk) -> Fetch {
    Box::pin(async move {
        let deadline = Deadline::after(frontdesk_adapter::now(), line.settings.timeout);
        line.key_set(&desk, deadline).await.map_err(|fault| fault.credential())
    })
}
