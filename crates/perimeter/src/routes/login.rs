//! `GET /auth/login`: the browser is sent to the provider, with everything that the way back is checked against.

use std::sync::Arc;

use bytes::Bytes;
use frontdesk_adapter::{Deadline, now};
use http::{HeaderValue, Response};

use crate::jose::{self, SigningKey};
use crate::provider::{AuthorizationRequest, Provider, ProviderFault};
use crate::session::Secret;
use crate::transaction::{Transaction, unguessable};
use crate::{Desk, Inbound, Refusal};

use super::page::Page;
use super::request::{LoginRequest, Prompt, login_with, step_up};
use super::stopped::Stopped;
use super::{CALLBACK, PATIENCE, Routes, see_other};

/// What the provider is asked, on the office's thread.
pub(crate) struct Journey {
    pub(crate) provider: Arc<Provider>,
    pub(crate) redirect_uris: RedirectUris,
    pub(crate) state: Secret,
    pub(crate) nonce: Secret,
    pub(crate) challenge: String,
    pub(crate) acr: Vec<Arc<str>>,
    pub(crate) max_age: Option<u64>,
    pub(crate) prompt: Option<Prompt>,
}

/// Where the provider may send the browser back to.
pub(crate) struct RedirectUris {
    pub(crate) shared: String,
    /// For a provider that does not name itself in its answer (RFC 9207) while there are others: an answer at this
    /// address can only be meant for it (RFC 9700 §4.4.2.2).
    pub(crate) own: Option<String>,
}

/// Where the browser goes, and what must be remembered of it.
pub(crate) struct Departure {
    pub(crate) url: String,
    pub(crate) redirect_uri: String,
    pub(crate) dpop_key: Option<Secret>,
}

impl Routes {
    pub(super) async fn login(&self, inbound: &Inbound<'_>) -> Result<Response<Bytes>, Refusal> {
        let wanted = LoginRequest::read(inbound, &*self.is_endpoint)?;
        let again = again(&wanted.return_to, wanted.provider.as_deref(), &wanted.acr, wanted.max_age);
        let address = self.proxies.client(inbound).address;
        if let Err(refusal) = self.limits.admit(&self.login_rate, address, None).await {
            return Ok(Page::too_many(&again, refusal.retry_after.unwrap_or_default()));
        }
        let Some(chosen) = self.login_provider(wanted.provider.as_deref()) else {
            return Err(Refusal::new(400, "invalid_parameters").detail("There is no such provider."));
        };
        let Some(origin) = self.origins.of(inbound) else {
            return Err(Refusal::new(421, "misdirected_request"));
        };
        let shared = format!("{origin}{CALLBACK}");
        let own = (self.providers.len() > 1).then(|| format!("{shared}/{}", chosen.name));
        let redirect_uris = RedirectUris { shared, own };
        let begun = self.depart(inbound, wanted, &chosen.name, &chosen.provider, redirect_uris).await;
        let stopped = match begun {
            Ok((url, cookie)) => match see_other(&url, [cookie]) {
                Some(response) => return Ok(response),
                None => Stopped::new(Page::Failed, "the provider's address cannot stand in a header"),
            },
            Err(stopped) => stopped,
        };
        Ok(stopped.page.response(&again, stopped.cause))
    }

    async fn depart(
        &self,
        inbound: &Inbound<'_>,
        wanted: LoginRequest,
        name: &Arc<str>,
        provider: &Arc<Provider>,
        redirect_uris: RedirectUris,
    ) -> Result<(String, HeaderValue), Stopped> {
        let replaces = self.live(inbound).await?.map(|open| Secret::new(open.id().cookie_value()));
        let random = || unguessable().map_err(|none| Stopped::new(Page::Unavailable, none.to_string()));
        let (state, nonce, verifier) = (random()?, random()?, random()?);
        let journey = Journey {
            provider: Arc::clone(provider),
            redirect_uris,
            state: state.clone(),
            nonce: nonce.clone(),
            challenge: jose::sha256(verifier.expose()),
            acr: wanted.acr.clone(),
            max_age: wanted.max_age,
            prompt: wanted.prompt,
        };
        let created = self.clock.unix();
        let Departure { url, redirect_uri, dpop_key } =
            self.office.ask(move |desk| async move { journey.ask(&desk).await }).await??;
        let transaction = Transaction {
            provider: Arc::clone(name),
            issuer: Arc::clone(&provider.settings().issuer),
            redirect_uri,
            nonce,
            verifier,
            return_to: wanted.return_to,
            acr: wanted.acr,
            max_age: wanted.max_age,
            silent: wanted.prompt == Some(Prompt::None),
            created,
            dpop_key,
            replaces,
            device: None,
        };
        let cookie = self.transactions.begin(inbound.headers, &state, &transaction).await?;
        Ok((url, cookie))
    }
}

impl Journey {
    pub(crate) async fn ask(self, desk: &Desk) -> Result<Departure, ProviderFault> {
        let deadline = Deadline::after(now(), PATIENCE);
        let metadata = self.provider.metadata(desk, deadline).await?;
        let key = if self.provider.wants_dpop(&metadata)? {
            let made = SigningKey::generate_es256();
            Some(made.map_err(|_| ProviderFault::away("no key can be made for its tokens"))?)
        } else {
            None
        };
        let RedirectUris { shared, own } = self.redirect_uris;
        let redirect_uri =
            own.filter(|_| !metadata.authorization_response_iss_parameter_supported).unwrap_or(shared);
        let request = AuthorizationRequest {
            redirect_uri: &redirect_uri,
            state: self.state.expose(),
            nonce: self.nonce.expose(),
            code_challenge: &self.challenge,
            acr_values: &self.acr,
            max_age: self.max_age,
            prompt: self.prompt.map(Prompt::name),
            dpop_jkt: key.as_ref().map(SigningKey::thumbprint),
            ..AuthorizationRequest::default()
        };
        let url = self.provider.authorization_url(desk, &request, deadline).await?;
        let dpop_key = key.map(|key| Secret::new(key.to_secret().as_str()));
        Ok(Departure { url, redirect_uri, dpop_key })
    }
}

/// The link that begins the same login once more.
pub(super) fn again(
    return_to: &str,
    provider: Option<&str>,
    acr: &[Arc<str>],
    max_age: Option<u64>,
) -> String {
    let mut parameters = Vec::new();
    if return_to != "/" {
        parameters.push(("return_to", return_to.to_owned()));
    }
    parameters.extend(provider.map(|name| ("provider", name.to_owned())));
    parameters.extend(step_up(acr, max_age));
    login_with(&parameters)
}
