//! What one service may cost and how it is treated when it fails, as plain data.

use std::time::Duration;

use frontdesk_adapter::Hedge;

/// How calls of one service are bounded, repeated and given up. The defaults are those of `frontdesk.yaml`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    pub retries: Retries,
    /// When a second attempt of a safe call sets out beside the first.
    pub hedge: Hedge,
    /// `None`: no breaker.
    pub breaker: Option<BreakerPolicy>,
    /// `None`: no endpoint is ever ejected.
    pub outliers: Option<OutlierPolicy>,
    pub bound: BoundPolicy,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            retries: Retries::default(),
            hedge: Hedge::Never,
            breaker: Some(BreakerPolicy::default()),
            outliers: Some(OutlierPolicy::default()),
            bound: BoundPolicy::Adaptive,
        }
    }
}

impl Policy {
    /// At most `calls` at once, and nothing else: no retry, no breaker, no ejection.
    pub fn plain(calls: u32) -> Self {
        Self {
            retries: Retries::none(),
            hedge: Hedge::Never,
            breaker: None,
            outliers: None,
            bound: BoundPolicy::fixed(calls),
        }
    }

    #[must_use]
    pub fn retries(self, most: u32) -> Self {
        Self { retries: Retries { most, ..self.retries }, ..self }
    }

    /// At most `calls` at once, and as many that wait.
    #[must_use]
    pub fn bulkhead(self, calls: u32) -> Self {
        Self { bound: BoundPolicy::fixed(calls), ..self }
    }
}

/// Whether a safe or keyed call is tried again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retries {
    /// For one call.
    pub most: u32,
    /// Retries and hedges for each call: 0.2 lets them add a fifth to a service's load.
    pub budget: f32,
    /// The longest pause before the first retry; it doubles with each further one.
    pub pause: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self { most: 1, budget: 0.2, pause: Duration::from_millis(10) }
    }
}

impl Retries {
    pub fn none() -> Self {
        Self { most: 0, ..Self::default() }
    }
}

/// When calls are no longer made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakerPolicy {
    /// The share of failures, above 0 and up to 1, at which it opens.
    pub failures: f32,
    /// What is looked at: this much of the past.
    pub window: Duration,
    /// For how long it opens the first time; longer each time it opens again without having recovered.
    pub open: Duration,
    /// Fewer calls than this in the window prove nothing.
    pub calls: u32,
    /// A success that took this long counts as a failure.
    pub slow: Option<Duration>,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self {
            failures: 0.5,
            window: Duration::from_secs(10),
            open: Duration::from_secs(5),
            calls: 20,
            slow: None,
        }
    }
}

/// When one endpoint among several is left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutlierPolicy {
    /// This many failures in a row.
    pub failures: u32,
    /// For how long, times how often it happened before.
    pub eject: Duration,
    /// The largest share of the endpoints, up to 1, that may be out at once.
    pub most: f32,
}

impl Default for OutlierPolicy {
    fn default() -> Self {
        Self { failures: 5, eject: Duration::from_secs(10), most: 0.5 }
    }
}

/// How many calls may be in flight at once, on each core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoundPolicy {
    Fixed {
        calls: u32,
        /// How many may wait for their turn.
        queue: u32,
    },
    /// As many as the service answers without delay: found out by looking at its latency.
    Adaptive,
}

impl BoundPolicy {
    /// As many may wait as may be in flight.
    pub fn fixed(calls: u32) -> Self {
        Self::Fixed { calls, queue: calls }
    }

    /// Connections worth keeping open when nothing happens.
    pub(crate) fn most_idle(self) -> u32 {
        match self {
            Self::Fixed { calls, .. } => calls,
            Self::Adaptive => 256,
        }
    }
}
