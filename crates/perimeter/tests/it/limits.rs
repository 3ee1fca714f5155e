//! Rates with the store in memory, and without a store.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use frontdesk_adapter::{CallerKey, Clock, Rate, RateStore, StoreFault, StoreFuture, Verdict};
use frontdesk_diagnostics::{FileId, Span};
use frontdesk_lang::model::{Access, RatePer, RateRule};
use frontdesk_perimeter::{Attempts, EndpointLimits, Identity, Kind, Limits, Standing};
use frontdesk_stores::memory::MemoryStore;
use futures_util::FutureExt;
use http::HeaderMap;

/// Time that moves when it is told to.
pub struct Hand(AtomicU64);

impl Hand {
    pub fn at(unix: u64) -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(unix * 1_000_000)))
    }

    pub fn wait(&self, time: Duration) {
        self.0.fetch_add(u64::try_from(time.as_micros()).unwrap(), Ordering::Relaxed);
    }

    pub fn set_back(&self, time: Duration) {
        self.0.fetch_sub(u64::try_from(time.as_micros()).unwrap(), Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn unix_micros(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Where these definitions would stand in a file.
pub fn nowhere() -> Span {
    Span::new(FileId(0), 0, 0)
}

struct Away;

impl RateStore for Away {
    fn admit<'a>(&'a self, _: &'a str, _: Rate, _: u32) -> StoreFuture<'a, Verdict> {
        Box::pin(async { Err(StoreFault("gone".to_owned())) })
    }
}

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 9));

fn limits(clock: &Arc<Hand>) -> Limits {
    let store = Arc::new(MemoryStore::new(clock.clone()));
    Limits::new("web".into(), store, Arc::new(Away))
}

fn rule(per: RatePer, requests: u32, seconds: u64, burst: u32) -> RateRule {
    RateRule { per, requests, every: Duration::from_secs(seconds), burst, span: nowhere() }
}

fn endpoint(name: &str, of_bff: &[RateRule], own: &[RateRule], cost: u32) -> EndpointLimits {
    EndpointLimits::new(name, of_bff, &Access { rates: own.to_vec(), cost, ..Access::public() })
}

fn user(subject: &str, handle: &str) -> Identity {
    Identity {
        kind: Kind::Session,
        issuer: "https://login.example.com".into(),
        subject: subject.into(),
        scopes: Vec::new(),
        acr: None,
        amr: Vec::new(),
        authenticated_at: None,
        client: None,
        claims: serde_json::Map::new(),
        handle: handle.into(),
        key: CallerKey([1; 32]),
        approved: false,
        pinned_version: None,
        own_rate: None,
    }
}

/// The store in memory never waits.
fn ask(
    limits: &Limits,
    endpoint: &EndpointLimits,
    address: IpAddr,
    who: Option<&Identity>,
) -> Result<HeaderMap, frontdesk_perimeter::Refusal> {
    let standing: Standing = limits.admit(endpoint, address, who).now_or_never().unwrap()?;
    let mut headers = HeaderMap::new();
    standing.write(&mut headers);
    Ok(headers)
}

#[test]
fn without_rates_nothing_is_said() {
    let (clock, quiet) = (Hand::at(1_000), endpoint("a", &[], &[], 1));
    assert!(ask(&limits(&clock), &quiet, HERE, None).unwrap().is_empty());
}

#[test]
fn a_rate_that_is_used_up_refuses_and_comes_back() {
    let clock = Hand::at(1_000);
    let limits = limits(&clock);
    let slow = endpoint("a", &[rule(RatePer::Ip, 60, 60, 2)], &[], 1);
    let first = ask(&limits, &slow, HERE, None).unwrap();
    assert_eq!(first["ratelimit"], "\"ip\";r=1;t=1");
    assert_eq!(first["ratelimit-policy"], "\"ip\";q=60;w=60");
    ask(&limits, &slow, HERE, None).unwrap();
    let refused = ask(&limits, &slow, HERE, None).unwrap_err();
    assert_eq!((refused.status, refused.code), (429, "rate_limited"));
    assert_eq!(refused.retry_after, Some(Duration::from_secs(1)));
    assert!(refused.headers.iter().any(|(name, value)| name == "ratelimit" && value == "\"ip\";r=0;t=1"));
    clock.wait(Duration::from_secs(1));
    ask(&limits, &slow, HERE, None).unwrap();
}

#[test]
fn what_costs_more_uses_up_more() {
    let clock = Hand::at(1_000);
    let limits = limits(&clock);
    let dear = endpoint("a", &[rule(RatePer::Ip, 10, 10, 10)], &[], 5);
    assert_eq!(ask(&limits, &dear, HERE, None).unwrap()["ratelimit"], "\"ip\";r=5;t=5");
    ask(&limits, &dear, HERE, None).unwrap();
    ask(&limits, &dear, HERE, None).unwrap_err();
    // More than the burst would never be allowed: then it takes all of it.
    let dearest = endpoint("b", &[rule(RatePer::Ip, 10, 10, 10)], &[], 50);
    let elsewhere = [198, 51, 100, 1].into();
    ask(&limits, &dearest, elsewhere, None).unwrap();
}

#[test]
fn one_user_has_one_allowance_in_all_of_its_sessions_and_spellings() {
    let clock = Hand::at(1_000);
    let limits = limits(&clock);
    let per_user = endpoint("a", &[rule(RatePer::User, 60, 60, 3)], &[], 1);
    for (subject, handle) in [("Bob", "s1"), ("bob", "s2"), ("BOB ", "s3")] {
        ask(&limits, &per_user, HERE, Some(&user(subject, handle))).unwrap();
    }
    ask(&limits, &per_user, HERE, Some(&user("bob", "s4"))).unwrap_err();
    ask(&limits, &per_user, HERE, Some(&user("eve", "s5"))).unwrap();
    let elsewhere = Identity { issuer: "https://other.example".into(), ..user("bob", "s6") };
    ask(&limits, &per_user, HERE, Some(&elsewhere)).unwrap();
}

#[test]
fn sessions_keys_addresses_and_endpoints_are_counted_apart() {
    let clock = Hand::at(1_000);
    let limits = limits(&clock);
    let one = |per| endpoint("a", &[rule(per, 60, 60, 1)], &[], 1);
    let spent = |limit: &EndpointLimits, address: IpAddr, who: Option<&Identity>| {
        ask(&limits, limit, address, who).is_err()
    };
    let per_session = one(RatePer::Session);
    assert!(!spent(&per_session, HERE, Some(&user("bob", "s1"))));
    assert!(!spent(&per_session, HERE, Some(&user("bob", "s2"))));
    assert!(spent(&per_session, HERE, Some(&user("bob", "s1"))));
    // Nobody's session: the address stands for it.
    assert!(!spent(&per_session, HERE, None) && spent(&per_session, HERE, None));

    let per_key = one(RatePer::Key);
    let key = Identity { kind: Kind::Key, ..user("acme", "k1") };
    assert!(!spent(&per_key, HERE, Some(&key)) && spent(&per_key, HERE, Some(&key)));
    assert!(
        !spent(&per_key, HERE, Some(&user("bob", "k1"))) && !spent(&per_key, HERE, Some(&user("bob", "k1")))
    );

    let per_address = one(RatePer::Ip);
    let v6 = |text: &str| text.parse::<IpAddr>().unwrap();
    assert!(!spent(&per_address, v6("2001:db8::1"), None), "the first of its network");
    assert!(spent(&per_address, v6("2001:db8::ffff:2"), None), "a network of 64 bits is one customer's");
    assert!(!spent(&per_address, v6("2001:db8:0:1::1"), None));
    assert!(
        !spent(&per_address, v6("::ffff:198.51.100.7"), None)
            && spent(&per_address, v6("198.51.100.7"), None)
    );

    let per_endpoint = one(RatePer::Endpoint);
    assert!(!spent(&per_endpoint, HERE, None) && spent(&per_endpoint, v6("198.51.100.8"), None));
    assert!(!spent(&endpoint("b", &[rule(RatePer::Endpoint, 60, 60, 1)], &[], 1), HERE, None));
}

#[test]
fn a_refused_user_uses_up_nothing_of_everybody_s() {
    let clock = Hand::at(1_000);
    let limits = limits(&clock);
    let both = endpoint("a", &[rule(RatePer::Endpoint, 60, 60, 3)], &[rule(RatePer::User, 60, 60, 1)], 1);
    let (bob, eve) = (user("bob", "s1"), user("eve", "s2"));
    let first = ask(&limits, &both, HERE, Some(&bob)).unwrap();
    assert_eq!(first["ratelimit"], "\"user\";r=0;t=1", "the tightest");
    assert_eq!(first["ratelimit-policy"], "\"user\";q=60;w=60, \"endpoint\";q=60;w=60");
    for _ in 0..10 {
        ask(&limits, &both, HERE, Some(&bob)).unwrap_err();
    }
    let left = ask(&limits, &both, HERE, Some(&eve)).unwrap();
    assert_eq!(left["ratelimit"], "\"user\";r=0;t=1");
    clock.wait(Duration::ZERO);
    ask(&limits, &both, HERE, Some(&user("kim", "s3"))).unwrap();
    ask(&limits, &both, HERE, Some(&user("lee", "s4"))).unwrap_err();
}

#[test]
fn the_bff_s_rates_count_over_all_endpoints_and_an_endpoint_s_own_do_not() {
    let clock = Hand::at(1_000);
    let limits = limits(&clock);
    let of_bff = [rule(RatePer::Ip, 60, 60, 2)];
    let (a, b) = (endpoint("a", &of_bff, &[], 1), endpoint("b", &of_bff, &[], 1));
    ask(&limits, &a, HERE, None).unwrap();
    ask(&limits, &b, HERE, None).unwrap();
    ask(&limits, &a, HERE, None).unwrap_err();
    let own = [rule(RatePer::Ip, 60, 60, 1)];
    let (c, d) = (endpoint("c", &[], &own, 1), endpoint("d", &[], &own, 1));
    ask(&limits, &c, HERE, None).unwrap();
    ask(&limits, &d, HERE, None).unwrap();
    ask(&limits, &c, HERE, None).unwrap_err();
}

#[test]
fn a_key_may_have_been_given_a_rate_of_its_own() {
    let clock = Hand::at(1_000);
    let limits = limits(&clock);
    let per_key = endpoint("a", &[rule(RatePer::Key, 60, 60, 1)], &[], 1);
    let given = Some(Rate { interval_micros: 600_000, burst: 100 });
    let key = Identity { kind: Kind::Key, own_rate: given, ..user("acme", "k1") };
    let told = ask(&limits, &per_key, HERE, Some(&key)).unwrap();
    assert_eq!(told["ratelimit-policy"], "\"key\";q=100;w=60");
    ask(&limits, &per_key, HERE, Some(&key)).unwrap();
    // Also where the BFF says nothing per key.
    let quiet = endpoint("b", &[], &[], 1);
    assert_eq!(ask(&limits, &quiet, HERE, Some(&key)).unwrap()["ratelimit"], "\"key\";r=97;t=2");
}

#[test]
fn a_store_that_is_away_is_stood_in_for() {
    let clock = Hand::at(1_000);
    let local = Arc::new(MemoryStore::new(clock.clone()));
    let limits = Limits::new("web".into(), Arc::new(Away), local);
    let slow = endpoint("a", &[rule(RatePer::Ip, 60, 60, 1)], &[], 1);
    ask(&limits, &slow, HERE, None).unwrap();
    ask(&limits, &slow, HERE, None).unwrap_err();
    let nothing_counts = Limits::new("web".into(), Arc::new(Away), Arc::new(Away));
    ask(&nothing_counts, &slow, HERE, None).unwrap();
}

#[test]
fn an_address_that_guesses_is_told_to_wait_and_then_not_listened_to() {
    let clock = Hand::at(1_000);
    let attempts = Attempts::new(clock.clone());
    let elsewhere: IpAddr = [198, 51, 100, 1].into();
    assert!((0..200).all(|_| attempts.failed(HERE).is_none()));
    let told = attempts.failed(HERE).unwrap();
    assert_eq!((told.status, told.code), (429, "rate_limited"));
    assert!(told.retry_after.is_some());
    attempts.check(HERE).expect("who has a good credential gets in");
    for _ in 202..=2_000 {
        assert!(attempts.failed(HERE).is_some());
    }
    attempts.check(HERE).unwrap();
    attempts.failed(HERE);
    let refused = attempts.check(HERE).unwrap_err();
    assert_eq!((refused.status, refused.code), (429, "rate_limited"));
    attempts.check(elsewhere).unwrap();
    assert!(attempts.failed(elsewhere).is_none());
    // Whatever it does, ten seconds of peace are enough to be looked at again.
    (0..10_000).for_each(|_| drop(attempts.failed(HERE)));
    attempts.check(HERE).unwrap_err();
    clock.wait(Duration::from_secs(10));
    attempts.check(HERE).unwrap();
    assert_eq!(attempts.total(), 12_002);
    clock.wait(Duration::from_secs(200));
    assert!(attempts.failed(HERE).is_none(), "and everything is forgotten in the end");
}

/// One bad credential before it must not lock an address out for as long as the clock went back.
#[test]
fn a_clock_that_is_set_back_locks_no_address_out() {
    let clock = Hand::at(100_000);
    let attempts = Attempts::new(clock.clone());
    assert!(attempts.failed(HERE).is_none());
    clock.set_back(Duration::from_hours(3));
    attempts.check(HERE).unwrap();
    assert!(attempts.failed(HERE).is_none());
    (0..2_100).for_each(|_| drop(attempts.failed(HERE)));
    attempts.check(HERE).unwrap_err();
    clock.set_back(Duration::from_hours(3));
    attempts.check(HERE).unwrap();
}
