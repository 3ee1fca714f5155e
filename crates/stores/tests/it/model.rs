//! A store as anybody would write it who need not care for speed, disks or other processes; and a property test that
//! compares a store with it, step by step.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Created, SessionRecord, Swapped};
use proptest::prelude::*;

use crate::harness::{Harness, START};

/// Time goes in steps of this many seconds: so long that none passes while a test runs.
const STEP: u64 = 1000;

const KEYS: [&str; 3] = ["k0", "k1", "k2"];
const SUBJECTS: [&str; 2] = ["alice", "bob"];
const SIDS: [Option<&str>; 3] = [None, Some("one"), Some("alice")];
const INDEXES: [&str; 3] = ["alice", "bob", "one"];

#[derive(Clone, Debug)]
pub enum Step {
    Create {
        key: usize,
        record: Shape,
    },
    Write {
        key: usize,
        expected: u64,
        record: Shape,
    },
    Touch {
        key: usize,
        seen: u64,
        idle: u64,
    },
    End {
        key: usize,
        tombstone: u64,
    },
    Bury {
        index: usize,
        time: u64,
    },
    Lease {
        name: usize,
        holder: usize,
        time: u64,
    },
    Renew {
        name: usize,
        holder: usize,
        time: u64,
    },
    Release {
        name: usize,
        holder: usize,
    },
    PutNew {
        key: usize,
        value: u8,
        time: u64,
    },
    Put {
        key: usize,
        value: u8,
        time: u64,
    },
    Take {
        key: usize,
    },
    Pass {
        steps: u64,
    },
    /// Closed and opened again, where a store can be.
    Reopen,
}

/// A record; its times count from the present, in steps.
#[derive(Clone, Debug)]
pub struct Shape {
    subject: usize,
    sid: usize,
    age: u64,
    idle: u64,
    absolute: u64,
    sealed: u8,
}

pub fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let shape = (0..SUBJECTS.len(), 0..SIDS.len(), 0..3_u64, 0..4_u64, 0..6_u64, any::<u8>()).prop_map(
        |(subject, sid, age, idle, absolute, sealed)| Shape { subject, sid, age, idle, absolute, sealed },
    );
    let key = 0..KEYS.len();
    let holder = 0..2_usize;
    let time = 1..4_u64;
    let step = prop_oneof![
        4 => (key.clone(), shape.clone()).prop_map(|(key, record)| Step::Create { key, record }),
        4 => (key.clone(), 1..4_u64, shape)
            .prop_map(|(key, expected, record)| Step::Write { key, expected, record }),
        2 => (key.clone(), 0..3_u64, 0..5_u64).prop_map(|(key, seen, idle)| Step::Touch { key, seen, idle }),
        2 => (key.clone(), time.clone()).prop_map(|(key, tombstone)| Step::End { key, tombstone }),
        1 => (0..INDEXES.len(), time.clone()).prop_map(|(index, time)| Step::Bury { index, time }),
        1 => (key.clone(), holder.clone(), time.clone())
            .prop_map(|(name, holder, time)| Step::Lease { name, holder, time }),
        1 => (key.clone(), holder.clone(), time.clone())
            .prop_map(|(name, holder, time)| Step::Renew { name, holder, time }),
        1 => (key.clone(), holder).prop_map(|(name, holder)| Step::Release { name, holder }),
        1 => (key.clone(), any::<u8>(), time.clone())
            .prop_map(|(key, value, time)| Step::PutNew { key, value, time }),
        1 => (key.clone(), any::<u8>(), time).prop_map(|(key, value, time)| Step::Put { key, value, time }),
        1 => key.prop_map(|key| Step::Take { key }),
        2 => (1..3_u64).prop_map(|steps| Step::Pass { steps }),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..most)
}

/// Everything in plain maps; what has passed is never removed, only not looked at.
pub struct Model {
    now: u64,
    /// Whether tombstones, burials, leases and entries see the time that passes for sessions.
    has_one_time: bool,
    sessions: BTreeMap<usize, SessionRecord>,
    tombstones: BTreeMap<usize, u64>,
    /// By index: when, and until when, of each burial.
    burials: Vec<(usize, u64, u64)>,
    leases: BTreeMap<usize, (usize, u64)>,
    entries: BTreeMap<usize, (u8, u64)>,
}

