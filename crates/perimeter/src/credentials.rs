//! What calls to a service carry to prove on whose behalf they are made.
//!
//! One [`Credentials`] per service, shared by all threads. A [`Connector`] that was [wrapped](Credentials::wrap) adds
//! what is due to each call; proxy routes ask for the same [headers](Credentials::headers_for). Whatever a call already
//! carries under these names gives way: what proves who asks is never a client's to say.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use frontdesk_adapter::{
    AccessToken, Answer, CallFuture, Caller, Clock, Connector, Deadline, Exchange, Fault, ServiceCall, now,
};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};
use smallvec::{SmallVec, smallvec};

use crate::Office;
use crate::jose::nonce::NonceMemory;
use crate::jose::{SignFault, SigningKey, dpop};
use crate::provider::Provider;
use crate::token_memory::{TokenMemory, key};

const DPOP: HeaderName = HeaderName::from_static("dpop");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// Headers with their values, which are marked as sensitive.
pub type Proving = SmallVec<[(HeaderName, HeaderValue); 2]>;

/// Its value is secret, and not told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}`, or its value, cannot be a header")]
pub struct NotAHeader(String);

/// The credentials of one service.
pub struct Credentials {
    kind: Arc<Kind>,
    /// Where the service is, as proofs name it: its first base URL, without a slash at its end.
    base: String,
    nonces: NonceMemory,
}

enum Kind {
    User { dpop: bool },
    Exchange(Exchange),
    Own(OwnTokens),
    Fixed(Proving),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &*self.kind {
            Kind::User { .. } => "Credentials(user)",
            Kind::Exchange(_) => "Credentials(exchange)",
            Kind::Own(_) => "Credentials(client-credentials)",
            Kind::Fixed(_) => "Credentials(static)",
        })
    }
}

impl Credentials {
    /// The caller's own token. With `dpop` it must be one that is bound to the caller's key.
    pub fn user(base: &str, dpop: bool) -> Self {
        Self::new(base, Kind::User { dpop })
    }

    /// The caller's token, exchanged for one of this service (RFC 8693).
    pub fn exchange(base: &str, mut wanted: Exchange) -> Self {
        wanted.scopes.sort();
        Self::new(base, Kind::Exchange(wanted))
    }

    /// A token of the BFF itself.
    pub fn own(base: &str, tokens: OwnTokens) -> Self {
        Self::new(base, Kind::Own(tokens))
    }

    /// Fixed headers whose values are secrets.
    ///
    /// # Errors
    /// The name of one that cannot be a header, or whose value cannot.
    pub fn fixed(headers: &[(String, String)]) -> Result<Self, NotAHeader> {
        let parsed = headers.iter().map(|(name, value)| {
            let refuse = || NotAHeader(name.clone());
            let parsed: HeaderName = name.parse().map_err(|_| refuse())?;
            Ok((parsed, sensitive(value.clone()).map_err(|_| refuse())?))
        });
        Ok(Self::new("", Kind::Fixed(parsed.collect::<Result<_, _>>()?)))
    }

    fn new(base: &str, kind: Kind) -> Self {
        let kind = Arc::new(kind);
        Self { kind, base: base.trim_end_matches('/').to_owned(), nonces: NonceMemory::default() }
    }

    /// The same at another place: for a version of the service.
    pub fn at(&self, base: &str) -> Arc<Self> {
        let base = base.trim_end_matches('/').to_owned();
        Arc::new(Self { kind: Arc::clone(&self.kind), base, nonces: NonceMemory::default() })
    }

