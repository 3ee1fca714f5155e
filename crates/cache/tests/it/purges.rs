//! No answer is older than the last purge: two instances, a store they share, and every order of events.
//!
//! Each answer is the number of the data it was made of, read when its fetch began: as old as a service may be. A change
//! of data is followed by a purge. From the moment a purge has ended, whoever asks must not get an answer with a smaller
//! number. For the other instance it has ended when that has heard of it; or at once while it knows that it hears nothing.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{CacheStore, Fault, PurgeListener, Shared, StoreFault, StoreFuture, now};
use frontdesk_cache::call::{Asked, CallPolicy, Fetch, Purpose};
use frontdesk_cache::{Cache, Settings};
use proptest::prelude::*;
use tokio::sync::oneshot;

use crate::stage::{Wall, ask, asked, for_a_second, paused, said};

const KEYS: usize = 2;
/// What each key is tagged with.
const TAGS: [&[&str]; KEYS] = [&["a", "all"], &["b", "all"]];
const PURGES: [&str; 3] = ["a", "b", "all"];

#[derive(Clone, Debug)]
enum Event {
    Ask {
        instance: usize,
        key: usize,
    },
    /// The data of everything with the tag changes, and an instance is told to purge it.
    Change {
        instance: usize,
        tag: usize,
    },
    /// One of those who wait goes on: a fetch, or something with the store.
    Go {
        which: usize,
        fails: bool,
    },
    Advance {
        millis: u64,
    },
    /// An instance hears of the oldest purge it has not heard of.
    Hear {
        instance: usize,
    },
    /// Its connection breaks, with all that is on it; and it knows.
    Lose {
        instance: usize,
    },
    Find {
        instance: usize,
    },
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => (0..2_usize, 0..KEYS).prop_map(|(instance, key)| Event::Ask { instance, key }),
        2 => (0..2_usize, 0..3_usize).prop_map(|(instance, tag)| Event::Change { instance, tag }),
        10 => (0..8_usize, prop::bool::weighted(0.15)).prop_map(|(which, fails)| Event::Go { which, fails }),
        2 => prop_oneof![Just(1), Just(30), Just(60), Just(500), Just(1500)].prop_map(|millis| Event::Advance { millis }),
        3 => (0..2_usize).prop_map(|instance| Event::Hear { instance }),
        1 => (0..2_usize).prop_map(|instance| Event::Lose { instance }),
        1 => (0..2_usize).prop_map(|instance| Event::Find { instance }),
    ]
}

/// Where everything waits until it is its turn: `true` lets it fail.
#[derive(Clone, Default)]
struct Gates(Arc<Mutex<VecDeque<oneshot::Sender<bool>>>>);

impl Gates {
    async fn pass(&self) -> bool {
        let (open, opened) = oneshot::channel();
        self.0.lock().unwrap().push_back(open);
        opened.await.unwrap_or(true)
    }

    fn open(&self, which: usize, fails: bool) {
        let mut waiting = self.0.lock().unwrap();
        if !waiting.is_empty() {
            let at = which % waiting.len();
            let _ = waiting.remove(at).unwrap().send(fails);
        }
    }
}

#[derive(Default)]
struct Held {
    entries: HashMap<[u8; 32], Bytes>,
    versions: HashMap<String, u64>,
    last: u64,
    listeners: Vec<Arc<dyn PurgeListener>>,
    /// What each instance has not heard of: the tag, and the number of the data.
    unheard: [VecDeque<(usize, u64)>; 2],
    lost: [bool; 2],
    /// The data of the last purge the store has said, by key; and of the last that has ended for an instance.
    said: [u64; KEYS],
    floors: [[u64; KEYS]; 2],
}

fn hit(tag: usize) -> impl Iterator<Item = usize> {
    (0..KEYS).filter(move |key| TAGS[*key].contains(&PURGES[tag]))
}

