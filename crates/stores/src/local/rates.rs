//! Rates counted inside the process.

use std::collections::HashMap;

use frontdesk_adapter::{Rate, Verdict};

use super::Moment;
use super::shards::{SHARDS, Shards};
use crate::gcra::gcra;

/// Theoretical arrival times by key. One that has passed says nothing and is swept.
pub(crate) struct RateTable {
    arrivals: Shards<HashMap<String, u64>>,
    most_per_shard: usize,
}

impl RateTable {
    /// `most` keys at a time: whoever comes with ever new addresses must not fill the memory.
    pub fn new(most: usize) -> Self {
        Self { arrivals: Shards::new(), most_per_shard: most.div_ceil(SHARDS).max(1) }
    }

    pub fn admit(&self, key: &str, rate: Rate, cost: u32, now: Moment) -> Verdict {
        let mut arrivals = self.arrivals.of(key);
        let arrival = arrivals.get(key).copied();
        let (verdict, next) = gcra(arrival.unwrap_or_default(), now.0, rate, cost);
        let is_later = verdict.allowed && next > now.0;
        if is_later || arrival.is_some_and(|arrival| next < arrival) {
            if arrival.is_none() && arrivals.len() >= self.most_per_shard {
                forget_the_idlest(&mut arrivals, now);
            }
            arrivals.insert(key.to_owned(), next);
        }
        verdict
    }

    pub fn sweep(&self, number: usize, now: Moment) {
        self.arrivals.at(number).retain(|_, arrival| *arrival > now.0);
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        (0..SHARDS).map(|number| self.arrivals.at(number).len()).sum()
    }
}

/// Makes room: drops what has passed, and if that is not half of it, the half that has used the least. Those who
/// have come often stay counted.
fn forget_the_idlest(arrivals: &mut HashMap<String, u64>, now: Moment) {
    let before = arrivals.len();
    arrivals.retain(|_, arrival| *arrival > now.0);
    if arrivals.len() > before / 2 {
        let mut times: Vec<u64> = arrivals.values().copied().collect();
        let middle = times.len() / 2;
        let (_, median, _) = times.select_nth_unstable(middle);
        let median = *median;
        let mut surplus = middle + 1;
        arrivals.retain(|_, arrival| {
            let is_idle = *arrival <= median && surplus > 0;
            surplus -= usize::from(is_idle);
            !is_idle
        });
    }
}
