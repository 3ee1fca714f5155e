//! What a store of sessions, of short-lived entries, and of rates implements.
//!
//! Three small traits, because the three fail differently: without sessions requests are refused (503, the cookie
//! stays), without entries no login can begin, without rates each process counts for itself. One adapter may
//! implement all of them. Keys are opaque text made by the perimeter (hashes, never identifiers of users), values are
//! sealed before they come here.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;

/// A store is away or answers nonsense; the text is for the operator's log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the store is away: {0}")]
pub struct StoreFault(pub String);

pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreFault>> + Send + 'a>>;

/// A session as stores see it. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// Grows by one with each [`SessionStore::compare_and_set`]; the first is 1.
    pub version: u64,
    /// Of the layout of what is sealed.
    pub schema: u16,
    /// Keyed hash of issuer and subject: whose session it is.
    pub subject: String,
    /// Keyed hash of issuer and the provider's `sid`, if it gave one.
    pub sid: Option<String>,
    pub created: u64,
    /// Coarse: see [`SessionStore::touch`].
    pub last_seen: u64,
    /// Without a touch it ends here.
    pub idle_expires: u64,
    /// It ends here whatever happens.
    pub absolute_expires: u64,
    /// What its user sees of it in a list: `Firefox on Linux`.
    pub label: String,
    pub sealed: Bytes,
}

impl SessionRecord {
    pub fn has_ended(&self, now: u64) -> bool {
        now >= self.idle_expires || now >= self.absolute_expires
    }
}

/// What became of [`SessionStore::create`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    Yes,
    /// There is a record, or a tombstone, under this key.
    Taken,
    /// The provider ended this session (its `sid`), or all of this subject's, before it was created here.
    Buried,
}

/// What became of [`SessionStore::compare_and_set`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swapped {
    Yes,
    /// Somebody else wrote: the record has this version now.
    Moved(u64),
    /// There is no such session any more.
    Gone,
}

/// Sessions with compare-and-set, tombstones, and two indexes. Ended sessions are as good as absent.
pub trait SessionStore: Send + Sync {
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<SessionRecord>>;

    /// Only if nothing, not even a tombstone, has this key, and neither index entry is buried. Its version will be 1.
    fn create<'a>(&'a self, key: &'a str, record: SessionRecord) -> StoreFuture<'a, Created>;

    /// Writes `record` (with `version` = `expected` + 1) if the stored version is `expected`, and moves indexes.
    /// Checks tombstones and burials too. Of `last_seen` and `idle_expires` the later stand, so that a touch in
    /// between is not lost.
    fn compare_and_set<'a>(
        &'a self,
        key: &'a str,
        expected: u64,
        record: SessionRecord,
    ) -> StoreFuture<'a, Swapped>;

    /// Moves `last_seen` and `idle_expires` forward, never back, without a new version. `false` if it is gone.
    fn touch<'a>(&'a self, key: &'a str, last_seen: u64, idle_expires: u64) -> StoreFuture<'a, bool>;

    /// Removes it and leaves a tombstone, so that a write in flight cannot bring it back. Whether it was there.
    fn end<'a>(&'a self, key: &'a str, tombstone: Duration) -> StoreFuture<'a, bool>;

    /// The sessions of one subject, by their keys, the oldest first.
    fn by_subject<'a>(&'a self, subject: &'a str) -> StoreFuture<'a, Vec<(String, SessionRecord)>>;

    /// The sessions of one provider session.
    fn by_sid<'a>(&'a self, sid: &'a str) -> StoreFuture<'a, Vec<(String, SessionRecord)>>;

    /// For that long no session with this `subject` or `sid` hash that was created before now, or in this very
    /// second, can be created, written or touched: a logout that comes before the callback has stored its session
    /// must win. It does not end what is there: list and end afterwards.
    fn bury<'a>(&'a self, index: &'a str, time: Duration) -> StoreFuture<'a, ()>;

    /// Takes the lease `name` for `holder` if nobody, not even the same holder, has it. It ends by itself after
    /// `time`.
    fn lease<'a>(&'a self, name: &'a str, holder: &'a str, time: Duration) -> StoreFuture<'a, bool>;

    /// Holds it for another `time`. `false` if it is lost.
    fn renew<'a>(&'a self, name: &'a str, holder: &'a str, time: Duration) -> StoreFuture<'a, bool>;

    fn release<'a>(&'a self, name: &'a str, holder: &'a str) -> StoreFuture<'a, ()>;

    /// A number that moves whenever another process may have written or ended a session under `key`, or `None` if
    /// this store cannot tell: then what was read may be kept for a few seconds at most. A store inside this process
    /// always can. Must not wait.
    fn generation(&self, key: &str) -> Option<u64>;

    /// Whether the store answers, for readiness.
    fn probe(&self) -> StoreFuture<'_, ()>;
}

/// Small values that are gone after a while: login transactions, handover codes, seen identifiers of tokens.
pub trait EntryStore: Send + Sync {
    /// Whether it was new; an entry that is there stays as it is.
    fn put_new<'a>(&'a self, key: &'a str, value: Bytes, time: Duration) -> StoreFuture<'a, bool>;

    /// Writes it whether or not it is there.
    fn put<'a>(&'a self, key: &'a str, value: Bytes, time: Duration) -> StoreFuture<'a, ()>;

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>>;

    /// Gets it and removes it in one step: of two takers only one has it.
    fn take<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>>;
}

/// A rate as GCRA (ITU-T I.371) has it: one request each `interval`, with `burst` at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Time that a cost of one takes, in microseconds.
    pub interval_micros: u64,
    /// The most that may come at once: at least 1.
    pub burst: u32,
}

/// What a rate says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub allowed: bool,
    /// How much could come right now, after this one.
    pub remaining: u32,
    /// Until a request of the same cost would be allowed; zero if this one is. A cost above the burst never is: then
    /// the time until the whole burst is there, and never zero.
    pub retry_after: Duration,
    /// Until the whole burst is there again.
    pub reset_after: Duration,
}

/// Counts by key.
pub trait RateStore: Send + Sync {
    fn admit<'a>(&'a self, key: &'a str, rate: Rate, cost: u32) -> StoreFuture<'a, Verdict>;
}
