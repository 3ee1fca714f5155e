//! Against guessing: an address whose credentials fail again and again is not listened to for a while.
//!
//! Identifiers and keys of 256 bits cannot be guessed; what this saves is the stores, and what it gives is a number to
//! raise an alarm by. It is counted in each process for itself, and an address that never failed costs one atomic read.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use foldhash::fast::RandomState;
use frontdesk_adapter::Clock;

use crate::Refusal;
use crate::limits::owner;

/// Failures an address may have at once: behind one there may be an office full of ended sessions.
const BURST: u64 = 200;
/// A failure is forgotten after this long.
const INTERVAL_MICROS: u64 = 500_000;
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
    /// 429 `rate_limited` if too many from this address were bad.
    pub fn check(&self, address: IpAddr) -> Result<(), Refusal> {
        if self.addresses.load(Ordering::Relaxed) == 0 {
            return Ok(());
        }
        let now = self.clock.unix_micros();
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(forgotten) = failures.get(&owner(address)) else { return Ok(()) };
        let allowed = now.saturating_add(BURST * INTERVAL_MICROS);
        if *forgotten <= allowed {
            return Ok(());
        }
        let wait = Duration::from_micros(forgotten - allowed);
        let retry_after = Some(Duration::from_secs(wait.as_secs() + 1));
        Err(Refusal { retry_after, ..Refusal::new(429, "rate_limited") })
    }

    /// A credential from this address was bad: unknown, malformed, ended.
    pub fn failed(&self, address: IpAddr) {
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
        // Never so far ahead that an address stays out for long after it has stopped.
        let most = now.saturating_add((BURST + 60) * INTERVAL_MICROS);
        *forgotten = (*forgotten).max(now).saturating_add(INTERVAL_MICROS).min(most);
        self.addresses.store(failures.len(), Ordering::Relaxed);
    }

    /// How many there were since the start.
    pub fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }
}
