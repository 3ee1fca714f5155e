//! Ways to prove who one is, made ready from what `bff.ts` says and what only the place where it runs knows.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_lang::model::{
    BearerAuth, ClientAuth, DeviceAuth, Issuer, ProviderUse, SecretName, SessionAuth,
};

use crate::bearer::{Bearer, BearerParts, TokenService};
use crate::claims::ClaimRules;
use crate::device::{DeviceParts, Devices};
use crate::headers::Forbidden;
use crate::jose::SigningKey;
use crate::jose::nonce::Nonces;
use crate::perimeter::Premises;
use crate::provider::{ClientCredential, Provider, ProviderSettings};
use crate::provider_grants::ProviderGrants;
use crate::routes::{LoginProvider, Routes, RoutesParts};
use crate::session::ring::SharedRing;
use crate::session::{Parts, SessionProvider, Sessions, Settings, random};
use crate::{Limits, Origins};

/// What is known only where it runs. Errors are texts for the operator, without the secret.
#[derive(Clone, Copy)]
pub struct Resolve<'r> {
    /// The value of `secret("NAME")`.
    pub secret: &'r dyn Fn(&SecretName) -> Result<String, String>,
    /// The issuer identifier, and the longest that one request to it may take.
    pub issuer: &'r dyn Fn(&Issuer) -> Result<IssuerAddress, String>,
}

/// An issuer identifier, and the longest that one request to it may take.
pub type IssuerAddress = (String, Duration);

/// Why a BFF cannot be let open.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    #[error(transparent)]
    Header(#[from] Forbidden),
    #[error("`{0}` cannot be a header")]
    NotAHeader(&'static str),
    #[error("{0}")]
    Unresolved(String),
    #[error(
        "its users sign in, so their sessions need keys: `frontdesk keys rotate` makes a ring, and `session-keys: FILE` in frontdesk.yaml names it"
    )]
    NoRing,
    #[error("the secret `{name}` is no private key: {why}")]
    Key { name: Arc<str>, why: String },
    #[error("the provider `{provider}`: {why}")]
    Provider { provider: Arc<str>, why: String },
}

/// What all ways of one BFF share.
pub(crate) struct Making<'m> {
    pub bff: &'m Arc<str>,
    pub origins: &'m Origins,
    pub premises: &'m Premises,
    pub resolve: Resolve<'m>,
    pub claims: Arc<ClaimRules>,
    pub limits: &'m Limits,
    pub is_endpoint: Arc<dyn Fn(&str) -> bool + Send + Sync>,
}

