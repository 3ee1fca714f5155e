//! Access tokens in `Authorization`: JWTs (RFC 9068), opaque ones by introspection (RFC 7662), plain (RFC 6750), bound
//! to a key (RFC 9449) or to a certificate (RFC 8705).
//!
//! A token that was found good is remembered by a keyed hash for at most a minute, so that most requests check nothing
//! but its end and its binding. Of a token that is refused the client learns why in a fixed sentence, and nothing of
//! any token is in an error, a log or a cache's key.

mod caller;
pub(crate) mod challenge;
pub(crate) mod credential;
pub(crate) mod remembered;
mod token;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use aws_lc_rs::hmac;
use frontdesk_adapter::{AccessToken, Caller, Clock, Deadline, EntryStore, Exchange, Fault};
use frontdesk_lang::model::{BearerAuth, Demand};
use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use self::caller::BearerCaller;
use self::challenge::Challenger;
use self::credential::{Credential, Scheme, credential};
use self::remembered::{Flights, Key, Remembered};
use self::token::{KnownToken, keyed};
use crate::claims::ClaimRules;
use crate::jose::jwks::KeyCache;
use crate::jose::nonce::Nonces;
use crate::jose::{Expectations, SigningKey, TokenFault, peek, verify};
use crate::proofs::{self, Proofs, Unproved};
use crate::{Identity, Inbound, Origins, Refusal};

/// Seconds that a verified token is believed without another look at its signature.
const VERIFIED: u64 = 60;
/// Seconds that a provider's word for an opaque token holds, and its word against one.
const ACTIVE: u64 = 30;
const INACTIVE: u64 = 5;
/// Seconds before its end that an exchanged token is not used any more.
const SPARE: u64 = 5;
/// The most tokens that are remembered, of each sort.
const MOST: usize = 16 * 1024;
/// The most introspections, and exchanges, at once: anybody can make up opaque tokens.
const MOST_ASKED: usize = 256;

/// An introspection answer, whatever its `active` says.
pub type Introspection = Pin<Box<dyn Future<Output = Result<Map<String, Value>, Fault>> + Send>>;
pub type Exchanged = Pin<Box<dyn Future<Output = Result<AccessToken, Fault>> + Send>>;

/// The provider, as far as bearer tokens need it. Dropping a future does not stop what it asked for.
pub trait TokenService: Send + Sync {
    /// RFC 7662.
    fn introspect(&self, token: Arc<str>, deadline: Deadline) -> Introspection;

    /// RFC 8693 of this subject token. A DPoP-bound one that comes is bound to [`key`](Self::key).
    fn exchange(&self, subject: AccessToken, wanted: Exchange, deadline: Deadline) -> Exchanged;

    /// The key that exchanged tokens are bound to, if they are.
    fn key(&self) -> Option<Arc<SigningKey>>;
}

/// What a [`Bearer`] works with.
pub struct BearerParts {
    /// The BFF's name, for challenges and keys of entries.
    pub bff: Arc<str>,
    /// The issuer identifier, exactly.
    pub issuer: Arc<str>,
    pub keys: KeyCache,
    /// For introspection and exchange; `None` if `client` is not configured.
    pub tokens: Option<Arc<dyn TokenService>>,
    /// Remembers proofs.
    pub entries: Arc<dyn EntryStore>,
    pub clock: Arc<dyn Clock>,
    pub origins: Origins,
    pub claims: Arc<ClaimRules>,
    /// Of nonces: the same for all instances of the BFF.
    pub nonces: Arc<Nonces>,
    /// Random, of this process: for keys of tables and callers.
    pub secret: [u8; 32],
}

/// Somebody with a good token.
#[derive(Debug)]
pub struct Bearing {
    pub identity: Arc<Identity>,
    pub caller: Rc<dyn Caller>,
    /// The nonce for the client's next proof, if its own is about to end (RFC 9449 §8.2).
    pub header: Option<(HeaderName, HeaderValue)>,
}

/// `bearer({ … })` of one BFF.
pub struct Bearer {
    expect: Expectations,
    scopes: Vec<Arc<str>>,
    introspects: bool,
    dpop: Demand,
    challenger: Challenger,
    keys: KeyCache,
    proofs: Proofs,
    claims: Arc<ClaimRules>,
    verified: Remembered<Arc<KnownToken>>,
    introspected: Remembered<Option<Arc<KnownToken>>>,
    introspections: Flights<Result<Map<String, Value>, Fault>>,
    shared: Arc<Shared>,
}

/// What callers need too.
struct Shared {
    clock: Arc<dyn Clock>,
    tokens: Option<Arc<dyn TokenService>>,
    secret: hmac::Key,
    exchanged: Remembered<AccessToken>,
    exchanges: Flights<Result<AccessToken, Fault>>,
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bearer").field("issuer", &self.expect.issuer).finish_non_exhaustive()
    }
}

