//! A provider that fails again and again is left alone for a moment.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use frontdesk_adapter::now;
use tokio::time::Instant;

use super::ProviderFault;

/// Failures in a row after which nothing is sent for a while.
const FAILURES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(3);
/// The longest pause that a provider may ask for with `Retry-After`.
const LONGEST: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    closed_until: Option<Instant>,
}

impl Breaker {
    /// Whether a request may be sent.
    pub(super) fn check(&self) -> Result<(), ProviderFault> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = state.closed_until.map(|until| until.saturating_duration_since(now()));
        match left.filter(|left| !left.is_zero()) {
            None => Ok(()),
            Some(left) => Err(ProviderFault::Away {
                why: "it failed several times in a row and is left alone for a moment".to_owned(),
                maybe_done: false,
                retry_after: Some(left),
            }),
        }
    }

    /// The provider answered, whatever it said.
    pub(super) fn answered(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    pub(super) fn failed(&self, retry_after: Option<Duration>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            state.closed_until = Some(now() + retry_after.unwrap_or(PAUSE).clamp(PAUSE, LONGEST));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Breaker, FAILURES, PAUSE};

    #[tokio::test(start_paused = true)]
    async fn opens_after_failures_in_a_row_and_closes_again() {
        let breaker = Breaker::default();
        for _ in 1..FAILURES {
            breaker.failed(None);
        }
        breaker.answered();
        for _ in 1..FAILURES {
            breaker.failed(None);
        }
        assert!(breaker.check().is_ok());
        breaker.failed(None);
        assert!(breaker.check().is_err());
        tokio::time::advance(PAUSE).await;
        assert!(breaker.check().is_ok());
        // Still failing: at once for another while.
        breaker.failed(None);
        assert!(breaker.check().is_err());
    }
}
