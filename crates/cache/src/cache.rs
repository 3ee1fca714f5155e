//! The cache of a process.

use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{CacheStore, Clock, PurgeListener, Shared, StoreFault, now};
use quick_cache::sync::Cache as Table;
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use crate::flight::{Began, Flights, beginning};
use crate::purges::Purges;
use crate::unsaid::Unsaid;
use crate::{Entry, Kept, Key, Lead, Turn, shared};

/// How long a call waits for the store that instances share.
const STORE_PATIENCE: Duration = Duration::from_millis(50);
/// How long something that nobody waits for may take to get there.
const SHARING_PATIENCE: Duration = Duration::from_secs(2);
/// Nothing is shared for longer.
const LONGEST_SHARED: Duration = Duration::from_secs(24 * 60 * 60);
/// By so much the clock of another instance may be ahead; what was stored later is not believed, or a clock that once went
/// wrong would keep it for ever.
const MOST_AHEAD: Duration = Duration::from_secs(30);
/// What the headers of a whole answer take, in each of its forms.
const ATTACHED: u64 = 4096;
/// What is larger than this part of the memory is not kept.
const LARGEST_PART: u64 = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How much memory answers take at most, in bytes.
    pub bytes: u64,
    /// By how many percent lifetimes are lengthened or shortened at random, so that what was fetched together does not
    /// end together.
    pub jitter: u8,
}

impl Default for Settings {
    fn default() -> Self {
        Self { bytes: 64 * 1024 * 1024, jitter: 10 }
    }
}

impl Settings {
    /// As rehearsals have it: lifetimes are what they say.
    pub fn without_chance() -> Self {
        Self { jitter: 0, ..Self::default() }
    }
}

/// What there is under a key, with its age.
#[derive(Clone, Debug)]
pub enum Look {
    Fresh(Arc<Kept>, Duration),
    /// It may be given while somebody fetches a new one.
    Stale(Arc<Kept>, Duration),
    /// Of use only to ask whether it has changed, or if a new one cannot be had: see [`Kept::may_stand_in`].
    Expired(Arc<Kept>, Duration),
    Miss,
}

pub struct Cache {
    table: Table<Key, Arc<Kept>, Weight, DefaultHashBuilder>,
    largest: u64,
    jitter: u8,
    clock: Arc<dyn Clock>,
    store: Option<Arc<dyn CacheStore>>,
    pub(crate) flights: Flights,
    pub(crate) purges: Purges,
    unsaid: Unsaid,
}

#[derive(Clone)]
struct Weight;

impl Weighter<Key, Arc<Kept>> for Weight {
    fn weight(&self, key: &Key, kept: &Arc<Kept>) -> u64 {
        // Whole answers have headers and codings attached to them.
        let attached = if key.is_view() { kept.body.len() as u64 + ATTACHED } else { 0 };
        kept.weight(key.bytes().len()) + attached
    }
}

