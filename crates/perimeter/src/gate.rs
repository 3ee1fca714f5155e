//! The gate: one way in for every endpoint and every proxy route, in one order that nobody can leave out or change.
//!
//! cross-site check → authentication → what the endpoint requires → rates
//!
//! A request that carries no credential is told to sign in; one that carries a cookie must first show that one of our
//! own pages sent it.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use frontdesk_adapter::{AccessToken, Caller, CallerKey, Deadline, Exchange, Fault, TokenFuture};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};
use smallvec::SmallVec;
use subtle::ConstantTimeEq;

use crate::bearer::Bearing;
use crate::device::DeviceBearing;
use crate::perimeter::{Browsers, Entrance};
use crate::session::cookie::Found;
use crate::session::{Event, SessionId};
use crate::{Identity, Inbound, Perimeter, Refusal, Rule, Standing};

/// Headers that the answer gets beside its own.
pub type AnswerHeaders = SmallVec<[(HeaderName, HeaderValue); 2]>;

/// A request that was let in.
#[derive(Debug, Default)]
pub struct Admitted {
    /// Who asks; `None` on public endpoints.
    pub identity: Option<Arc<Identity>>,
    /// Whom calls to services are made for.
    pub caller: Option<Rc<dyn Caller>>,
    /// What the request's body must be, because its user approved this one: to be checked before anything is done
    /// with it.
    pub approved_body: Option<ApprovedBody>,
    /// How its rates stand.
    standing: Standing,
    /// A cookie that changes with this answer, a nonce for the next proof.
    headers: AnswerHeaders,
}

impl Admitted {
    /// Adds what the client must learn to the answer, whatever that is.
    pub fn write(&self, answer: &mut HeaderMap) {
        self.standing.write(answer);
        for (name, value) in &self.headers {
            answer.append(name, value.clone());
        }
    }
}

/// The one body that a request may have: SHA-256 of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApprovedBody([u8; 32]);

impl ApprovedBody {
    pub fn new(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    pub fn check(self) -> BodyCheck {
        BodyCheck { wanted: self.0, seen: Sha256::new() }
    }
}

/// Looks at a body as it passes.
#[derive(Clone)]
pub struct BodyCheck {
    wanted: [u8; 32],
    seen: Sha256,
}

impl BodyCheck {
    pub fn see(&mut self, data: &[u8]) {
        self.seen.update(data);
    }

    /// Whether what was seen is what was approved.
    pub fn is_met(&self) -> bool {
        self.seen.clone().finalize().ct_eq(&self.wanted).into()
    }
}

/// Somebody who proved who they are.
pub(crate) struct Known {
    pub identity: Arc<Identity>,
    pub caller: Rc<dyn Caller>,
    pub headers: AnswerHeaders,
    pub approved_body: Option<[u8; 32]>,
}

impl Known {
    /// A caller without a token of its own to forward.
    fn tokenless(identity: Identity) -> Self {
        let caller = Rc::new(Tokenless { key: identity.key, cohort: identity.cohort() });
        Self { identity: Arc::new(identity), caller, headers: AnswerHeaders::new(), approved_body: None }
    }
}

impl Perimeter {
    /// Lets a request in, or says why not. Nothing of the endpoint has run by then.
    pub async fn admit(
        &self,
        inbound: &Inbound<'_>,
        entrance: &Entrance,
        deadline: Deadline,
    ) -> Result<Admitted, Refusal> {
        let known = if entrance.access.public {
            self.cross_site.check(inbound, Rule::Public)?;
            None
        } else {
            // Boxed: where anybody may ask, requests would carry room for it.
            let known = Box::pin(self.authenticate(inbound, entrance, deadline)).await?;
            self.check_requirements(&known.identity, &entrance.access.requires)?;
            Some(known)
        };
        let identity = known.as_ref().map(|known| &*known.identity);
        let address = self.proxies.client(inbound).address;
        let standing = self.limits.admit(&entrance.limits, address, identity).await?;
        Ok(match known {
            None => Admitted { standing, ..Admitted::default() },
            Some(Known { identity, caller, headers, approved_body }) => {
                let approved_body = approved_body.map(ApprovedBody::new);
                Admitted { identity: Some(identity), caller: Some(caller), approved_body, standing, headers }
            }
        })
    }

    /// Who asks. Credentials that a program attaches on purpose come before those that browsers attach by themselves.
    async fn authenticate(
        &self,
        inbound: &Inbound<'_>,
        entrance: &Entrance,
        deadline: Deadline,
    ) -> Result<Known, Refusal> {
        let address = self.proxies.client(inbound).address;
        self.attempts.check(address)?;
        let found = self.look_for_credentials(inbound, entrance, deadline).await;
        if let Err(Refusal { status: 401, is_guess: true, .. }) = &found
            && let Some(many) = self.attempts.failed(address)
        {
            return Err(many);
        }
        found
    }

