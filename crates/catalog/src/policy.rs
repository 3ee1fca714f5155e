//! How calls of a service are bounded, repeated and given up.

use std::time::Duration;

use crate::traffic::Share;

/// Whether a call that only reads, or carries a key, is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// For one call.
    pub most: u32,
    /// How much retries and hedges may add to the calls.
    pub budget: Share,
    /// The longest pause before the first retry; it doubles with each further one.
    pub pause: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self { most: 0, budget: Share(2000), pause: Duration::from_millis(10) }
    }
}

/// When a second attempt of a call that only reads sets out beside the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hedging {
    #[default]
    Never,
    After(Duration),
    /// 1 to 99: once that many percent of the operation's calls would have been answered.
    AfterPercentile(u8),
}

/// When calls are no longer made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    /// The share of failures at which it opens.
    pub failures: Share,
    pub window: Duration,
    /// For how long, the first time.
    pub open: Duration,
    /// Fewer calls in the window prove nothing.
    pub calls: u32,
    /// A success that took so long counts as a failure.
    pub slow: Option<Duration>,
}

impl Default for Breaker {
    fn default() -> Self {
        Self {
            failures: Share(5000),
            window: Duration::from_secs(10),
            open: Duration::from_secs(5),
            calls: 20,
            slow: None,
        }
    }
}

/// When one endpoint among several is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outliers {
    /// In a row.
    pub failures: u32,
    /// For how long, times how often it happened before.
    pub eject: Duration,
    /// The most of all endpoints that may be out at once.
    pub most: Share,
}

impl Default for Outliers {
    fn default() -> Self {
        Self { failures: 5, eject: Duration::from_secs(10), most: Share(5000) }
    }
}

/// How many calls of a service may be in flight at once, on each core.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bulkhead {
    /// As many as it answers without delay.
    #[default]
    Adaptive,
    Fixed {
        calls: u32,
        queue: u32,
    },
}

impl Bulkhead {
    /// The most that there ever are, if that is said.
    pub fn most(self) -> Option<u32> {
        match self {
            Self::Adaptive => None,
            Self::Fixed { calls, .. } => Some(calls),
        }
    }
}
