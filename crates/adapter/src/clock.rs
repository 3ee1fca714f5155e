//! Time, as the runtime sees it: one place reads the clock, and tests can pause it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// The present moment of the runtime's clock (which `tokio::time::pause` stops in tests).
pub fn now() -> Instant {
    Instant::now()
}

/// The moment by which an answer must be there.
///
/// Every wait takes a `Deadline`, never a timeout of its own: two waits in a row of "at most 300 ms" each can
/// take 600 ms, and a view that promised 500 ms would break its promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    pub fn after(start: Instant, timeout: Duration) -> Self {
        Self(start + timeout)
    }

    /// The earlier of the two: a call may tighten the view's deadline but not extend it.
    pub fn tightened(self, start: Instant, timeout: Duration) -> Self {
        Self(self.0.min(start + timeout))
    }

    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(now())
    }

    pub fn instant(self) -> Instant {
        self.0
    }

    pub fn passed(self) -> bool {
        now() >= self.0
    }
}

/// The time of day, for what carries dates (tokens, sessions). Tests hold their own.
pub trait Clock: Send + Sync {
    /// Unix time in microseconds.
    fn unix_micros(&self) -> u64;

    /// Unix time in seconds.
    fn unix(&self) -> u64 {
        self.unix_micros() / 1_000_000
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn unix_micros(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }
}