    /// What a request with this method and target (path and query below the base URL) must carry.
    ///
    /// # Errors
    /// [`Fault::LoginRequired`] if it takes a caller and there is none, or its session has ended;
    /// [`Fault::Credential`] if there is no token for another reason.
    pub async fn headers_for(
        &self,
        caller: Option<&Rc<dyn Caller>>,
        method: &str,
        target: &[u8],
        deadline: Deadline,
    ) -> Result<Proving, Fault> {
        match &*self.kind {
            Kind::Fixed(headers) => Ok(headers.clone()),
            Kind::User { dpop } => {
                let caller = caller.ok_or(Fault::LoginRequired)?;
                let token = caller.access_token(deadline).await?;
                if *dpop && !token.is_dpop {
                    return Err(unbound());
                }
                self.proving(&token, method, target, |url, nonce| caller.proof(method, url, &token, nonce))
            }
            Kind::Exchange(wanted) => {
                let caller = caller.ok_or(Fault::LoginRequired)?;
                let token = caller.exchanged(wanted, deadline).await?;
                if wanted.is_dpop && !token.is_dpop {
                    return Err(unbound());
                }
                self.proving(&token, method, target, |url, nonce| caller.proof(method, url, &token, nonce))
            }
            Kind::Own(tokens) => {
                let token = tokens.token(deadline).await?;
                self.proving(&token, method, target, |url, nonce| tokens.proof(method, url, &token, nonce))
            }
        }
    }

    /// RFC 6750 §2.1, or RFC 9449 §7.1 for a token that is bound: then with a fresh proof.
    fn proving(
        &self,
        token: &AccessToken,
        method: &str,
        target: &[u8],
        prove: impl FnOnce(&str, Option<&str>) -> Option<String>,
    ) -> Result<Proving, Fault> {
        let scheme = if token.is_dpop { "DPoP" } else { "Bearer" };
        // Exactly as long as it gets, so that it becomes the header's value where it stands.
        let value = [scheme, " ", &token.secret].concat();
        let mut headers: Proving = smallvec![(AUTHORIZATION, sensitive(value)?)];
        if token.is_dpop {
            let path = std::str::from_utf8(target).map_err(|_| unsendable())?;
            let path = path.split(['?', '#']).next().unwrap_or_default();
            let url = format!("{}{path}", self.base);
            let nonce = self.nonces.newest(&url);
            let proof = prove(&url, nonce.as_deref());
            let proof = proof.ok_or_else(|| {
                Fault::Credential(format!("no proof can be made for a {method} with a bound token"))
            })?;
            headers.push((DPOP, sensitive(proof)?));
        }
        Ok(headers)
    }

    /// Remembers the nonce that an answer of the service gave for the next proof (RFC 9449 §9).
    pub fn learn(&self, answer: &HeaderMap) {
        if let Some(nonce) = answer.get(DPOP_NONCE).and_then(|nonce| nonce.to_str().ok()) {
            self.nonces.learn(&self.base, nonce);
        }
    }

    /// `inner`, whose calls carry what is due.
    pub fn wrap(self: &Arc<Self>, inner: Rc<dyn Connector>) -> Rc<dyn Connector> {
        Rc::new(Proven { inner, credentials: Arc::clone(self) })
    }
}

fn unbound() -> Fault {
    Fault::Credential("the service takes bound tokens (DPoP), and the caller's is not".to_owned())
}

fn unsendable() -> Fault {
    Fault::Credential("the token cannot be sent".to_owned())
}

fn sensitive(text: String) -> Result<HeaderValue, Fault> {
    let mut value = HeaderValue::try_from(text).map_err(|_| unsendable())?;
    value.set_sensitive(true);
    Ok(value)
}

/// A connector whose calls are proven.
struct Proven {
    inner: Rc<dyn Connector>,
    credentials: Arc<Credentials>,
}

impl Connector for Proven {
    fn call<'a>(&'a self, call: &'a ServiceCall, deadline: Deadline) -> CallFuture<'a> {
        Box::pin(self.proven(call, deadline))
    }
}

