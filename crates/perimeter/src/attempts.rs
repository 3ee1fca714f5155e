//! Against guessing: an address whose credentials fail again and again is told so, and then not listened to.
//!
//! Identifiers and keys of 256 bits cannot be guessed; what this saves is the stores and the providers, and what it
//! gives is a number to raise an alarm by. Behind one address there may be an office full of people whose sessions have
//! just ended, so whoever has a good credential gets in until it is far too many. It is counted in each process for
//! itself, and an address that never failed costs one atomic read.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use foldhash::fast::RandomState;
use frontdesk_adapter::Clock;

use crate::Refusal;
use crate::limits::owner;

/// A failure is forgotten after this long.
const INTERVAL_MICROS: u64 = 100_000;
/// Failures an address may have at once before it is told to wait.
const MANY: u64 = 200;
/// Failures after which nothing of the address is looked at.
const TOO_MANY: u64 = 2_000;
/// So far ahead, and no further: who stops is listened to again soon.
const MOST_WAIT: u64 = 100;
/// Addresses that are remembered.
const MOST: usize = 100_000;

/// Failed credentials, by address.
pub struct Attempts {
    clock: Arc<dyn Clock>,
    /// GCRA: when the address would have no failures left, in Unix microseconds.
    failures: Mutex<HashMap<u128, u64, RandomState>>,
    addresses: AtomicUsize,
    total: AtomicU64,
}

impl Attempts {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let failures = Mutex::new(HashMap::with_hasher(RandomState::default()));
        Self { clock, failures, addresses: AtomicUsize::new(0), total: AtomicU64::new(0) }
    }

    /// Before a credential is looked at.
    ///
    /// # Errors
    /// 429 `rate_limited` if far too many from this address were bad.
    pub fn check(&self, address: IpAddr) -> Result<(), Refusal> {
        if self.addresses.load(Ordering::Relaxed) == 0 {
            return Ok(());
        }
        let now = self.clock.unix_micros();
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        match failures
            .get(&owner(address))
            .and_then(|forgotten| refusal(believed(*forgotten, now), now, TOO_MANY))
        {
            Some(refusal) => Err(refusal),
            None => Ok(()),
        }
    }

    /// A credential from this address was bad: unknown, malformed, ended. What it is told if there were many.
    pub fn failed(&self, address: IpAddr) -> Option<Refusal> {
        self.total.fetch_add(1, Ordering::Relaxed);
        let now = self.clock.unix_micros();
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= MOST {
            failures.retain(|_, forgotten| *forgotten > now);
            if failures.len() >= MOST {
                failures.clear();
            }
        }
        let forgotten = failures.entry(owner(address)).or_insert(now);
        *forgotten = believed(*forgotten, now).max(now).saturating_add(INTERVAL_MICROS).min(furthest(now));
        self.addresses.store(failures.len(), Ordering::Relaxed);
        failures.get(&owner(address)).and_then(|forgotten| refusal(*forgotten, now, MANY))
    }

    /// How many there were since the start.
    pub fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }
}

/// No address is made to wait longer.
fn furthest(now: u64) -> u64 {
    now.saturating_add((TOO_MANY + MOST_WAIT) * INTERVAL_MICROS)
}

/// What is further ahead than anybody is made to wait was written before the clock was set back, and says nothing.
fn believed(forgotten: u64, now: u64) -> u64 {
    if forgotten > furthest(now) { 0 } else { forgotten }
}

/// 429 if more failures than `most` are not forgotten yet.
fn refusal(forgotten: u64, now: u64, most: u64) -> Option<Refusal> {
    let wait = forgotten.checked_sub(now.saturating_add(most * INTERVAL_MICROS)).filter(|wait| *wait > 0)?;
    let retry_after = Some(Duration::from_secs(Duration::from_micros(wait).as_secs() + 1));
    Some(Refusal { retry_after, ..Refusal::new(429, "rate_limited") })
}
