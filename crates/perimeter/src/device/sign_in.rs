//! An app signs its user in through the system browser (RFC 8252): the BFF is the provider's client, and the app gets
//! a code of ours that is good for a minute, once, with its PKCE verifier and its device key.

use std::sync::Arc;

use bytes::Bytes;
use frontdesk_adapter::{Deadline, now};
use http::header::USER_AGENT;
use http::{HeaderValue, Response};
use serde::{Deserialize, Serialize};

use super::{CALLBACK, Devices, LOGIN};
use crate::jose::{self, decode};
use crate::provider::{OAuthError, ProviderFault};
use crate::routes::callback::{Redemption, content};
use crate::routes::login::{Departure, Journey, RedirectUris};
use crate::routes::page::{Page, Told};
use crate::routes::request::{Answer, Fetch, not_a_navigation};
use crate::routes::stopped::Stopped;
use crate::routes::{PATIENCE, label, see_other};
use crate::session::Secret;
use crate::transaction::{Transaction, unguessable};
use crate::{Inbound, Refusal};

/// The longest `state` of an app, in bytes.
const LONGEST_STATE: usize = 512;

/// What the app said when it sent its user to sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceLogin {
    /// One of those that `bff.ts` lists.
    pub redirect: String,
    /// S256 of the app's own verifier (RFC 7636).
    pub challenge: String,
    /// The thumbprint of the device's key.
    pub jkt: String,
    /// The app's own, given back to it.
    pub state: Option<String>,
}

impl DeviceLogin {
    fn read(inbound: &Inbound<'_>, redirects: &[Arc<str>]) -> Result<Self, Refusal> {
        let bad = |detail| Refusal::new(400, "invalid_parameters").detail(detail);
        let one = |name: &str| {
            let mut values = inbound.query().filter(|(known, _)| known == name).map(|(_, value)| value);
            values.next().filter(|_| values.next().is_none())
        };
        let redirect = one("redirect").filter(|redirect| redirects.iter().any(|known| **known == **redirect));
        let redirect = redirect.ok_or_else(|| bad("`redirect` must be one that `bff.ts` lists."))?;
        let hash = |name| one(name).filter(|text| decode(text).is_some_and(|bytes| bytes.len() == 32));
        let challenge =
            hash("challenge").ok_or_else(|| bad("`challenge` must be a PKCE challenge (S256)."))?;
        let jkt =
            hash("dpop_jkt").ok_or_else(|| bad("`dpop_jkt` must be the thumbprint of the device's key."))?;
        let state = one("state");
        let is_plain =
            |text: &str| text.len() <= LONGEST_STATE && text.bytes().all(|byte| byte.is_ascii_graphic());
        if inbound.query().any(|(name, _)| name == "state") && !state.as_deref().is_some_and(is_plain) {
            return Err(bad("`state` must be visible ASCII, and short."));
        }
        let owned = std::borrow::Cow::into_owned;
        Ok(Self {
            redirect: owned(redirect),
            challenge: owned(challenge),
            jkt: owned(jkt),
            state: state.map(owned),
        })
    }

    /// Back to the app.
    fn back(&self, name: &str, value: &str) -> Option<String> {
        let mut url = url::Url::parse(&self.redirect).ok()?;
        let mut query = url.query_pairs_mut();
        query.append_pair(name, value);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        drop(query);
        Some(url.into())
    }
}

