//! The file: opened with a lock, read whole at the start, changed by batches.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use frontdesk_adapter::SessionRecord;
use redb::backends::FileBackend;
use redb::{
    Builder, Database, DatabaseError, ReadableDatabase, ReadableTable, StorageError, TableDefinition,
    TableHandle,
};

use super::Tables;
use super::layout::{LAYOUT, decode_entry, decode_session, encode_entry, encode_session};
use crate::local::{Burial, Moment};

const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
const SESSIONS: TableDefinition<&str, &[u8]> = TableDefinition::new("sessions");
/// Until when, in Unix microseconds.
const TOMBSTONES: TableDefinition<&str, u64> = TableDefinition::new("tombstones");
/// When (Unix seconds), and until when (Unix microseconds).
const BURIALS: TableDefinition<&str, (u64, u64)> = TableDefinition::new("burials");
const ENTRIES: TableDefinition<&str, &[u8]> = TableDefinition::new("entries");

/// All that is in the file is in our tables too, so a page is seldom read twice.
const PAGE_CACHE_BYTES: usize = 8 << 20;

/// Why a session file cannot be used; for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the session file `{}` is in use already, by another process most likely: stop that one, or give each its own file \
         (several instances that share sessions need `redis`)", .0.display()
    )]
    Locked(PathBuf),
    #[error(
        "the session file `{}` was written by a newer version (layout {found}, this one reads {LAYOUT}): run that \
         version, or move the file away, which signs everybody out", path.display()
    )]
    Newer { path: PathBuf, found: u64 },
    #[error("`{}` is not a session file of ours: give the path of a file that does not exist yet", .0.display())]
    Foreign(PathBuf),
    #[error(
        "the session file `{}` is damaged ({why}): restore it, or move it away, which signs everybody out",
        path.display()
    )]
    Damaged { path: PathBuf, why: String },
    #[error("cannot open the session file `{}`: {why}", path.display())]
    Io { path: PathBuf, why: std::io::Error },
}

/// One thing that becomes different in the file.
pub(super) enum Change {
    PutSession(String, SessionRecord),
    RemoveSession(String),
    PutTombstone(String, Moment),
    RemoveTombstone(String),
    PutBurial(String, Burial),
    RemoveBurial(String),
    PutEntry(String, Bytes, Moment),
    RemoveEntry(String),
    /// Nothing but a commit, to see whether one can be made.
    Probe(Moment),
}

/// Opens the file, or makes it, readable by its owner only.
pub(super) fn open(path: &Path) -> Result<Database, OpenError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|why| OpenError::Io { path: path.to_owned(), why })?;
    let backend = FileBackend::new(file).map_err(|why| refusal(path, why))?;
    let database = Builder::new()
        .set_cache_size(PAGE_CACHE_BYTES)
        // All of it is read now anyhow, and a file that somebody changed must be refused rather than trusted.
        .set_check_integrity_on_open(true)
        .create_with_backend(backend)
        .map_err(|why| refusal(path, why))?;
    settle_layout(&database, path)?;
    Ok(database)
}

fn refusal(path: &Path, why: DatabaseError) -> OpenError {
    let path = path.to_owned();
    match why {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => OpenError::Locked(path),
        DatabaseError::Storage(StorageError::Io(why)) if why.kind() == std::io::ErrorKind::InvalidData => {
            OpenError::Foreign(path)
        }
        DatabaseError::Storage(StorageError::Io(why)) => OpenError::Io { path, why },
        why => OpenError::Damaged { path, why: why.to_string() },
    }
}