    async fn look_for_credentials(
        &self,
        inbound: &Inbound<'_>,
        entrance: &Entrance,
        deadline: Deadline,
    ) -> Result<Known, Refusal> {
        if let Some(rehearsed) = &self.rehearsed {
            let identity = (rehearsed.who)(inbound).ok_or_else(|| self.login_required())?;
            rehearsed.check_token(&identity)?;
            return Ok(Known::tokenless(identity));
        }
        if let Some(keys) = &self.api_keys
            && let Some(identity) = keys.authenticate(inbound)?
        {
            return Ok(Known::tokenless(identity));
        }
        if let Some(devices) = &self.devices
            && let Some(DeviceBearing { identity, caller, headers, approved_body }) =
                devices.authenticate(inbound).await?
        {
            return Ok(Known { identity, caller, headers, approved_body });
        }
        let mut refused = None;
        for bearer in &self.bearers {
            match bearer.authenticate(inbound, deadline).await {
                Ok(None) => {}
                Ok(Some(Bearing { identity, caller, header })) => {
                    let headers = header.into_iter().collect();
                    return Ok(Known { identity, caller, headers, approved_body: None });
                }
                // It may be the token of the next one's provider.
                Err(refusal) if refusal.code == "invalid_token" => refused = refused.or(Some(refusal)),
                Err(refusal) => return Err(refusal),
            }
        }
        if let Some(refusal) = refused {
            return Err(refusal);
        }
        let shown = self.certificates.as_ref().zip(inbound.certificate);
        if let Some(identity) = shown.and_then(|(certificates, shown)| certificates.identity(shown)) {
            self.cross_site.check(inbound, Rule::Certificate)?;
            return Ok(Known::tokenless(identity));
        }
        match &self.browsers {
            Some(browsers) => self.session(browsers, inbound, entrance).await,
            None if shown.is_some() => {
                Err(self.login_required().because("no name of the certificate is one of `clients`"))
            }
            None => Err(self.login_required()),
        }
    }

    /// The session of the request's cookie, once the request has shown that a page of ours sent it.
    async fn session(
        &self,
        browsers: &Browsers,
        inbound: &Inbound<'_>,
        entrance: &Entrance,
    ) -> Result<Known, Refusal> {
        let rule = if entrance.access.headerless.is_some() { Rule::Headerless } else { Rule::Session };
        let cookie = browsers.routes.cookie();
        let found = cookie.find(inbound.headers);
        let Found::One(value) = found else {
            if found == Found::Duplicate {
                browsers.sessions.tally().count(Event::DuplicateCookie);
            }
            // Without a session there is nothing to abuse; but what says that it comes from elsewhere is told so.
            self.cross_site.check(inbound, Rule::Public)?;
            return Err(self.login_required());
        };
        self.cross_site.check(inbound, rule)?;
        let Some(id) = SessionId::parse(value) else { return Err(self.login_required().guess()) };
        let Some(open) = browsers.sessions.open(&id).await? else {
            return Err(self.login_required().guess());
        };
        let open = browsers.sessions.rotate_if_due(&open).await.unwrap_or(open);
        browsers.sessions.touch(&open);
        let mut headers = AnswerHeaders::new();
        if *open.id() != id
            && let Some(renewed) = cookie.set(&open.id().cookie_value())
        {
            headers.push((SET_COOKIE, renewed));
        }
        let identity = open.identity().clone();
        Ok(Known { identity, caller: Rc::new(browsers.sessions.caller(open)), headers, approved_body: None })
    }
}

/// The caller behind an API key or a certificate.
struct Tokenless {
    key: CallerKey,
    cohort: u64,
}

impl fmt::Debug for Tokenless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)
    }
}

impl Caller for Tokenless {
    fn key(&self) -> CallerKey {
        self.key
    }

    fn cohort(&self) -> u64 {
        self.cohort
    }

    fn access_token(&self, _deadline: Deadline) -> TokenFuture<'_> {
        Box::pin(async { Err(Fault::Credential("a key or certificate has no access token".to_owned())) })
    }

    fn exchanged<'a>(&'a self, _wanted: &'a Exchange, deadline: Deadline) -> TokenFuture<'a> {
        self.access_token(deadline)
    }

    fn proof(&self, _method: &str, _url: &str, _token: &AccessToken, _nonce: Option<&str>) -> Option<String> {
        None
    }
}