/// Why a token does not let anybody in.
enum No {
    /// The token is at fault; fixed text.
    Token(&'static str),
    Proof(Unproved),
    /// We are: keys, provider or store cannot be asked. For the log.
    Away(String),
}

impl Bearer {
    pub fn new(config: &BearerAuth, parts: BearerParts) -> Self {
        let expect = Expectations {
            issuer: parts.issuer,
            audiences: config.audiences.clone(),
            types: config.types.clone(),
            untyped: false,
            algorithms: config.algorithms.clone(),
            leeway: config.leeway.as_secs(),
            require: vec!["sub"],
            max_age: None,
        };
        let bearer = config.dpop != Demand::Required;
        let challenger = Challenger::new(&parts.bff, &proofs::ALGORITHMS, bearer, config.dpop != Demand::Off);
        Self {
            expect,
            scopes: config.scopes.clone(),
            introspects: config.introspect,
            dpop: config.dpop,
            challenger,
            keys: parts.keys,
            proofs: Proofs::new(&parts.bff, parts.entries, parts.origins, parts.nonces, parts.clock.clone()),
            claims: parts.claims,
            verified: Remembered::new(MOST),
            introspected: Remembered::new(MOST),
            introspections: Flights::new(MOST_ASKED),
            shared: Arc::new(Shared {
                clock: parts.clock,
                tokens: parts.tokens,
                secret: hmac::Key::new(hmac::HMAC_SHA256, &parts.secret),
                exchanged: Remembered::new(MOST),
                exchanges: Flights::new(MOST_ASKED),
            }),
        }
    }

    /// `WWW-Authenticate` for requests that show no credential at all.
    pub fn challenges(&self) -> Vec<HeaderValue> {
        self.challenger.bare()
    }

    /// Who asks, by the token of `Authorization`. `None` if it holds none, or one of our own making (`fdm_…` of device
    /// sessions, `fdk_…` of API keys): other methods look after those.
    ///
    /// # Errors
    /// 401 `invalid_token`, 403 `insufficient_scope`, 503 if keys, provider or store cannot be asked.
    pub async fn authenticate(
        &self,
        inbound: &Inbound<'_>,
        deadline: Deadline,
    ) -> Result<Option<Bearing>, Refusal> {
        let shown = match credential(inbound) {
            Ok(None) => return Ok(None),
            Ok(Some(shown)) => shown,
            Err(_) => return Err(self.refusal(Scheme::Bearer, No::Token("the header cannot be read"))),
        };
        if ["fdm_", "fdk_"].iter().any(|own| shown.token.starts_with(own)) {
            return Ok(None);
        }
        let known = self.known(shown, deadline).await.map_err(|no| self.refusal(shown.scheme, no))?;
        let header = self
            .check_binding(inbound, shown, &known.binding)
            .await
            .map_err(|no| self.refusal(shown.scheme, no))?;
        if !self.scopes.iter().all(|wanted| known.identity.scopes.contains(wanted)) {
            let refusal = Refusal::new(403, "insufficient_scope").detail("the token lacks a scope");
            let scopes = self.scopes.join(" ");
            let further = [("scope", scopes.as_str())];
            return Err(self.challenger.with_error(refusal, shown.scheme, "insufficient_scope", &further));
        }
        let identity = known.identity.clone();
        let caller = BearerCaller { shared: self.shared.clone(), token: shown.token.into(), known };
        Ok(Some(Bearing { identity, caller: Rc::new(caller), header }))
    }

    fn refusal(&self, scheme: Scheme, no: No) -> Refusal {
        match no {
            No::Away(why) => Refusal::unavailable().because(why),
            No::Token(why) => {
                self.challenger.with_error(Refusal::invalid_token(why), scheme, "invalid_token", &[])
            }
            No::Proof(unproved) => self.proofs.refusal(unproved, &self.challenger),
        }
    }

    /// What the token says, remembered or found out.
    async fn known(&self, shown: Credential<'_>, deadline: Deadline) -> Result<Arc<KnownToken>, No> {
        let now = self.shared.clock.unix();
        let key = keyed(&self.shared.secret, &[b"token", shown.token.as_bytes()]);
        if let Some(known) = self.verified.get(&key, now) {
            return Ok(known);
        }
        // Three parts make a JWT (RFC 7519 §3); opaque tokens may have dots too, but not exactly so.
        let is_jwt = shown.token.bytes().filter(|byte| *byte == b'.').count() == 2;
        if is_jwt || !self.introspects {
            let known = Arc::new(self.verify(shown.token, &key, now, deadline).await?);
            let until = known.expires.saturating_add(self.expect.leeway).min(now + VERIFIED);
            self.verified.put(key, known.clone(), now, until);
            return Ok(known);
        }
        self.introspect(shown.token, key, now, deadline).await
    }

