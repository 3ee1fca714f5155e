//! What `bff.ts` and endpoints say of the perimeter: who may ask, how they prove it, how often, from where.
//!
//! The planner carries these through unchanged; `frontdesk-perimeter` acts on them.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_catalog::ProviderId;
use frontdesk_diagnostics::Span;

use super::Schema;

/// The perimeter of one BFF.
#[derive(Clone, Debug, Default)]
pub struct Perimeter {
    /// `auth` of `bff.ts`: ways to prove who one is, in the order they are looked for. Empty: every endpoint is public.
    pub auth: Vec<AuthMethod>,
    /// A part of `auth` was wrong and is missing in it, so that nothing can be said of what it lacks.
    pub is_auth_broken: bool,
    /// Members of `session` that come from the caller's token: declared by methods, all in agreement.
    pub claims: Vec<Claim>,
    pub cors: Option<Cors>,
    pub csrf: Csrf,
    pub headers: HeaderRules,
    /// For every endpoint and proxy route of the BFF.
    pub rates: Vec<RateRule>,
    /// `site({ folder })`: pages that the BFF serves itself.
    pub site: Option<Site>,
}

/// A relaxation is never without its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Because(pub Arc<str>);

/// `secret("WEB_CLIENT_SECRET")`: named here, known only where it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretName {
    pub name: Arc<str>,
    pub span: Span,
}

/// `claims: { tier: t.enum(["gold", "basic"]) }`
///
/// A claim whose schema is neither optional nor has a default is there with every method. `locale` and `currency`
/// are always optional: they stand in for the members of `session` of the same name.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The member of `session`, and the claim of the token.
    pub name: Arc<str>,
    pub schema: Schema,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum AuthMethod {
    Session(SessionAuth),
    Bearer(BearerAuth),
    Device(DeviceAuth),
    ApiKeys(ApiKeyAuth),
    Certificate(CertificateAuth),
}

impl AuthMethod {
    /// The function of `frontdesk` that describes it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Session(_) => "session",
            Self::Bearer(_) => "bearer",
            Self::Device(_) => "device",
            Self::ApiKeys(_) => "apiKeys",
            Self::Certificate(_) => "certificate",
        }
    }

    pub fn span(&self) -> Span {
        match self {
            Self::Session(method) => method.span,
            Self::Bearer(method) => method.span,
            Self::Device(method) => method.span,
            Self::ApiKeys(method) => method.span,
            Self::Certificate(method) => method.span,
        }
    }

    /// The secrets it names.
    pub fn secrets(&self) -> Vec<&SecretName> {
        match self {
            Self::Session(method) => method.providers.iter().map(|used| used.client_auth.secret()).collect(),
            Self::Device(method) => vec![method.provider.client_auth.secret()],
            Self::Bearer(method) => method.client.iter().map(|client| client.auth.secret()).collect(),
            Self::ApiKeys(_) | Self::Certificate(_) => Vec::new(),
        }
    }

    /// Whether its callers have an access token, so that services with `auth: user` or `exchange` can be called.
    pub fn has_token(&self) -> bool {
        matches!(self, Self::Session(_) | Self::Bearer(_) | Self::Device(_))
    }
}

/// `session({ … })`: a browser's login, OAuth 2.0 for Browser-Based Applications §6.1.
#[derive(Clone, Debug)]
pub struct SessionAuth {
    /// At least one; the first is used when `/auth/login` names none.
    pub providers: Vec<ProviderUse>,
    pub idle: Duration,
    pub absolute: Duration,
    /// The cookie is `__Host-Http-fd-<this>`; the BFF's name unless `cookie.name` says otherwise.
    pub cookie: Arc<str>,
    /// `sameSite: "lax"` with its reason; `None` is `Strict`.
    pub lax: Option<Because>,
    /// The cookie outlives the browser (`Max-Age` = absolute).
    pub remember: bool,
    /// The most sessions of one user; the oldest ends.
    pub same_user_limit: Option<u32>,
    /// The id changes every so often, with a successor pointer for requests in flight.
    pub rotate: Option<Duration>,
    /// The refresh token is sealed a second time under the server key alone, so that it can be revoked without its
    /// browser.
    pub background: bool,
    /// Where the browser goes after it signed out: a path of this BFF.
    pub after_logout: Arc<str>,
    pub span: Span,
}

