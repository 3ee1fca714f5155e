//! Sessions and entries in one file on this machine: what `serve` uses when nothing is said, for one process.
//!
//! Reads are answered from tables in memory, built when the file is opened. Writes go to one thread, are committed
//! many at a time, and are acknowledged when they are on the disk; only [`SessionStore::touch`] is not waited for,
//! and reaches the disk within about a second. Leases live in memory: whoever held one is gone with the process.
//!
//! When the disk fails (full, gone, read-only) every operation is a [`StoreFault`] until the file can be opened and
//! read again, which is tried by itself.

mod file;
mod layout;
mod writer;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{
    Clock, Created, EntryStore, SessionRecord, SessionStore, StoreFault, StoreFuture, Swapped,
};
use tokio::sync::oneshot;

use file::Change;
pub use file::OpenError;
use writer::{Job, Opener, Writer};

use crate::local::{EntryTable, Full, Leases, Moment, SessionTable, lock};

/// The most writes that may wait for the disk; more are refused.
const MOST_WAITING: usize = 8192;
/// Of entries with their keys; more are refused.
const MOST_ENTRY_BYTES: usize = 64 << 20;

/// Sessions and entries in a file.
///
/// Dropping it writes what was touched last and closes the file.
pub struct EmbeddedStore {
    clock: Arc<dyn Clock>,
    shared: Arc<Shared>,
    leases: Leases,
    jobs: Option<SyncSender<Job>>,
    writer: Option<JoinHandle<()>>,
}

/// What the file holds, in memory.
struct Tables {
    sessions: SessionTable,
    entries: EntryTable,
}

impl Tables {
    fn clear(&self) {
        self.sessions.clear();
        self.entries.clear();
    }
}

/// Between those who ask and the thread that writes.
struct Shared {
    tables: Tables,
    /// Sessions to be written with the next commit.
    touched: Mutex<BTreeSet<String>>,
    /// Odd while the tables may not be believed: from a failed commit until they are read anew.
    epoch: AtomicU64,
    fault: Mutex<StoreFault>,
}

impl Shared {
    /// Reads the tables, unless they were not to be believed before, after, or in between.
    fn read<T>(&self, look: impl FnOnce(&Tables) -> T) -> Result<T, StoreFault> {
        let before = self.epoch.load(Ordering::Acquire);
        if before % 2 == 1 {
            return Err(self.fault());
        }
        let seen = look(&self.tables);
        fence(Ordering::Acquire);
        if self.epoch.load(Ordering::Acquire) == before { Ok(seen) } else { Err(self.fault()) }
    }

    fn fault(&self) -> StoreFault {
        lock(&self.fault).clone()
    }

    fn leave(&self, why: &str) -> StoreFault {
        let fault = StoreFault(format!("the session file cannot be used: {why}"));
        lock(&self.fault).clone_from(&fault);
        self.epoch.fetch_or(1, Ordering::AcqRel);
        // What somebody read and kept may be what could not be committed.
        self.tables.sessions.all_moved();
        fault
    }

    fn come_back(&self) {
        // From odd to the next even number.
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }
}

impl EmbeddedStore {
    /// Opens or makes the file. Blocks while it reads it. A file can be open only once, in this process too: who
    /// takes up new settings keeps the store.
    ///
    /// # Errors
    /// Another process has the file, a newer version wrote it, it is something else, or it cannot be opened.
    pub fn open(path: impl AsRef<Path>, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let path = path.as_ref().to_owned();
        let again = path.clone();
        Self::with_opener(path, Box::new(move || file::open(&again)), clock)
    }

