//! A perimeter for rehearsals: who asks is said, not proved. Everything else is as it is live.
//!
//! Only [`Perimeter::rehearsal`] makes one; nothing that [`Perimeter::provision`] makes can become one. A server does
//! not open such a perimeter to anybody but its own machine.

use std::fmt;
use std::sync::Arc;

use frontdesk_adapter::{Clock, RateStore};
use frontdesk_lang::model::{self, AuthMethod, Versions};

use crate::perimeter::{Callers, Parts};
use crate::provision::ProvisionError;
use crate::requires::check_scopes;
use crate::{Identity, Inbound, Kind, Origins, Perimeter, Refusal, TrustedProxies};

/// Says who asks: `None` is nobody, whatever the request carries.
pub type WhoAsks = Arc<dyn Fn(&Inbound<'_>) -> Option<Identity> + Send + Sync>;

/// What stands in for credentials.
#[derive(Clone)]
pub(crate) struct Rehearsed {
    pub who: WhoAsks,
    /// Its users would sign in with a browser.
    pub has_browsers: bool,
    /// The scopes that each `bearer({ … })` wants of its tokens.
    pub token_scopes: Arc<[Vec<Arc<str>>]>,
}

impl Rehearsed {
    /// Nothing is proved by a token here, but what it would have to be good for holds.
    pub fn check_token(&self, identity: &Identity) -> Result<(), Refusal> {
        if identity.kind != Kind::Bearer {
            return Ok(());
        }
        let mut answer = Ok(());
        for wanted in self.token_scopes.iter() {
            answer = check_scopes(identity, wanted);
            if answer.is_ok() {
                break;
            }
        }
        answer
    }
}

impl fmt::Debug for Rehearsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rehearsed")
    }
}

impl Perimeter {
    /// As `bff.ts` says, but for credentials: `who` is believed. What endpoints require of their callers, rates, CORS and
    /// headers are as they are live; there are no paths below `/auth/`.
    ///
    /// # Errors
    /// What could not be provisioned live either.
    pub fn rehearsal(
        bff: &Arc<str>,
        written: &model::Perimeter,
        versions: &Versions,
        clock: Arc<dyn Clock>,
        rates: Arc<dyn RateStore>,
        who: WhoAsks,
    ) -> Result<Self, ProvisionError> {
        let has_browsers = written.auth.iter().any(|method| matches!(method, AuthMethod::Session(_)));
        let token_scopes = written.auth.iter().filter_map(|method| match method {
            AuthMethod::Bearer(bearer) => Some(bearer.scopes.clone()),
            _ => None,
        });
        let token_scopes = token_scopes.collect();
        let parts = Parts {
            bff,
            versions,
            origins: Origins::Loopback,
            clock,
            rates: rates.clone(),
            local_rates: rates,
            proxies: Arc::new(TrustedProxies::default()),
            rehearsed: Some(Rehearsed { who, has_browsers, token_scopes }),
        };
        Self::put_together(written, parts, Callers::default(), None, Arc::default())
    }

    /// Whether it believes what it is told of who asks.
    pub fn is_rehearsal(&self) -> bool {
        self.rehearsed.is_some()
    }
}
