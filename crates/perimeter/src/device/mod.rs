//! Sessions of apps: the provider's tokens stay here, the app holds a token that is useless without a proof by a key
//! of its device.
//!
//! | | | |
//! | --- | --- | --- |
//! | `GET /auth/device/login` | the system browser leads to the provider (RFC 8252) | `sign_in` |
//! | `GET /auth/device/callback` | and from there back to the app, with a code of ours | `sign_in` |
//! | `POST /auth/device/session` | code + PKCE verifier + proof → the app's token | `handover` |
//! | `POST /auth/device/challenge` | what an approval must be made for | `approval` |
//! | `POST /auth/device/logout` | ends the session | here |
//! | `POST /auth/device/backchannel` | the provider ends sessions | `routes::backchannel` |
//!
//! Requests of the app carry `Authorization: DPoP fdm_…` and a proof for each (RFC 9449 §7): `entrance`. The record is
//! that of every other session, so that refreshes, logouts at the provider and lists of sessions are the same.

mod approval;
mod entrance;
mod handover;
mod sign_in;
mod token;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Clock, EntryStore};
use frontdesk_lang::model::DeviceAuth;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use serde_json::{Value, json};

pub(crate) use entrance::DeviceBearing;
pub use sign_in::DeviceLogin;

use crate::bearer::challenge::Challenger;
use crate::claims::ClaimRules;
use crate::jose::nonce::Nonces;
use crate::proofs::{self, Proofs};
use crate::provider::Provider;
use crate::routes::backchannel::{self, Backchannel};
use crate::routes::page::keep_to_itself;
use crate::session::ring::SharedRing;
use crate::session::{Ending, Sessions, Unavailable};
use crate::transaction::Transactions;
use crate::{EndpointLimits, Inbound, Limits, Office, Origins, Refusal, Rule, TrustedProxies};

const LOGIN: &str = "/auth/device/login";
const CALLBACK: &str = "/auth/device/callback";
const SESSION: &str = "/auth/device/session";
const CHALLENGE: &str = "/auth/device/challenge";
const LOGOUT: &str = "/auth/device/logout";
const BACKCHANNEL: &str = "/auth/device/backchannel";

/// The longest body, in bytes.
const LARGEST_BODY: usize = 8 * 1024;
/// Logins that one address may begin.
const LOGINS_A_MINUTE: u32 = 120;
const LOGINS_AT_ONCE: u32 = 60;

/// What [`Devices`] are made of.
pub(crate) struct DeviceParts<'p> {
    pub bff: Arc<str>,
    pub auth: &'p DeviceAuth,
    pub provider: Arc<Provider>,
    pub origins: Origins,
    pub proxies: Arc<TrustedProxies>,
    pub limits: Limits,
    /// Made with [`Settings::of_device`](crate::session::Settings::of_device).
    pub sessions: Sessions,
    pub entries: Arc<dyn EntryStore>,
    pub ring: Arc<SharedRing>,
    pub office: Office,
    pub clock: Arc<dyn Clock>,
    pub claims: Arc<ClaimRules>,
    /// The same for all instances of the BFF.
    pub nonces: Arc<Nonces>,
}

/// `device({ … })` of one BFF. Shared by all threads.
pub(crate) struct Devices {
    bff: Arc<str>,
    provider_name: Arc<str>,
    provider: Arc<Provider>,
    redirects: Vec<Arc<str>>,
    /// How old the app's token may be before it changes.
    rotate: Duration,
    origins: Origins,
    proxies: Arc<TrustedProxies>,
    limits: Limits,
    login_rate: EndpointLimits,
    sessions: Sessions,
    transactions: Transactions,
    entries: Arc<dyn EntryStore>,
    ring: Arc<SharedRing>,
    office: Office,
    clock: Arc<dyn Clock>,
    claims: Arc<ClaimRules>,
    proofs: Proofs,
    challenger: Challenger,
}

impl fmt::Debug for Devices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Devices").field("bff", &self.bff).finish_non_exhaustive()
    }
}