    fn with_opener(path: PathBuf, opener: Opener, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let database = opener()?;
        let tables = Tables { sessions: SessionTable::new(), entries: EntryTable::new(MOST_ENTRY_BYTES) };
        if let Err(why) = file::load(&database, &tables) {
            return Err(OpenError::Damaged { path, why: why.to_string() });
        }
        let shared = Arc::new(Shared {
            tables,
            touched: Mutex::default(),
            epoch: AtomicU64::new(0),
            fault: Mutex::new(StoreFault("the session file cannot be used".to_owned())),
        });
        let (jobs, waiting) = sync_channel(MOST_WAITING);
        let writer = Writer::new(clock.clone(), shared.clone(), opener, database);
        let writer = std::thread::Builder::new()
            .name("frontdesk-sessions".to_owned())
            .spawn(move || writer.run(&waiting))
            .map_err(|why| OpenError::Io { path, why })?;
        Ok(Self { clock, shared, leases: Leases::default(), jobs: Some(jobs), writer: Some(writer) })
    }

    fn now(&self) -> Moment {
        Moment::now(&*self.clock)
    }

    fn read<'a, T: Send + 'a>(&self, look: impl FnOnce(&Tables, Moment) -> T) -> StoreFuture<'a, T> {
        let now = self.now();
        let seen = self.shared.read(|tables| look(tables, now));
        Box::pin(std::future::ready(seen))
    }

    /// Has the writer decide and commit; it does so even if the asker goes away.
    fn write<'a, T: Send + 'static>(
        &self,
        decide: impl FnOnce(&Tables, Moment, &mut Vec<Change>) -> Result<T, StoreFault> + Send + 'static,
    ) -> StoreFuture<'a, T> {
        if let Err(fault) = self.shared.read(|_| ()) {
            return Box::pin(std::future::ready(Err(fault)));
        }
        let (done, outcome) = oneshot::channel();
        let job: Job = Box::new(move |tables, now, changes| {
            let decided = decide(tables, now, changes);
            Box::new(move |committed| {
                // Nobody may be listening any more.
                let _ = done.send(committed.and(decided));
            })
        });
        let sent = match self.jobs.as_ref().map(|jobs| jobs.try_send(job)) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => {
                Err(StoreFault("the disk is too slow: too many writes wait for it".to_owned()))
            }
            Some(Err(TrySendError::Disconnected(_))) | None => Err(stopped()),
        };
        Box::pin(async move {
            sent?;
            outcome.await.unwrap_or_else(|_| Err(stopped()))
        })
    }
}

fn stopped() -> StoreFault {
    StoreFault("the thread that writes the session file has stopped".to_owned())
}

impl Drop for EmbeddedStore {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(writer) = self.writer.take() {
            // A panic there was reported when it happened; there is nothing left to close.
            let _ = writer.join();
        }
    }
}

/// The session under `key` as it is in the tables now.
fn changed_session(tables: &Tables, key: String, now: Moment) -> Change {
    match tables.sessions.get(&key, now) {
        Some(record) => Change::PutSession(key, record),
        None => Change::RemoveSession(key),
    }
}

impl SessionStore for EmbeddedStore {
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<SessionRecord>> {
        self.read(|tables, now| tables.sessions.get(key, now))
    }

    fn create<'a>(&'a self, key: &'a str, record: SessionRecord) -> StoreFuture<'a, Created> {
        let key = key.to_owned();
        self.write(move |tables, now, changes| {
            let created = tables.sessions.create(&key, record, now);
            if created == Created::Yes {
                changes.push(Change::RemoveTombstone(key.clone()));
                changes.push(changed_session(tables, key, now));
            }
            Ok(created)
        })
    }

