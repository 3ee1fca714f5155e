//! Sessions with tombstones, two indexes and burials.
//!
//! Locks are taken in one order: the part that holds the key, then the index. A creation holds both, and so does
//! not slip between a burial and the listing that follows it: either the burial is seen here, or the session there.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

use frontdesk_adapter::{Created, SessionRecord, Swapped};

use super::shards::{SHARDS, Shards};
use super::{Generations, Moment, lock};

enum Slot {
    Live(SessionRecord),
    /// It was ended; nothing may be written here until then.
    Tombstone(Moment),
}

/// Sessions of one index entry created up to `at` (Unix seconds) are not written until `until`.
///
/// Up to and including: a session created in the second of the burial may have come before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Burial {
    pub at: u64,
    pub until: Moment,
}

/// Subjects and sids stand in one index: both are keyed hashes, and who asks compares the field of the record.
#[derive(Default)]
struct Index {
    /// By creation, so that the oldest come first.
    keys: HashMap<String, BTreeSet<(u64, String)>>,
    burials: HashMap<String, Burial>,
}

impl Index {
    fn add(&mut self, key: &str, record: &SessionRecord) {
        for name in names(record) {
            self.keys.entry(name.to_owned()).or_default().insert((record.created, key.to_owned()));
        }
    }

    fn remove(&mut self, key: &str, record: &SessionRecord) {
        for name in names(record) {
            if let Some(keys) = self.keys.get_mut(name) {
                keys.remove(&(record.created, key.to_owned()));
                if keys.is_empty() {
                    self.keys.remove(name);
                }
            }
        }
    }

    fn has_buried(&self, record: &SessionRecord, now: Moment) -> bool {
        names(record)
            .filter_map(|name| self.burials.get(name))
            .any(|burial| burial.until > now && record.created <= burial.at)
    }
}

fn names(record: &SessionRecord) -> impl Iterator<Item = &str> {
    std::iter::once(record.subject.as_str()).chain(record.sid.as_deref())
}

pub(crate) struct SessionTable {
    slots: Shards<HashMap<String, Slot>>,
    index: Mutex<Index>,
    generations: Generations,
}

impl SessionTable {
    pub fn new() -> Self {
        Self { slots: Shards::new(), index: Mutex::default(), generations: Generations::new() }
    }

    pub fn generation(&self, key: &str) -> u64 {
        self.generations.of(key)
    }

    /// Whatever was kept is to be read again.
    pub fn all_moved(&self) {
        self.generations.all_moved();
    }

    pub fn get(&self, key: &str, now: Moment) -> Option<SessionRecord> {
        live(self.slots.of(key).get(key), now).cloned()
    }

    pub fn create(&self, key: &str, record: SessionRecord, now: Moment) -> Created {
        let mut slots = self.slots.of(key);
        let before = slots.get(key);
        if live(before, now).is_some() || tombstone(before, now).is_some() {
            return Created::Taken;
        }
        let mut index = lock(&self.index);
        if index.has_buried(&record, now) {
            return Created::Buried;
        }
        if let Some(Slot::Live(ended)) = before {
            index.remove(key, ended);
        }
        let record = SessionRecord { version: 1, ..record };
        index.add(key, &record);
        slots.insert(key.to_owned(), Slot::Live(record));
        self.generations.moved(key);
        Created::Yes
    }

    pub fn compare_and_set(&self, key: &str, expected: u64, record: SessionRecord, now: Moment) -> Swapped {
        let mut slots = self.slots.of(key);
        let Some(held) = live_mut(slots.get_mut(key), now) else {
            return Swapped::Gone;
        };
        let mut index = lock(&self.index);
        if index.has_buried(held, now) || index.has_buried(&record, now) {
            return Swapped::Gone;
        }
        if held.version != expected {
            return Swapped::Moved(held.version);
        }
        let next = SessionRecord {
            version: expected.saturating_add(1),
            last_seen: record.last_seen.max(held.last_seen),
            idle_expires: record.idle_expires.max(held.idle_expires),
            ..record
        };
        index.remove(key, held);
        index.add(key, &next);
        *held = next;
        self.generations.moved(key);
        Swapped::Yes
    }

    pub fn touch(&self, key: &str, last_seen: u64, idle_expires: u64, now: Moment) -> bool {
        let mut slots = self.slots.of(key);
        let Some(held) = live_mut(slots.get_mut(key), now) else {
            return false;
        };
        if lock(&self.index).has_buried(held, now) {
            return false;
        }
        if last_seen > held.last_seen || idle_expires > held.idle_expires {
            held.last_seen = held.last_seen.max(last_seen);
            held.idle_expires = held.idle_expires.max(idle_expires);
            self.generations.moved(key);
        }
        true
    }

