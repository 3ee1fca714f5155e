//! Answers that are good for a while, by the hash of what was asked; and one question at a time.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use frontdesk_adapter::now;
use futures_util::FutureExt;
use futures_util::future::Shared;
use tokio::time::Instant;

/// A hash under a secret: what it is of cannot be chosen so that hashes collide in a table.
pub(crate) type Key = [u8; 32];

const SHARDS: usize = 16;

/// A table of at most so many answers. When it is full, the older half goes.
pub(crate) struct Remembered<V> {
    shards: Vec<Mutex<Shard<V>>>,
    most: usize,
}

struct Shard<V> {
    young: HashMap<Key, Entry<V>, foldhash::fast::RandomState>,
    old: HashMap<Key, Entry<V>, foldhash::fast::RandomState>,
}

struct Entry<V> {
    /// Unix seconds, both.
    since: u64,
    until: u64,
    value: V,
}

impl<V: Clone> Remembered<V> {
    pub(crate) fn new(most: usize) -> Self {
        let empty = || Mutex::new(Shard { young: HashMap::default(), old: HashMap::default() });
        Self {
            shards: std::iter::repeat_with(empty).take(SHARDS).collect(),
            most: (most / SHARDS / 2).max(1),
        }
    }

    pub(crate) fn get(&self, key: &Key, now: u64) -> Option<V> {
        let shard = self.shard(key)?;
        let entry = shard.young.get(key).or_else(|| shard.old.get(key))?;
        // A clock that was set back must not make what was to hold for seconds hold for hours: it is asked for anew.
        (entry.since..entry.until).contains(&now).then(|| entry.value.clone())
    }

    /// What is so from `since`, which is now, to before `until`.
    pub(crate) fn put(&self, key: Key, value: V, since: u64, until: u64) {
        let Some(mut shard) = self.shard(&key) else { return };
        if shard.young.len() >= self.most && !shard.young.contains_key(&key) {
            shard.old = std::mem::take(&mut shard.young);
        }
        shard.young.insert(key, Entry { since, until, value });
    }

    fn shard(&self, key: &Key) -> Option<MutexGuard<'_, Shard<V>>> {
        let [first, ..] = *key;
        let shard = self.shards.get(usize::from(first) % SHARDS)?;
        Some(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How long a question that nobody waits for any more is worth waiting for again. Its answer may have lain there since:
/// what a provider said of a token an hour ago says nothing of now.
const ABANDONED: Duration = Duration::from_secs(10);

#[derive(Clone)]
struct Flight<V> {
    answer: Answering<V>,
    begun: Instant,
}

type Answering<V> = Shared<Pin<Box<dyn Future<Output = V> + Send>>>;

impl<V: Clone> Flight<V> {
    /// Nobody waits for it, though it may have ended.
    fn is_abandoned(&self) -> bool {
        self.answer.peek().is_some() || self.answer.strong_count() == Some(1)
    }
}

/// Questions that are being asked, each once, however many wait for the answer.
pub(crate) struct Flights<V> {
    under_way: Mutex<HashMap<Key, Flight<V>, foldhash::fast::RandomState>>,
    most: usize,
}

impl<V: Clone + Send + 'static> Flights<V> {
    pub(crate) fn new(most: usize) -> Self {
        Self { under_way: Mutex::default(), most }
    }

    /// The answer to `key`: of the question under way, or of a new one. `None` if too many are under way.
    ///
    /// Whoever asked first may go away; the others carry on.
    pub(crate) async fn ask<F>(&self, key: Key, question: impl FnOnce() -> F) -> Option<V>
    where
        F: Future<Output = V> + Send + 'static,
    {
        let flight = {
            let mut under_way = self.lock();
            let is_worth_it =
                |flight: &&Flight<V>| !flight.is_abandoned() || flight.begun.elapsed() < ABANDONED;
            match under_way.get(&key).filter(is_worth_it) {
                Some(flight) => flight.answer.clone(),
                None => {
                    under_way.remove(&key);
                    // What ended without anybody to see it is still in the table.
                    if under_way.len() >= self.most {
                        under_way.retain(|_, flight| !flight.is_abandoned());
                    }
                    if under_way.len() >= self.most {
                        return None;
                    }
                    let future: Pin<Box<dyn Future<Output = V> + Send>> = Box::pin(question());
                    let answer = future.shared();
                    under_way.insert(key, Flight { answer: answer.clone(), begun: now() });
                    answer
                }
            }
        };
        let same = flight.clone();
        let answer = flight.await;
        let mut under_way = self.lock();
        if under_way.get(&key).is_some_and(|known| known.answer.ptr_eq(&same)) {
            under_way.remove(&key);
        }
        Some(answer)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Flight<V>, foldhash::fast::RandomState>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn answers_end_and_the_table_stays_small() {
        let table = Remembered::new(64);
        table.put([1; 32], "one", 0, 10);
        assert_eq!(table.get(&[1; 32], 9), Some("one"));
        assert_eq!(table.get(&[1; 32], 10), None);
        for n in 0..=255_u8 {
            let mut key = [n; 32];
            for m in 0..=9 {
                key[31] = m;
                table.put(key, "more", 0, 10);
            }
        }
        let held: usize = table
            .shards
            .iter()
            .map(|shard| shard.lock().unwrap())
            .map(|shard| shard.young.len() + shard.old.len())
            .sum();
        assert!(held <= 64, "{held}");
    }

    #[tokio::test]
    async fn one_question_serves_all_who_wait_and_the_next_is_asked_anew() {
        let flights = Flights::new(2);
        let asked = Arc::new(AtomicU32::new(0));
        let question = || {
            let asked = asked.clone();
            async move {
                // Each who waits looks once.
                for _ in 0..9 {
                    tokio::task::yield_now().await;
                }
                asked.fetch_add(1, Ordering::Relaxed) + 1
            }
        };
        let (a, b, c) = tokio::join!(
            flights.ask([1; 32], question),
            flights.ask([1; 32], question),
            flights.ask([1; 32], question)
        );
        assert_eq!((a, b, c), (Some(1), Some(1), Some(1)));
        assert_eq!(flights.ask([1; 32], question).await, Some(2));
        // Given up: it does not block the table for ever.
        drop(Box::pin(flights.ask([2; 32], std::future::pending::<u32>)));
        let full = tokio::join!(
            flights.ask([3; 32], question),
            flights.ask([4; 32], question),
            flights.ask([5; 32], question)
        );
        assert_eq!((full.0.is_some(), full.1.is_some(), full.2), (true, true, None));
    }

    #[tokio::test(start_paused = true)]
    async fn the_answer_to_a_question_given_up_long_ago_is_nobodys() {
        let flights = Flights::new(2);
        let slow = |answer: u32| {
            move || async move {
                tokio::time::sleep(Duration::from_secs(2)).await;
                answer
            }
        };
        let give_up = Duration::from_secs(1);
        assert!(tokio::time::timeout(give_up, flights.ask([1; 32], slow(1))).await.is_err());
        // The next one soon after need not ask again.
        assert_eq!(flights.ask([1; 32], slow(2)).await, Some(1));
        assert!(tokio::time::timeout(give_up, flights.ask([1; 32], slow(3))).await.is_err());
        tokio::time::sleep(ABANDONED).await;
        assert_eq!(flights.ask([1; 32], slow(4)).await, Some(4));
    }
}
