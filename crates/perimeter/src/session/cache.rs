//! Sessions that were opened a moment ago, so that a browser's next request need not ask the store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use frontdesk_adapter::{SessionStore, now};
use subtle::ConstantTimeEq;
use tokio::time::Instant;

use super::{Open, SessionId};

/// How long a record is believed if the store cannot tell whether it has changed: the longest that another instance's
/// logout takes to be seen here.
pub(super) const BELIEVED: Duration = Duration::from_secs(5);
/// The same if the store can tell: news may get lost.
const LONGEST: Duration = Duration::from_secs(30);
const SHARDS: usize = 16;
/// Sessions per shard.
const MOST: usize = 1024;

/// What was known of a store before it was read. Only what has not changed since then may be kept under it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    generation: Option<u64>,
    at: Instant,
    epoch: u64,
}

impl Moment {
    /// To be taken before the record is read.
    pub(super) fn before_reading(store: &dyn SessionStore, key: &str, epoch: u64) -> Self {
        Self { generation: store.generation(key), at: now(), epoch }
    }

    fn holds(&self, store: &dyn SessionStore, key: &str, epoch: u64) -> bool {
        let age = now().saturating_duration_since(self.at);
        self.epoch == epoch
            && match self.generation {
                Some(known) => age < LONGEST && store.generation(key) == Some(known),
                None => age < BELIEVED,
            }
    }
}

enum Slot {
    Open(Arc<Open>, Moment),
    /// It was ended by this process. What was read before that does not come back.
    Ended(Instant),
}

impl Slot {
    fn at(&self) -> Instant {
        match self {
            Self::Open(_, moment) => moment.at,
            Self::Ended(at) => *at,
        }
    }
}

/// By what the id's first half hashes to; the second half is compared each time, in constant time.
pub(super) struct Cache {
    shards: [Mutex<HashMap<[u8; 32], Slot>>; SHARDS],
}

impl Cache {
    pub(super) fn new() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()) }
    }

    /// The session if it was read a moment ago and nobody has written it since. Another secret finds nothing.
    pub(super) fn get(&self, id: &SessionId, store: &dyn SessionStore, epoch: u64) -> Option<Arc<Open>> {
        let digest = id.digest();
        let shard = self.shard(&digest);
        let Some(Slot::Open(open, moment)) = shard.get(&digest) else { return None };
        let is_same = bool::from(open.id.secret().ct_eq(id.secret()));
        (is_same && moment.holds(store, &open.key, epoch)).then(|| Arc::clone(open))
    }

    pub(super) fn put(&self, open: Arc<Open>, moment: Moment) {
        let digest = open.id.digest();
        let mut shard = self.shard(&digest);
        let is_late = match shard.get(&digest) {
            Some(Slot::Open(known, _)) => known.version > open.version,
            Some(Slot::Ended(at)) => moment.at <= *at,
            None => false,
        };
        if is_late {
            return;
        }
        if shard.len() >= MOST && !shard.contains_key(&digest) {
            shard.retain(|_, slot| slot.at().elapsed() < BELIEVED);
            // All of them are in use: any may go, it is only read once more.
            let any = if shard.len() >= MOST { shard.keys().next().copied() } else { None };
            if let Some(any) = any {
                shard.remove(&any);
            }
        }
        shard.insert(digest, Slot::Open(open, moment));
    }

    /// To be called when the store has acknowledged the end of the session under `key`.
    pub(super) fn end(&self, key: &str) {
        if let Some(digest) = SessionId::digest_of(key) {
            self.shard(&digest).insert(digest, Slot::Ended(now()));
        }
    }

    /// The record has changed, or may have.
    pub(super) fn forget(&self, id: &SessionId) {
        let digest = id.digest();
        let mut shard = self.shard(&digest);
        if matches!(shard.get(&digest), Some(Slot::Open(..))) {
            shard.remove(&digest);
        }
    }

    fn shard(&self, digest: &[u8; 32]) -> MutexGuard<'_, HashMap<[u8; 32], Slot>> {
        self.shards[usize::from(digest[0]) % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
