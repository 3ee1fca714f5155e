//! One fetch that many wait for, whichever threads they are on.
//!
//! A flight is joined by its exact key, and only if it began after the last purge of its tags. Whoever leads it ends it
//! with an answer or a fault; if it never does (its thread is gone) those who wait are told to fetch for themselves.

use std::hash::BuildHasher;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Deadline, Fault, now};
use hashbrown::HashMap;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::{Cache, Entry, Kept, Key};

/// What is to be done by whoever finds nothing.
pub enum Turn {
    /// Fetch it.
    Lead(Lead),
    /// Somebody is fetching it already.
    Join(Flight),
}

/// How a flight ended.
#[derive(Clone, Debug)]
pub enum Landing {
    /// Fetched.
    Kept(Arc<Kept>),
    /// Found in the store that instances share.
    Found(Arc<Kept>),
    Failed(Fault),
    /// It did not end, and never will.
    Abandoned,
    /// Not before one's own deadline.
    TimedOut,
}

#[derive(Debug)]
pub(crate) struct Air {
    /// The number of the last purge before it began.
    began: u64,
    outcome: OnceLock<Landing>,
    landed: Notify,
}

impl Air {
    fn land(&self, landing: Landing) {
        if self.outcome.set(landing).is_ok() {
            self.landed.notify_waiters();
        }
    }
}

/// Somebody's fetch, to be waited for.
#[derive(Clone, Debug)]
pub struct Flight(Arc<Air>);

impl Flight {
    pub async fn wait(&self, deadline: Deadline) -> Landing {
        let mut landed = pin!(self.0.landed.notified());
        // Before looking: what lands in between is not missed.
        landed.as_mut().enable();
        if let Some(landing) = self.0.outcome.get() {
            return landing.clone();
        }
        match tokio::time::timeout_at(deadline.instant(), landed).await {
            Ok(()) => self.0.outcome.get().cloned().unwrap_or(Landing::Abandoned),
            Err(_) => self.0.outcome.get().cloned().unwrap_or(Landing::TimedOut),
        }
    }
}

/// The moment before a fetch, as three clocks have it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Began {
    pub purge: u64,
    pub at: Instant,
    /// Unix microseconds.
    pub unix: u64,
}

/// The one who fetches. Dropped without [`finish`](Self::finish) or [`fail`](Self::fail) it leaves the others to
/// themselves.
#[must_use = "others wait for it"]
pub struct Lead {
    pub(crate) cache: Arc<Cache>,
    pub(crate) key: Key,
    pub(crate) tags: Box<[Arc<str>]>,
    pub(crate) began: Began,
    /// Of the tags, in the store, before the fetch; `None` as long as nobody knows.
    pub(crate) versions: Option<Vec<u64>>,
    air: Arc<Air>,
}

impl Lead {
    /// When the fetch began, in Unix microseconds.
    pub fn began(&self) -> u64 {
        self.began.unix
    }

    pub fn key(&self) -> &Key {
        &self.key
    }

    /// What the flight was begun with.
    pub fn tags(&self) -> &[Arc<str>] {
        &self.tags
    }

    pub fn flight(&self) -> Flight {
        Flight(self.air.clone())
    }

    /// Keeps the answer as long as it says, here and where instances share, and gives it to everybody who waits. It goes
    /// with the flight's tags and its own.
    ///
    /// An answer that was purged meanwhile, is too large, or has no time at all is given and not kept.
    pub fn finish(self, mut entry: Entry) -> Arc<Kept> {
        // Of a body that is a part of something large, only the part is kept.
        entry.body = Bytes::copy_from_slice(&entry.body);
        let kept = self.cache.keep(&self.key, self.began, entry);
        self.end(Landing::Kept(kept.clone()));
        self.cache.share(&self, &kept);
        kept
    }

    /// The same fetch, for what is kept of it under another key: it began when this one did, and nobody waits for it.
    pub fn beside(&self, key: Key) -> Self {
        let air = Arc::new(Air { began: self.began.purge, outcome: OnceLock::new(), landed: Notify::new() });
        Self {
            cache: self.cache.clone(),
            key,
            tags: self.tags.clone(),
            began: self.began,
            versions: self.versions.clone(),
            air,
        }
    }

    /// Ends with what [`shared`](Self::shared) found.
    pub fn found(self, kept: Arc<Kept>) {
        self.end(Landing::Found(kept));
    }

    pub fn fail(self, fault: Fault) {
        self.end(Landing::Failed(fault));
    }

    /// What the store that instances share has, if it is not older than `newer_than` (Unix microseconds). It is kept here
    /// from now on.
    ///
    /// To be asked before the fetch in any case: what is fetched can be shared only if the versions that its tags had
    /// before are known.
    pub async fn shared(&mut self, newer_than: u64) -> Option<(Arc<Kept>, Duration)> {
        let cache = self.cache.clone();
        cache.shared(self, newer_than).await
    }

    fn end(&self, landing: Landing) {
        self.cache.flights.remove(&self.key, &self.air);
        self.air.land(landing);
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        if self.air.outcome.get().is_none() {
            self.end(Landing::Abandoned);
        }
    }
}

type Flying = HashMap<Key, Arc<Air>, foldhash::fast::RandomState>;

/// Every flight of the process.
#[derive(Default)]
pub(crate) struct Flights {
    hasher: foldhash::fast::RandomState,
    shards: [Mutex<Flying>; 16],
}

impl Flights {
    fn shard(&self, key: &Key) -> MutexGuard<'_, Flying> {
        let at = self.hasher.hash_one(key) as usize % self.shards.len();
        // The length is a constant, and `at` is below it.
        self.shards[at].lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn begin(&self, cache: &Arc<Cache>, key: &Key, tags: &[Arc<str>]) -> Turn {
        let mut flying = self.shard(key);
        if let Some(air) = flying.get(key)
            && cache.purges.is_alive(air.began, tags.iter().map(|tag| &**tag))
        {
            return Turn::Join(Flight(air.clone()));
        }
        let began = cache.beginning();
        let air = Arc::new(Air { began: began.purge, outcome: OnceLock::new(), landed: Notify::new() });
        flying.insert(key.clone(), air.clone());
        Turn::Lead(Lead {
            cache: cache.clone(),
            key: key.clone(),
            tags: tags.into(),
            began,
            versions: None,
            air,
        })
    }

    /// If it is still this one: a later one may have taken its place.
    fn remove(&self, key: &Key, air: &Arc<Air>) {
        let mut flying = self.shard(key);
        if flying.get(key).is_some_and(|other| Arc::ptr_eq(other, air)) {
            flying.remove(key);
        }
    }

    pub fn count(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }
}

/// As a [`Began`] of now.
pub(crate) fn beginning(purge: u64, unix: u64) -> Began {
    Began { purge, at: now(), unix }
}
