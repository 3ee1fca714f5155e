//! The one thread that writes: it decides, commits many writes at once, and then acknowledges them.
//!
//! A decision is applied to the tables at once, so that the next one in the same batch sees it, and it may be read
//! before it is on the disk. Nobody has been told of it by then: should the machine stop in between, it is as if the
//! write had never been asked for. Should the commit fail, the tables are thrown away and read from the file again.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use frontdesk_adapter::{Clock, StoreFault};
use redb::Database;

use super::file::{self, Change, OpenError};
use super::{Shared, Tables};
use crate::local::{Moment, SweepPace, Swept, lock};

/// The most writes in one commit.
const MOST_AT_ONCE: usize = 512;
/// The longest that a touch, or what has passed, waits for a commit when nobody writes.
const IDLE: Duration = Duration::from_secs(1);

/// Tells whoever asked for a write what became of it.
pub(super) type Acknowledge = Box<dyn FnOnce(Result<(), StoreFault>) + Send>;
/// Decides about a write, applies it to the tables, and says what is to change in the file.
pub(super) type Job = Box<dyn FnOnce(&Tables, Moment, &mut Vec<Change>) -> Acknowledge + Send>;
pub(super) type Opener = Box<dyn Fn() -> Result<Database, OpenError> + Send>;

pub(super) struct Writer {
    clock: Arc<dyn Clock>,
    shared: Arc<Shared>,
    /// How to open the file again after a fault.
    opener: Opener,
    /// `None` after a fault.
    database: Option<Database>,
    pace: SweepPace,
}

impl Writer {
    pub fn new(clock: Arc<dyn Clock>, shared: Arc<Shared>, opener: Opener, database: Database) -> Self {
        let pace = SweepPace::new(Moment::now(&*clock));
        Self { clock, shared, opener, database: Some(database), pace }
    }

    /// Until the store is dropped; what was touched last is on the disk then.
    pub fn run(mut self, jobs: &Receiver<Job>) {
        loop {
            let first = match jobs.recv_timeout(IDLE) {
                Ok(job) => Some(job),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            self.write(first.into_iter().chain(jobs.try_iter()).take(MOST_AT_ONCE));
        }
        self.write(std::iter::empty());
    }

    fn write(&mut self, jobs: impl Iterator<Item = Job>) {
        if self.database.is_none() {
            self.recover();
        }
        let Some(database) = &self.database else {
            let fault = self.shared.fault();
            for job in jobs {
                // Decided on tables that count for nothing: they are read anew before they are used.
                job(&self.shared.tables, Moment::now(&*self.clock), &mut Vec::new())(Err(fault.clone()));
            }
            return;
        };
        let mut changes = Vec::new();
        let mut acknowledgements = Vec::new();
        for job in jobs {
            let now = Moment::now(&*self.clock);
            acknowledgements.push(job(&self.shared.tables, now, &mut changes));
        }
        self.add_touched(&mut changes);
        self.add_swept(&mut changes);
        let outcome = if changes.is_empty() { Ok(()) } else { file::commit(database, &changes) };
        let outcome = outcome.map_err(|why| self.shared.leave(&why.to_string()));
        if outcome.is_err() {
            self.database = None;
        }
        for acknowledge in acknowledgements {
            acknowledge(outcome.clone());
        }
    }

    fn add_touched(&self, changes: &mut Vec<Change>) {
        let now = Moment::now(&*self.clock);
        for key in std::mem::take(&mut *lock(&self.shared.touched)) {
            if let Some(record) = self.shared.tables.sessions.get(&key, now) {
                changes.push(Change::PutSession(key, record));
            }
        }
    }

    fn add_swept(&self, changes: &mut Vec<Change>) {
        let now = Moment::now(&*self.clock);
        let tables = &self.shared.tables;
        for number in self.pace.due(now) {
            tables.sessions.sweep(number, now, |swept| {
                changes.push(match swept {
                    Swept::Session(key) => Change::RemoveSession(key.to_owned()),
                    Swept::Tombstone(key) => Change::RemoveTombstone(key.to_owned()),
                    Swept::Burial(name) => Change::RemoveBurial(name.to_owned()),
                });
            });
            tables.entries.sweep(number, now, &mut |key| changes.push(Change::RemoveEntry(key.to_owned())));
        }
    }

    /// Opens the file again and reads it; as long as that fails the store is away.
    fn recover(&mut self) {
        let opened = (self.opener)().map_err(|why| why.to_string()).and_then(|database| {
            self.shared.tables.clear();
            file::load(&database, &self.shared.tables).map_err(|why| why.to_string())?;
            Ok(database)
        });
        match opened {
            Ok(database) => {
                self.database = Some(database);
                self.shared.come_back();
            }
            Err(why) => {
                self.shared.leave(&why);
            }
        }
    }
}
