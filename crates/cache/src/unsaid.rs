//! Purges that the store has not taken yet: it was away, or whoever purged went away himself.
//!
//! Here they hold already. As long as the store does not know of them it may have what was purged, so before anything is
//! read from it they are said again.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

#[derive(Default)]
pub(crate) struct Unsaid {
    /// Each tag with the number of its last purge.
    tags: Mutex<BTreeMap<String, u64>>,
    last: AtomicU64,
    is_any: AtomicBool,
}

/// Some of them, as they were at one moment.
pub(crate) struct Saying(Vec<(String, u64)>);

impl Saying {
    pub fn tags(&self) -> Vec<&str> {
        self.0.iter().map(|(tag, _)| &**tag).collect()
    }
}

impl Unsaid {
    pub fn add(&self, tags: &[&str]) -> Saying {
        let mut known = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        known.extend(tags.iter().map(|tag| ((*tag).to_owned(), number)));
        self.is_any.store(true, Ordering::Release);
        Saying(tags.iter().map(|tag| ((*tag).to_owned(), number)).collect())
    }

    /// What is to be said before the store is believed.
    pub fn all(&self) -> Option<Saying> {
        if !self.is_any.load(Ordering::Acquire) {
            return None;
        }
        let known = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Saying(known.iter().map(|(tag, number)| (tag.clone(), *number)).collect()))
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