impl Proven {
    async fn proven(&self, call: &ServiceCall, deadline: Deadline) -> Result<Answer, Fault> {
        let mut is_retry = false;
        loop {
            let headers = self
                .credentials
                .headers_for(call.caller.as_ref(), call.method, &call.target, deadline)
                .await?;
            let is_bound = headers.iter().any(|(name, _)| *name == DPOP);
            let sent = with(call, &headers);
            if !is_bound {
                return self.inner.call(&sent, deadline).await;
            }
            let nonce = Cell::new(None);
            let answer = self.inner.call_with_proof(&sent, deadline, &nonce).await;
            let given = nonce.take();
            if let Some(given) = &given {
                self.credentials.nonces.learn(&self.credentials.base, given);
            }
            // Refused for want of the nonce: nothing was done, and a fresh proof has it.
            let wants_nonce = given.is_some() && matches!(answer, Err(Fault::Rejected { status: 401 }));
            if !wants_nonce || is_retry {
                return answer;
            }
            is_retry = true;
        }
    }
}

/// The call with these headers and no others of their names.
fn with(call: &ServiceCall, proving: &Proving) -> ServiceCall {
    let is_ours =
        |name: &[u8]| proving.iter().any(|(ours, _)| name.eq_ignore_ascii_case(ours.as_str().as_bytes()));
    let kept = call.headers.iter().filter(|(name, _)| !is_ours(name)).cloned();
    let added =
        proving.iter().map(|(name, value)| (name.as_str().as_bytes().to_vec(), value.as_bytes().to_vec()));
    ServiceCall { headers: kept.chain(added).collect(), ..call.clone() }
}

/// Tokens of the BFF itself for one service (RFC 6749 §4.4): one at a time, and its successor fetched before it ends.
pub struct OwnTokens {
    provider: Arc<Provider>,
    office: Office,
    clock: Arc<dyn Clock>,
    wanted: Exchange,
    /// What bound tokens are bound to, as long as this process lives.
    key: Option<SigningKey>,
    memory: TokenMemory,
    /// Under which the one token is kept.
    place: [u8; 32],
}

impl OwnTokens {
    /// # Errors
    /// A bound token is wanted, and there is no randomness for its key.
    pub fn new(
        provider: Arc<Provider>,
        office: Office,
        clock: Arc<dyn Clock>,
        mut wanted: Exchange,
    ) -> Result<Self, SignFault> {
        wanted.scopes.sort();
        let own_key = wanted.is_dpop.then(SigningKey::generate_es256).transpose()?;
        let memory = TokenMemory::new(Arc::clone(&clock));
        Ok(Self { provider, office, clock, wanted, key: own_key, memory, place: key(&[b"own"]) })
    }

    async fn token(&self, deadline: Deadline) -> Result<AccessToken, Fault> {
        if self.memory.is_stale(&self.place) {
            let (memory, place, asked) = (self.memory.clone(), self.place, self.question());
            self.office.post(move |desk| async move {
                let answer = asked(desk).await;
                memory.succeed(place, answer);
            });
        }
        let question = || {
            let (office, asked) = (self.office.clone(), self.question());
            async move {
                let answer = office.ask(asked).await;
                answer.unwrap_or_else(|closed| Err(Fault::Credential(closed.to_string())))
            }
        };
        self.memory.get(self.place, deadline, question).await
    }

    /// What is asked of the provider, at the office's desk.
    fn question(&self) -> impl FnOnce(crate::Desk) -> TokenAnswer + Send + 'static {
        let (provider, wanted, key) = (Arc::clone(&self.provider), self.wanted.clone(), self.key.clone());
        move |desk| {
            Box::pin(async move {
                let deadline = Deadline::after(now(), provider.settings().timeout);
                let set = provider.client_credentials(&desk, &wanted, key.as_ref(), deadline).await;
                set.map(|set| set.access()).map_err(|fault| fault.credential())
            })
        }
    }

    fn proof(&self, method: &str, url: &str, token: &AccessToken, nonce: Option<&str>) -> Option<String> {
        let key = self.key.as_ref()?;
        dpop::prove(key, method, url, Some(&token.secret), nonce, self.clock.unix()).ok()
    }
}

type TokenAnswer = std::pin::Pin<Box<dyn Future<Output = Result<AccessToken, Fault>>>>;
