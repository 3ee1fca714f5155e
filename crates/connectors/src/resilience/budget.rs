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
