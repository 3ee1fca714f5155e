//! A clock that stands until it is moved.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use frontdesk_adapter::Clock;

/// Clones are the same clock.
#[derive(Clone, Debug)]
pub struct StandingClock(Arc<AtomicU64>);

impl StandingClock {
    /// At this Unix time in seconds.
    pub fn at(seconds: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seconds * 1_000_000)))
    }

    pub fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    /// Somebody sets it back.
    pub fn set_back(&self, seconds: u64) {
        self.0.fetch_sub(seconds * 1_000_000, Ordering::Relaxed);
    }
}

impl Clock for StandingClock {
    fn unix_micros(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