impl Held {
    fn version(&mut self, tag: &str) -> u64 {
        if let Some(version) = self.versions.get(tag) {
            return *version;
        }
        self.last += 1;
        self.versions.insert(tag.to_owned(), self.last);
        self.last
    }

    fn ended_for(&mut self, instance: usize, tag: usize, data: u64) {
        for key in hit(tag) {
            let floor = &mut self.floors[instance][key];
            *floor = data.max(*floor);
        }
    }
}

#[derive(Clone)]
struct Store {
    held: Arc<Mutex<Held>>,
    gates: Gates,
    /// The data that the purge under way is about.
    changing: Arc<Mutex<HashMap<String, u64>>>,
}

fn away() -> StoreFault {
    StoreFault("away".to_owned())
}

impl CacheStore for Store {
    fn get<'a>(&'a self, key: &'a [u8; 32], tags: &'a [&'a str]) -> StoreFuture<'a, Shared> {
        Box::pin(async move {
            if self.gates.pass().await {
                return Err(away());
            }
            let shared = {
                let mut held = self.held.lock().unwrap();
                let versions = tags.iter().map(|tag| held.version(tag)).collect();
                Shared { entry: held.entries.get(key).cloned(), versions }
            };
            if self.gates.pass().await { Err(away()) } else { Ok(shared) }
        })
    }

    fn put<'a>(&'a self, key: &'a [u8; 32], entry: Bytes, _time: Duration) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            if self.gates.pass().await {
                return Err(away());
            }
            self.held.lock().unwrap().entries.insert(*key, entry);
            Ok(())
        })
    }

    fn purge<'a>(&'a self, tags: &'a [&'a str]) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            if self.gates.pass().await {
                return Err(away());
            }
            for tag in tags {
                let mut held = self.held.lock().unwrap();
                held.last += 1;
                let version = held.last;
                held.versions.insert((*tag).to_owned(), version);
                let data = self.changing.lock().unwrap()[*tag];
                let tag = PURGES.iter().position(|other| other == tag).unwrap();
                for key in hit(tag) {
                    held.said[key] = held.said[key].max(data);
                }
                for instance in 0..2 {
                    if held.lost[instance] {
                        held.ended_for(instance, tag, data);
                    } else {
                        held.unheard[instance].push_back((tag, data));
                    }
                }
            }
            Ok(())
        })
    }

    fn listen(&self, listener: Arc<dyn PurgeListener>) {
        self.held.lock().unwrap().listeners.push(listener);
    }
}

struct World {
    store: Store,
    gates: Gates,
    caches: Vec<Arc<Cache>>,
    asked: Vec<Asked>,
    data: Rc<RefCell<[u64; KEYS]>>,
    changes: u64,
    wrong: Rc<RefCell<Vec<String>>>,
    given: Rc<RefCell<usize>>,
}

impl World {
    fn new() -> Self {
        let gates = Gates::default();
        let store = Store { held: Arc::default(), gates: gates.clone(), changing: Arc::default() };
        let wall = Arc::new(Wall(now()));
        let make = |_| Cache::new(Settings::without_chance(), wall.clone(), Some(Arc::new(store.clone())));
        let policy = CallPolicy {
            stale: Duration::from_secs(1),
            stale_if_error: Duration::from_secs(2),
            last_good: true,
            ..for_a_second()
        };
        Self {
            caches: (0..2).map(make).collect(),
            asked: (0..KEYS).map(|key| asked(&format!("/{key}"), policy, TAGS[key])).collect(),
            store,
            gates,
            data: Rc::default(),
            changes: 0,
            wrong: Rc::default(),
            given: Rc::default(),
        }
    }

