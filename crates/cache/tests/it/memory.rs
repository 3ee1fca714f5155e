//! The bound on memory, and what is given up for it.

use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::now;
use frontdesk_cache::{Cache, Entry, Key, Kind, Look, Settings, Times, Turn};
use std::sync::Arc;

use crate::stage::{Wall, paused};

fn key(number: u64) -> Key {
    Key::build(Kind::Call).number(number).finish()
}

fn keep(cache: &Arc<Cache>, key: &Key, bytes: usize) {
    let Turn::Lead(lead) = cache.begin(key, &[]) else { panic!("nobody else asks") };
    let times = Times { fresh: Duration::from_secs(60), ..Times::default() };
    lead.finish(Entry { status: 200, body: Bytes::from(vec![b'x'; bytes]), times, ..Entry::default() });
}

fn small(bytes: u64) -> Arc<Cache> {
    Cache::new(Settings { bytes, jitter: 0 }, Arc::new(Wall(now())), None)
}

fn is_kept(cache: &Cache, key: &Key) -> bool {
    matches!(cache.look(key), Look::Fresh(..))
}

#[test]
fn a_scan_of_keys_that_nobody_asks_for_twice_does_not_push_out_what_is_hot() {
    paused().block_on(async {
        let cache = small(4 * 1024 * 1024);
        let hot: Vec<Key> = (0..500).map(key).collect();
        for key in &hot {
            keep(&cache, key, 2000);
        }
        for key in &hot {
            assert!(is_kept(&cache, key));
        }
        // Ten times what fits.
        for number in 0..20_000 {
            keep(&cache, &key(1_000_000 + number), 2000);
            if number % 100 == 0 {
                for key in &hot {
                    cache.look(key);
                }
            }
        }
        let left = hot.iter().filter(|key| is_kept(&cache, key)).count();
        assert!(left >= 475, "{left} of 500 are left");
        assert!(cache.bytes() <= 4 * 1024 * 1024, "{} bytes", cache.bytes());
    });
}

#[test]
fn what_would_take_too_much_of_it_is_given_but_not_kept() {
    paused().block_on(async {
        let cache = small(4 * 1024 * 1024);
        keep(&cache, &key(1), 1000);
        keep(&cache, &key(2), 100 * 1024);
        assert!(is_kept(&cache, &key(1)) && !is_kept(&cache, &key(2)));
    });
}

#[test]
fn lifetimes_of_answers_that_were_fetched_together_differ_a_little() {
    let cache = Cache::new(Settings::default(), Arc::new(frontdesk_adapter::SystemClock), None);
    let minute = Duration::from_secs(60);
    let lifetimes: Vec<_> = (0..1000).map(|_| cache.jittered(minute)).collect();
    assert!(lifetimes.iter().all(|one| (Duration::from_secs(54)..=Duration::from_secs(66)).contains(one)));
    let early = lifetimes.iter().filter(|one| **one < Duration::from_secs(57)).count();
    let late = lifetimes.iter().filter(|one| **one > Duration::from_secs(63)).count();
    assert!(early > 150 && late > 150, "{early} early, {late} late");
}

#[test]
fn clearing_forgets_what_is_in_flight_too() {
    paused().block_on(async {
        let cache = small(4 * 1024 * 1024);
        let Turn::Lead(lead) = cache.begin(&key(1), &[]) else { panic!("nobody else asks") };
        keep(&cache, &key(2), 100);
        cache.clear();
        let times = Times { fresh: Duration::from_secs(60), ..Times::default() };
        lead.finish(Entry { status: 200, times, ..Entry::default() });
        assert!(!is_kept(&cache, &key(1)) && !is_kept(&cache, &key(2)));
        keep(&cache, &key(1), 100);
        assert!(is_kept(&cache, &key(1)));
    });
}
