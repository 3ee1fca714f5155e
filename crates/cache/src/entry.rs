//! What is kept of an answer, and for how long it may be given.

use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use tokio::time::Instant;

/// An answer, as it is handed to the cache. `Debug` shows nothing of what it says: that is somebody's.
#[derive(Clone, Default)]
pub struct Entry {
    pub status: u16,
    pub headers: Option<Box<HeaderMap>>,
    pub body: Bytes,
    /// As [`frontdesk_adapter::Answer::is_expected_type`].
    pub is_expected_type: bool,
    /// When its age was zero, in Unix microseconds: when the fetch began, or earlier if the answer says that it was kept
    /// elsewhere before (RFC 9111 §4.2.3).
    pub stored: u64,
    pub times: Times,
    /// Whoever purges one of them purges this.
    pub tags: Box<[Arc<str>]>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("status", &self.status)
            .field("headers", &self.headers.as_ref().map(|headers| headers.len()))
            .field("body", &self.body.len())
            .field("stored", &self.stored)
            .field("times", &self.times)
            .field("tags", &self.tags.len())
            .finish_non_exhaustive()
    }
}

/// For how long an answer may be given. All but `fresh` count from the end of `fresh`, each for itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    pub fresh: Duration,
    /// While somebody fetches a new one (`stale-while-revalidate`, RFC 5861 §3).
    pub stale: Duration,
    /// In place of an answer that cannot be had (`stale-if-error`, RFC 5861 §4).
    pub stale_if_error: Duration,
    /// It is kept for this long, for whoever can still use it: by asking whether it has changed, or as the last that was
    /// good.
    pub keep: Duration,
}

impl Times {
    /// After which nobody has any use for the answer.
    pub fn total(&self) -> Duration {
        self.fresh.saturating_add(self.stale.max(self.stale_if_error).max(self.keep))
    }
}

/// An answer that is kept, or was just fetched.
#[derive(Debug)]
pub struct Kept {
    entry: Entry,
    /// When it came here, by the clock that does not jump.
    pub(crate) since: Instant,
    /// How old it was then.
    pub(crate) initial_age: Duration,
    /// The number of the last purge before its fetch began.
    pub(crate) began: u64,
    /// The number of the last purge that is known not to have hit it.
    pub(crate) checked: AtomicU64,
    /// For how long it was fetched.
    pub(crate) took: Duration,
    /// When it was last tried to fetch it anew, in microseconds after `since`, plus one; 0 for never.
    tried: AtomicU64,
    attached: OnceLock<Box<dyn Any + Send + Sync>>,
}

impl Deref for Kept {
    type Target = Entry;

    fn deref(&self) -> &Entry {
        &self.entry
    }
}

impl Kept {
    pub(crate) fn new(
        entry: Entry,
        since: Instant,
        initial_age: Duration,
        began: u64,
        took: Duration,
    ) -> Self {
        let (checked, tried) = (AtomicU64::new(began), AtomicU64::new(0));
        let attached = OnceLock::new();
        Self { entry, since, initial_age, began, checked, took, tried, attached }
    }

    /// What its user makes of it once, to be kept as long as it is. Always asked for with one type; `None` with another.
    pub fn attached<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Option<&T> {
        self.attached.get_or_init(|| Box::new(make())).downcast_ref()
    }

    pub fn age(&self, now: Instant) -> Duration {
        self.initial_age.saturating_add(now.saturating_duration_since(self.since))
    }

    /// Whether it may be given in place of an answer that cannot be had.
    pub fn may_stand_in(&self, age: Duration) -> bool {
        age < self.times.fresh.saturating_add(self.times.stale_if_error)
    }

    /// Whether it is time to fetch it anew although it is fresh, so that nobody who asks often ever has to wait: the more
    /// likely the closer its end, in proportion to what a fetch takes (XFetch: Vattani, Chierichetti, Lowenstein,
    /// "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015).
    pub fn wants_early_refresh(&self, age: Duration) -> bool {
        let left = self.times.fresh.saturating_sub(age);
        // One in nine million would have it earlier; most hits are spared the logarithm.
        if left > self.took.saturating_mul(16) {
            return false;
        }
        let chance = 1.0 - fastrand::f64();
        self.took.as_secs_f64() * -chance.ln() >= left.as_secs_f64()
    }

    /// Whether enough time has gone by since the last attempt to fetch it anew; if so, one begins now.
    pub fn try_refresh(&self, now: Instant, pause: Duration) -> bool {
        let micros =
            u64::try_from(now.saturating_duration_since(self.since).as_micros()).unwrap_or(u64::MAX - 1) + 1;
        let last = self.tried.load(Ordering::Relaxed);
        let waits = last != 0 && micros.saturating_sub(last) < pause.as_micros() as u64;
        !waits && self.tried.compare_exchange(last, micros, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// What it takes of memory, with its key: roughly, and rather too much.
    pub(crate) fn weight(&self, key: usize) -> u64 {
        let headers = self.headers.as_ref().map_or(0, |headers| {
            headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 96).sum::<usize>() + 128
        });
        let tags: usize = self.tags.iter().map(|tag| tag.len() + 32).sum();
        (self.body.len() + headers + tags + key + OVERHEAD) as u64
    }
}

/// Of the entry's own fields, its place in the table, and what the allocator adds.
const OVERHEAD: usize = 384;