impl Model {
    pub fn new(has_one_time: bool) -> Self {
        Self {
            now: START,
            has_one_time,
            sessions: BTreeMap::new(),
            tombstones: BTreeMap::new(),
            burials: Vec::new(),
            leases: BTreeMap::new(),
            entries: BTreeMap::new(),
        }
    }

    fn is_over(&self, until: u64) -> bool {
        self.has_one_time && self.now >= until
    }

    fn until(&self, steps: u64) -> u64 {
        self.now + steps * STEP
    }

    fn record(&self, shape: &Shape) -> SessionRecord {
        SessionRecord {
            version: 1,
            schema: 1,
            subject: SUBJECTS[shape.subject].to_owned(),
            sid: SIDS[shape.sid].map(str::to_owned),
            created: self.now - shape.age * STEP,
            last_seen: self.now,
            idle_expires: self.until(shape.idle),
            absolute_expires: self.until(shape.absolute),
            label: String::new(),
            sealed: Bytes::copy_from_slice(&[shape.sealed]),
        }
    }

    fn live(&self, key: usize) -> Option<&SessionRecord> {
        self.sessions.get(&key).filter(|record| !record.has_ended(self.now))
    }

    fn is_buried(&self, record: &SessionRecord) -> bool {
        self.burials.iter().any(|(index, at, until)| {
            let name = INDEXES[*index];
            let is_of_it = record.subject == name || record.sid.as_deref() == Some(name);
            is_of_it && !self.is_over(*until) && record.created <= *at
        })
    }

    fn create(&mut self, key: usize, shape: &Shape) -> Created {
        let record = self.record(shape);
        if self.live(key).is_some() || self.tombstones.get(&key).is_some_and(|until| !self.is_over(*until)) {
            return Created::Taken;
        }
        if self.is_buried(&record) {
            return Created::Buried;
        }
        self.sessions.insert(key, record);
        Created::Yes
    }

    fn write(&mut self, key: usize, expected: u64, shape: &Shape) -> Swapped {
        let record = self.record(shape);
        let Some(held) = self.live(key) else { return Swapped::Gone };
        if self.is_buried(held) || self.is_buried(&record) {
            return Swapped::Gone;
        }
        if held.version != expected {
            return Swapped::Moved(held.version);
        }
        let next = SessionRecord {
            version: expected + 1,
            last_seen: record.last_seen.max(held.last_seen),
            idle_expires: record.idle_expires.max(held.idle_expires),
            ..record
        };
        self.sessions.insert(key, next);
        Swapped::Yes
    }

    fn touch(&mut self, key: usize, last_seen: u64, idle_expires: u64) -> bool {
        let Some(mut held) = self.live(key).cloned() else { return false };
        if self.is_buried(&held) {
            return false;
        }
        held.last_seen = held.last_seen.max(last_seen);
        held.idle_expires = held.idle_expires.max(idle_expires);
        self.sessions.insert(key, held);
        true
    }

    fn end(&mut self, key: usize, steps: u64) -> bool {
        let until = self.until(steps);
        let standing = self.tombstones.get(&key).copied().unwrap_or_default();
        let was_there = self.live(key).is_some();
        self.sessions.remove(&key);
        self.tombstones.insert(key, standing.max(until));
        was_there
    }

    fn listed(&self, belongs: impl Fn(&SessionRecord) -> bool) -> Vec<(String, SessionRecord)> {
        let mut list: Vec<_> = (0..KEYS.len())
            .filter_map(|key| Some((KEYS[key].to_owned(), self.live(key)?.clone())))
            .filter(|(_, record)| belongs(record))
            .collect();
        list.sort_by_key(|(_, record)| record.created);
        list
    }

    fn is_held(&self, name: usize, by: Option<usize>) -> bool {
        self.leases
            .get(&name)
            .is_some_and(|(holder, until)| !self.is_over(*until) && by.is_none_or(|by| by == *holder))
    }

    fn entry(&self, key: usize) -> Option<u8> {
        self.entries.get(&key).filter(|(_, until)| !self.is_over(*until)).map(|(value, _)| *value)
    }
}

fn bytes(value: u8) -> Bytes {
    Bytes::copy_from_slice(&[value])
}

