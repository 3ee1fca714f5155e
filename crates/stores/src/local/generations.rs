//! Numbers that move when a record may have changed.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// More than sessions are written in the lifetime of a cached record, so that a cached record is seldom dropped for
/// the sake of another.
const STRIPES: usize = 4096;

/// A number for each key, cheaply: keys share [`STRIPES`] numbers, so that asking takes no lock and forgetting a key
/// takes no care. A number that moves for another key only costs one more read.
pub(crate) struct Generations {
    hasher: RandomState,
    stripes: Box<[AtomicU64]>,
}

impl Generations {
    pub fn new() -> Self {
        Self { hasher: RandomState::new(), stripes: (0..STRIPES).map(|_| AtomicU64::new(0)).collect() }
    }

    pub fn of(&self, key: &str) -> u64 {
        self.stripe(key).load(Ordering::Acquire)
    }

    /// To be called after the change can be seen and before it is acknowledged: whoever reads the number before the
    /// record then never keeps an old record under a new number.
    pub fn moved(&self, key: &str) {
        self.stripe(key).fetch_add(1, Ordering::AcqRel);
    }

    pub fn all_moved(&self) {
        for stripe in &self.stripes {
            stripe.fetch_add(1, Ordering::AcqRel);
        }
    }

    fn stripe(&self, key: &str) -> &AtomicU64 {
        &self.stripes[self.hasher.hash_one(key) as usize % STRIPES]
    }
}
