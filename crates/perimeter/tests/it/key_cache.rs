//! The keys of a provider: fetched once however many ask, again when they rotate, and not at anybody's will.

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Deadline, Fault, HttpClient, HttpClientFactory, now};
use frontdesk_perimeter::Office;
use frontdesk_perimeter::jose::jwks::{KeyCache, KeySource};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::clock::StandingClock;
use crate::jose::key;

/// Nobody sends anything in these tests.
pub struct NoHttp;

impl HttpClientFactory for NoHttp {
    fn client(&self) -> Rc<dyn HttpClient> {
        struct Silent;
        impl HttpClient for Silent {
            fn send<'a>(
                &'a self,
                _: &'a frontdesk_adapter::HttpRequest,
                _: Deadline,
            ) -> frontdesk_adapter::HttpFuture<'a> {
                Box::pin(std::future::ready(Err(Fault::Connect("nobody is there".to_owned()))))
            }
        }
        Rc::new(Silent)
    }
}

pub fn office() -> Office {
    Office::open(Arc::new(NoHttp)).unwrap().0
}

pub fn soon() -> Deadline {
    Deadline::after(now(), Duration::from_secs(20))
}

/// A provider's key set as tests write it: what each fetch gives, and whether fetches may end.
pub struct Provider {
    pub answers: Mutex<VecDeque<Result<Bytes, Fault>>>,
    pub last: Mutex<Result<Bytes, Fault>>,
    pub fetches: AtomicU32,
    pub may_end: Semaphore,
}

impl Provider {
    pub fn new(set: &Value) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::default(),
            last: Mutex::new(Ok(set.to_string().into())),
            fetches: AtomicU32::new(0),
            may_end: Semaphore::new(Semaphore::MAX_PERMITS),
        })
    }

    pub fn gives(&self, answer: Result<Value, Fault>) {
        *self.last.lock().unwrap() = answer.map(|set| set.to_string().into());
    }

    pub fn fetches(&self) -> u32 {
        self.fetches.load(Ordering::SeqCst)
    }

    pub fn source(self: &Arc<Self>) -> KeySource {
        let provider = self.clone();
        Arc::new(move |_| {
            let provider = provider.clone();
            Box::pin(async move {
                provider.fetches.fetch_add(1, Ordering::SeqCst);
                provider.may_end.acquire().await.unwrap().forget();
                let next = provider.answers.lock().unwrap().pop_front();
                next.unwrap_or_else(|| provider.last.lock().unwrap().clone())
            })
        })
    }
}

pub fn set_of(kids: &[&str]) -> Value {
    let keys: Vec<Value> = kids
        .iter()
        .map(|kid| {
            let mut jwk = key("p256").published_jwk();
            jwk["kid"] = json!(kid);
            jwk
        })
        .collect();
    json!({ "keys": keys })
}

fn cache(provider: &Arc<Provider>, clock: &StandingClock) -> KeyCache {
    KeyCache::new(office(), provider.source(), Arc::new(clock.clone()))
}

async fn has(cache: &KeyCache, kid: &str) -> bool {
    cache.keys_for(Some(kid), soon()).await.unwrap().has(kid)
}

/// Waits until the office has landed a fetch.
async fn until(condition: impl Fn() -> bool) {
    for _ in 0..10_000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("it never came");
}

#[tokio::test]
async fn an_office_that_has_closed_is_told_of_at_once() {
    struct NoClient;
    impl HttpClientFactory for NoClient {
        fn client(&self) -> Rc<dyn HttpClient> {
            panic!("there is no client to be had")
        }
    }
    let (office, thread) = Office::open(Arc::new(NoClient)).unwrap();
    assert!(thread.join().is_err());
    let source: KeySource = Arc::new(|_| Box::pin(std::future::pending()));
    let keys = KeyCache::new(office, source, Arc::new(StandingClock::at(1_000)));
    assert!(keys.keys_for(None, soon()).await.is_err());
}

#[tokio::test]
async fn many_who_ask_at_once_cause_one_fetch() {
    let (provider, clock) = (Provider::new(&set_of(&["a"])), StandingClock::at(1_000));
    let cache = cache(&provider, &clock);
    let all = futures_util::future::join_all((0..50).map(|_| has(&cache, "a"))).await;
    assert!(all.into_iter().all(|found| found));
    assert_eq!(provider.fetches(), 1);
    assert!(has(&cache, "a").await);
    assert_eq!(provider.fetches(), 1);
}