/// How one BFF uses one provider of identity.
#[derive(Clone, Debug)]
pub struct ProviderUse {
    /// `/auth/login?provider=<name>`.
    pub name: Arc<str>,
    pub issuer: Issuer,
    pub client_id: Arc<str>,
    pub client_auth: ClientAuth,
    /// `openid` is always among them.
    pub scopes: Vec<Arc<str>>,
    /// RFC 8707 `resource`s of the access token.
    pub resources: Vec<Arc<str>>,
    pub par: Demand,
    pub dpop: Demand,
    /// Further parameters of the authorization request: `{ prompt: "consent" }`.
    pub extra: Vec<(Arc<str>, Arc<str>)>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Issuer {
    /// A provider of `frontdesk.yaml`.
    Named(ProviderId),
    /// The issuer identifier itself.
    Url(Arc<str>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// If the provider's metadata offer it.
    Auto,
    Required,
    Off,
}

/// How the BFF proves itself to the provider's token endpoint.
#[derive(Clone, Debug)]
pub enum ClientAuth {
    /// RFC 7523 with the issuer as the only audience. The secret is a PEM private key or a JWK.
    PrivateKeyJwt(SecretName),
    /// `client_secret_basic`
    SecretBasic(SecretName),
    /// `client_secret_post`
    SecretPost(SecretName),
}

impl ClientAuth {
    pub fn secret(&self) -> &SecretName {
        match self {
            Self::PrivateKeyJwt(secret) | Self::SecretBasic(secret) | Self::SecretPost(secret) => secret,
        }
    }
}

/// `bearer({ … })`: access tokens of a provider in `Authorization`.
#[derive(Clone, Debug)]
pub struct BearerAuth {
    pub issuer: Issuer,
    /// The token must be meant for at least one of these.
    pub audiences: Vec<Arc<str>>,
    /// Signature algorithms that are accepted; never `none`, never symmetric ones.
    pub algorithms: Vec<Algorithm>,
    /// `typ` headers that are accepted: `at+jwt` (RFC 9068) unless said otherwise.
    pub types: Vec<Arc<str>>,
    pub leeway: Duration,
    /// Scopes that every token must have.
    pub scopes: Vec<Arc<str>>,
    /// RFC 7662, for tokens that are not JWTs. Also the client for token exchange.
    pub client: Option<Client>,
    pub introspect: bool,
    /// `Required`: only DPoP-bound tokens with a proof; `Auto`: bound ones need a proof; `Off` is refused for bound
    /// ones too.
    pub dpop: Demand,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Client {
    pub id: Arc<str>,
    pub auth: ClientAuth,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    EdDsa,
}

impl Algorithm {
    pub const ALL: [Self; 9] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
    ];

    /// As JOSE headers write it (RFC 7518 §3.1).
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// `device({ … })`: an app signs in once; the BFF keeps the provider's tokens, the app a token that is useless without
/// a proof by its device key.
#[derive(Clone, Debug)]
pub struct DeviceAuth {
    pub provider: ProviderUse,
    /// The app's claimed https links (or its scheme) that sign-in may return to; compared exactly.
    pub redirects: Vec<Arc<str>>,
    pub idle: Duration,
    pub absolute: Duration,
    /// How often the app's token changes.
    pub rotate: Duration,
    pub span: Span,
}

/// `apiKeys({ … })`: keys of partners, hashed in `bffs/<name>/keys.yaml`.
#[derive(Clone, Debug)]
pub struct ApiKeyAuth {
    /// The header that carries the key, lower case; `authorization` means `Bearer <key>`.
    pub header: Arc<str>,
    pub span: Span,
}

/// `certificate({ … })`: TLS client certificates.
#[derive(Clone, Debug)]
pub struct CertificateAuth {
    /// Who may come in, by subject alternative name (DNS or URI) or by common name, with what they are called here.
    pub clients: Vec<CertificateClient>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct CertificateClient {
    /// As it stands in the certificate: `partner.example.com`.
    pub name: Arc<str>,
    pub subject: Arc<str>,
    pub scopes: Vec<Arc<str>>,
}

/// Which other origins may use the BFF from a browser.
#[derive(Clone, Debug)]
pub struct Cors {
    /// Compared exactly: `https://app.example.com`.
    pub origins: Vec<Arc<str>>,
    /// Request headers beyond those that are always allowed, lower case.
    pub headers: Vec<Arc<str>>,
    /// Answer headers scripts may read, lower case.
    pub expose: Vec<Arc<str>>,
    /// Browsers may send the session cookie from there.
    pub credentials: bool,
    pub max_age: Duration,
    pub span: Span,
}

/// How requests that use the session prove that they come from the client's own pages.
#[derive(Clone, Debug)]
pub struct Csrf {
    /// The custom header, lower case.
    pub header: Arc<str>,
}

impl Default for Csrf {
    fn default() -> Self {
        Self { header: "x-frontdesk".into() }
    }
}

/// Which headers pass, both ways, beyond those that always do. Lower-case names.
#[derive(Clone, Debug, Default)]
pub struct HeaderRules {
    /// From the client to services behind proxy routes.
    pub forward: Vec<Arc<str>>,
    /// From services behind proxy routes to the client.
    pub answer: Vec<Arc<str>>,
    /// `Content-Security-Policy` of pages, instead of ours.
    pub csp: Option<Arc<str>>,
}

/// `{ per: "user", requests: 600, every: "1m", burst: 100 }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateRule {
    pub per: RatePer,
    pub requests: u32,
    pub every: Duration,
    /// The most at once; `requests` if it is not said.
    pub burst: u32,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RatePer {
    /// The subject, over all of its sessions and devices; the client's address if there is none.
    User,
    Session,
    /// The API key (or client certificate).
    Key,
    Ip,
    /// All callers of the endpoint together.
    Endpoint,
}

impl RatePer {
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Session => "session",
            Self::Key => "key",
            Self::Ip => "ip",
            Self::Endpoint => "endpoint",
        }
    }
}

/// `site({ folder: "./site" })`: files under this folder, public.
#[derive(Clone, Debug)]
pub struct Site {
    /// Below the BFF's folder, without `./`.
    pub folder: Arc<str>,
    /// The page for paths that no file has, for apps that route in the browser.
    pub fallback: Option<Arc<str>>,
    pub span: Span,
}

/// Who may ask an endpoint or a proxy route.
#[derive(Clone, Debug, PartialEq)]
pub struct Access {
    /// `public: true`, or the BFF has no `auth`.
    pub public: bool,
    /// `auth: requires({ … })`
    pub requires: Requires,
    /// Requests that cannot carry the custom header (downloads by link, `EventSource`) are accepted if the browser
    /// says they come from our own pages.
    pub headerless: Option<Because>,
    /// Beside those of the BFF.
    pub rates: Vec<RateRule>,
    /// What one request counts for in rates: 1 unless said otherwise.
    pub cost: u32,
}

impl Access {
    /// Anybody may ask.
    pub fn public() -> Self {
        Self { public: true, requires: Requires::default(), headerless: None, rates: Vec::new(), cost: 1 }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Requires {
    /// All of them.
    pub scopes: Vec<Arc<str>>,
    /// One of them (RFC 9470).
    pub acr: Vec<Arc<str>>,
    /// The longest since the user signed in.
    pub max_age: Option<Duration>,
    /// A proof by the device's approval key, which only the user's presence unlocks.
    pub approval: bool,
}