/// Writes the layout's number into a new file, and compares it with ours in an old one.
fn settle_layout(database: &Database, path: &Path) -> Result<(), OpenError> {
    let damaged = |why: redb::Error| OpenError::Damaged { path: path.to_owned(), why: why.to_string() };
    let write = database.begin_write().map_err(|why| damaged(why.into()))?;
    let names: Vec<String> = write
        .list_tables()
        .map_err(|why| damaged(why.into()))?
        .map(|table| table.name().to_owned())
        .collect();
    let is_ours = names.is_empty() || names.iter().any(|name| name == META.name());
    if !is_ours {
        return Err(OpenError::Foreign(path.to_owned()));
    }
    {
        let mut meta = write.open_table(META).map_err(|why| match why {
            redb::TableError::TableTypeMismatch { .. } => OpenError::Foreign(path.to_owned()),
            why => damaged(why.into()),
        })?;
        let found = meta.get("layout").map_err(|why| damaged(why.into()))?.map(|number| number.value());
        match found {
            Some(LAYOUT) => return Ok(()),
            Some(found) => return Err(OpenError::Newer { path: path.to_owned(), found }),
            None if names.is_empty() => {
                meta.insert("layout", LAYOUT).map_err(|why| damaged(why.into()))?;
            }
            None => return Err(OpenError::Foreign(path.to_owned())),
        }
    }
    write.commit().map_err(|why| damaged(why.into()))
}

/// Reads everything into `tables`, what has ended too: the next sweep removes it from both.
pub(super) fn load(database: &Database, tables: &Tables) -> Result<(), redb::Error> {
    let read = database.begin_read()?;
    let unreadable = |_| redb::Error::Corrupted("a record cannot be read".to_owned());
    if let Some(sessions) = existing(read.open_table(SESSIONS))? {
        for row in sessions.iter()? {
            let (key, bytes) = row?;
            tables.sessions.load(key.value(), decode_session(bytes.value()).map_err(unreadable)?);
        }
    }
    if let Some(burials) = existing(read.open_table(BURIALS))? {
        for row in burials.iter()? {
            let (name, burial) = row?;
            let (at, until) = burial.value();
            tables.sessions.load_burial(name.value(), Burial { at, until: Moment(until) });
        }
    }
    // After the sessions: what was ended stays ended.
    if let Some(tombstones) = existing(read.open_table(TOMBSTONES))? {
        for row in tombstones.iter()? {
            let (key, until) = row?;
            tables.sessions.load_tombstone(key.value(), Moment(until.value()));
        }
    }
    if let Some(entries) = existing(read.open_table(ENTRIES))? {
        for row in entries.iter()? {
            let (key, bytes) = row?;
            let (value, until) = decode_entry(bytes.value()).map_err(unreadable)?;
            tables.entries.load(key.value(), &value, until);
        }
    }
    Ok(())
}

fn existing<T>(table: Result<T, redb::TableError>) -> Result<Option<T>, redb::TableError> {
    match table {
        Ok(table) => Ok(Some(table)),
        Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
        Err(why) => Err(why),
    }
}

/// All of the changes or none of them; on the disk when this returns.
pub(super) fn commit(database: &Database, changes: &[Change]) -> Result<(), redb::Error> {
    let write = database.begin_write()?;
    {
        let mut meta = write.open_table(META)?;
        let mut sessions = write.open_table(SESSIONS)?;
        let mut tombstones = write.open_table(TOMBSTONES)?;
        let mut burials = write.open_table(BURIALS)?;
        let mut entries = write.open_table(ENTRIES)?;
        for change in changes {
            match change {
                Change::PutSession(key, record) => {
                    sessions.insert(key.as_str(), encode_session(record).as_slice())?;
                }
                Change::RemoveSession(key) => {
                    sessions.remove(key.as_str())?;
                }
                Change::PutTombstone(key, until) => {
                    tombstones.insert(key.as_str(), until.0)?;
                }
                Change::RemoveTombstone(key) => {
                    tombstones.remove(key.as_str())?;
                }
                Change::PutBurial(name, burial) => {
                    burials.insert(name.as_str(), (burial.at, burial.until.0))?;
                }
                Change::RemoveBurial(name) => {
                    burials.remove(name.as_str())?;
                }
                Change::PutEntry(key, value, until) => {
                    entries.insert(key.as_str(), encode_entry(value, *until).as_slice())?;
                }
                Change::RemoveEntry(key) => {
                    entries.remove(key.as_str())?;
                }
                Change::Probe(now) => {
                    meta.insert("probed", now.0)?;
                }
            }
        }
    }
    write.commit()?;
    Ok(())
}
