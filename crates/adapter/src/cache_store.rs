//! A cache that instances share, and the way by which they tell each other what is out of date.
//!
//! Nothing in it is anybody's in particular: what was fetched for one caller stays in the memory of one process. Each tag
//! has a **version** here, a number that was never used before; an entry carries the versions that its tags had before it
//! was fetched, and is good only while they are the same. So a purge is one new version per tag, and no order of
//! fetching, purging, storing and evicting can bring back what was purged.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::StoreFuture;

/// What there is under a key, and what its tags' versions are at this moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    pub entry: Option<Bytes>,
    /// As many as tags were asked for, never 0: a tag without a version is given one.
    pub versions: Vec<u64>,
}

/// Hears what other instances purge. Called from the store's own thread; must not wait.
pub trait PurgeListener: Send + Sync {
    fn purged(&self, tags: &[&str]);

    /// From now on purges may be missed: nothing with a tag may be trusted that is kept in memory.
    fn lost(&self);

    /// Every purge from now on is heard again.
    fn found(&self);
}

pub trait CacheStore: Send + Sync {
    /// The entry under `key` and the versions of `tags`, read no earlier than the call.
    fn get<'a>(&'a self, key: &'a [u8; 32], tags: &'a [&'a str]) -> StoreFuture<'a, Shared>;

    /// Keeps it for at most `time`. It holds the versions of its tags itself.
    fn put<'a>(&'a self, key: &'a [u8; 32], entry: Bytes, time: Duration) -> StoreFuture<'a, ()>;

    /// Gives each tag a new version, and tells every listener. Done when the store has said so.
    fn purge<'a>(&'a self, tags: &'a [&'a str]) -> StoreFuture<'a, ()>;

    /// Tells `listener` of purges for as long as the store lives. `lost` comes first if they cannot be heard yet.
    fn listen(&self, listener: Arc<dyn PurgeListener>);
}
