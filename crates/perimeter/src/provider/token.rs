//! The token endpoint: codes, refreshes, exchanges, and tokens of the BFF itself.

use std::sync::Arc;

use frontdesk_adapter::{AccessToken, Deadline, Exchange};
use frontdesk_lang::model::Demand;

use super::call::Form;
use super::token_set::{TokenSet, Wanted};
use super::{Provider, ProviderFault};
use crate::jose::SigningKey;
use crate::office::Desk;

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

impl Provider {
    /// Exchanges the code of a callback for tokens (RFC 6749 §4.1.3, RFC 7636 §4.5). `redirect_uri` is that of the
    /// authorization request.
    ///
    /// # Errors
    /// A token that is not bound to `key` is discarded if the settings require DPoP.
    pub async fn redeem(
        &self,
        desk: &Desk,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
        key: Option<&SigningKey>,
        deadline: Deadline,
    ) -> Result<TokenSet, ProviderFault> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        self.name_resource(&mut form);
        self.ask_for_tokens(desk, &form, key, self.insists(), deadline).await
    }

    /// New tokens for a refresh token (RFC 6749 §6). If none comes back in [`TokenSet::refresh_token`], the old one
    /// stays good.
    ///
    /// # Errors
    /// See [`ProviderFault::ends_session`] and [`ProviderFault::is_maybe_done`].
    pub async fn refresh(
        &self,
        desk: &Desk,
        refresh_token: &str,
        key: Option<&SigningKey>,
        deadline: Deadline,
    ) -> Result<TokenSet, ProviderFault> {
        let mut form = vec![("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        self.name_resource(&mut form);
        self.ask_for_tokens(desk, &form, key, self.insists(), deadline).await
    }

    /// A token of another audience for the same subject (RFC 8693), never for longer than `subject`.
    ///
    /// # Errors
    /// What came is no access token.
    pub async fn exchange(
        &self,
        desk: &Desk,
        subject: &AccessToken,
        wanted: &Exchange,
        key: Option<&SigningKey>,
        deadline: Deadline,
    ) -> Result<TokenSet, ProviderFault> {
        let scope = joined(&wanted.scopes);
        let mut form = vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", &*subject.secret),
            ("subject_token_type", ACCESS_TOKEN),
            ("requested_token_type", ACCESS_TOKEN),
        ];
        name_target(&mut form, wanted, &scope);
        let mut set = self.ask_for_tokens(desk, &form, key, wanted.is_dpop, deadline).await?;
        if !matches!(set.issued_token_type.as_deref(), Some(ACCESS_TOKEN | JWT)) {
            return Err(ProviderFault::Untrusted("the exchange gave something else than an access token"));
        }
        set.expires_at = set.expires_at.min(subject.expires);
        Ok(set)
    }

    /// A token of the BFF itself (RFC 6749 §4.4).
    ///
    /// # Errors
    /// See [`ProviderFault`].
    pub async fn client_credentials(
        &self,
        desk: &Desk,
        wanted: &Exchange,
        key: Option<&SigningKey>,
        deadline: Deadline,
    ) -> Result<TokenSet, ProviderFault> {
        let scope = joined(&wanted.scopes);
        let mut form = vec![("grant_type", "client_credentials")];
        name_target(&mut form, wanted, &scope);
        self.ask_for_tokens(desk, &form, key, wanted.is_dpop, deadline).await
    }

    async fn ask_for_tokens(
        &self,
        desk: &Desk,
        form: &Form<'_>,
        key: Option<&SigningKey>,
        dpop_required: bool,
        deadline: Deadline,
    ) -> Result<TokenSet, ProviderFault> {
        let metadata = self.metadata(desk, deadline).await?;
        let endpoint = metadata.token_endpoint.as_deref();
        let endpoint = endpoint.ok_or(ProviderFault::Unsupported("tokens (`token_endpoint`)"))?;
        let asked_at = self.clock.unix();
        let answer = self.post(desk, endpoint, form, key, deadline).await?;
        let wanted = Wanted { dpop: key.is_some(), dpop_required };
        TokenSet::read(&self.line.object(&answer)?, wanted, asked_at)
    }

    fn insists(&self) -> bool {
        self.line.settings.dpop == Demand::Required
    }

    /// An access token has one audience (RFC 8707 §2.2), the first of the settings.
    fn name_resource<'a>(&'a self, form: &mut Form<'a>) {
        form.extend(self.line.settings.resources.first().map(|resource| ("resource", &**resource)));
    }
}

fn name_target<'a>(form: &mut Form<'a>, wanted: &'a Exchange, scope: &'a str) {
    form.extend(wanted.audience.as_deref().map(|audience| ("audience", audience)));
    form.extend(wanted.resource.as_deref().map(|resource| ("resource", resource)));
    if !scope.is_empty() {
        form.push(("scope", scope));
    }
}

fn joined(scopes: &[Arc<str>]) -> String {
    scopes.iter().map(|scope| &**scope).collect::<Vec<_>>().join(" ")
}
