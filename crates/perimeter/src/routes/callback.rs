//! `GET /auth/callback`: the browser is back, and either has a session or is told what to do.

use std::sync::Arc;

use bytes::Bytes;
use frontdesk_adapter::{Deadline, now};
use http::header::{SET_COOKIE, USER_AGENT};
use http::{HeaderValue, Response};

use crate::claims::ClaimRules;
use crate::jose::{MAX_TOKEN, SigningKey};
use crate::provider::{IdToken, IdTokenChecks, OAuthError, Provider, ProviderFault, TokenHint, TokenSet};
use crate::session::{Content, Ending, HeldToken, RefreshToken, Secret};
use crate::transaction::Transaction;
use crate::{Desk, Inbound, Office, Refusal};

use super::login::again;
use super::page::{self, Page};
use super::request::{Answer, Fetch, not_a_navigation};
use super::stopped::Stopped;
use super::{CALLBACK, LOGIN, PATIENCE, Routes, label, see_other};

/// What is asked of the provider, on the office's thread.
pub(crate) struct Redemption {
    pub(crate) provider: Arc<Provider>,
    pub(crate) code: Secret,
    pub(crate) transaction: Transaction,
    /// What the session is to know of its user.
    pub(crate) claims: Arc<ClaimRules>,
}

impl Routes {
    pub(super) async fn callback(&self, inbound: &Inbound<'_>) -> Result<Response<Bytes>, Refusal> {
        let Some(answer) = Answer::read(inbound) else { return self.nothing_under_way(inbound).await };
        let stopped = match self.transactions.find(inbound.headers, &answer.state).await {
            Ok(None) => return self.nothing_under_way(inbound).await,
            // Nothing of it is used up by what no person has done.
            Ok(Some(open)) if !Fetch::of(inbound).is_navigation(open.transaction.silent) => {
                return Err(not_a_navigation());
            }
            Ok(Some(open)) => match self.transactions.take(&open).await {
                Ok(true) => {
                    let mut response = self.arrive(inbound, &open.transaction, &answer).await;
                    response.headers_mut().append(SET_COOKIE, open.cookie);
                    return Ok(response);
                }
                Ok(false) => return self.nothing_under_way(inbound).await,
                Err(trouble) => Stopped::from(trouble),
            },
            Err(trouble) => Stopped::from(trouble),
        };
        Ok(stopped.page.response(LOGIN, stopped.cause))
    }

    /// No transaction of this browser: a reloaded page, a second click, or somebody else's link.
    async fn nothing_under_way(&self, inbound: &Inbound<'_>) -> Result<Response<Bytes>, Refusal> {
        let stopped = match self.live(inbound).await {
            Ok(Some(_)) => match see_other("/", []) {
                Some(response) => return Ok(response),
                None => Stopped::from(Page::Failed),
            },
            // Perhaps there is one: a click at the provider keeps `Strict` cookies away, our own page does not.
            Ok(None) if Fetch::of(inbound).is_from_elsewhere() => return Ok(page::once_more(CALLBACK)),
            Ok(None) => Stopped::from(Page::Expired),
            Err(unavailable) => Stopped::from(unavailable),
        };
        Ok(stopped.page.response(LOGIN, stopped.cause))
    }

    /// The transaction is over, whatever comes.
    async fn arrive(
        &self,
        inbound: &Inbound<'_>,
        transaction: &Transaction,
        answer: &Answer<'_>,
    ) -> Response<Bytes> {
        let stopped = match self.complete(inbound, transaction, answer).await {
            Ok(cookies) => match see_other(&transaction.return_to, cookies) {
                Some(response) => return response,
                None => Stopped::from(Page::Failed),
            },
            Err(stopped) => stopped,
        };
        let Transaction { return_to, provider, acr, max_age, .. } = transaction;
        stopped.page.response(&again(return_to, Some(provider), acr, *max_age), stopped.cause)
    }

