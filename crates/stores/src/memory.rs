//! Sessions, entries and rates in the memory of this process: for `dev`, for tests, and for rates when the store
//! they are counted in is away.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{
    Clock, Created, EntryStore, Rate, RateStore, SessionRecord, SessionStore, StoreFault, StoreFuture,
    Swapped, Verdict,
};

use crate::local::{EntryTable, Full, Leases, Moment, RateTable, SessionTable, SweepPace};

/// How much a [`MemoryStore`] may hold.
#[derive(Clone, Copy, Debug)]
pub struct MemoryLimits {
    /// Of all entries with their keys. Beyond it new entries are refused: an entry that is dropped early could let a
    /// token in twice.
    pub entry_bytes: usize,
    /// Keys of rates. Beyond it those that have used the least of their burst are forgotten.
    pub rate_keys: usize,
}

impl Default for MemoryLimits {
    fn default() -> Self {
        Self { entry_bytes: 64 << 20, rate_keys: 1 << 20 }
    }
}

/// All three stores in memory. Everything is gone when the process ends.
///
/// It needs no task of its own: who writes also sweeps a part of what has passed.
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    sessions: SessionTable,
    leases: Leases,
    entries: EntryTable,
    rates: RateTable,
    pace: SweepPace,
}

impl MemoryStore {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::with_limits(clock, MemoryLimits::default())
    }

    pub fn with_limits(clock: Arc<dyn Clock>, limits: MemoryLimits) -> Self {
        let pace = SweepPace::new(Moment::now(&*clock));
        Self {
            clock,
            sessions: SessionTable::new(),
            leases: Leases::default(),
            entries: EntryTable::new(limits.entry_bytes),
            rates: RateTable::new(limits.rate_keys),
            pace,
        }
    }

    fn now(&self) -> Moment {
        Moment::now(&*self.clock)
    }

    /// The present moment, for a write: what is due is swept first.
    fn now_swept(&self) -> Moment {
        let now = self.now();
        for number in self.pace.due(now) {
            self.sessions.sweep(number, now, |_| {});
            self.entries.sweep(number, now, &mut |_| {});
            self.rates.sweep(number, now);
        }
        now
    }
}

fn ready<'a, T: Send + 'a>(value: T) -> StoreFuture<'a, T> {
    Box::pin(std::future::ready(Ok(value)))
}

fn ready_unless_full<'a, T: Send + 'a>(outcome: Result<T, Full>) -> StoreFuture<'a, T> {
    let full = |Full| StoreFault("no room for more entries in memory".to_owned());
    Box::pin(std::future::ready(outcome.map_err(full)))
}

impl SessionStore for MemoryStore {
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<SessionRecord>> {
        ready(self.sessions.get(key, self.now()))
    }

    fn create<'a>(&'a self, key: &'a str, record: SessionRecord) -> StoreFuture<'a, Created> {
        ready(self.sessions.create(key, record, self.now_swept()))
    }

    fn compare_and_set<'a>(
        &'a self,
        key: &'a str,
        expected: u64,
        record: SessionRecord,
    ) -> StoreFuture<'a, Swapped> {
        ready(self.sessions.compare_and_set(key, expected, record, self.now_swept()))
    }

    fn touch<'a>(&'a self, key: &'a str, last_seen: u64, idle_expires: u64) -> StoreFuture<'a, bool> {
        ready(self.sessions.touch(key, last_seen, idle_expires, self.now_swept()))
    }

    fn end<'a>(&'a self, key: &'a str, tombstone: Duration) -> StoreFuture<'a, bool> {
        let now = self.now_swept();
        let (was_there, _) = self.sessions.end(key, now.after(tombstone), now);
        ready(was_there)
    }

    fn by_subject<'a>(&'a self, subject: &'a str) -> StoreFuture<'a, Vec<(String, SessionRecord)>> {
        ready(self.sessions.listed(subject, self.now(), |record| record.subject == subject))
    }

    fn by_sid<'a>(&'a self, sid: &'a str) -> StoreFuture<'a, Vec<(String, SessionRecord)>> {
        ready(self.sessions.listed(sid, self.now(), |record| record.sid.as_deref() == Some(sid)))
    }

    fn bury<'a>(&'a self, index: &'a str, time: Duration) -> StoreFuture<'a, ()> {
        let now = self.now_swept();
        self.sessions.bury(index, now.after(time), now);
        ready(())
    }

    fn lease<'a>(&'a self, name: &'a str, holder: &'a str, time: Duration) -> StoreFuture<'a, bool> {
        ready(self.leases.take(name, holder, time, self.now_swept()))
    }

    fn renew<'a>(&'a self, name: &'a str, holder: &'a str, time: Duration) -> StoreFuture<'a, bool> {
        ready(self.leases.renew(name, holder, time, self.now()))
    }

    fn release<'a>(&'a self, name: &'a str, holder: &'a str) -> StoreFuture<'a, ()> {
        self.leases.release(name, holder);
        ready(())
    }

    fn generation(&self, key: &str) -> Option<u64> {
        Some(self.sessions.generation(key))
    }

    fn probe(&self) -> StoreFuture<'_, ()> {
        ready(())
    }
}

impl EntryStore for MemoryStore {
    fn put_new<'a>(&'a self, key: &'a str, value: Bytes, time: Duration) -> StoreFuture<'a, bool> {
        let now = self.now_swept();
        ready_unless_full(self.entries.put_new(key, &value, now.after(time), now, &mut |_| {}))
    }

    fn put<'a>(&'a self, key: &'a str, value: Bytes, time: Duration) -> StoreFuture<'a, ()> {
        let now = self.now_swept();
        ready_unless_full(self.entries.put(key, &value, now.after(time), now, &mut |_| {}))
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        ready(self.entries.get(key, self.now()))
    }

    fn take<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        ready(self.entries.take(key, self.now()))
    }
}

impl RateStore for MemoryStore {
    fn admit<'a>(&'a self, key: &'a str, rate: Rate, cost: u32) -> StoreFuture<'a, Verdict> {
        ready(self.rates.admit(key, rate, cost, self.now_swept()))
    }
}