    async fn happen(&mut self, event: &Event) {
        match *event {
            Event::Ask { instance, key } => self.ask(instance, key),
            Event::Change { instance, tag } => self.change(instance, tag),
            Event::Go { which, fails } => self.gates.open(which, fails),
            Event::Advance { millis } => tokio::time::advance(Duration::from_millis(millis)).await,
            Event::Hear { instance } => {
                let heard = self.store.held.lock().unwrap().unheard[instance].pop_front();
                if let Some((tag, data)) = heard {
                    self.ear(instance).purged(&[PURGES[tag]]);
                    self.store.held.lock().unwrap().ended_for(instance, tag, data);
                }
            }
            Event::Lose { instance } => {
                self.ear(instance).lost();
                let mut held = self.store.held.lock().unwrap();
                held.lost[instance] = true;
                held.unheard[instance].clear();
                held.floors[instance] = merged(held.floors[instance], held.said);
            }
            Event::Find { instance } => {
                let lost = std::mem::take(&mut self.store.held.lock().unwrap().lost[instance]);
                if lost {
                    self.ear(instance).found();
                }
            }
        }
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }

    fn ear(&self, instance: usize) -> Arc<dyn PurgeListener> {
        self.store.held.lock().unwrap().listeners[instance].clone()
    }

    fn change(&mut self, instance: usize, tag: usize) {
        self.changes += 1;
        let data = self.changes;
        for key in hit(tag) {
            self.data.borrow_mut()[key] = data;
        }
        self.store.changing.lock().unwrap().insert(PURGES[tag].to_owned(), data);
        let (cache, store) = (self.caches[instance].clone(), self.store.clone());
        tokio::task::spawn_local(async move {
            let _ = cache.purge_everywhere(&[PURGES[tag]]).await;
            // Here it holds, even if the store is away.
            store.held.lock().unwrap().ended_for(instance, tag, data);
        });
    }

    fn ask(&self, instance: usize, key: usize) {
        let floor = self.store.held.lock().unwrap().floors[instance][key];
        let (cache, asked) = (self.caches[instance].clone(), self.asked[key].clone());
        let (gates, data) = (self.gates.clone(), self.data.clone());
        let (wrong, given) = (self.wrong.clone(), self.given.clone());
        tokio::task::spawn_local(async move {
            let fetch = move |_: Purpose| -> Fetch {
                let (gates, data) = (gates.clone(), data.clone());
                Box::pin(async move {
                    let read = data.borrow()[key];
                    if gates.pass().await {
                        Err(Fault::Failed { status: 503 })
                    } else {
                        Ok(said(&read.to_string()))
                    }
                })
            };
            let (result, used) = ask(&cache, &asked, Duration::from_secs(5), fetch).await;
            if let Ok(answer) = result {
                *given.borrow_mut() += 1;
                let number: u64 = std::str::from_utf8(&answer.body).unwrap().parse().unwrap();
                if number < floor {
                    wrong.borrow_mut().push(format!(
                        "instance {instance} gave {number} of key {key} after {floor} was purged: {used:?}"
                    ));
                }
            }
        });
    }
}

fn merged(one: [u64; KEYS], other: [u64; KEYS]) -> [u64; KEYS] {
    std::array::from_fn(|key| one[key].max(other[key]))
}

/// What was wrong, and how many answers were given.
fn played(events: &[Event]) -> (Vec<String>, usize) {
    fastrand::seed(events.len() as u64);
    paused().block_on(async {
        let mut world = World::new();
        for event in events {
            world.happen(event).await;
        }
        // Everybody gets what they asked for.
        for _ in 0..60 {
            world.happen(&Event::Go { which: 0, fails: false }).await;
        }
        (world.wrong.take(), world.given.take())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn no_answer_is_older_than_the_last_purge(events in prop::collection::vec(event(), 1..120)) {
        let (wrong, _) = played(&events);
        prop_assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn the_play_gives_answers_at_all() {
    let ask = |instance| Event::Ask { instance, key: 0 };
    let go = || Event::Go { which: 0, fails: false };
    // One fetches (store, store, service), tells the store; the other finds it there.
    let events = [ask(0), go(), go(), go(), go(), ask(1), go(), go(), ask(1)];
    let (wrong, given) = played(&events);
    assert_eq!((wrong, given), (Vec::new(), 3));
}
