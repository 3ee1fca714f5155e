//! Building objects whose keys are known only with the data, in JavaScript's key order.

use std::hash::{BuildHasher, Hasher};

use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;

use crate::value::{Map, Object, SMALL_MAP, Value};

type Entry<'a> = (&'a [u8], Value<'a>);

/// Where in a list of entries a key is: an open-addressed hash table in the arena. The hash is seeded per table, so
/// that keys sent by a client cannot be chosen to collide.
#[derive(Debug)]
pub struct Positions<'a> {
    /// A power of two, at least twice the entries; position plus one, zero if free.
    slots: BumpVec<'a, u32>,
    seed: foldhash::fast::RandomState,
}

impl<'a> Positions<'a> {
    pub fn of(entries: &[Entry<'a>], arena: &'a Bump) -> Self {
        let mut positions = Self::with_room(entries.len(), arena);
        for at in 0..entries.len() {
            positions.insert(at, entries);
        }
        positions
    }

    fn with_room(entries: usize, arena: &'a Bump) -> Self {
        let size = (entries.max(8) * 2).next_power_of_two();
        Self { slots: bumpalo::vec![in arena; 0; size], seed: foldhash::fast::RandomState::default() }
    }

    pub fn find(&self, key: &[u8], entries: &[Entry<'_>]) -> Option<usize> {
        let mask = self.slots.len() - 1;
        let mut slot = self.hash(key) & mask;
        loop {
            let at = self.slots[slot].checked_sub(1)? as usize;
            if entries[at].0 == key {
                return Some(at);
            }
            slot = (slot + 1) & mask;
        }
    }

    /// `entries[at]` has a key that is not in the table.
    fn insert(&mut self, at: usize, entries: &[Entry<'_>]) {
        let mask = self.slots.len() - 1;
        let mut slot = self.hash(entries[at].0) & mask;
        while self.slots[slot] != 0 {
            slot = (slot + 1) & mask;
        }
        self.slots[slot] = at as u32 + 1;
    }

    fn hash(&self, key: &[u8]) -> usize {
        let mut hasher = self.seed.build_hasher();
        hasher.write(key);
        hasher.finish() as usize
    }
}

/// `"0"` to `"4294967294"` in canonical form: the keys that JavaScript lists first, ascending.
pub fn array_index(key: &[u8]) -> Option<u32> {
    let (first, rest) = key.split_first()?;
    if key.len() > 10 || !first.is_ascii_digit() || (*first == b'0' && !rest.is_empty()) {
        return None;
    }
    let mut index = 0u64;
    for byte in key {
        if !byte.is_ascii_digit() {
            return None;
        }
        index = index * 10 + u64::from(byte - b'0');
    }
    u32::try_from(index).ok().filter(|index| *index != u32::MAX)
}

/// Collects properties as assignments do: a key that comes again keeps its place and gets the new value.
#[derive(Debug)]
pub struct ObjectBuilder<'a> {
    arena: &'a Bump,
    entries: BumpVec<'a, Entry<'a>>,
    positions: Option<Positions<'a>>,
    has_indexes: bool,
}

impl<'a> ObjectBuilder<'a> {
    pub fn new(arena: &'a Bump, room: usize) -> Self {
        Self { arena, entries: BumpVec::with_capacity_in(room, arena), positions: None, has_indexes: false }
    }

    pub fn put(&mut self, key: &'a [u8], value: Value<'a>) {
        match self.position(key) {
            Some(at) => self.entries[at].1 = value,
            None => self.push(key, value),
        }
    }

    /// The place of `key` in order of arrival, adding it with `value` if it is new.
    pub fn place(&mut self, key: &'a [u8], value: Value<'a>) -> usize {
        match self.position(key) {
            Some(at) => at,
            None => {
                self.push(key, value);
                self.entries.len() - 1
            }
        }
    }

    /// Changes the value at a place that [`place`](Self::place) told.
    pub fn replace(&mut self, at: usize, value: Value<'a>) {
        if let Some(entry) = self.entries.get_mut(at) {
            entry.1 = value;
        }
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn position(&self, key: &[u8]) -> Option<usize> {
        match &self.positions {
            Some(positions) => positions.find(key, &self.entries),
            None => self.entries.iter().position(|(other, _)| *other == key),
        }
    }

    fn push(&mut self, key: &'a [u8], value: Value<'a>) {
        self.has_indexes |= array_index(key).is_some();
        self.entries.push((key, value));
        let count = self.entries.len();
        match &mut self.positions {
            Some(positions) if positions.slots.len() >= count * 2 => {
                positions.insert(count - 1, &self.entries);
            }
            Some(_) => {
                let mut positions = Positions::with_room(count * 2, self.arena);
                for at in 0..count {
                    positions.insert(at, &self.entries);
                }
                self.positions = Some(positions);
            }
            None if count > SMALL_MAP => self.positions = Some(Positions::of(&self.entries, self.arena)),
            None => {}
        }
    }

    pub fn finish(mut self) -> &'a Object<'a> {
        let mut positions = self.positions;
        if self.has_indexes {
            let order = |entry: &Entry<'_>| array_index(entry.0).map_or(u64::MAX, u64::from);
            if !self.entries.is_sorted_by_key(order) {
                // Stable: the other keys stay in order of arrival, after the indexes.
                self.entries.sort_by_cached_key(order);
                positions = None;
            }
        }
        let entries = self.entries.into_bump_slice();
        self.arena.alloc(Object::Map(match positions {
            Some(_) => Map::with_positions(entries, positions),
            None => Map::new(entries, self.arena),
        }))
    }
}
