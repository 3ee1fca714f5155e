//! How an answer was come by, for `Frontdesk-Cache`, logs and metrics.

use std::fmt;
use std::time::Duration;

/// What became of asking the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    pub state: State,
    pub detail: Option<Detail>,
    /// How old the answer was when it was given; zero for one that was fetched for it.
    pub age: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Kept here, and fresh.
    Hit,
    /// Fetched for whoever asked.
    Miss,
    /// Kept, and past its lifetime.
    Stale,
    /// Not fetched for whoever asked, and not kept here: see [`Detail`].
    Shared,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Detail {
    /// Somebody else's fetch was waited for.
    Flight,
    /// It came from the store that instances share.
    Store,
    /// It stood in for a call that failed (RFC 5861 §4).
    Error,
    /// It stood in for a call that failed, beyond every lifetime: the answer is degraded.
    LastGood,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Stale => "stale",
            Self::Shared => "shared",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Use {
    pub const MISS: Self = Self { state: State::Miss, detail: None, age: Duration::ZERO };

    pub fn hit(age: Duration) -> Self {
        Self { state: State::Hit, detail: None, age }
    }

    pub fn stale(age: Duration) -> Self {
        Self { state: State::Stale, detail: None, age }
    }

    pub fn shared(detail: Detail, age: Duration) -> Self {
        Self { state: State::Shared, detail: Some(detail), age }
    }
}
