//! A table cut into parts with a lock each, and the pace at which the parts are swept.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Moment;

pub(crate) const SHARDS: usize = 64;

/// Locks even if a thread panicked while it held the lock: each change under our locks is whole before the next
/// thing that could panic.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// [`SHARDS`] parts, chosen by a hash with a seed of this process: keys may be made by strangers.
pub(crate) struct Shards<T> {
    hasher: RandomState,
    parts: Box<[Mutex<T>]>,
}

impl<T: Default> Shards<T> {
    pub fn new() -> Self {
        Self { hasher: RandomState::new(), parts: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }

    pub fn of(&self, key: &str) -> MutexGuard<'_, T> {
        self.at(self.hasher.hash_one(key) as usize)
    }

    /// The part with this number, counted round.
    pub fn at(&self, number: usize) -> MutexGuard<'_, T> {
        lock(&self.parts[number % SHARDS])
    }
}

/// Says which part is to be swept: each once in [`SweepPace::ROUND_MICROS`], one after the other, so that no write
/// ever waits for the whole table.
pub(crate) struct SweepPace {
    /// In steps since the epoch.
    swept: AtomicU64,
}

impl SweepPace {
    const ROUND_MICROS: u64 = 32_000_000;
    const STEP_MICROS: u64 = Self::ROUND_MICROS / SHARDS as u64;

    pub fn new(now: Moment) -> Self {
        Self { swept: AtomicU64::new(now.0 / Self::STEP_MICROS) }
    }

    /// The numbers of the parts that are due; no other thread gets them too.
    pub fn due(&self, now: Moment) -> impl Iterator<Item = usize> + use<> {
        let step = now.0 / Self::STEP_MICROS;
        let swept = self.swept.fetch_max(step, Ordering::Relaxed);
        if swept > step.saturating_add(SHARDS as u64) {
            // The clock was set back. What has passed must not wait until it is as late again.
            let _ = self.swept.compare_exchange(swept, step, Ordering::Relaxed, Ordering::Relaxed);
        }
        let from = swept.max(step.saturating_sub(SHARDS as u64));
        (from..step).map(|step| step as usize % SHARDS)
    }
}