/// Does the steps to both and compares what they say and, after each, everything that can be read.
///
/// `reopen` gives the store anew; without it the step is left out.
pub async fn compare(
    mut h: Harness,
    has_one_time: bool,
    steps: &[Step],
    reopen: Option<&dyn Fn(Harness) -> Harness>,
) {
    let mut model = Model::new(has_one_time);
    for (number, step) in steps.iter().enumerate() {
        let at = format!("step {number}: {step:?}");
        let length = |steps: u64| Duration::from_secs(steps * STEP);
        match step {
            Step::Create { key, record } => {
                let got = h.sessions.create(KEYS[*key], model.record(record)).await;
                assert_eq!(got, Ok(model.create(*key, record)), "{at}");
            }
            Step::Write { key, expected, record } => {
                let got = h.sessions.compare_and_set(KEYS[*key], *expected, model.record(record)).await;
                assert_eq!(got, Ok(model.write(*key, *expected, record)), "{at}");
            }
            Step::Touch { key, seen, idle } => {
                let (seen, idle) = (model.now - STEP + seen * STEP, model.until(*idle));
                let got = h.sessions.touch(KEYS[*key], seen, idle).await;
                assert_eq!(got, Ok(model.touch(*key, seen, idle)), "{at}");
            }
            Step::End { key, tombstone } => {
                let got = h.sessions.end(KEYS[*key], length(*tombstone)).await;
                assert_eq!(got, Ok(model.end(*key, *tombstone)), "{at}");
            }
            Step::Bury { index, time } => {
                h.sessions.bury(INDEXES[*index], length(*time)).await.unwrap();
                let until = model.until(*time);
                // Burials of one index are one: the latest, and the longest.
                let standing = model
                    .burials
                    .iter()
                    .filter(|(buried, _, until)| buried == index && !model.is_over(*until))
                    .map(|(_, _, until)| *until)
                    .max();
                model.burials.push((*index, model.now, until.max(standing.unwrap_or_default())));
            }
            Step::Lease { name, holder, time } => {
                let got = h.sessions.lease(KEYS[*name], KEYS[*holder], length(*time)).await;
                let is_free = !model.is_held(*name, None);
                if is_free {
                    let until = model.until(*time);
                    model.leases.insert(*name, (*holder, until));
                }
                assert_eq!(got, Ok(is_free), "{at}");
            }
            Step::Renew { name, holder, time } => {
                let got = h.sessions.renew(KEYS[*name], KEYS[*holder], length(*time)).await;
                let is_held = model.is_held(*name, Some(*holder));
                if is_held {
                    let until = model.until(*time);
                    model.leases.insert(*name, (*holder, until));
                }
                assert_eq!(got, Ok(is_held), "{at}");
            }
            Step::Release { name, holder } => {
                h.sessions.release(KEYS[*name], KEYS[*holder]).await.unwrap();
                if model.is_held(*name, Some(*holder)) {
                    model.leases.remove(name);
                }
            }
            Step::PutNew { key, value, time } => {
                let got = h.entries.put_new(KEYS[*key], bytes(*value), length(*time)).await;
                let is_new = model.entry(*key).is_none();
                if is_new {
                    let until = model.until(*time);
                    model.entries.insert(*key, (*value, until));
                }
                assert_eq!(got, Ok(is_new), "{at}");
            }
            Step::Put { key, value, time } => {
                h.entries.put(KEYS[*key], bytes(*value), length(*time)).await.unwrap();
                let until = model.until(*time);
                model.entries.insert(*key, (*value, until));
            }
            Step::Take { key } => {
                let got = h.entries.take(KEYS[*key]).await;
                assert_eq!(got, Ok(model.entry(*key).map(bytes)), "{at}");
                model.entries.remove(key);
            }
            Step::Pass { steps } => {
                h.clock.advance(length(*steps));
                model.now += steps * STEP;
            }
            Step::Reopen => {
                if let Some(reopen) = reopen {
                    h = reopen(h);
                    model.leases.clear();
                }
            }
        }
        for (number, key) in KEYS.into_iter().enumerate() {
            assert_eq!(h.other.get(key).await, Ok(model.live(number).cloned()), "{key} after {at}");
            assert_eq!(
                h.other_entries.get(key).await,
                Ok(model.entry(number).map(bytes)),
                "{key} after {at}"
            );
        }
        for name in INDEXES {
            let expected = model.listed(|record| record.subject == name);
            assert_eq!(h.other.by_subject(name).await, Ok(expected), "subject {name} after {at}");
            let expected = model.listed(|record| record.sid.as_deref() == Some(name));
            assert_eq!(h.other.by_sid(name).await, Ok(expected), "sid {name} after {at}");
        }
    }
}