    /// Whether it was there, and until when the tombstone stands.
    pub fn end(&self, key: &str, until: Moment, now: Moment) -> (bool, Moment) {
        let mut slots = self.slots.of(key);
        let before = slots.get(key);
        let was_there = live(before, now).is_some();
        let until = tombstone(before, now).map_or(until, |standing| standing.max(until));
        if let Some(Slot::Live(record)) = before {
            lock(&self.index).remove(key, record);
        }
        slots.insert(key.to_owned(), Slot::Tombstone(until));
        self.generations.moved(key);
        (was_there, until)
    }

    /// The sessions under an entry of the index for which `belongs` holds, the oldest first.
    pub fn listed(
        &self,
        name: &str,
        now: Moment,
        belongs: impl Fn(&SessionRecord) -> bool,
    ) -> Vec<(String, SessionRecord)> {
        let keys: Vec<String> = match lock(&self.index).keys.get(name) {
            Some(keys) => keys.iter().map(|(_, key)| key.clone()).collect(),
            None => return Vec::new(),
        };
        keys.into_iter()
            .filter_map(|key| {
                let record = self.get(&key, now).filter(|record| belongs(record))?;
                Some((key, record))
            })
            .collect()
    }

    pub fn bury(&self, name: &str, until: Moment, now: Moment) -> Burial {
        let mut index = lock(&self.index);
        let burial = index.burials.entry(name.to_owned()).or_insert(Burial { at: 0, until });
        burial.at = burial.at.max(now.seconds());
        burial.until = burial.until.max(until);
        *burial
    }

    /// Drops what has passed in one part and names it; the burials with the first part.
    pub fn sweep(&self, number: usize, now: Moment, mut swept: impl FnMut(Swept<'_>)) {
        let mut slots = self.slots.at(number);
        let mut index = lock(&self.index);
        slots.retain(|key, slot| match slot {
            Slot::Live(record) if record.has_ended(now.seconds()) => {
                index.remove(key, record);
                self.generations.moved(key);
                swept(Swept::Session(key));
                false
            }
            Slot::Tombstone(until) if *until <= now => {
                swept(Swept::Tombstone(key));
                false
            }
            _ => true,
        });
        if number.is_multiple_of(SHARDS) {
            index.burials.retain(|name, burial| {
                let stays = burial.until > now;
                if !stays {
                    swept(Swept::Burial(name));
                }
                stays
            });
        }
    }

    /// Puts back what a file holds.
    pub fn load(&self, key: &str, record: SessionRecord) {
        lock(&self.index).add(key, &record);
        self.slots.of(key).insert(key.to_owned(), Slot::Live(record));
    }

    pub fn load_tombstone(&self, key: &str, until: Moment) {
        self.slots.of(key).insert(key.to_owned(), Slot::Tombstone(until));
    }

    pub fn load_burial(&self, name: &str, burial: Burial) {
        lock(&self.index).burials.insert(name.to_owned(), burial);
    }

    pub fn clear(&self) {
        for number in 0..SHARDS {
            self.slots.at(number).clear();
        }
        *lock(&self.index) = Index::default();
        self.generations.all_moved();
    }

    #[cfg(test)]
    pub fn sizes(&self) -> (usize, usize, usize) {
        let slots = (0..SHARDS).map(|number| self.slots.at(number).len()).sum();
        let index = lock(&self.index);
        (slots, index.keys.len(), index.burials.len())
    }
}

/// What a sweep dropped.
pub(crate) enum Swept<'a> {
    Session(&'a str),
    Tombstone(&'a str),
    Burial(&'a str),
}

fn live(slot: Option<&Slot>, now: Moment) -> Option<&SessionRecord> {
    match slot {
        Some(Slot::Live(record)) if !record.has_ended(now.seconds()) => Some(record),
        _ => None,
    }
}

fn live_mut(slot: Option<&mut Slot>, now: Moment) -> Option<&mut SessionRecord> {
    match slot {
        Some(Slot::Live(record)) if !record.has_ended(now.seconds()) => Some(record),
        _ => None,
    }
}

fn tombstone(slot: Option<&Slot>, now: Moment) -> Option<Moment> {
    match slot {
        Some(Slot::Tombstone(until)) if *until > now => Some(*until),
        _ => None,
    }
}
