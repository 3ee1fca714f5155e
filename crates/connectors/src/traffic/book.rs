//! What came of mirrored calls, counted by operation over all cores.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use frontdesk_adapter::now;
use tokio::time::Instant;

/// Of one operation, a difference is told at most this often.
const PAUSE: Duration = Duration::from_secs(1);

/// The mirrored calls of one service.
pub struct Book {
    operations: Box<[Page]>,
    tell: Box<dyn Fn(&Difference<'_>) + Send + Sync>,
}

#[derive(Default)]
struct Page {
    same: AtomicU64,
    different: AtomicU64,
    failed: AtomicU64,
    sent: AtomicU64,
    dropped: AtomicU64,
    /// Where the answers differed, when that was last told.
    told: Mutex<Option<(Instant, String)>>,
}

/// Two answers that are not the same. No values: a JSON pointer (RFC 6901).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference<'a> {
    /// By position in the service.
    pub operation: u32,
    pub pointer: &'a str,
}

/// Of one operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls that were mirrored and have ended.
    pub sent: u64,
    pub same: u64,
    pub different: u64,
    /// Mirrored calls without an answer to compare.
    pub failed: u64,
    /// Not mirrored, because too many were in flight.
    pub dropped: u64,
    /// The pointer of a recent difference.
    pub differs_at: Option<String>,
}

/// How a mirrored call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Nobody compares.
    Answered,
    Same,
    Different(String),
    Failed,
    Dropped,
}

impl std::fmt::Debug for Book {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Book").field("counts", &self.counts()).finish_non_exhaustive()
    }
}

impl Book {
    /// For a service with so many operations. `tell` hears of differences now and then.
    pub fn new(operations: usize, tell: impl Fn(&Difference<'_>) + Send + Sync + 'static) -> Self {
        Self { operations: (0..operations).map(|_| Page::default()).collect(), tell: Box::new(tell) }
    }

    /// By operation, in the service's order.
    pub fn counts(&self) -> Vec<Counts> {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let pages = self.operations.iter().map(|page| Counts {
            sent: of(&page.sent),
            same: of(&page.same),
            different: of(&page.different),
            failed: of(&page.failed),
            dropped: of(&page.dropped),
            differs_at: page.told().as_ref().map(|(_, pointer)| pointer.clone()),
        });
        pages.collect()
    }

    pub(super) fn note(&self, operation: u32, outcome: &Outcome) {
        let Some(page) = self.operations.get(operation as usize) else { return };
        let count = |count: &AtomicU64| count.fetch_add(1, Ordering::Relaxed);
        if *outcome != Outcome::Dropped {
            count(&page.sent);
        }
        match outcome {
            Outcome::Answered => {}
            Outcome::Same => _ = count(&page.same),
            Outcome::Failed => _ = count(&page.failed),
            Outcome::Dropped => _ = count(&page.dropped),
            Outcome::Different(pointer) => {
                count(&page.different);
                let now = now();
                let mut told = page.told();
                if told.as_ref().is_none_or(|(at, _)| now.saturating_duration_since(*at) >= PAUSE) {
                    *told = Some((now, pointer.clone()));
                    drop(told);
                    (self.tell)(&Difference { operation, pointer });
                }
            }
        }
    }
}

impl Page {
    fn told(&self) -> std::sync::MutexGuard<'_, Option<(Instant, String)>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
