//! The perimeter of one BFF, put together from what `bff.ts` says and what the server has.

use std::sync::Arc;

use frontdesk_adapter::{Clock, RateStore};
use frontdesk_lang::model::{self, Access, AuthMethod, RateRule, Requires};
use http::HeaderMap;

use crate::api_key::ApiKeys;
use crate::headers::{Forbidden, Passing};
use crate::{
    Attempts, Certificates, CorsRules, CrossSite, EndpointLimits, Inbound, Limits, Origins, Refusal,
    SecurityHeaders, TrustedProxies,
};

/// What the server has, whatever a BFF says: it stays while definitions change.
#[derive(Clone)]
pub struct Premises {
    pub clock: Arc<dyn Clock>,
    pub rates: Arc<dyn RateStore>,
    /// Counts while `rates` is away.
    pub local_rates: Arc<dyn RateStore>,
    pub proxies: Arc<TrustedProxies>,
}

/// Why a BFF cannot be let open.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    #[error(transparent)]
    Header(#[from] Forbidden),
    #[error("`{0}` cannot be a header")]
    NotAHeader(&'static str),
}

/// Who gets in to one BFF. Shared by all threads.
pub struct Perimeter {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) origins: Origins,
    pub(crate) cross_site: CrossSite,
    pub(crate) cors: Option<CorsRules>,
    pub(crate) limits: Limits,
    pub(crate) proxies: Arc<TrustedProxies>,
    pub(crate) attempts: Attempts,
    pub(crate) certificates: Option<Certificates>,
    pub(crate) api_keys: Option<Arc<ApiKeys>>,
    rates: Vec<RateRule>,
    security: SecurityHeaders,
    passing: Passing,
}

/// The way in to one endpoint or proxy route.
pub struct Entrance {
    pub name: Arc<str>,
    pub access: Access,
    pub(crate) limits: EndpointLimits,
}

impl Perimeter {
    /// Checks everything that can be wrong before the first request. Starts nothing.
    pub fn provision(
        bff: &Arc<str>,
        written: &model::Perimeter,
        origins: Origins,
        premises: &Premises,
    ) -> Result<Self, ProvisionError> {
        let cors = match &written.cors {
            Some(cors) => Some(
                CorsRules::new(cors, &written.csrf, &written.auth)
                    .ok_or(ProvisionError::NotAHeader("cors"))?,
            ),
            None => None,
        };
        let mut perimeter = Self {
            clock: premises.clock.clone(),
            cross_site: CrossSite::new(origins.clone(), &written.csrf, written.cors.as_ref())
                .ok_or(ProvisionError::NotAHeader("csrf.header"))?,
            origins,
            cors,
            limits: Limits::new(bff.clone(), premises.rates.clone(), premises.local_rates.clone()),
            proxies: premises.proxies.clone(),
            attempts: Attempts::new(premises.clock.clone()),
            certificates: None,
            api_keys: None,
            rates: written.rates.clone(),
            security: SecurityHeaders::new(written.headers.csp.as_ref())
                .ok_or(ProvisionError::NotAHeader("headers.csp"))?,
            passing: Passing::new(&written.headers)?,
        };
        for method in &written.auth {
            match method {
                AuthMethod::ApiKeys(keys) => {
                    let keys = ApiKeys::new(bff.clone(), keys, premises.clock.clone())
                        .ok_or(ProvisionError::NotAHeader("apiKeys.header"))?;
                    perimeter.api_keys = Some(Arc::new(keys));
                }
                AuthMethod::Certificate(certificate) => {
                    perimeter.certificates = Some(Certificates::new(bff.clone(), certificate));
                }
                AuthMethod::Session(_) | AuthMethod::Bearer(_) | AuthMethod::Device(_) => {}
            }
        }
        Ok(perimeter)
    }

    /// Whether a path belongs to signing in and out, whatever the BFF's routes say.
    pub fn is_own(&self, path: &str) -> bool {
        let _ = path;
        false
    }

    /// Nobody is signed in, or no longer: where a page sends its user.
    pub fn login_required(&self, _inbound: &Inbound<'_>) -> Refusal {
        Refusal::login_required()
    }

    pub(crate) fn step_up_url(&self, _inbound: &Inbound<'_>, _requires: &Requires) -> Option<String> {
        None
    }

    /// The way in to the endpoint or proxy route of that name.
    pub fn entrance(&self, name: Arc<str>, access: &Access) -> Entrance {
        let limits = EndpointLimits::new(&name, &self.rates, access);
        Entrance { name, access: access.clone(), limits }
    }

    /// Where the partners' keys are; they may be replaced while the server runs.
    pub fn api_keys(&self) -> Option<&Arc<ApiKeys>> {
        self.api_keys.as_ref()
    }

    /// The headers that pass through proxy routes.
    pub fn passing(&self) -> &Passing {
        &self.passing
    }

    /// What browsers are told about pages and data.
    pub fn security(&self) -> &SecurityHeaders {
        &self.security
    }

    /// Whom the client's own proxies say it is.
    pub fn client(&self, inbound: &Inbound<'_>) -> crate::Client {
        self.proxies.client(inbound)
    }

    /// What goes on to services as `X-Forwarded-For`.
    pub fn trail(&self, inbound: &Inbound<'_>) -> http::HeaderValue {
        self.proxies.trail(inbound)
    }

    /// What CORS will add to the answer, whatever that is.
    pub fn grant(&self, inbound: &Inbound<'_>) -> Option<HeaderMap> {
        let cors = self.cors.as_ref()?;
        let mut headers = HeaderMap::new();
        cors.decorate(inbound.headers, &mut headers);
        Some(headers)
    }

    /// The answer's headers if this is a CORS preflight of a route with these methods; nothing of the route runs.
    pub fn preflight(&self, inbound: &Inbound<'_>, methods: &str) -> Option<HeaderMap> {
        crate::is_preflight(inbound).then(|| {
            self.cors.as_ref().map(|cors| cors.preflight(inbound.headers, methods)).unwrap_or_default()
        })
    }
}
