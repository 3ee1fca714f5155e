//! Whether a failed call is tried again, and after what pause.
//!
//! Retries are paid for by calls: each first attempt earns a share of a retry. So they cannot multiply the load of a
//! service that fails everything, however many callers and layers there are (Finagle's `RetryBudget`;
//! <https://twitter.github.io/finagle/guide/Clients.html#retries>). Hedges are paid from the same purse.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::Instant;

use super::policy::Retries;

/// What a quiet service may spend in any case, per second and core.
pub(crate) const FLOOR: f32 = 1.0;
/// What can be saved up.
pub(crate) const MOST_SAVED: f32 = 10.0;
/// No pause is longer than this many times the first.
const LONGEST: u32 = 32;

/// What one service, on one core, has earned for retries.
#[derive(Debug)]
pub(crate) struct RetryBudget {
    policy: Retries,
    saved: Cell<f32>,
    /// When the floor was last paid out.
    paid: Cell<Instant>,
}

impl RetryBudget {
    pub(crate) fn new(policy: Retries, now: Instant) -> Self {
        Self { policy, saved: Cell::new(MOST_SAVED), paid: Cell::new(now) }
    }

    /// A first attempt is made.
    pub(crate) fn earn(&self) {
        self.saved.set((self.saved.get() + self.policy.budget).min(MOST_SAVED));
    }

    /// Takes one retry out, if there is one.
    pub(crate) fn spend(&self, now: Instant) -> bool {
        let since = now.saturating_duration_since(self.paid.replace(now)).as_secs_f32();
        let saved = (self.saved.get() + since * FLOOR).min(MOST_SAVED);
        let has_one = saved >= 1.0;
        self.saved.set(if has_one { saved - 1.0 } else { saved });
        has_one
    }

    /// Retries that could be made at once.
    pub(crate) fn saved(&self) -> f32 {
        self.saved.get()
    }

    /// The pause before retry number `attempt` (from 1 on): anything up to a length that doubles each time. "Full
    /// jitter": callers that failed together must not come back together
    /// (<https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).
    pub(crate) fn pause(&self, attempt: u32) -> Duration {
        let longest =
            self.policy.pause * 2_u32.saturating_pow(attempt.saturating_sub(1).min(16)).min(LONGEST);
        longest.mul_f32(fastrand::f32())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use frontdesk_adapter::now;
    use proptest::prelude::*;

    use super::{FLOOR, MOST_SAVED, Retries, RetryBudget};

    proptest! {
        /// Whatever fails and when: over any stretch of time retries are a share of its calls, the floor, and what had
        /// been saved.
        #[test]
        fn retries_never_exceed_the_share_and_the_floor(
            events in prop::collection::vec((0_u64..300, any::<bool>()), 1..400),
        ) {
            let began = now();
            let budget = RetryBudget::new(Retries { most: 3, ..Retries::default() }, began);
            let (mut at, mut log) = (0, Vec::new());
            for (pause, is_call) in events {
                at += pause;
                if is_call {
                    budget.earn();
                    log.push((at, 1_u32, 0_u32));
                } else if budget.spend(began + Duration::from_millis(at)) {
                    log.push((at, 0, 1));
                }
            }
            for from in 0..log.len() {
                let (mut calls, mut retries) = (0, 0);
                for (at, call, retry) in &log[from..] {
                    calls += call;
                    retries += retry;
                    let time = (at - log[from].0) as f32 / 1000.0;
                    // The floor is paid out late: for the pause before the stretch, too, but never beyond what can be saved.
                    let most = 0.2 * calls as f32 + FLOOR * time + MOST_SAVED;
                    prop_assert!(retries as f32 <= most + 0.01, "{retries} of {calls} in {time} s");
                }
            }
        }
    }

    #[test]
    fn pauses_double_and_are_drawn_from_all_of_their_length() {
        let budget = RetryBudget::new(Retries::default(), now());
        for (attempt, longest) in [(1, 10), (2, 20), (3, 40), (10, 320), (1000, 320)] {
            let longest = Duration::from_millis(longest);
            let pauses: Vec<Duration> = (0..500).map(|_| budget.pause(attempt)).collect();
            assert!(pauses.iter().all(|pause| *pause <= longest));
            assert!(pauses.iter().any(|pause| *pause < longest / 5), "full jitter");
            assert!(pauses.iter().any(|pause| *pause > longest * 4 / 5));
        }
    }

    #[test]
    fn a_quiet_service_has_some_and_gets_them_back() {
        let began = now();
        let budget = RetryBudget::new(Retries::default(), began);
        let spent = (0..100).filter(|_| budget.spend(began)).count();
        assert_eq!(spent as f32, MOST_SAVED);
        assert!(budget.spend(began + Duration::from_millis(1100)));
        assert!(!budget.spend(began + Duration::from_millis(1100)));
    }
}