impl Devices {
    pub(super) async fn login(&self, inbound: &Inbound<'_>) -> Result<Response<Bytes>, Refusal> {
        if !Fetch::of(inbound).is_navigation(false) {
            return Err(not_a_navigation());
        }
        let login = DeviceLogin::read(inbound, &self.redirects)?;
        let again = again(inbound);
        let address = self.proxies.client(inbound).address;
        if let Err(refusal) = self.limits.admit(&self.login_rate, address, None).await {
            return Ok(Page::too_many(&again, refusal.retry_after.unwrap_or_default()));
        }
        let Some(origin) = self.origins.of(inbound) else {
            return Err(Refusal::new(421, "misdirected_request"));
        };
        let redirect_uri = format!("{origin}{CALLBACK}");
        let stopped = match self.depart(inbound, login, redirect_uri).await {
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
        login: DeviceLogin,
        redirect_uri: String,
    ) -> Result<(String, HeaderValue), Stopped> {
        let random = || unguessable().map_err(|none| Stopped::new(Page::Unavailable, none.to_string()));
        let (state, nonce, verifier) = (random()?, random()?, random()?);
        // RFC 9470: an app that was asked for more says so here.
        let acr: Vec<Arc<str>> = inbound
            .parameter("acr")
            .iter()
            .flat_map(|text| text.split_ascii_whitespace())
            .map(Arc::from)
            .collect();
        let max_age = inbound.parameter("max_age").and_then(|text| text.parse().ok());
        let journey = Journey {
            provider: Arc::clone(&self.provider),
            redirect_uris: RedirectUris { shared: redirect_uri, own: None },
            state: state.clone(),
            nonce: nonce.clone(),
            challenge: jose::sha256(verifier.expose()),
            acr: acr.clone(),
            max_age,
            prompt: None,
        };
        let created = self.clock.unix();
        let Departure { url, redirect_uri, dpop_key } =
            self.office.ask(move |desk| async move { journey.ask(&desk).await }).await??;
        let transaction = Transaction {
            provider: Arc::clone(&self.provider_name),
            issuer: Arc::clone(&self.provider.settings().issuer),
            redirect_uri,
            nonce,
            verifier,
            return_to: "/".to_owned(),
            acr,
            max_age,
            silent: false,
            created,
            dpop_key,
            replaces: None,
            device: Some(login),
        };
        let cookie = self.transactions.begin(inbound.headers, &state, &transaction).await?;
        Ok((url, cookie))
    }

    pub(super) async fn callback(&self, inbound: &Inbound<'_>) -> Result<Response<Bytes>, Refusal> {
        let expired = || Ok(Page::Expired.response(LOGIN, None));
        let Some(answer) = Answer::read(inbound) else { return expired() };
        let open = match self.transactions.find(inbound.headers, &answer.state).await {
            Ok(Some(open)) => open,
            Ok(None) => return expired(),
            Err(trouble) => {
                let stopped = Stopped::from(trouble);
                return Ok(stopped.page.response(LOGIN, stopped.cause));
            }
        };
        let Some(login) = open.transaction.device.clone() else { return expired() };
        if !Fetch::of(inbound).is_navigation(false) {
            return Err(not_a_navigation());
        }
        match self.transactions.take(&open).await {
            Ok(true) => {}
            Ok(false) => return expired(),
            Err(trouble) => {
                let stopped = Stopped::from(trouble);
                return Ok(stopped.page.response(LOGIN, stopped.cause));
            }
        }
        let (back, told) = match self.complete(inbound, &open.transaction, &login, &answer).await {
            Ok(code) => (login.back("code", code.expose()), None),
            Err(stopped) => {
                let error = match stopped.page {
                    Page::Denied | Page::NotStrongEnough => "access_denied",
                    Page::Unavailable | Page::TooMany => "temporarily_unavailable",
                    _ => "server_error",
                };
                (login.back("error", error), Some(Told { code: "login_failed", cause: stopped.cause }))
            }
        };
        // `redirects` are URLs: `check` has seen to that.
        let response = back.and_then(|back| see_other(&back, [open.cookie]));
        let mut response = response.unwrap_or_else(|| Page::Failed.response(LOGIN, None));
        if let Some(told) = told {
            response.extensions_mut().insert(told);
        }
        Ok(response)
    }

    /// The code that the app gets.
    async fn complete(
        &self,
        inbound: &Inbound<'_>,
        transaction: &Transaction,
        login: &DeviceLogin,
        answer: &Answer<'_>,
    ) -> Result<Secret, Stopped> {
        let untrusted = |why| Stopped::from(ProviderFault::Untrusted(why));
        if transaction.issuer != self.provider.settings().issuer {
            return Err(Stopped::new(Page::Failed, "the provider of the login is no longer configured"));
        }
        let (provider, issuer) = (Arc::clone(&self.provider), answer.issuer.as_deref().map(str::to_owned));
        let checked = self.office.ask(move |desk| async move {
            let metadata = provider.metadata(&desk, Deadline::after(now(), PATIENCE)).await?;
            provider.check_issuer_parameter(&metadata, issuer.as_deref())
        });
        checked.await??;
        if let Some(error) = answer.error.as_deref() {
            return Err(ProviderFault::Refused { error: OAuthError::parse(error) }.into());
        }
        let code = answer.code.as_deref().filter(|code| !code.is_empty());
        let code = code.ok_or_else(|| untrusted("the callback has neither a code nor an error"))?;
        let redemption = Redemption {
            provider: Arc::clone(&self.provider),
            code: Secret::new(code),
            transaction: transaction.clone(),
            claims: Arc::clone(&self.claims),
        };
        let office = self.office.clone();
        let redeemed = self.office.ask(move |desk| async move { redemption.ask(&desk, office).await });
        let (tokens, id) = redeemed.await??;
        let asked = self.provider.settings().scopes.clone();
        let now = self.clock.unix();
        let mut content = content(transaction, &tokens.set, id, asked, &self.claims, now)?;
        content.label = label::of(inbound.header(&USER_AGENT));
        let code = self.hand_over(content, login).await?;
        tokens.claim();
        Ok(code)
    }
}

/// The link that begins the same login once more.
fn again(inbound: &Inbound<'_>) -> String {
    match inbound.uri.query() {
        Some(query) => format!("{LOGIN}?{query}"),
        None => LOGIN.to_owned(),
    }
}
