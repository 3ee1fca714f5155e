//! Where a login begins: the address that a browser is sent to.

use std::fmt;
use std::sync::Arc;

use frontdesk_adapter::Deadline;
use frontdesk_lang::model::Demand;
use serde_json::Value;
use url::Url;

use super::{Provider, ProviderFault};
use crate::office::Desk;

/// One login. `state`, `nonce` and the verifier behind `code_challenge` are of this login alone.
#[derive(Clone, Copy, Default)]
pub struct AuthorizationRequest<'a> {
    pub redirect_uri: &'a str,
    pub state: &'a str,
    pub nonce: &'a str,
    /// S256 of the verifier (RFC 7636 §4.2).
    pub code_challenge: &'a str,
    pub acr_values: &'a [Arc<str>],
    /// Seconds
    pub max_age: Option<u64>,
    pub prompt: Option<&'a str>,
    pub login_hint: Option<&'a str>,
    /// Instead of those of the settings.
    pub scopes: Option<&'a [Arc<str>]>,
    /// The thumbprint of the key that the tokens are to be bound to: binds the code too (RFC 9449 §10).
    pub dpop_jkt: Option<&'a str>,
}

impl fmt::Debug for AuthorizationRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationRequest")
            .field("redirect_uri", &self.redirect_uri)
            .finish_non_exhaustive()
    }
}

/// Parameters that decide what the flow is; `extra` cannot set them.
const OURS: [&str; 16] = [
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "response_type",
    "response_mode",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "dpop_jkt",
    "resource",
    "request",
    "request_uri",
];

/// The longest `request_uri` that is believed to be one.
const MOST_URI: usize = 2048;

impl Provider {
    /// Where to send the browser. With pushed authorization requests (RFC 9126) the provider is told everything
    /// directly, and the address holds nothing but a reference.
    ///
    /// # Errors
    /// [`ProviderFault::Unsupported`] if something is required that the provider does not have; what is required is
    /// never left out.
    pub async fn authorization_url(
        &self,
        desk: &Desk,
        request: &AuthorizationRequest<'_>,
        deadline: Deadline,
    ) -> Result<String, ProviderFault> {
        let metadata = self.metadata(desk, deadline).await?;
        let endpoint = metadata.authorization_endpoint.as_deref();
        let endpoint = endpoint.ok_or(ProviderFault::Unsupported("logins (`authorization_endpoint`)"))?;
        let mut url = Url::parse(endpoint).map_err(|_| ProviderFault::Untrusted("its endpoint is no URL"))?;
        let parameters = self.parameters(request);
        let push_to = metadata.pushed_authorization_request_endpoint.as_deref();
        let is_required =
            self.line.settings.par == Demand::Required || metadata.require_pushed_authorization_requests;
        match (push_to, self.line.settings.par) {
            (Some(at), Demand::Auto | Demand::Required) => {
                let reference = self.push(desk, at, &parameters, deadline).await?;
                url.query_pairs_mut()
                    .append_pair("client_id", &self.line.settings.client_id)
                    .append_pair("request_uri", &reference);
            }
            _ if is_required => return Err(ProviderFault::Unsupported("pushed authorization requests")),
            _ => {
                let mut query = url.query_pairs_mut();
                query.append_pair("client_id", &self.line.settings.client_id);
                query.extend_pairs(&parameters);
            }
        }
        Ok(url.into())
    }

    /// All but `client_id`.
    fn parameters<'a>(&'a self, request: &AuthorizationRequest<'a>) -> Vec<(&'a str, String)> {
        let own = &self.line.settings.scopes;
        let mut scopes = vec!["openid"];
        for scope in request.scopes.unwrap_or(own) {
            if !scopes.contains(&&**scope) {
                scopes.push(scope);
            }
        }
        let mut all = vec![
            ("response_type", "code".to_owned()),
            ("redirect_uri", request.redirect_uri.to_owned()),
            ("scope", scopes.join(" ")),
            ("state", request.state.to_owned()),
            ("nonce", request.nonce.to_owned()),
            ("code_challenge", request.code_challenge.to_owned()),
            ("code_challenge_method", "S256".to_owned()),
        ];
        if !request.acr_values.is_empty() {
            let values: Vec<&str> = request.acr_values.iter().map(|acr| &**acr).collect();
            all.push(("acr_values", values.join(" ")));
        }
        all.extend(request.max_age.map(|seconds| ("max_age", seconds.to_string())));
        all.extend(request.prompt.map(|prompt| ("prompt", prompt.to_owned())));
        all.extend(request.login_hint.map(|hint| ("login_hint", hint.to_owned())));
        all.extend(request.dpop_jkt.map(|jkt| ("dpop_jkt", jkt.to_owned())));
        all.extend(self.line.settings.resources.iter().map(|resource| ("resource", resource.to_string())));
        for (name, value) in &self.line.settings.extra {
            let is_set = all.iter().any(|(known, _)| *known == &**name);
            if !is_set && !OURS.contains(&&**name) {
                all.push((name, value.to_string()));
            }
        }
        all
    }

    async fn push(
        &self,
        desk: &Desk,
        at: &str,
        parameters: &[(&str, String)],
        deadline: Deadline,
    ) -> Result<String, ProviderFault> {
        let form = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut form: super::call::Form<'_> = form;
        // The other ways of client authentication put it into the form themselves.
        if matches!(self.line.settings.client_auth, super::ClientCredential::SecretBasic(_)) {
            form.push(("client_id", &self.line.settings.client_id));
        }
        let answer = self.post(desk, at, &form, None, deadline).await?;
        let body = self.line.object(&answer)?;
        match body.get("request_uri").and_then(Value::as_str) {
            Some(uri) if !uri.is_empty() && uri.len() <= MOST_URI => Ok(uri.to_owned()),
            _ => Err(ProviderFault::Untrusted("the answer to a pushed request has no `request_uri`")),
        }
    }
}
