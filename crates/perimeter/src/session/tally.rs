//! How often what happens to sessions: for metrics.

use std::sync::atomic::{AtomicU64, Ordering};

/// Something that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A record was read from the store and opened.
    Opened,
    /// A cookie that no session belongs to.
    Unknown,
    /// A cookie whose first half has a session and whose second half does not open it.
    WrongSecret,
    /// Several cookies of our name came at once.
    DuplicateCookie,
    Created,
    /// A login that was signed out at the provider before it was done.
    Buried,
    Ended,
    IdChanged,
    Refreshed,
    /// The provider said `invalid_grant`.
    RefreshRejected,
    /// The provider or the store was away.
    RefreshFailed,
    /// An answer got lost and the same token was tried once more.
    RefreshRepeated,
    /// The session ended during a refresh: what the provider gave was revoked.
    RefreshDiscarded,
    /// Another instance refreshed first.
    RefreshElsewhere,
}

const ALL: [(Event, &str); 14] = [
    (Event::Opened, "opened"),
    (Event::Unknown, "unknown"),
    (Event::WrongSecret, "wrong_secret"),
    (Event::DuplicateCookie, "cookie_duplicate"),
    (Event::Created, "created"),
    (Event::Buried, "buried"),
    (Event::Ended, "ended"),
    (Event::IdChanged, "id_changed"),
    (Event::Refreshed, "refreshed"),
    (Event::RefreshRejected, "refresh_rejected"),
    (Event::RefreshFailed, "refresh_failed"),
    (Event::RefreshRepeated, "refresh_repeated"),
    (Event::RefreshDiscarded, "refresh_discarded"),
    (Event::RefreshElsewhere, "refresh_elsewhere"),
];

/// Counts since the process began.
#[derive(Debug, Default)]
pub struct Tally([AtomicU64; ALL.len()]);

impl Tally {
    pub fn count(&self, event: Event) {
        if let Some(counter) = self.0.get(event as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub fn of(&self, event: Event) -> u64 {
        self.0.get(event as usize).map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    /// All counts with the names that metrics have.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        ALL.iter().map(|(event, name)| (*name, self.of(*event)))
    }
}