    /// The cookies that the browser gets: none if it asked silently and is not signed in.
    async fn complete(
        &self,
        inbound: &Inbound<'_>,
        transaction: &Transaction,
        answer: &Answer<'_>,
    ) -> Result<Option<HeaderValue>, Stopped> {
        let untrusted = |why| Stopped::from(ProviderFault::Untrusted(why));
        let chosen = self
            .login_provider(Some(&transaction.provider))
            .filter(|chosen| chosen.provider.settings().issuer == transaction.issuer)
            .ok_or_else(|| Stopped::new(Page::Failed, "the provider of the login is no longer configured"))?;
        let provider = &chosen.provider;
        if !is_at(&transaction.redirect_uri, inbound.uri.path()) {
            return Err(untrusted("the callback came to the address of another provider"));
        }
        self.check_issuer(provider, answer.issuer.as_deref()).await?;
        if let Some(error) = answer.error.as_deref() {
            let error = OAuthError::parse(error);
            return match error {
                OAuthError::LoginRequired
                | OAuthError::InteractionRequired
                | OAuthError::ConsentRequired
                | OAuthError::AccountSelectionRequired
                    if transaction.silent =>
                {
                    Ok(None)
                }
                error => Err(ProviderFault::Refused { error }.into()),
            };
        }
        let code = answer.code.as_deref().filter(|code| !code.is_empty());
        let code = code.ok_or_else(|| untrusted("the callback has neither a code nor an error"))?;
        let redemption = Redemption {
            provider: Arc::clone(provider),
            code: Secret::new(code),
            transaction: transaction.clone(),
            claims: Arc::clone(&self.claims),
        };
        let office = self.office.clone();
        let redeemed = self.office.ask(move |desk| async move { redemption.ask(&desk, office).await });
        let (tokens, id) = redeemed.await??;
        let cookie = self.begin_session(inbound, transaction, &tokens.set, id).await?;
        tokens.claim();
        Ok(Some(cookie))
    }

    /// RFC 9207, before anything of the answer is used: also errors are somebody's.
    async fn check_issuer(&self, provider: &Arc<Provider>, issuer: Option<&str>) -> Result<(), Stopped> {
        let provider = Arc::clone(provider);
        let issuer = issuer.map(str::to_owned);
        let check = move |desk: Desk| async move {
            let metadata = provider.metadata(&desk, Deadline::after(now(), PATIENCE)).await?;
            provider.check_issuer_parameter(&metadata, issuer.as_deref())
        };
        Ok(self.office.ask(check).await??)
    }

    async fn begin_session(
        &self,
        inbound: &Inbound<'_>,
        transaction: &Transaction,
        tokens: &TokenSet,
        id: IdToken,
    ) -> Result<HeaderValue, Stopped> {
        let content = self.content(inbound, transaction, tokens, id)?;
        // Whatever session this browser had, when it left or now, is dead before it has the new one.
        let before = match &transaction.replaces {
            Some(value) => self.opened(value.expose().as_bytes()).await?,
            None => None,
        };
        let now = self.live(inbound).await?;
        let id = match (before, now) {
            (Some(before), now) => {
                let id = self.sessions.replace(&before, content).await?;
                if let Some(other) = now.filter(|now| now.id() != before.id()) {
                    self.sessions.end(&other, Ending::SignedOut).await?;
                }
                id
            }
            (None, Some(now)) => self.sessions.replace(&now, content).await?,
            (None, None) => self.sessions.create(content).await?,
        };
        self.cookie
            .set(&id.cookie_value())
            .ok_or_else(|| Stopped::new(Page::Failed, "the session's id cannot stand in a cookie"))
    }

    fn content(
        &self,
        inbound: &Inbound<'_>,
        transaction: &Transaction,
        tokens: &TokenSet,
        id: IdToken,
    ) -> Result<Content, Stopped> {
        let asked = self.login_provider(Some(&transaction.provider));
        let asked = asked.map(|chosen| chosen.provider.settings().scopes.clone()).unwrap_or_default();
        let mut content = content(transaction, tokens, id, asked, &self.claims, self.clock.unix())?;
        content.label = label::of(inbound.header(&USER_AGENT));
        Ok(content)
    }
}

