//! The relying party's side against a real provider (npm `oidc-provider`), and against one that misbehaves.

mod believed;
mod bound;
mod discovery;
mod exchange;
mod login;
mod trouble;

use std::future::Future;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use frontdesk_adapter::{Clock, Deadline, SystemClock, now};
use frontdesk_connectors::WebClients;
use frontdesk_perimeter::jose::{SigningKey, sha256};
use frontdesk_perimeter::provider::{
    AuthorizationRequest, ClientCredential, Provider, ProviderFault, ProviderSettings, TokenSet,
};
use frontdesk_perimeter::{Desk, Office};
use serde_json::{Value, json};
use url::Url;

use crate::http::Person;
use crate::provider_process::ProviderProcess;

pub const REDIRECT: &str = "http://127.0.0.1:7002/auth/callback";
/// With characters that form encoding changes: they are encoded twice on the way.
pub const SECRET: &str = "planted secret: 100%+&=/~";
const VERIFIER: &str = "verifier-verifier-verifier-verifier-verifier-0";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

pub static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate_es256().unwrap());

/// Clients of every way to authenticate, and two services.
pub fn settings() -> Value {
    let client = |id: &str, method: &str| {
        json!({
            "client_id": id,
            "client_secret": SECRET,
            "token_endpoint_auth_method": method,
            "redirect_uris": [REDIRECT],
            "post_logout_redirect_uris": ["http://127.0.0.1:7002/"],
            "backchannel_logout_uri": "http://127.0.0.1:7002/auth/backchannel",
            "backchannel_logout_session_required": true,
            "grant_types": ["authorization_code", "refresh_token", "client_credentials", EXCHANGE],
        })
    };
    let mut keyed = client("keyed", "private_key_jwt");
    keyed["jwks"] = json!({ "keys": [KEY.published_jwk()] });
    keyed["token_endpoint_auth_signing_alg"] = json!("ES256");
    keyed.as_object_mut().unwrap().remove("client_secret");
    json!({
        "clients": [client("basic", "client_secret_basic"), client("post", "client_secret_post"), keyed],
        "scopes": ["openid", "profile", "offline_access", "cart", "orders"],
        "resources": {
            "https://cart.example": { "scope": "cart" },
            "https://orders.example": { "scope": "orders" },
        },
        "audiences": { "orders": "https://orders.example" },
    })
}

/// The named client's credential.
pub fn credential(client: &str) -> ClientCredential {
    match client {
        "basic" => ClientCredential::SecretBasic(SECRET.into()),
        "post" => ClientCredential::SecretPost(SECRET.into()),
        _ => ClientCredential::PrivateKeyJwt(Arc::new(KEY.clone())),
    }
}

/// A relying party.
pub struct Party {
    pub provider: Arc<Provider>,
    pub office: Office,
}

impl Party {
    pub fn new(process: &ProviderProcess, client: &str, change: impl FnOnce(&mut ProviderSettings)) -> Self {
        let mut web = WebClients::new();
        web.allow(&process.issuer, None).unwrap();
        let (office, _) = Office::open(Arc::new(web)).unwrap();
        let mut settings = ProviderSettings::new(process.issuer.as_str()).client(client, credential(client));
        settings.scopes = ["profile", "offline_access"].map(Into::into).to_vec();
        change(&mut settings);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let provider = Provider::new(settings, clock, &office).unwrap();
        Self { provider, office }
    }

    /// Runs a job at the office.
    pub async fn at_desk<T, F, R>(&self, job: F) -> T
    where
        T: Send + 'static,
        F: FnOnce(Arc<Provider>, Desk) -> R + Send + 'static,
        R: Future<Output = T> + 'static,
    {
        let provider = Arc::clone(&self.provider);
        self.office.ask(move |desk| job(provider, desk)).await.unwrap()
    }

    /// Where a login begins.
    pub async fn authorization_url(&self, dpop_jkt: Option<String>) -> Result<String, ProviderFault> {
        self.at_desk(async move |provider, desk| {
            let challenge = sha256(VERIFIER);
            let request = AuthorizationRequest {
                redirect_uri: REDIRECT,
                state: "the-state",
                nonce: "the-nonce",
                code_challenge: &challenge,
                max_age: Some(3600),
                dpop_jkt: dpop_jkt.as_deref(),
                ..AuthorizationRequest::default()
            };
            provider.authorization_url(&desk, &request, soon()).await
        })
        .await
    }

    pub async fn redeem(&self, code: String, key: Option<SigningKey>) -> Result<TokenSet, ProviderFault> {
        self.at_desk(async move |provider, desk| {
            provider.redeem(&desk, &code, REDIRECT, VERIFIER, key.as_ref(), soon()).await
        })
        .await
    }

    pub async fn refresh(&self, token: &str, key: Option<SigningKey>) -> Result<TokenSet, ProviderFault> {
        let token = token.to_owned();
        self.at_desk(async move |provider, desk| provider.refresh(&desk, &token, key.as_ref(), soon()).await)
            .await
    }

    /// Signs `ada` in.
    pub async fn log_in(&self, key: Option<SigningKey>) -> Result<TokenSet, ProviderFault> {
        let jkt = key.as_ref().map(|key| key.thumbprint().to_owned());
        let url = self.authorization_url(jkt).await?;
        let callback = Person::default().sign_in(&url, "ada");
        self.redeem(parameter(&callback, "code").unwrap(), key).await
    }
}

pub fn soon() -> Deadline {
    Deadline::after(now(), Duration::from_secs(20))
}

/// A parameter of an address.
pub fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).unwrap();
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}