impl Devices {
    /// # Errors
    /// The BFF's name cannot be part of a cookie's; it is the error.
    pub(crate) fn new(parts: DeviceParts<'_>) -> Result<Self, String> {
        let transactions = Transactions::new(
            Arc::clone(&parts.bff),
            &format!("{}-device", parts.bff),
            Arc::clone(&parts.entries),
            Arc::clone(&parts.ring),
            Arc::clone(&parts.clock),
        )?;
        let minute = Duration::from_secs(60);
        Ok(Self {
            provider_name: Arc::clone(&parts.auth.provider.name),
            provider: parts.provider,
            redirects: parts.auth.redirects.clone(),
            rotate: parts.auth.rotate,
            proofs: Proofs::new(
                &parts.bff,
                Arc::clone(&parts.entries),
                parts.origins.clone(),
                parts.nonces,
                Arc::clone(&parts.clock),
            ),
            challenger: Challenger::new(&parts.bff, &proofs::ALGORITHMS, false, true),
            bff: parts.bff,
            origins: parts.origins,
            proxies: parts.proxies,
            limits: parts.limits,
            login_rate: EndpointLimits::per_address(LOGIN, LOGINS_A_MINUTE, minute, LOGINS_AT_ONCE),
            sessions: parts.sessions,
            transactions,
            entries: parts.entries,
            ring: parts.ring,
            office: parts.office,
            clock: parts.clock,
            claims: parts.claims,
        })
    }

    /// Ends all sessions of one user, on behalf of an administrator. How many there were.
    pub(crate) async fn end_user(&self, issuer: &str, subject: &str) -> Result<usize, Unavailable> {
        self.sessions.end_by_subject(issuer, subject, Ending::Admin).await
    }

    /// Whether a path belongs here, whatever is answered under it.
    pub(crate) fn is_own(path: &str) -> bool {
        path == "/auth/device" || path.starts_with("/auth/device/")
    }

    /// What a request to `path` must show first. Navigations come from elsewhere by nature, logout tokens from no
    /// browser; the rest comes from apps, which are none either.
    pub(crate) fn rule(path: &str) -> Option<Rule> {
        if matches!(path, LOGIN | CALLBACK | BACKCHANNEL) { None } else { Some(Rule::Public) }
    }

    /// The longest body that is read for `path`, in bytes.
    pub(crate) fn largest_body(path: &str) -> usize {
        if path == BACKCHANNEL { backchannel::LARGEST } else { LARGEST_BODY }
    }

    /// The answer to a body that is too large or does not come, if it is not a problem.
    pub(crate) fn unread(path: &str) -> Option<Response<Bytes>> {
        (path == BACKCHANNEL).then(backchannel::unreadable)
    }

    /// `WWW-Authenticate` for requests that show no credential at all.
    pub(crate) fn challenges(&self) -> Vec<HeaderValue> {
        self.challenger.bare()
    }

    /// Answers a request to a path of [`is_own`](Self::is_own).
    pub(crate) async fn answer(
        &self,
        inbound: &Inbound<'_>,
        body: Bytes,
    ) -> Result<Response<Bytes>, Refusal> {
        self.dispatch(inbound, &body).await.map_err(|mut refusal| {
            let mut headers = HeaderMap::new();
            keep_to_itself(&mut headers);
            refusal.headers.extend(headers.iter().map(|(name, value)| (name.clone(), value.clone())));
            refusal
        })
    }

    async fn dispatch(&self, inbound: &Inbound<'_>, body: &[u8]) -> Result<Response<Bytes>, Refusal> {
        let path = inbound.uri.path();
        let method = match path {
            LOGIN | CALLBACK => Method::GET,
            SESSION | CHALLENGE | LOGOUT | BACKCHANNEL => Method::POST,
            _ => return Err(Refusal::new(404, "not_found")),
        };
        if *inbound.method != method {
            let refusal = Refusal::new(405, "method_not_allowed");
            return Err(match HeaderValue::from_str(method.as_str()) {
                Ok(method) => refusal.header(ALLOW, method),
                Err(_) => refusal,
            });
        }
        match path {
            LOGIN => self.login(inbound).await,
            CALLBACK => self.callback(inbound).await,
            SESSION => self.session(inbound, body).await,
            CHALLENGE => self.challenge(inbound).await,
            BACKCHANNEL => {
                let backchannel = Backchannel {
                    bff: &self.bff,
                    providers: vec![&*self.provider],
                    sessions: &self.sessions,
                    entries: &*self.entries,
                };
                Ok(backchannel.answer(inbound, body).await)
            }
            _ => self.logout(inbound).await,
        }
    }

    async fn logout(&self, inbound: &Inbound<'_>) -> Result<Response<Bytes>, Refusal> {
        let (open, _) = self.proved(inbound).await?.ok_or_else(|| self.nobody())?;
        self.sessions.end(&open, Ending::SignedOut).await?;
        Ok(json_response(StatusCode::OK, &json!({ "authenticated": false })))
    }

    /// No credential came.
    fn nobody(&self) -> Refusal {
        let challenges = self.challenger.bare().into_iter();
        challenges.fold(Refusal::login_required(), |refusal, value| {
            refusal.header(http::header::WWW_AUTHENTICATE, value)
        })
    }
}

fn json_response(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    keep_to_itself(response.headers_mut());
    response
}
