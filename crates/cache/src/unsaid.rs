//! Purges that the store has not taken yet: it was away, or whoever purged went away himself.
//!
//! Here they hold already. As long as the store does not know of them it may have what was purged, so before anything is
//! read from it they are said again, a part at a time: what was said stays said if the next part fails.
//!
//! Clients can have a part in how many there are, as unsafe requests through cached proxy routes purge their targets. So
//! there is a bound. Beyond it the tags are forgotten, and nothing with a tag that was stored before is believed here:
//! see [`Unsaid::forgotten`].

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// So many tags are remembered.
const MOST: usize = 50_000;
/// So many are said at once: within the time that a call waits for the store.
const AT_ONCE: usize = 256;

#[derive(Default)]
pub(crate) struct Unsaid {
    /// Each tag with the number of its last purge.
    tags: Mutex<BTreeMap<String, u64>>,
    last: AtomicU64,
    is_any: AtomicBool,
    /// When tags were forgotten last, in Unix microseconds.
    forgotten: AtomicU64,
}

/// Some of them, as they were at one moment.
pub(crate) struct Saying(Vec<(String, u64)>);

impl Saying {
    pub fn tags(&self) -> Vec<&str> {
        self.0.iter().map(|(tag, _)| &**tag).collect()
    }
}

impl Unsaid {
    /// `now`: Unix microseconds.
    pub fn add(&self, tags: &[&str], now: u64) -> Saying {
        let mut known = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() + tags.len() > MOST {
            self.forgotten.fetch_max(now, Ordering::AcqRel);
            known.clear();
        }
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        known.extend(tags.iter().map(|tag| ((*tag).to_owned(), number)));
        self.is_any.store(true, Ordering::Release);
        Saying(tags.iter().map(|tag| ((*tag).to_owned(), number)).collect())
    }

    /// What is to be said next. The store is to be believed when there is nothing left.
    pub fn next(&self) -> Option<Saying> {
        if !self.is_any.load(Ordering::Acquire) {
            return None;
        }
        let known = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        let some = known.iter().take(AT_ONCE).map(|(tag, number)| (tag.clone(), *number));
        Some(Saying(some.collect())).filter(|saying| !saying.0.is_empty())
    }

    /// What the store has with a tag and since before this moment (Unix microseconds) may have been purged here, and nobody
    /// knows any more what was.
    pub fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::Acquire)
    }

    /// The store has taken them; those that were purged once more meanwhile stay.
    pub fn said(&self, saying: &Saying) {
        let mut known = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        for (tag, number) in &saying.0 {
            if known.get(tag).is_some_and(|last| last <= number) {
                known.remove(tag);
            }
        }
        self.is_any.store(!known.is_empty(), Ordering::Release);
    }
}
