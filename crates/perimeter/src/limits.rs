//! How often one may ask: rates per user, session, key, address and endpoint, and what the client is told of them.
//!
//! Rates are counted by a [`RateStore`] (GCRA); one that is away is replaced by one inside this process until it is
//! back, because refusing everybody would be the outage the rates are there to prevent. Clients see the state of the
//! tightest rate in `RateLimit` (draft-ietf-httpapi-ratelimit-headers).

use std::cmp::Ordering;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_adapter::{Rate, RateStore, Verdict};
use frontdesk_lang::model::{Access, RatePer, RateRule};
use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};
use smallvec::SmallVec;

use crate::proxies::plain;
use crate::{Identity, Kind, Refusal};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Where the rates of one BFF are counted.
#[derive(Clone)]
pub struct Limits {
    bff: Arc<str>,
    store: Arc<dyn RateStore>,
    /// Counts while `store` is away.
    local: Arc<dyn RateStore>,
}

/// The rates of one endpoint or proxy route: those of its BFF and its own.
#[derive(Clone, Debug)]
pub struct EndpointLimits {
    /// The ones that concern the fewest first: a user who is over its own rate uses up nothing of everybody's.
    rules: Vec<Rule>,
    cost: u32,
}

#[derive(Clone, Debug)]
struct Rule {
    per: RatePer,
    rate: Rate,
    /// The quota and its window, as clients are told.
    quota: u32,
    window: u64,
    /// What the policy is called in headers: `user`, `user-2`.
    name: Box<str>,
    /// The BFF's rates count over all of its endpoints (but those per endpoint), an endpoint's own for it alone.
    is_of_bff: bool,
    /// What is counted together.
    scope: Box<str>,
}

/// What the client is told of its rates: to be added to the answer, whatever it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    headers: Option<[HeaderValue; 2]>,
}

impl Standing {
    pub fn write(&self, answer: &mut HeaderMap) {
        if let Some([limit, policy]) = &self.headers {
            answer.insert(RATE_LIMIT, limit.clone());
            answer.insert(RATE_LIMIT_POLICY, policy.clone());
        }
    }
}

impl EndpointLimits {
    /// `name` is the endpoint's; `rates` are the BFF's.
    pub fn new(name: &str, rates: &[RateRule], access: &Access) -> Self {
        let mut rules: Vec<Rule> = Vec::new();
        let all = rates.iter().map(|rule| (rule, false)).chain(access.rates.iter().map(|rule| (rule, true)));
        for (rule, is_own) in all {
            let same = rules.iter().filter(|other| other.per == rule.per).count();
            let label = match same {
                0 => rule.per.name().to_owned(),
                more => format!("{}-{}", rule.per.name(), more + 1),
            };
            let scope = if is_own || rule.per == RatePer::Endpoint { name } else { "" };
            rules.push(Rule {
                per: rule.per,
                rate: rate(rule.requests, rule.every, rule.burst),
                quota: rule.requests,
                window: rule.every.as_secs().max(1),
                is_of_bff: !is_own,
                scope: format!("{label} {scope}").into(),
                name: label.into(),
            });
        }
        rules.sort_by(|one, other| breadth(one.per).cmp(&breadth(other.per)).then(tightness(one, other)));
        Self { rules, cost: access.cost.max(1) }
    }

    /// One rate for each client address, for what is no endpoint.
    pub(crate) fn per_address(name: &str, requests: u32, every: Duration, burst: u32) -> Self {
        let per = RatePer::Ip;
        let rule = Rule {
            per,
            rate: rate(requests, every, burst),
            quota: requests,
            window: every.as_secs().max(1),
            name: per.name().into(),
            is_of_bff: false,
            scope: format!("{} {name}", per.name()).into(),
        };
        Self { rules: vec![rule], cost: 1 }
    }
}

/// One request each `every` / `requests`, `burst` at once.
pub(crate) fn rate(requests: u32, every: Duration, burst: u32) -> Rate {
    let each = every.as_micros() / u128::from(requests.max(1));
    Rate { interval_micros: u64::try_from(each).unwrap_or(u64::MAX).max(1), burst: burst.max(1) }
}

fn breadth(per: RatePer) -> u8 {
    match per {
        RatePer::Session => 0,
        RatePer::Key => 1,
        RatePer::User => 2,
        RatePer::Ip => 3,
        RatePer::Endpoint => 4,
    }
}

fn tightness(one: &Rule, other: &Rule) -> Ordering {
    one.rate.burst.cmp(&other.rate.burst)
}

impl Limits {
    pub fn new(bff: Arc<str>, store: Arc<dyn RateStore>, local: Arc<dyn RateStore>) -> Self {
        Self { bff, store, local }
    }