    async fn verify(&self, token: &str, key: &Key, now: u64, deadline: Deadline) -> Result<KnownToken, No> {
        let no = |fault: TokenFault| No::Token(fault.text());
        let peeked = peek(token).map_err(no)?;
        if !self.expect.algorithms.contains(&peeked.algorithm) {
            return Err(no(TokenFault::Algorithm));
        }
        // Keys are not fetched for tokens that name another issuer.
        if peeked.unverified_issuer().is_none_or(|issuer| *issuer != *self.expect.issuer) {
            return Err(no(TokenFault::Issuer));
        }
        let keys =
            self.keys.keys_for(peeked.kid(), deadline).await.map_err(|fault| No::Away(fault.to_string()))?;
        let verified = verify(token, &keys, &self.expect, now).map_err(no)?;
        let expires = verified.date("exp").unwrap_or_default();
        token::read(&verified.claims, &self.expect.issuer, expires, &self.claims, key, &self.shared.secret)
            .map_err(No::Token)
    }

    async fn introspect(
        &self,
        token: &str,
        key: Key,
        now: u64,
        deadline: Deadline,
    ) -> Result<Arc<KnownToken>, No> {
        const INVALID: No = No::Token("the provider does not know the token");
        match self.introspected.get(&key, now) {
            Some(Some(known)) => return Ok(known),
            Some(None) => return Err(INVALID),
            None => {}
        }
        let away = |why: &str| No::Away(format!("the provider cannot be asked about the token: {why}"));
        let Some(provider) = &self.shared.tokens else { return Err(away("no `client` is configured")) };
        let question = || provider.introspect(token.into(), deadline);
        let asked = self.introspections.ask(key, question);
        let answer = match tokio::time::timeout_at(deadline.instant(), asked).await {
            Ok(Some(Ok(answer))) => answer,
            Ok(Some(Err(fault))) => return Err(away(&fault.to_string())),
            Ok(None) => return Err(away("too many questions at once")),
            Err(_) => return Err(away("no answer in time")),
        };
        let known = match answer.get("active") {
            Some(Value::Bool(true)) => self.read_introspection(&answer, &key, now),
            Some(Value::Bool(false)) => Err(INVALID),
            _ => return Err(away("its answer does not say whether the token is active")),
        };
        match known {
            Ok(known) => {
                let known = Arc::new(known);
                let until = known.expires.min(now + ACTIVE);
                self.introspected.put(key, Some(known.clone()), now, until);
                Ok(known)
            }
            Err(no) => {
                self.introspected.put(key, None, now, now + INACTIVE);
                Err(no)
            }
        }
    }

    /// The same as for JWTs, as far as RFC 7662 §2.2 leaves it open: who issued it and when may be left out, since the
    /// provider that answers is the one that is asked.
    fn read_introspection(&self, answer: &Map<String, Value>, key: &Key, now: u64) -> Result<KnownToken, No> {
        let mut claims = answer.clone();
        claims.entry("iss").or_insert_with(|| Value::from(&*self.expect.issuer));
        claims.entry("exp").or_insert_with(|| Value::from(now + ACTIVE));
        crate::jose::check_claims(&claims, &self.expect, now).map_err(|fault| No::Token(fault.text()))?;
        let expires = claims.get("exp").and_then(Value::as_f64).unwrap_or_default() as u64;
        token::read(&claims, &self.expect.issuer, expires, &self.claims, key, &self.shared.secret)
            .map_err(No::Token)
    }

    /// Whether the one who shows the token is the one it was made for.
    async fn check_binding(
        &self,
        inbound: &Inbound<'_>,
        shown: Credential<'_>,
        binding: &token::Binding,
    ) -> Result<Option<(HeaderName, HeaderValue)>, No> {
        if let Some(x5t) = &binding.x5t {
            let shown = inbound.certificate.map(|certificate| certificate.thumbprint.as_bytes());
            if !shown.is_some_and(|shown| bool::from(shown.ct_eq(x5t.as_bytes()))) {
                return Err(No::Token("the token is bound to another certificate"));
            }
        }
        let has_proof = inbound.headers.contains_key(credential::DPOP);
        match (shown.scheme, &binding.jkt) {
            (_, Some(_)) if self.dpop == Demand::Off => {
                Err(No::Token("tokens bound to keys are not accepted"))
            }
            // RFC 9449 §7.2: a bound token is never good without its proof.
            (Scheme::Bearer, Some(_)) => Err(No::Token("the token is bound to a key: use the scheme DPoP")),
            (Scheme::Bearer, None) if has_proof => {
                Err(No::Token("the token is not bound to the key of the proof"))
            }
            (Scheme::Bearer, None) if self.dpop == Demand::Required => {
                Err(No::Token("only tokens bound to a key are accepted"))
            }
            (Scheme::Bearer, None) => Ok(None),
            (Scheme::Dpop, None) => Err(No::Token("the token is not bound to a key: use the scheme Bearer")),
            (Scheme::Dpop, Some(jkt)) => {
                let proved =
                    self.proofs.check(inbound, Some(shown.token), Some(jkt)).await.map_err(No::Proof)?;
                Ok(proved.header)
            }
        }
    }
}
