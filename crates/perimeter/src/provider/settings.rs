//! What is known of a provider before it is asked anything.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_lang::model::{Algorithm, Demand};

use crate::jose::SigningKey;

/// How a BFF proves itself to a provider. `Debug` shows the method only.
#[derive(Clone)]
pub enum ClientCredential {
    /// `private_key_jwt`
    PrivateKeyJwt(Arc<SigningKey>),
    /// `client_secret_basic`
    SecretBasic(Arc<str>),
    /// `client_secret_post`
    SecretPost(Arc<str>),
    /// The BFF is no client of this provider: it only reads its metadata and keys.
    NotAClient,
}

impl fmt::Debug for ClientCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PrivateKeyJwt(_) => "private_key_jwt",
            Self::SecretBasic(_) => "client_secret_basic",
            Self::SecretPost(_) => "client_secret_post",
            Self::NotAClient => "none",
        })
    }
}

/// One provider as one BFF uses it; everything is resolved, secrets included.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// The issuer identifier, exactly as the provider writes it. `https://`, or `http://` on loopback.
    pub issuer: Arc<str>,
    pub client_id: Arc<str>,
    pub client_auth: ClientCredential,
    /// Asked for at login; `openid` is added if it is not among them.
    pub scopes: Vec<Arc<str>>,
    /// RFC 8707: all are asked for at login; access tokens are made for the first.
    pub resources: Vec<Arc<str>>,
    /// Pushed authorization requests (RFC 9126).
    pub par: Demand,
    pub dpop: Demand,
    /// Further parameters of the authorization request. They cannot replace ours.
    pub extra: Vec<(Arc<str>, Arc<str>)>,
    /// Signature algorithms accepted in ID tokens and logout tokens.
    pub algorithms: Vec<Algorithm>,
    /// Logout tokens must say `typ: logout+jwt` (OpenID Connect Back-Channel Logout §2.4).
    pub logout_typ: bool,
    /// The longest that one request to the provider may take.
    pub timeout: Duration,
}

impl ProviderSettings {
    /// A provider that is only read, with the defaults of `bff.ts`.
    pub fn new(issuer: impl Into<Arc<str>>) -> Self {
        Self {
            issuer: issuer.into(),
            client_id: "".into(),
            client_auth: ClientCredential::NotAClient,
            scopes: Vec::new(),
            resources: Vec::new(),
            par: Demand::Auto,
            dpop: Demand::Auto,
            extra: Vec::new(),
            algorithms: Algorithm::ALL.to_vec(),
            logout_typ: true,
            timeout: Duration::from_secs(5),
        }
    }

    /// The same with a client.
    pub fn client(self, id: impl Into<Arc<str>>, auth: ClientCredential) -> Self {
        Self { client_id: id.into(), client_auth: auth, ..self }
    }
}