    /// Counts one request. `address` is the client's own, not a proxy's.
    ///
    /// # Errors
    /// 429 `rate_limited` by the first rate that is used up; those that come after it have not counted the request.
    pub async fn admit(
        &self,
        endpoint: &EndpointLimits,
        address: IpAddr,
        identity: Option<&Identity>,
    ) -> Result<Standing, Refusal> {
        // What a key was given stands in place of what the BFF gives every key, not of an endpoint's own rates.
        let given = identity.and_then(|identity| identity.own_rate).map(given_rule);
        let is_replaced = |rule: &&Rule| given.is_some() && rule.is_of_bff && rule.per == RatePer::Key;
        if endpoint.rules.is_empty() && given.is_none() {
            return Ok(Standing::default());
        }
        let mut seen: SmallVec<[(&Rule, Verdict); 4]> = SmallVec::new();
        for rule in given.iter().chain(endpoint.rules.iter().filter(|rule| !is_replaced(rule))) {
            let Some(key) = self.key(rule, address, identity) else { continue };
            let verdict = self.count(&key, rule.rate, endpoint.cost.min(rule.rate.burst)).await;
            seen.push((rule, verdict));
            if !verdict.allowed {
                return Err(refusal(&seen, verdict));
            }
        }
        Ok(standing(&seen))
    }

    async fn count(&self, key: &str, rate: Rate, cost: u32) -> Verdict {
        if let Ok(verdict) = self.store.admit(key, rate, cost).await {
            return verdict;
        }
        let open =
            Verdict { allowed: true, remaining: 0, retry_after: Duration::ZERO, reset_after: Duration::ZERO };
        self.local.admit(key, rate, cost).await.unwrap_or(open)
    }

    /// Under what a request is counted; `None` if the rate is not about such callers.
    fn key(&self, rule: &Rule, address: IpAddr, identity: Option<&Identity>) -> Option<String> {
        let mut hash = Sha256::new();
        let mut add = |part: &[u8]| {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        };
        add(rule.scope.as_bytes());
        add(&rule.rate.interval_micros.to_be_bytes());
        add(&rule.rate.burst.to_be_bytes());
        match (rule.per, identity) {
            (RatePer::Endpoint, _) => {}
            (RatePer::Key, Some(identity)) if matches!(identity.kind, Kind::Key | Kind::Certificate) => {
                add(identity.handle.as_bytes());
            }
            (RatePer::Key, _) => return None,
            (RatePer::User, Some(identity)) => {
                add(one_spelling(&identity.issuer).as_bytes());
                add(one_spelling(&identity.subject).as_bytes());
            }
            (RatePer::Session, Some(identity)) => {
                add(identity.kind.name().as_bytes());
                add(identity.handle.as_bytes());
            }
            (RatePer::Ip, _) | (RatePer::User | RatePer::Session, None) => add(&owner(address).to_be_bytes()),
        }
        let digest: [u8; 32] = hash.finalize().into();
        let mut key = format!("fd:{}:r:", self.bff);
        for byte in digest.iter().take(16) {
            key.push_str(&format!("{byte:02x}"));
        }
        Some(key)
    }
}

/// The rate that one key was given.
fn given_rule(rate: Rate) -> Rule {
    let window = u64::from(rate.burst).saturating_mul(rate.interval_micros).div_ceil(1_000_000).max(1);
    let name = RatePer::Key.name();
    let (name, scope) = (name.into(), "key ".into());
    Rule { per: RatePer::Key, rate, quota: rate.burst, window, name, is_of_bff: true, scope }
}

/// A user has one allowance, however an identifier is spelled. Two users who differ in nothing else would share one,
/// which is the lesser harm.
fn one_spelling(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Who has this address: an IPv6 network of 64 bits is one customer's, with 2^64 addresses to ask from.
pub(crate) fn owner(address: IpAddr) -> u128 {
    match plain(address) {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits() & !u128::from(u64::MAX),
    }
}

/// The tightest rate in full, the policies of all.
fn standing(seen: &[(&Rule, Verdict)]) -> Standing {
    let share = |rule: &Rule, verdict: Verdict| {
        u64::from(verdict.remaining) * 1_000_000 / u64::from(rule.quota.max(1))
    };
    let tightest = seen.iter().min_by_key(|(rule, verdict)| (verdict.allowed, share(rule, *verdict)));
    let Some((rule, verdict)) = tightest else { return Standing::default() };
    let resets = if verdict.allowed { verdict.reset_after } else { verdict.retry_after };
    let limit = format!("\"{}\";r={};t={}", rule.name, verdict.remaining, seconds(resets));
    let policies: Vec<String> = seen
        .iter()
        .map(|(rule, _)| format!("\"{}\";q={};w={}", rule.name, rule.quota, rule.window))
        .collect();
    let headers = HeaderValue::try_from(limit).ok().zip(HeaderValue::try_from(policies.join(", ")).ok());
    Standing { headers: headers.map(|(limit, policy)| [limit, policy]) }
}

fn refusal(seen: &[(&Rule, Verdict)], verdict: Verdict) -> Refusal {
    let retry_after = Duration::from_secs(seconds(verdict.retry_after).max(1));
    let mut refusal = Refusal { retry_after: Some(retry_after), ..Refusal::new(429, "rate_limited") };
    if let Some([limit, policy]) = standing(seen).headers {
        refusal = refusal.header(RATE_LIMIT, limit).header(RATE_LIMIT_POLICY, policy);
    }
    refusal
}

/// Whole seconds, rounded up: who waits that long has waited long enough.
fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}
