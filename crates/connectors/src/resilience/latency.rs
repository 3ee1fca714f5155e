//! How long one operation's calls take: a small histogram that forgets, and what is usual when nothing is wrong.

use std::cell::{Cell, RefCell};
use std::time::Duration;

/// Each doubling of time in four parts, from 64 µs to beyond a minute: an error of at most a quarter.
const PARTS: usize = 4;
const LEAST_BITS: u32 = 6;
const BUCKETS: usize = 21 * PARTS;
/// At so many samples all counts are halved: the last thousand calls or so are what counts.
const MOST: u32 = 1024;
/// Fewer samples than this say nothing.
const LEAST: u32 = 20;
/// How often a percentile that is asked for all the time is worked out anew.
const REFRESH: u32 = 32;

/// Latencies of one operation's calls. No allocation after it was made.
#[derive(Debug)]
pub(crate) struct Latency {
    counts: RefCell<[u16; BUCKETS]>,
    total: Cell<u32>,
    /// The last percentile that was asked for, what it was, and for how many more samples it stands.
    known: Cell<(u8, Option<Duration>, u32)>,
}

impl Default for Latency {
    fn default() -> Self {
        Self { counts: RefCell::new([0; BUCKETS]), total: Cell::new(0), known: Cell::new((0, None, 0)) }
    }
}

fn bucket(micros: u64) -> usize {
    let micros = micros.max(1 << LEAST_BITS);
    let power = micros.ilog2();
    let part = (micros >> (power - 2)) & 3;
    (((power - LEAST_BITS) as usize) * PARTS + part as usize).min(BUCKETS - 1)
}

/// The upper end of a bucket.
fn end(bucket: usize) -> Duration {
    let power = LEAST_BITS + (bucket / PARTS) as u32;
    let part = (bucket % PARTS) as u64;
    Duration::from_micros((1 << power) + (part + 1) * (1 << (power - 2)))
}

impl Latency {
    pub(crate) fn record(&self, took: Duration) {
        let mut counts = self.counts.borrow_mut();
        if let Some(count) = counts.get_mut(bucket(took.as_micros() as u64)) {
            *count += 1;
        }
        let total = self.total.get() + 1;
        self.total.set(total);
        let (percent, value, left) = self.known.get();
        self.known.set((percent, value, left.saturating_sub(1)));
        if total >= MOST {
            counts.iter_mut().for_each(|count| *count /= 2);
            self.total.set(counts.iter().map(|count| u32::from(*count)).sum());
        }
    }

    /// The time within which `percent` of the calls were answered; `None` if too few are known.
    pub(crate) fn percentile(&self, percent: u8) -> Option<Duration> {
        let (known, value, left) = self.known.get();
        if known == percent && left > 0 {
            return value;
        }
        let total = self.total.get();
        if total < LEAST {
            return None;
        }
        let wanted = (total * u32::from(percent.min(100))).div_ceil(100);
        let mut seen = 0;
        let counts = self.counts.borrow();
        let at = counts.iter().position(|count| {
            seen += u32::from(*count);
            seen >= wanted
        });
        let value = at.map(end);
        self.known.set((percent, value, REFRESH));
        value
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{BUCKETS, Latency, bucket, end};

    proptest! {
        /// Whatever the latencies, a percentile is that of a sorted list, a quarter more at most.
        #[test]
        fn a_percentile_is_that_of_the_sorted_list(
            mut micros in prop::collection::vec(64_u64..50_000_000, 20..1000),
            percent in 1_u8..=99,
        ) {
            let latency = Latency::default();
            for us in &micros {
                latency.record(Duration::from_micros(*us));
            }
            micros.sort_unstable();
            let wanted = (micros.len() * usize::from(percent)).div_ceil(100);
            let exact = Duration::from_micros(micros[wanted - 1]);
            let got = latency.percentile(percent).unwrap();
            prop_assert!(got >= exact && got <= exact.mul_f64(1.26), "{got:?} for {exact:?}");
        }
    }

    #[test]
    fn buckets_cover_all_times_in_order() {
        let mut last = 0;
        for exponent in 0..63 {
            let at = bucket(1 << exponent);
            assert!(at >= last && at < BUCKETS);
            last = at;
        }
        assert!((1..BUCKETS).all(|i| end(i) > end(i - 1)));
    }

    #[test]
    fn old_latencies_are_forgotten() {
        let latency = Latency::default();
        (0..5000).for_each(|_| latency.record(Duration::from_millis(100)));
        (0..5000).for_each(|_| latency.record(Duration::from_millis(1)));
        assert!(latency.percentile(95).unwrap() < Duration::from_millis(2));
        assert!(latency.percentile(95).unwrap() < Duration::from_millis(2), "from what is known already");
    }

    #[test]
    fn few_calls_say_nothing() {
        let latency = Latency::default();
        (0..19).for_each(|_| latency.record(Duration::from_millis(1)));
        assert_eq!(latency.percentile(50), None);
    }
}
