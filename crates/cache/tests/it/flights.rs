//! One fetch for everybody who wants the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use frontdesk_adapter::{Deadline, Fault, SystemClock, now};
use frontdesk_cache::call::{self, Fetch, Purpose};
use frontdesk_cache::{Cache, Detail, Landing, Settings, State, Turn};
use tokio::runtime::{Builder, LocalOptions};

use crate::stage::{Slow, ask, asked, cache, for_a_second, paused, said, text};

const PATIENT: Duration = Duration::from_secs(10);

#[test]
fn a_thousand_who_miss_at_once_are_one_call() {
    paused().block_on(async {
        let (cache, call) = (cache(), asked("/a", for_a_second(), &[]));
        let service = Slow { takes: Duration::from_millis(50), ..Slow::default() };
        let asking = (0..1000).map(|_| {
            let (cache, call, service) = (cache.clone(), call.clone(), service.clone());
            tokio::task::spawn_local(async move {
                ask(&cache, &call, PATIENT, |purpose| service.fetch(purpose)).await
            })
        });
        let asking: Vec<_> = asking.collect();
        let (mut misses, mut shared) = (0, 0);
        for one in asking {
            let given = one.await.unwrap();
            assert_eq!(text(&given).unwrap(), "1");
            match (given.1.state, given.1.detail) {
                (State::Miss, None) => misses += 1,
                (State::Shared, Some(Detail::Flight)) => shared += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((service.calls.get(), misses, shared, cache.flights()), (1, 1, 999, 0));
    });
}

#[test]
fn a_fetch_ends_although_whoever_asked_first_has_gone() {
    paused().block_on(async {
        let (cache, call) = (cache(), asked("/a", for_a_second(), &[]));
        let service = Slow { takes: Duration::from_millis(50), ..Slow::default() };
        let first = {
            let (cache, call, service) = (cache.clone(), call.clone(), service.clone());
            tokio::task::spawn_local(async move {
                ask(&cache, &call, PATIENT, |purpose| service.fetch(purpose)).await
            })
        };
        tokio::time::sleep(Duration::from_millis(10)).await;
        first.abort();
        let given = ask(&cache, &call, PATIENT, |purpose| service.fetch(purpose)).await;
        assert_eq!(
            (text(&given).unwrap().as_str(), given.1.state, service.calls.get()),
            ("1", State::Shared, 1)
        );
    });
}

#[test]
fn each_waits_no_longer_than_its_own_deadline() {
    paused().block_on(async {
        let (cache, call) = (cache(), asked("/a", for_a_second(), &[]));
        let service = Slow { takes: Duration::from_millis(50), ..Slow::default() };
        let hasty = ask(&cache, &call, Duration::from_millis(20), |purpose| service.fetch(purpose)).await;
        assert_eq!(text(&hasty), Err(Fault::TimedOut));
        let patient = ask(&cache, &call, PATIENT, |purpose| service.fetch(purpose)).await;
        assert_eq!((text(&patient).unwrap().as_str(), service.calls.get()), ("1", 1));
    });
}

#[test]
fn who_joined_a_fetch_that_timed_out_has_the_rest_of_its_own_time() {
    paused().block_on(async {
        let (cache, call) = (cache(), asked("/a", for_a_second(), &[]));
        let late = |_: Purpose| -> Fetch {
            Box::pin(async {
                tokio::time::sleep(Duration::from_millis(50)).await;
                Err(Fault::TimedOut)
            })
        };
        let service = Slow { takes: Duration::from_millis(30), ..Slow::default() };
        let first = {
            let (cache, call) = (cache.clone(), call.clone());
            tokio::task::spawn_local(async move { ask(&cache, &call, PATIENT, late).await })
        };
        tokio::time::sleep(Duration::from_millis(40)).await;
        let second = ask(&cache, &call, PATIENT, |purpose| service.fetch(purpose)).await;
        assert_eq!(text(&first.await.unwrap()), Err(Fault::TimedOut));
        assert_eq!((text(&second).unwrap().as_str(), service.calls.get()), ("1", 1));
    });
}

#[test]
fn a_leader_that_is_gone_leaves_the_others_to_themselves() {
    paused().block_on(async {
        let (cache, call) = (cache(), asked("/a", for_a_second(), &[]));
        let Turn::Lead(lead) = cache.begin(&call.key, &call.tags) else { panic!("nobody else asked") };
        let service = Slow::default();
        let waiting = {
            let (cache, call, service) = (cache.clone(), call.clone(), service.clone());
            tokio::task::spawn_local(async move {
                ask(&cache, &call, PATIENT, |purpose| service.fetch(purpose)).await
            })
        };
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert_eq!(service.calls.get(), 0);
        drop(lead);
        assert_eq!(text(&waiting.await.unwrap()).unwrap(), "1");
    });
}

#[test]
fn threads_wait_for_each_other_and_outlive_each_other() {
    let cache = Cache::new(Settings::without_chance(), Arc::new(SystemClock), None);
    let calls = Arc::new(AtomicU32::new(0));
    let call = asked("/a", for_a_second(), &[]);
    let begun = Arc::new(std::sync::Barrier::new(2));
    let thread = |leads: bool| {
        let (cache, calls, call, begun) = (cache.clone(), calls.clone(), call.clone(), begun.clone());
        std::thread::spawn(move || {
            let runtime =
                Builder::new_current_thread().enable_time().build_local(LocalOptions::default()).unwrap();
            runtime.block_on(async move {
                if !leads {
                    begun.wait();
                }
                let fetch = |_: Purpose| -> Fetch {
                    let (calls, begun) = (calls.clone(), begun.clone());
                    Box::pin(async move {
                        calls.fetch_add(1, Ordering::SeqCst);
                        begun.wait();
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        Ok(said("one"))
                    })
                };
                text(&ask(&cache, &call, PATIENT, fetch).await)
            })
        })
    };
    let (one, other) = (thread(true), thread(false));
    assert_eq!((one.join().unwrap(), other.join().unwrap()), (Ok("one".to_owned()), Ok("one".to_owned())));
    assert_eq!(calls.load(Ordering::SeqCst), 1);

    // A thread that ends while it fetches.
    let call = asked("/b", for_a_second(), &[]);
    let flight = {
        let (cache, call) = (cache.clone(), call.clone());
        let gone = std::thread::spawn(move || {
            let runtime =
                Builder::new_current_thread().enable_time().build_local(LocalOptions::default()).unwrap();
            runtime.block_on(async {
                let never = |_: Purpose| -> Fetch { Box::pin(std::future::pending()) };
                let deadline = Deadline::after(now(), Duration::from_millis(1));
                let (result, _) = call::answer(&cache, &call, false, deadline, never).await;
                assert_eq!(result.unwrap_err(), Fault::TimedOut);
                match cache.begin(&call.key, &call.tags) {
                    Turn::Join(flight) => flight,
                    Turn::Lead(_) => panic!("it is still being fetched"),
                }
            })
        });
        gone.join().unwrap()
    };
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let landing = runtime.block_on(flight.wait(Deadline::after(now(), PATIENT)));
    assert!(matches!(landing, Landing::Abandoned), "{landing:?}");
}

#[test]
fn a_fetch_that_began_before_a_purge_is_not_joined_after_it() {
    paused().block_on(async {
        let (cache, call) = (cache(), asked("/a", for_a_second(), &["a"]));
        let service = Slow { takes: Duration::from_millis(50), ..Slow::default() };
        let before = {
            let (cache, call, service) = (cache.clone(), call.clone(), service.clone());
            tokio::task::spawn_local(async move {
                ask(&cache, &call, PATIENT, |purpose| service.fetch(purpose)).await
            })
        };
        tokio::time::sleep(Duration::from_millis(10)).await;
        cache.purge(&["a"]);
        let after = ask(&cache, &call, PATIENT, |purpose| service.fetch(purpose)).await;
        assert_eq!((after.1.state, service.calls.get()), (State::Miss, 2));
        // What landed first is not kept over what began later.
        before.await.unwrap().0.unwrap();
        let kept = ask(&cache, &call, PATIENT, |purpose| service.fetch(purpose)).await;
        assert_eq!((kept.1.state, service.calls.get()), (State::Hit, 2));
    });
}

#[test]
fn a_hot_answer_is_fetched_anew_before_it_ends_and_nobody_waits() {
    fastrand::seed(7);
    paused().block_on(async {
        let (cache, call) = (cache(), asked("/a", for_a_second(), &[]));
        let service = Slow { takes: Duration::from_millis(50), ..Slow::default() };
        let mut waited = 0;
        for _ in 0..2000 {
            let start = now();
            ask(&cache, &call, PATIENT, |purpose| service.fetch(purpose)).await.0.unwrap();
            waited += u32::from(now() > start);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(waited, 1, "only the first had to wait");
        // Ten seconds of answers that live for one: few more than ten fetches.
        assert!((10..=16).contains(&service.calls.get()), "{} fetches", service.calls.get());
    });
}

#[test]
fn a_refresh_that_fails_is_not_tried_again_at_once() {
    paused().block_on(async {
        let policy = call::CallPolicy { stale: Duration::from_secs(10), ..for_a_second() };
        let (cache, call) = (cache(), asked("/a", policy, &[]));
        let service = Slow::default();
        ask(&cache, &call, PATIENT, |purpose| service.fetch(purpose)).await.0.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        let failed = std::cell::Cell::new(0);
        for _ in 0..100 {
            let given = ask(&cache, &call, PATIENT, |purpose| {
                assert!(purpose.is_refresh);
                failed.set(failed.get() + 1);
                Box::pin(async { Err(Fault::Failed { status: 500 }) })
            });
            assert_eq!(given.await.1.state, State::Stale);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(failed.get(), 1);
    });
}