impl Making<'_> {
    /// `session({ … })`
    pub fn session(&self, auth: &SessionAuth) -> Result<(Sessions, Routes), ProvisionError> {
        let ring = self.ring()?;
        let mut logins = Vec::new();
        let mut providers = Vec::new();
        for used in &auth.providers {
            let provider = self.provider(used)?;
            providers.push(self.session_provider(used, &provider));
            logins.push(LoginProvider { name: used.name.clone(), provider });
        }
        let sessions = self.sessions(Settings::of_session(self.bff.clone(), auth), &ring, providers);
        let routes = Routes::new(RoutesParts {
            bff: self.bff.clone(),
            auth,
            providers: logins,
            origins: self.origins.clone(),
            proxies: self.premises.proxies.clone(),
            limits: self.limits.clone(),
            sessions: sessions.clone(),
            entries: self.premises.entries.clone(),
            ring,
            office: self.premises.office.clone(),
            clock: self.premises.clock.clone(),
            claims: self.claims.clone(),
            is_endpoint: self.is_endpoint.clone(),
        })
        .map_err(ProvisionError::Unresolved)?;
        Ok((sessions, routes))
    }

    /// `bearer({ … })`
    pub fn bearer(&self, auth: &BearerAuth) -> Result<Bearer, ProvisionError> {
        let (issuer, timeout) = (self.resolve.issuer)(&auth.issuer).map_err(ProvisionError::Unresolved)?;
        let mut settings = ProviderSettings { timeout, ..ProviderSettings::new(issuer) };
        if let Some(client) = &auth.client {
            settings = settings.client(client.id.clone(), self.credential(&client.auth)?);
        }
        let issuer = settings.issuer.clone();
        let provider = self.open_provider(settings)?;
        let tokens = auth.client.is_some().then(|| {
            let own_key = SigningKey::generate_es256().ok().map(Arc::new);
            let grants = self.grants(&provider, own_key);
            Arc::new(grants) as Arc<dyn TokenService>
        });
        Ok(Bearer::new(
            auth,
            BearerParts {
                bff: self.bff.clone(),
                issuer,
                keys: provider.keys().clone(),
                tokens,
                entries: self.premises.entries.clone(),
                clock: self.premises.clock.clone(),
                origins: self.origins.clone(),
                claims: self.claims.clone(),
                nonces: Arc::new(Nonces::new(self.shared_secret("dpop-nonce")?)),
                secret: own_secret()?,
            },
        ))
    }

    /// `device({ … })`
    pub fn device(&self, auth: &DeviceAuth) -> Result<Devices, ProvisionError> {
        let ring = self.ring()?;
        let provider = self.provider(&auth.provider)?;
        let providers = vec![self.session_provider(&auth.provider, &provider)];
        let sessions = self.sessions(Settings::of_device(self.bff.clone(), auth), &ring, providers);
        Devices::new(DeviceParts {
            bff: self.bff.clone(),
            auth,
            provider,
            origins: self.origins.clone(),
            proxies: self.premises.proxies.clone(),
            limits: self.limits.clone(),
            sessions,
            entries: self.premises.entries.clone(),
            ring,
            office: self.premises.office.clone(),
            clock: self.premises.clock.clone(),
            claims: self.claims.clone(),
            nonces: Arc::new(Nonces::new(self.shared_secret("dpop-nonce")?)),
        })
        .map_err(ProvisionError::Unresolved)
    }

    fn sessions(
        &self,
        settings: Settings,
        ring: &Arc<SharedRing>,
        providers: Vec<SessionProvider>,
    ) -> Sessions {
        Sessions::new(Parts {
            settings,
            ring: ring.clone(),
            store: self.premises.sessions.clone(),
            entries: self.premises.entries.clone(),
            clock: self.premises.clock.clone(),
            office: self.premises.office.clone(),
            providers,
        })
    }

    fn session_provider(&self, used: &ProviderUse, provider: &Arc<Provider>) -> SessionProvider {
        SessionProvider {
            name: used.name.clone(),
            issuer: provider.settings().issuer.clone(),
            grants: Arc::new(self.grants(provider, None)),
        }
    }

    fn grants(&self, provider: &Arc<Provider>, own_key: Option<Arc<SigningKey>>) -> ProviderGrants {
        let Premises { office, clock, .. } = self.premises;
        ProviderGrants::new(provider.clone(), office.clone(), clock.clone(), own_key)
    }

    fn provider(&self, used: &ProviderUse) -> Result<Arc<Provider>, ProvisionError> {
        let (issuer, timeout) = (self.resolve.issuer)(&used.issuer).map_err(ProvisionError::Unresolved)?;
        let settings = ProviderSettings {
            scopes: used.scopes.clone(),
            resources: used.resources.clone(),
            par: used.par,
            dpop: used.dpop,
            extra: used.extra.clone(),
            timeout,
            ..ProviderSettings::new(issuer)
        };
        self.open_provider(settings.client(used.client_id.clone(), self.credential(&used.client_auth)?))
    }

    fn open_provider(&self, settings: ProviderSettings) -> Result<Arc<Provider>, ProvisionError> {
        let provider = settings.issuer.clone();
        Provider::new(settings, self.premises.clock.clone(), &self.premises.office)
            .map_err(|fault| ProvisionError::Provider { provider, why: fault.to_string() })
    }

    fn credential(&self, auth: &ClientAuth) -> Result<ClientCredential, ProvisionError> {
        let secret = |name: &SecretName| (self.resolve.secret)(name).map_err(ProvisionError::Unresolved);
        Ok(match auth {
            ClientAuth::PrivateKeyJwt(name) => {
                let key = SigningKey::from_pem_or_jwk(&secret(name)?)
                    .map_err(|why| ProvisionError::Key { name: name.name.clone(), why: why.to_string() })?;
                ClientCredential::PrivateKeyJwt(Arc::new(key))
            }
            ClientAuth::SecretBasic(name) => ClientCredential::SecretBasic(secret(name)?.into()),
            ClientAuth::SecretPost(name) => ClientCredential::SecretPost(secret(name)?.into()),
        })
    }

    pub fn ring(&self) -> Result<Arc<SharedRing>, ProvisionError> {
        self.premises.ring.clone().ok_or(ProvisionError::NoRing)
    }

    /// The same in all instances that have the same ring; of this process alone if there is none.
    fn shared_secret(&self, purpose: &str) -> Result<[u8; 32], ProvisionError> {
        match &self.premises.ring {
            Some(ring) => Ok(ring.load().hash(purpose, &[self.bff])),
            None => own_secret(),
        }
    }
}

fn own_secret() -> Result<[u8; 32], ProvisionError> {
    Ok(*random().map_err(|none| ProvisionError::Unresolved(none.to_string()))?)
}
