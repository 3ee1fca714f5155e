//! What other instances tell of sessions: that one was written or ended, so that a record kept here is old.
//!
//! Hints count only while they are heard, and whenever they are heard anew everything kept before is old.

use std::sync::atomic::{AtomicBool, Ordering};

use super::ear::Hearer;
use crate::local::Generations;

pub(super) struct Hints {
    generations: Generations,
    is_listening: AtomicBool,
}

impl Hints {
    pub fn new() -> Self {
        Self { generations: Generations::new(), is_listening: AtomicBool::new(false) }
    }

    pub fn generation(&self, key: &str) -> Option<u64> {
        self.is_listening.load(Ordering::Acquire).then(|| self.generations.of(key))
    }

    /// What this instance itself changed, or may have.
    pub fn moved(&self, key: &str) {
        self.generations.moved(key);
    }
}

impl Hearer for Hints {
    fn heard(&self, told: &[u8]) {
        match std::str::from_utf8(told) {
            Ok(key) => self.generations.moved(key),
            Err(_) => self.generations.all_moved(),
        }
    }

    fn found(&self) {
        self.generations.all_moved();
        self.is_listening.store(true, Ordering::Release);
    }

    fn lost(&self) {
        self.is_listening.store(false, Ordering::Release);
    }
}