#[tokio::test]
async fn random_kids_cause_no_storm_and_rotation_is_seen() {
    let (provider, clock) = (Provider::new(&set_of(&["a"])), StandingClock::at(1_000));
    let cache = cache(&provider, &clock);
    assert!(has(&cache, "a").await);
    for n in 0..100 {
        assert!(!has(&cache, &format!("random {n}")).await);
    }
    assert_eq!(provider.fetches(), 1, "the first load was less than 30 seconds ago");
    clock.pass(30);
    let all = futures_util::future::join_all((0..100).map(|n| {
        let cache = cache.clone();
        async move { has(&cache, &format!("random {n}")).await }
    }));
    assert!(all.await.into_iter().all(|found| !found));
    assert_eq!(provider.fetches(), 2);
    provider.gives(Ok(set_of(&["b"])));
    clock.pass(29);
    assert!(!has(&cache, "b").await);
    clock.pass(1);
    assert!(has(&cache, "b").await);
    assert!(!has(&cache, "a").await, "a key that was taken back is not believed any more");
    assert_eq!(provider.fetches(), 3);
}

#[tokio::test]
async fn keys_keep_working_while_the_provider_is_away() {
    let (provider, clock) = (Provider::new(&set_of(&["a"])), StandingClock::at(1_000));
    let cache = cache(&provider, &clock);
    assert!(has(&cache, "a").await);
    for broken in [
        Err(Fault::TimedOut),
        Ok(json!({ "error": "maintenance" })),
        Ok(json!({ "keys": [] })),
        Ok(json!({ "keys": [{ "kty": "oct", "k": "AAAA", "kid": "a" }] })),
        Ok(json!({ "keys": [], "padding": "x".repeat(300 * 1024) })),
    ] {
        provider.gives(broken);
        clock.pass(3600);
        assert!(!has(&cache, "new").await);
        assert!(has(&cache, "a").await);
        let state = cache.state();
        assert!(state.fault.is_some() && state.keys == 1 && state.age.is_some_and(|age| age >= 3600));
    }
    provider.gives(Ok(set_of(&["a", "new"])));
    clock.pass(30);
    assert!(has(&cache, "new").await);
    assert_eq!(cache.state().fault, None);
}

/// Nobody is locked out until the clock is where it was once more: new keys are found, old ones are asked for again, and a fault is
/// not told for hours.
#[tokio::test]
async fn a_clock_that_is_set_back_keeps_nobody_from_keys() {
    let (provider, clock) = (Provider::new(&set_of(&["a"])), StandingClock::at(100_000));
    let cache = cache(&provider, &clock);
    assert!(has(&cache, "a").await);
    provider.gives(Ok(set_of(&["b"])));
    clock.set_back(3 * 3600);
    assert!(has(&cache, "b").await);
    assert!(!has(&cache, "a").await, "what was taken back is not believed");
    assert_eq!(provider.fetches(), 2);

    let (provider, clock) = (Provider::new(&json!({})), StandingClock::at(100_000));
    provider.gives(Err(Fault::Failed { status: 500 }));
    let cache = self::cache(&provider, &clock);
    cache.keys_for(None, soon()).await.unwrap_err();
    provider.gives(Ok(set_of(&["a"])));
    clock.set_back(3 * 3600);
    assert!(has(&cache, "a").await);
}

#[tokio::test]
async fn without_keys_the_fault_is_told_and_asking_again_waits_a_second() {
    let (provider, clock) = (Provider::new(&json!({})), StandingClock::at(1_000));
    provider.gives(Err(Fault::Failed { status: 500 }));
    let cache = cache(&provider, &clock);
    for _ in 0..10 {
        let fault = cache.keys_for(None, soon()).await.unwrap_err();
        assert_eq!(fault.0, Fault::Failed { status: 500 });
    }
    assert_eq!(provider.fetches(), 1);
    provider.gives(Ok(set_of(&["a"])));
    clock.pass(1);
    assert!(has(&cache, "a").await);
}

#[tokio::test]
async fn old_keys_are_used_while_new_ones_are_fetched() {
    let (provider, clock) = (Provider::new(&set_of(&["a"])), StandingClock::at(1_000));
    let cache = cache(&provider, &clock);
    assert!(has(&cache, "a").await);
    provider.may_end.forget_permits(usize::MAX >> 3);
    provider.gives(Ok(set_of(&["a", "b"])));
    clock.pass(600);
    assert!(has(&cache, "a").await, "nobody waits for a refresh");
    until(|| provider.fetches() == 2).await;
    assert!(has(&cache, "a").await);
    assert_eq!(provider.fetches(), 2);
    provider.may_end.add_permits(1);
    until(|| cache.state().keys == 2).await;
}

#[tokio::test]
async fn who_waits_has_a_deadline_and_a_broken_fetch_does_not_hold_the_cache() {
    let (provider, clock) = (Provider::new(&set_of(&["a"])), StandingClock::at(1_000));
    provider.may_end.forget_permits(usize::MAX >> 3);
    let cache = cache(&provider, &clock);
    let late = cache.keys_for(None, Deadline::after(now(), Duration::from_millis(5))).await;
    assert_eq!(late.unwrap_err().0, Fault::TimedOut);
    // The office drops what panics; whoever waits hears of it.
    provider.may_end.close();
    let fault = cache.keys_for(None, soon()).await.unwrap_err();
    assert!(matches!(fault.0, Fault::Broken(_)), "{fault:?}");
}