impl Cache {
    /// `store` is what instances share; it tells of what other instances purge.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>, store: Option<Arc<dyn CacheStore>>) -> Arc<Self> {
        let bytes = settings.bytes.max(64 * 1024);
        let shards = usize::try_from(bytes >> 22).unwrap_or(32).clamp(1, 32);
        let options = OptionsBuilder::new()
            .weight_capacity(bytes)
            .estimated_items_capacity(usize::try_from(bytes / 4096).unwrap_or(1 << 20))
            .shards(shards)
            .build();
        let table = match options {
            Ok(options) => Table::with_options(
                options,
                Weight,
                DefaultHashBuilder::default(),
                quick_cache::sync::DefaultLifecycle::default(),
            ),
            // Only figures that are not given make it fail; the plain way takes any.
            Err(_) => Table::with_weighter(1024, bytes, Weight),
        };
        let cache = Arc::new(Self {
            table,
            largest: bytes / LARGEST_PART,
            jitter: settings.jitter.min(50),
            clock,
            store,
            flights: Flights::default(),
            purges: Purges::default(),
            unsaid: Unsaid::default(),
        });
        if let Some(store) = &cache.store {
            store.listen(Arc::new(Ears(Arc::downgrade(&cache))));
        }
        cache
    }

    /// What there is. Copies nothing.
    pub fn look(&self, key: &Key) -> Look {
        let Some(kept) = self.table.get(key) else { return Look::Miss };
        let age = kept.age(now());
        let times = kept.times;
        if age >= times.total() {
            self.table.remove_if(key, |other| Arc::ptr_eq(other, &kept));
            return Look::Miss;
        }
        if !self.purges.spared(&kept) {
            // While purges cannot be heard it is only not given: what has been heard of kills for good.
            if !self.purges.is_lost() {
                self.forget(key, &kept);
            }
            return Look::Miss;
        }
        if age < times.fresh {
            Look::Fresh(kept, age)
        } else if age < times.fresh.saturating_add(times.stale) {
            Look::Stale(kept, age)
        } else {
            Look::Expired(kept, age)
        }
    }

    /// Who fetches what is not there. A flight is joined only if it began after the last purge of `tags`.
    pub fn begin(self: &Arc<Self>, key: &Key, tags: &[Arc<str>]) -> Turn {
        self.flights.begin(self, key, tags)
    }

    /// Throws `kept` away, if it is still what there is.
    pub fn forget(&self, key: &Key, kept: &Arc<Kept>) {
        self.table.remove_if(key, |other| Arc::ptr_eq(other, kept));
    }

    /// Throws away what there is.
    pub fn remove(&self, key: &Key) {
        self.table.remove(key);
    }

    /// From now on nothing with one of these tags is given whose fetch has begun by now. Of this process only: see
    /// [`purge_everywhere`](Self::purge_everywhere).
    pub fn purge(&self, tags: &[&str]) {
        if !tags.is_empty() {
            self.purges.purge(tags);
        }
    }

    /// The same for every instance that shares the store, done when the store has said so. Here it holds in any case; if
    /// the store is away it is told before it is asked for anything.
    pub async fn purge_everywhere(&self, tags: &[&str]) -> Result<(), StoreFault> {
        let Some(store) = self.store.as_ref().filter(|_| !tags.is_empty()) else {
            self.purge(tags);
            return Ok(());
        };
        // First: whoever begins after the purge finds that the store does not know of it.
        let saying = self.unsaid.add(tags, self.clock.unix_micros());
        self.purge(tags);
        store.purge(tags).await?;
        self.unsaid.said(&saying);
        Ok(())
    }

    /// Forgets everything that was fetched, or is being fetched, of this process.
    pub fn clear(&self) {
        self.purges.clear();
        self.table.clear();
    }

    /// A lifetime, a little longer or shorter.
    pub fn jittered(&self, lifetime: Duration) -> Duration {
        if self.jitter == 0 {
            return lifetime;
        }
        let most = f64::from(self.jitter) / 100.0;
        lifetime.mul_f64(1.0 + most * (2.0 * fastrand::f64() - 1.0))
    }

    /// Unix time in microseconds.
    pub fn unix_micros(&self) -> u64 {
        self.clock.unix_micros()
    }

    /// How much memory is taken, in bytes.
    pub fn bytes(&self) -> u64 {
        self.table.weight()
    }

    /// How many answers are kept.
    pub fn entries(&self) -> usize {
        self.table.len()
    }

    /// How many fetches are waited for.
    pub fn flights(&self) -> usize {
        self.flights.count()
    }

    pub(crate) fn beginning(&self) -> Began {
        beginning(self.purges.now(), self.clock.unix_micros())
    }

    /// Keeps what was fetched since `began`, if it may be kept.
    pub(crate) fn keep(&self, key: &Key, began: Began, mut entry: Entry) -> Arc<Kept> {
        if entry.stored == 0 {
            entry.stored = began.unix;
        }
        let here = now();
        let took = here.saturating_duration_since(began.at);
        // Two differences within one clock each: a clock that is set meanwhile makes no answer older or younger.
        let before = Duration::from_micros(began.unix.saturating_sub(entry.stored));
        let kept = Arc::new(Kept::new(entry, here, before.saturating_add(took), began.purge, took));
        self.put(key, &kept);
        kept
    }

    fn put(&self, key: &Key, kept: &Arc<Kept>) {
        let large = kept.weight(key.bytes().len()) > self.largest;
        let dead =
            !self.purges.is_alive(kept.began, kept.tags.iter().map(|tag| &**tag)) && !self.purges.is_lost();
        if large || dead || kept.times.total().is_zero() {
            return;
        }
        let newer = self.table.peek(key).is_some_and(|other| other.began > kept.began);
        if !newer {
            self.table.insert(key.clone(), kept.clone());
        }
    }

    // ---- what instances share

    /// The store, for what may go there.
    fn store(&self, key: &Key) -> Option<&Arc<dyn CacheStore>> {
        self.store.as_ref().filter(|_| !key.is_private())
    }

    pub(crate) async fn shared(&self, lead: &mut Lead, newer_than: u64) -> Option<(Arc<Kept>, Duration)> {
        let store = self.store(&lead.key)?;
        let (digest, tags) = (lead.key.digest(), lead.tags.clone());
        let tags: Vec<&str> = tags.iter().map(|tag| &**tag).collect();
        let asking = async {
            while let Some(saying) = self.unsaid.next() {
                store.purge(&saying.tags()).await?;
                self.unsaid.said(&saying);
            }
            store.get(&digest, &tags).await
        };
        let asked = tokio::time::timeout(STORE_PATIENCE, asking).await;
        // That the store is away is its own to say; one that does not know the versions of all tags is not believed.
        let Ok(Ok(Shared { entry, versions })) = asked else { return None };
        if versions.len() != tags.len() {
            return None;
        }
        let found = entry.and_then(|bytes| self.usable(&bytes, lead, &versions, newer_than));
        lead.versions = Some(versions);
        let (kept, age) = found?;
        self.put(&lead.key, &kept);
        (age < kept.times.fresh).then_some((kept, age))
    }

    /// An entry of the store, if its tags have not been purged since it was fetched.
    fn usable(
        &self,
        bytes: &[u8],
        lead: &Lead,
        versions: &[u64],
        newer_than: u64,
    ) -> Option<(Arc<Kept>, Duration)> {
        // Whatever cannot be read was written by another version of this program, and will be written over.
        let (entry, theirs) =
            shared::decode(bytes, usize::try_from(self.largest).unwrap_or(usize::MAX)).ok()?;
        let same = entry.tags == lead.tags && theirs == versions;
        if !same || entry.stored <= newer_than {
            return None;
        }
        if !entry.tags.is_empty() && entry.stored <= self.unsaid.forgotten() {
            return None;
        }
        // The clocks of two machines differ, if little; an answer from the future is as old as it can be told.
        let now_micros = self.clock.unix_micros();
        if entry.stored.saturating_sub(now_micros) > MOST_AHEAD.as_micros() as u64 {
            return None;
        }
        let age = Duration::from_micros(now_micros.saturating_sub(entry.stored));
        let kept = Kept::new(entry, now(), age, lead.began.purge, Duration::ZERO);
        (age < kept.times.total()).then(|| (Arc::new(kept), age))
    }

    /// Puts what was fetched where other instances find it, in the background.
    pub(crate) fn share(&self, lead: &Lead, kept: &Arc<Kept>) {
        let Some(store) = self.store(&lead.key) else { return };
        let Some(versions) = &lead.versions else { return };
        let time = kept.times.total().saturating_sub(kept.age(now())).min(LONGEST_SHARED);
        let long = |tag: &Arc<str>| tag.len() > usize::from(u16::MAX);
        let unwritable = kept.tags.len() > usize::from(u16::MAX) || kept.tags.iter().any(long);
        if time.is_zero() || kept.weight(0) > self.largest || kept.tags != lead.tags || unwritable {
            return;
        }
        let (store, digest) = (store.clone(), lead.key.digest());
        let bytes = Bytes::from(shared::encode(kept, versions));
        tokio::spawn(async move {
            // What is not shared is fetched once more elsewhere.
            let _ = tokio::time::timeout(SHARING_PATIENCE, store.put(&digest, bytes, time)).await;
        });
    }
}

/// What listens to the store. Does not keep the cache alive: the cache keeps the store.
struct Ears(Weak<Cache>);

impl PurgeListener for Ears {
    fn purged(&self, tags: &[&str]) {
        if let Some(cache) = self.0.upgrade() {
            cache.purge(tags);
        }
    }

    fn lost(&self) {
        if let Some(cache) = self.0.upgrade() {
            cache.purges.lost();
        }
    }

    fn found(&self) {
        if let Some(cache) = self.0.upgrade() {
            cache.purges.found();
        }
    }
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache")
            .field("entries", &self.entries())
            .field("bytes", &self.bytes())
            .finish_non_exhaustive()
    }
}
