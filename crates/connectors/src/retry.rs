//! Whether a failed call is tried again, and after what pause.

use std::cell::Cell;
use std::time::Duration;

use frontdesk_adapter::{Deadline, Fault};

/// Retries may add at most a fifth to a service's load: when everything fails, trying everything again is what
/// keeps it down.
const CALLS_PER_RETRY: u32 = 5;
/// What a quiet service may spend at once.
const MOST_SAVED: u32 = 10 * CALLS_PER_RETRY;
const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// What one service, on one core, has earned for retries.
pub(crate) struct RetryBudget {
    retries: u32,
    saved: Cell<u32>,
}

impl RetryBudget {
    pub(crate) fn new(retries: u32) -> Self {
        Self { retries, saved: Cell::new(MOST_SAVED) }
    }

    /// Each first attempt earns a part of a retry.
    pub(crate) fn earn(&self) {
        if self.retries > 0 {
            self.saved.set((self.saved.get() + 1).min(MOST_SAVED));
        }
    }

    /// The pause before attempt number `attempt` (1 is the first retry), or `None` to give up: the call is not
    /// safe, the fault would come again, the retries or the time are spent.
    pub(crate) fn pause(
        &self,
        safe: bool,
        fault: &Fault,
        attempt: u32,
        deadline: Deadline,
    ) -> Option<Duration> {
        if !safe || attempt > self.retries || !fault.is_transient() {
            return None;
        }
        let saved = self.saved.get().checked_sub(CALLS_PER_RETRY)?;
        let longest = FIRST_PAUSE * 2u32.saturating_pow(attempt.min(6) - 1);
        // Full jitter: callers that failed together must not come back together.
        let pause = longest.mul_f32(fastrand::f32());
        if pause >= deadline.remaining() {
            return None;
        }
        self.saved.set(saved);
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use frontdesk_adapter::{Deadline, Fault, now};

    use super::RetryBudget;

    #[tokio::test(start_paused = true)]
    async fn retries_are_for_safe_calls_with_transient_faults_and_time_left() {
        let budget = RetryBudget::new(1);
        let deadline = Deadline::after(now(), Duration::from_secs(1));
        let broken = Fault::Broken(String::new());
        assert!(budget.pause(true, &broken, 1, deadline).is_some());
        assert!(budget.pause(false, &broken, 1, deadline).is_none(), "it may have been carried out");
        assert!(budget.pause(true, &broken, 2, deadline).is_none(), "one retry is allowed");
        assert!(budget.pause(true, &Fault::Rejected { status: 404 }, 1, deadline).is_none());
        assert!(budget.pause(true, &broken, 1, Deadline::after(now(), Duration::ZERO)).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn when_everything_fails_retries_run_out() {
        let budget = RetryBudget::new(3);
        let deadline = Deadline::after(now(), Duration::from_secs(1));
        let broken = Fault::Broken(String::new());
        let granted = |n: u32| {
            (0..n)
                .filter(|_| {
                    budget.earn();
                    budget.pause(true, &broken, 1, deadline).is_some()
                })
                .count()
        };
        granted(100);
        assert_eq!(granted(100), 20, "a fifth of the calls");
    }
}