/// What a session knows that began with this login. `asked`: the scopes, if the provider does not say what it granted.
pub(crate) fn content(
    transaction: &Transaction,
    tokens: &TokenSet,
    id: IdToken,
    asked: Vec<Arc<str>>,
    claims: &ClaimRules,
    now: u64,
) -> Result<Content, Stopped> {
    let refresh = tokens.refresh_token.as_deref().map(|token| RefreshToken {
        token: Secret::new(token),
        expires: tokens.refresh_expires_in.map(|seconds| now.saturating_add(seconds)),
    });
    let mut content = Content::new(
        Arc::clone(&transaction.provider),
        Arc::clone(&id.issuer),
        Arc::clone(&id.subject),
        transaction.created,
    );
    content.sid = id.sid;
    content.acr = id.acr;
    content.amr = id.amr;
    // A provider that says nothing may have let somebody through who proved who they are long ago.
    content.auth_time = id.auth_time.unwrap_or_default();
    content.scopes = tokens.scopes.clone().unwrap_or(asked);
    content.claims = claims.select(&id.claims)?;
    content.access = Some(HeldToken::new(tokens.access(), now));
    content.refresh = refresh;
    content.id_token = tokens.id_token.as_deref().map(Secret::from);
    content.dpop_key.clone_from(&transaction.dpop_key);
    Ok(content)
}

/// Tokens that no session holds yet. Dropped before one does, whatever the reason (the ID token is not believed, the
/// session is refused, the browser has gone away), their refresh token is given back.
pub(crate) struct Unclaimed {
    pub(crate) set: TokenSet,
    provider: Arc<Provider>,
    office: Office,
    is_claimed: bool,
}

impl Unclaimed {
    pub(crate) fn claim(mut self) {
        self.is_claimed = true;
    }
}

impl Drop for Unclaimed {
    fn drop(&mut self) {
        let Some(token) = self.set.refresh_token.take().filter(|_| !self.is_claimed) else { return };
        let provider = Arc::clone(&self.provider);
        self.office.post(move |desk| async move {
            let deadline = Deadline::after(now(), PATIENCE);
            // If it cannot be, it ends by itself, unused.
            let _ = provider.revoke(&desk, &token, TokenHint::Refresh, deadline).await;
        });
    }
}

impl Redemption {
    pub(crate) async fn ask(self, desk: &Desk, office: Office) -> Result<(Unclaimed, IdToken), Stopped> {
        let Self { provider, code, transaction, claims } = self;
        let deadline = Deadline::after(now(), PATIENCE);
        let key = match &transaction.dpop_key {
            Some(key) => Some(
                SigningKey::from_secret(key.expose())
                    .map_err(|_| ProviderFault::Unsupported("the key that the login began with"))?,
            ),
            None => None,
        };
        let verifier = transaction.verifier.expose();
        let set = provider
            .redeem(desk, code.expose(), &transaction.redirect_uri, verifier, key.as_ref(), deadline)
            .await?;
        let tokens = Unclaimed { set, provider: Arc::clone(&provider), office, is_claimed: false };
        let id_token = tokens.set.id_token.as_deref();
        let id_token = id_token.ok_or(ProviderFault::Untrusted("the token response has no ID token"))?;
        if id_token.len() > MAX_TOKEN {
            let cause = format!("the ID token takes {} bytes: too many claims", id_token.len());
            return Err(Stopped::new(Page::TooLarge, cause));
        }
        let checks = IdTokenChecks {
            nonce: Some(transaction.nonce.expose()),
            access_token: Some(&tokens.set.access_token),
            code: Some(code.expose()),
            max_age: transaction.max_age,
            acr: &transaction.acr,
        };
        let mut id = provider.verify_id_token(id_token, &checks, deadline).await?;
        if claims.names().any(|name| !id.claims.contains_key(name)) {
            let told = provider.user_info(desk, &tokens.set, key.as_ref(), &id.subject, deadline).await?;
            for (name, value) in told.into_iter().flatten() {
                // What is signed counts.
                id.claims.entry(name).or_insert(value);
            }
        }
        Ok((tokens, id))
    }
}

/// Whether `path` is where `redirect_uri` leads: our own text, an origin and a path.
fn is_at(redirect_uri: &str, path: &str) -> bool {
    let after_scheme = redirect_uri.split_once("://").map_or("", |(_, rest)| rest);
    after_scheme.find('/').is_some_and(|at| after_scheme.get(at..) == Some(path))
}

#[cfg(test)]
mod tests {
    use super::is_at;

    #[test]
    fn a_callback_comes_to_the_address_it_was_asked_to() {
        assert!(is_at("https://shop.example.com/auth/callback", "/auth/callback"));
        assert!(is_at("http://localhost:7002/auth/callback/corp", "/auth/callback/corp"));
        for path in ["/auth/callback/", "/auth/callback/corp", "/auth", "", "/"] {
            assert!(!is_at("https://shop.example.com/auth/callback", path), "{path}");
        }
    }
}
