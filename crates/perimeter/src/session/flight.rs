//! One at a time: whoever wants what is already being fetched waits for that.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use frontdesk_adapter::{Deadline, now};
use tokio::sync::watch;
use tokio::time::Instant;

/// After a flight that failed none starts for this long; twice as long after each further one.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// The longest pause that a provider may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(60);
/// Pauses that are over are forgotten when there are more.
const MOST_PAUSES: usize = 4096;

/// The flights of one kind in this process, on whatever thread.
pub(super) struct Flights<K, T>(Arc<Mutex<Board<K, T>>>);

struct Board<K, T> {
    flying: HashMap<K, watch::Receiver<Option<T>>>,
    pauses: HashMap<K, Pause>,
}

#[derive(Clone, Copy)]
struct Pause {
    until: Instant,
    failures: u32,
}

/// What [`Flights::board`] says.
pub(super) enum Boarding<K: Eq + Hash + Clone, T> {
    /// One is under way.
    Joined(Passenger<T>),
    /// None was: the caller must see to it that `Landing` lands.
    First(Passenger<T>, Landing<K, T>),
    /// One failed a moment ago: not again before this has passed.
    Paused(Duration),
}

/// Waits for a flight.
pub(super) struct Passenger<T>(watch::Receiver<Option<T>>);

impl<T: Clone> Passenger<T> {
    /// What the flight brought. `None` if it is not back by `deadline`, or never comes back.
    pub(super) async fn wait(mut self, deadline: Deadline) -> Option<T> {
        let landed = tokio::time::timeout_at(deadline.instant(), self.0.wait_for(Option::is_some)).await;
        landed.ok()?.ok()?.clone()
    }
}

/// The duty to end a flight. Dropped without [`land`](Self::land) (its job panicked, the process ends) it takes the
/// flight off the board, so that the next one can start.
pub(super) struct Landing<K: Eq + Hash + Clone, T> {
    board: Arc<Mutex<Board<K, T>>>,
    key: K,
    /// `None` once it has landed.
    landed: Option<watch::Sender<Option<T>>>,
}

impl<K: Eq + Hash + Clone, T> Flights<K, T> {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Board { flying: HashMap::new(), pauses: HashMap::new() })))
    }

    pub(super) fn board(&self, key: &K) -> Boarding<K, T> {
        let mut board = lock(&self.0);
        if let Some(flying) = board.flying.get(key) {
            return Boarding::Joined(Passenger(flying.clone()));
        }
        if let Some(pause) = board.pauses.get(key) {
            let left = pause.until.saturating_duration_since(now());
            if !left.is_zero() {
                return Boarding::Paused(left);
            }
        }
        let (landed, waiting) = watch::channel(None);
        board.flying.insert(key.clone(), waiting.clone());
        let landing = Landing { board: Arc::clone(&self.0), key: key.clone(), landed: Some(landed) };
        Boarding::First(Passenger(waiting), landing)
    }
}

impl<K: Eq + Hash + Clone, T> Landing<K, T> {
    /// Gives `brought` to all passengers. What they should find elsewhere must be there already.
    pub(super) fn land(mut self, brought: T) {
        let shared = Arc::clone(&self.board);
        let mut board = lock(&shared);
        board.pauses.remove(&self.key);
        self.arrive(board, brought);
    }

    /// The same, and none starts again for a while: at least for as long as `asked`. Gives how long.
    pub(super) fn land_failed(mut self, asked: Option<Duration>, brought: T) -> Duration {
        let shared = Arc::clone(&self.board);
        let mut board = lock(&shared);
        let failures = board.pauses.get(&self.key).map_or(0, |pause| pause.failures);
        let own = PAUSE.saturating_mul(1 << failures.min(5)).min(LONGEST_PAUSE);
        let pause = own.max(asked.unwrap_or_default().min(LONGEST_ASKED));
        if board.pauses.len() >= MOST_PAUSES {
            board.pauses.retain(|_, pause| !pause.until.saturating_duration_since(now()).is_zero());
        }
        let entry = Pause { until: now() + pause, failures: failures.saturating_add(1) };
        board.pauses.insert(self.key.clone(), entry);
        self.arrive(board, brought);
        pause
    }

    /// Off the board first: whoever comes after this needs a new flight.
    fn arrive(&mut self, mut board: MutexGuard<'_, Board<K, T>>, brought: T) {
        board.flying.remove(&self.key);
        drop(board);
        if let Some(landed) = self.landed.take() {
            landed.send_replace(Some(brought));
        }
    }
}

impl<K: Eq + Hash + Clone, T> Drop for Landing<K, T> {
    fn drop(&mut self) {
        if self.landed.is_some() {
            lock(&self.board).flying.remove(&self.key);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use frontdesk_adapter::{Deadline, now};

    use super::{Boarding, Flights, Landing, Passenger};

    fn soon() -> Deadline {
        Deadline::after(now(), Duration::from_secs(5))
    }

    fn first(flights: &Flights<u8, u8>) -> (Passenger<u8>, Landing<u8, u8>) {
        match flights.board(&1) {
            Boarding::First(passenger, landing) => (passenger, landing),
            _ => panic!("the first"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn all_get_what_one_brought() {
        let flights = Flights::new();
        let (one, landing) = first(&flights);
        let Boarding::Joined(two) = flights.board(&1) else { panic!("under way") };
        assert!(matches!(flights.board(&2), Boarding::First(..)), "another key");
        landing.land(7);
        // Before anybody has woken up: what was brought is for those who were on board.
        let (three, landing) = first(&flights);
        assert_eq!((one.wait(soon()).await, two.wait(soon()).await), (Some(7), Some(7)));
        assert!(matches!(flights.board(&1), Boarding::Joined(_)), "and the first does not end the second");
        landing.land(8);
        assert_eq!(three.wait(soon()).await, Some(8));
    }

    #[tokio::test(start_paused = true)]
    async fn a_flight_that_is_lost_holds_nobody_up() {
        let flights = Flights::new();
        let (one, landing) = first(&flights);
        drop(landing);
        assert_eq!(one.wait(soon()).await, None);
        let (one, _landing) = first(&flights);
        assert_eq!(one.wait(soon()).await, None, "nobody waits beyond its deadline");
    }

    #[tokio::test(start_paused = true)]
    async fn none_starts_at_once_after_one_that_failed() {
        let flights = Flights::new();
        let mut pauses = Vec::new();
        for asked in [None, None, Some(10), None, Some(4000), None, None] {
            let (one, landing) = first(&flights);
            let pause = landing.land_failed(asked.map(Duration::from_secs), 9);
            assert_eq!(one.wait(soon()).await, Some(9));
            pauses.push(pause.as_secs());
            assert!(matches!(flights.board(&1), Boarding::Paused(_)));
            tokio::time::advance(pause).await;
        }
        assert_eq!(pauses, [1, 2, 10, 8, 60, 8, 8]);
        first(&flights).1.land(0);
        let pause = first(&flights).1.land_failed(None, 0);
        assert_eq!(pause.as_secs(), 1, "all is forgotten after a good one");
    }
}
