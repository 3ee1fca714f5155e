//! What was purged when, so that nothing older is ever given.
//!
//! Purges are numbered in the order they happen. An answer remembers the number of the last purge before its fetch
//! **began**; it is dead as soon as one of its tags was purged by a later one. Nothing is looked for and removed: that
//! would miss what is in flight.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use hashbrown::HashMap;

use crate::Kept;

/// So many tags are remembered; then everything with a tag is forgotten, and they with it.
const MOST_TAGS: usize = 100_000;

/// A longer tag is not remembered for itself: everything with a tag is purged with it. What purges says is at most 256 bytes
/// long; what is longer was told by the store.
const LONGEST_TAG: usize = 1024;

#[derive(Default)]
pub(crate) struct Purges {
    /// The number of the last purge.
    sequence: AtomicU64,
    /// Purges by others may have gone unheard.
    lost: AtomicBool,
    /// Everything, with tags or without, was thrown away after this one.
    cleared: AtomicU64,
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    /// Everything with a tag was purged by this one.
    floor: u64,
    /// By which purge each tag was purged last.
    tags: HashMap<Arc<str>, u64, foldhash::fast::RandomState>,
}

impl Purges {
    /// The number of the last purge: to be read before a fetch begins.
    pub fn now(&self) -> u64 {
        self.sequence.load(Ordering::Acquire)
    }

    pub fn purge(&self, tags: &[&str]) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let number = self.sequence.load(Ordering::Relaxed) + 1;
        let too_long = tags.iter().any(|tag| tag.len() > LONGEST_TAG);
        if too_long || known.tags.len() + tags.len() > MOST_TAGS {
            known.tags.clear();
            known.floor = number;
        } else {
            for tag in tags {
                match known.tags.get_mut(*tag) {
                    Some(last) => *last = number,
                    None => drop(known.tags.insert((*tag).into(), number)),
                }
            }
        }
        // Last: whoever reads the number finds the tags.
        self.sequence.store(number, Ordering::Release);
    }

    pub fn purge_every_tag(&self) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let number = self.sequence.load(Ordering::Relaxed) + 1;
        known.tags.clear();
        known.floor = number;
        self.sequence.store(number, Ordering::Release);
    }

    /// As a purge of everything, with tags or without.
    pub fn clear(&self) {
        self.purge_every_tag();
        self.cleared.store(self.now(), Ordering::Release);
    }

    pub fn lost(&self) {
        self.lost.store(true, Ordering::Release);
    }

    /// What was fetched before may have been purged unheard.
    pub fn found(&self) {
        self.purge_every_tag();
        self.lost.store(false, Ordering::Release);
    }

    /// Whether what is fetched now may be given to others later.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    /// Whether an answer with these tags, whose fetch began after the purge numbered `began`, may still be given.
    pub fn is_alive<'t>(&self, began: u64, mut tags: impl Iterator<Item = &'t str>) -> bool {
        if began < self.cleared.load(Ordering::Acquire) {
            return false;
        }
        let Some(first) = tags.next() else { return true };
        if self.is_lost() {
            return false;
        }
        if began == self.now() {
            return true;
        }
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let purged = |tag: &str| known.tags.get(tag).is_some_and(|last| *last > began);
        known.floor <= began && !purged(first) && !tags.any(purged)
    }

    /// The same of what is kept. Costs two loads as long as nothing is purged.
    pub fn spared(&self, kept: &Kept) -> bool {
        if kept.tags.is_empty() {
            return kept.began >= self.cleared.load(Ordering::Acquire);
        }
        let now = self.now();
        if kept.checked.load(Ordering::Relaxed) == now && !self.is_lost() {
            return true;
        }
        let alive = self.is_alive(kept.began, kept.tags.iter().map(|tag| &**tag));
        if alive {
            // `fetch_max`: another thread may have looked after a later purge.
            kept.checked.fetch_max(now, Ordering::Relaxed);
        }
        alive
    }
}