    fn compare_and_set<'a>(
        &'a self,
        key: &'a str,
        expected: u64,
        record: SessionRecord,
    ) -> StoreFuture<'a, Swapped> {
        let key = key.to_owned();
        self.write(move |tables, now, changes| {
            let swapped = tables.sessions.compare_and_set(&key, expected, record, now);
            if swapped == Swapped::Yes {
                changes.push(changed_session(tables, key, now));
            }
            Ok(swapped)
        })
    }

    fn touch<'a>(&'a self, key: &'a str, last_seen: u64, idle_expires: u64) -> StoreFuture<'a, bool> {
        self.read(|tables, now| {
            let is_there = tables.sessions.touch(key, last_seen, idle_expires, now);
            if is_there {
                lock(&self.shared.touched).insert(key.to_owned());
            }
            is_there
        })
    }

    fn end<'a>(&'a self, key: &'a str, tombstone: Duration) -> StoreFuture<'a, bool> {
        let key = key.to_owned();
        self.write(move |tables, now, changes| {
            let (was_there, until) = tables.sessions.end(&key, now.after(tombstone), now);
            changes.push(Change::PutTombstone(key.clone(), until));
            changes.push(Change::RemoveSession(key));
            Ok(was_there)
        })
    }

    fn by_subject<'a>(&'a self, subject: &'a str) -> StoreFuture<'a, Vec<(String, SessionRecord)>> {
        self.read(|tables, now| tables.sessions.listed(subject, now, |record| record.subject == subject))
    }

    fn by_sid<'a>(&'a self, sid: &'a str) -> StoreFuture<'a, Vec<(String, SessionRecord)>> {
        self.read(|tables, now| tables.sessions.listed(sid, now, |record| record.sid.as_deref() == Some(sid)))
    }

    fn bury<'a>(&'a self, index: &'a str, time: Duration) -> StoreFuture<'a, ()> {
        let name = index.to_owned();
        self.write(move |tables, now, changes| {
            let burial = tables.sessions.bury(&name, now.after(time), now);
            changes.push(Change::PutBurial(name, burial));
            Ok(())
        })
    }

    fn lease<'a>(&'a self, name: &'a str, holder: &'a str, time: Duration) -> StoreFuture<'a, bool> {
        self.read(|_, now| self.leases.take(name, holder, time, now))
    }

    fn renew<'a>(&'a self, name: &'a str, holder: &'a str, time: Duration) -> StoreFuture<'a, bool> {
        self.read(|_, now| self.leases.renew(name, holder, time, now))
    }

    fn release<'a>(&'a self, name: &'a str, holder: &'a str) -> StoreFuture<'a, ()> {
        self.leases.release(name, holder);
        Box::pin(std::future::ready(Ok(())))
    }

    fn generation(&self, key: &str) -> Option<u64> {
        Some(self.shared.tables.sessions.generation(key))
    }

    /// Makes a commit: a disk that is full is seen before somebody signs in.
    fn probe(&self) -> StoreFuture<'_, ()> {
        self.write(|_, now, changes| {
            changes.push(Change::Probe(now));
            Ok(())
        })
    }
}

fn unless_full<T>(outcome: Result<T, Full>) -> Result<T, StoreFault> {
    outcome.map_err(|Full| StoreFault("no room for more entries in the session file".to_owned()))
}

impl EntryStore for EmbeddedStore {
    fn put_new<'a>(&'a self, key: &'a str, value: Bytes, time: Duration) -> StoreFuture<'a, bool> {
        let key = key.to_owned();
        self.write(move |tables, now, changes| {
            let until = now.after(time);
            let mut swept = |key: &str| changes.push(Change::RemoveEntry(key.to_owned()));
            let is_new = unless_full(tables.entries.put_new(&key, &value, until, now, &mut swept))?;
            if is_new {
                changes.push(Change::PutEntry(key, value, until));
            }
            Ok(is_new)
        })
    }

    fn put<'a>(&'a self, key: &'a str, value: Bytes, time: Duration) -> StoreFuture<'a, ()> {
        let key = key.to_owned();
        self.write(move |tables, now, changes| {
            let until = now.after(time);
            let mut swept = |key: &str| changes.push(Change::RemoveEntry(key.to_owned()));
            unless_full(tables.entries.put(&key, &value, until, now, &mut swept))?;
            changes.push(Change::PutEntry(key, value, until));
            Ok(())
        })
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        self.read(|tables, now| tables.entries.get(key, now))
    }

    fn take<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        let key = key.to_owned();
        self.write(move |tables, now, changes| {
            let value = tables.entries.take(&key, now);
            if value.is_some() {
                changes.push(Change::RemoveEntry(key));
            }
            Ok(value)
        })
    }
}
