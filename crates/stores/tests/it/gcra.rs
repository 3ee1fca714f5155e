//! The rate as a function, against what the words say.

use std::time::Duration;

use frontdesk_adapter::Rate;
use frontdesk_stores::gcra::{LONGEST_MICROS, gcra};
use proptest::prelude::*;

const SECOND: u64 = 1_000_000;

#[test]
fn one_each_interval_after_the_burst() {
    let rate = Rate { interval_micros: SECOND, burst: 3 };
    let mut arrival = 0;
    let mut now = 1_800_000_000 * SECOND;
    let mut admit = |now, cost| {
        let (verdict, next) = gcra(arrival, now, rate, cost);
        arrival = next;
        verdict
    };
    for remaining in [2, 1, 0] {
        let verdict = admit(now, 1);
        assert_eq!((verdict.allowed, verdict.remaining), (true, remaining));
    }
    let refused = admit(now, 1);
    assert_eq!((refused.allowed, refused.retry_after), (false, Duration::from_secs(1)));
    assert_eq!(refused.reset_after, Duration::from_secs(3));
    now += SECOND - 1;
    assert_eq!(admit(now, 1).retry_after, Duration::from_micros(1));
    now += 1;
    assert!(admit(now, 1).allowed);
    assert!(!admit(now, 1).allowed);
    now += 100 * SECOND;
    assert_eq!(admit(now, 1).remaining, 2, "what is not used is not saved beyond the burst");
}

#[test]
fn a_clock_that_was_set_back_locks_nobody_out_for_longer_than_the_burst() {
    let rate = Rate { interval_micros: SECOND, burst: 10 };
    let (_, arrival) = gcra(0, 2_000_000_000 * SECOND, rate, 10);
    let (verdict, next) = gcra(arrival, 1_000_000_000 * SECOND, rate, 1);
    assert!(!verdict.allowed);
    assert_eq!(verdict.retry_after, Duration::from_secs(1));
    // As time passes from then on, so does what is left of the burst.
    let later = 1_000_000_000 * SECOND + SECOND;
    assert!(!gcra(next, later - 1, rate, 1).0.allowed);
    assert!(gcra(next, later, rate, 1).0.allowed);
}

#[test]
fn extremes_do_not_overflow() {
    for interval_micros in [0, 1, LONGEST_MICROS, u64::MAX] {
        for burst in [0, 1, u32::MAX] {
            for cost in [0, 1, u32::MAX] {
                for arrival in [0, u64::MAX] {
                    for now in [0, u64::MAX] {
                        let (verdict, _) = gcra(arrival, now, Rate { interval_micros, burst }, cost);
                        assert!(verdict.remaining <= burst);
                        assert_eq!(verdict.allowed, verdict.retry_after.is_zero());
                        assert!(cost <= burst || !verdict.allowed);
                    }
                }
            }
        }
    }
}

/// A leaky bucket, told in its own words: a level that leaks one each interval and may hold the burst.
struct Bucket {
    /// In microseconds of leaking.
    level: u64,
    at: u64,
}

proptest! {
    #[test]
    fn it_is_a_leaky_bucket(
        interval in 1_u64..5 * SECOND,
        burst in 1_u32..20,
        steps in prop::collection::vec((0_u64..6 * SECOND, 0_u32..25), 1..60),
    ) {
        let rate = Rate { interval_micros: interval, burst };
        let mut bucket = Bucket { level: 0, at: 1_800_000_000 * SECOND };
        let mut arrival = 0;
        let mut now = bucket.at;
        for (pause, cost) in steps {
            now += pause;
            bucket.level = bucket.level.saturating_sub(now - bucket.at);
            bucket.at = now;
            let room = interval * u64::from(burst) - bucket.level;
            let wanted = interval * u64::from(cost);
            let fits = wanted <= room;
            if fits {
                bucket.level += wanted;
            }
            let (verdict, next) = gcra(arrival, now, rate, cost);
            prop_assert_eq!(verdict.allowed, fits);
            let left = interval * u64::from(burst) - bucket.level;
            prop_assert_eq!(u64::from(verdict.remaining), left / interval);
            prop_assert_eq!(verdict.reset_after, Duration::from_micros(bucket.level));
            if !fits && cost <= burst {
                let retry = verdict.retry_after.as_micros() as u64;
                prop_assert_eq!(retry, wanted - room);
                prop_assert!(gcra(next, now + retry, rate, cost).0.allowed, "then it is allowed");
                prop_assert!(!gcra(next, now + retry - 1, rate, cost).0.allowed, "and not before");
            }
            arrival = next;
        }
    }
}
