//! Small values that are gone after a while.

use std::collections::HashMap;
use std::collections::hash_map::Entry as MapEntry;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

use super::Moment;
use super::shards::{SHARDS, Shards};

/// There is no room: what is there may not be dropped, or a token could be used a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

struct Entry {
    value: Bytes,
    until: Moment,
}

/// Entries by key, with a bound on what they take.
pub(crate) struct EntryTable {
    entries: Shards<HashMap<String, Entry>>,
    /// Of keys and values, with [`OVERHEAD`] for each.
    bytes: AtomicUsize,
    most_bytes: usize,
}

/// Of these any client may make as many as it makes requests, for a day. They leave a quarter of the room to the others: without
/// it nobody could sign in or prove that he holds a token.
const MANY: &str = "idempotency:";

/// What an entry takes besides its key and value, roughly.
const OVERHEAD: usize = 128;

fn weight(key: &str, value: &Bytes) -> usize {
    OVERHEAD + key.len() + value.len()
}

impl EntryTable {
    pub fn new(most_bytes: usize) -> Self {
        Self { entries: Shards::new(), bytes: AtomicUsize::new(0), most_bytes }
    }

    /// Whether it was new. Tells `swept` what had passed and was dropped to make room.
    pub fn put_new(
        &self,
        key: &str,
        value: &Bytes,
        until: Moment,
        now: Moment,
        swept: &mut dyn FnMut(&str),
    ) -> Result<bool, Full> {
        if self.get(key, now).is_some() {
            return Ok(false);
        }
        self.make_room(key, value, now, swept)?;
        let mut shard = self.entries.of(key);
        match shard.entry(key.to_owned()) {
            MapEntry::Occupied(held) if held.get().until > now => Ok(false),
            place => {
                self.write(place, value, until);
                Ok(true)
            }
        }
    }

    /// As [`put_new`](Self::put_new), whether or not it is there.
    pub fn put(
        &self,
        key: &str,
        value: &Bytes,
        until: Moment,
        now: Moment,
        swept: &mut dyn FnMut(&str),
    ) -> Result<(), Full> {
        self.make_room(key, value, now, swept)?;
        let mut shard = self.entries.of(key);
        self.write(shard.entry(key.to_owned()), value, until);
        Ok(())
    }

    /// Puts back what a file holds; what is there already was accepted once.
    pub fn load(&self, key: &str, value: &Bytes, until: Moment) {
        self.write(self.entries.of(key).entry(key.to_owned()), value, until);
    }

    pub fn get(&self, key: &str, now: Moment) -> Option<Bytes> {
        self.entries.of(key).get(key).filter(|held| held.until > now).map(|held| held.value.clone())
    }

    pub fn take(&self, key: &str, now: Moment) -> Option<Bytes> {
        let mut shard = self.entries.of(key);
        // What has passed is left to the sweep, which names it.
        shard.get(key).filter(|held| held.until > now)?;
        let held = shard.remove(key)?;
        self.bytes.fetch_sub(weight(key, &held.value), Ordering::Relaxed);
        Some(held.value)
    }

    /// Drops what has passed in one part and names it.
    pub fn sweep(&self, number: usize, now: Moment, swept: &mut dyn FnMut(&str)) {
        let mut freed = 0;
        self.entries.at(number).retain(|key, held| {
            let stays = held.until > now;
            if !stays {
                freed += weight(key, &held.value);
                swept(key);
            }
            stays
        });
        self.bytes.fetch_sub(freed, Ordering::Relaxed);
    }

    pub fn clear(&self) {
        for number in 0..SHARDS {
            self.sweep(number, Moment(u64::MAX), &mut |_| {});
        }
    }

    /// Several at once may pass the bound by one entry each: it guards the memory, it does not count.
    fn make_room(
        &self,
        key: &str,
        value: &Bytes,
        now: Moment,
        swept: &mut dyn FnMut(&str),
    ) -> Result<(), Full> {
        let wanted = weight(key, value);
        let most = if key.starts_with(MANY) { self.most_bytes / 4 * 3 } else { self.most_bytes };
        let fits = || self.bytes.load(Ordering::Relaxed).saturating_add(wanted) <= most;
        if fits() {
            return Ok(());
        }
        for number in 0..SHARDS {
            self.sweep(number, now, swept);
        }
        if fits() { Ok(()) } else { Err(Full) }
    }

    fn write(&self, place: MapEntry<'_, String, Entry>, value: &Bytes, until: Moment) {
        // A copy: the value may be a small part of a large buffer that would be kept with it.
        let value = Bytes::copy_from_slice(value);
        self.bytes.fetch_add(weight(place.key(), &value), Ordering::Relaxed);
        match place {
            MapEntry::Occupied(mut held) => {
                let before = held.insert(Entry { value, until });
                self.bytes.fetch_sub(weight(held.key(), &before.value), Ordering::Relaxed);
            }
            MapEntry::Vacant(free) => {
                free.insert(Entry { value, until });
            }
        }
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        (0..SHARDS).map(|number| self.entries.at(number).len()).sum()
    }

    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }
}
