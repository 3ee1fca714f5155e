//! The keys of one issuer, kept up to date (OpenID Connect Core §10.1.1).
//!
//! Keys rotate while the server runs, so a token may name a key that is not known yet: then the set is fetched again,
//! but at most every 30 seconds, because anybody can write any `kid` into a token. A set that was loaded once keeps
//! working while the provider is away. Fetches happen in the [`Office`], one at a time, whoever waits for them.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use frontdesk_adapter::{Clock, Deadline, Fault};
use tokio::sync::watch;

use super::PublicKeys;
use crate::Office;
use crate::office::Desk;

/// Seconds between two fetches because of a `kid` that is not known.
const UNKNOWN_KID: u64 = 30;
/// Seconds after which the set is fetched again while it is still used.
const REFRESH: u64 = 600;
/// Seconds between two attempts while there are no keys at all.
const COLD: u64 = 1;
/// The largest set that is read, in bytes.
const MAX_SET: usize = 256 * 1024;

pub type Fetch = Pin<Box<dyn Future<Output = Result<Bytes, Fault>>>>;

/// Fetches the text of the set. It runs on the office's thread.
pub type KeySource = Arc<dyn Fn(Desk) -> Fetch + Send + Sync>;

/// There are no keys: the provider could not be asked, or not in time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the provider's keys cannot be had: {0}")]
pub struct NoKeys(pub Fault);

/// What readiness wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyState {
    pub keys: usize,
    /// Seconds since the set was last loaded.
    pub age: Option<u64>,
    /// The last attempt failed, with this.
    pub fault: Option<Fault>,
}

/// Clones share it.
#[derive(Clone)]
pub struct KeyCache(Arc<Cache>);

struct Cache {
    office: Office,
    source: KeySource,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Counts the fetches that have ended.
    ended: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    keys: Option<Arc<PublicKeys>>,
    loaded: u64,
    /// When the last fetch began.
    tried: Option<u64>,
    fault: Option<Fault>,
    fetching: bool,
}

impl fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyCache").field("state", &self.state()).finish()
    }
}

impl KeyCache {
    pub fn new(office: Office, source: KeySource, clock: Arc<dyn Clock>) -> Self {
        let (ended, _) = watch::channel(0);
        Self(Arc::new(Cache { office, source, clock, state: Mutex::default(), ended }))
    }

    /// The keys, fetched if there are none yet or if none of them is called `kid`. What comes may still lack it.
    ///
    /// # Errors
    /// There never was a set, and now there is none in time.
    pub async fn keys_for(&self, kid: Option<&str>, deadline: Deadline) -> Result<Arc<PublicKeys>, NoKeys> {
        // Before looking at the state, so that a fetch that ends right after is not missed.
        let mut ended = self.0.ended.subscribe();
        let known = self.known(kid)?;
        if let Some(keys) = known {
            return Ok(keys);
        }
        let came = tokio::time::timeout_at(deadline.instant(), ended.changed()).await;
        let state = self.0.lock();
        match (&state.keys, came, &state.fault) {
            (Some(keys), ..) => Ok(keys.clone()),
            (None, Err(_), _) => Err(NoKeys(Fault::TimedOut)),
            (None, Ok(_), fault) => Err(NoKeys(fault.clone().unwrap_or(Fault::TimedOut))),
        }
    }

    /// The keys that are there, if asking again would not help. `None` means that a fetch is under way.
    fn known(&self, kid: Option<&str>) -> Result<Option<Arc<PublicKeys>>, NoKeys> {
        let mut beginning = None;
        let known = self.decide(&mut self.0.lock(), kid, &mut beginning);
        // After the state is free: an office that has closed drops the flight at once, which ends it.
        if let Some(flight) = beginning {
            self.begin(flight);
        }
        known
    }

    /// As [`known`](Self::known); a fetch that is to be begun is left in `beginning`.
    fn decide(
        &self,
        state: &mut State,
        kid: Option<&str>,
        beginning: &mut Option<Flight>,
    ) -> Result<Option<Arc<PublicKeys>>, NoKeys> {
        let now = self.0.clock.unix();
        let mut begin = |state: &mut State| {
            state.fetching = true;
            state.tried = Some(now);
            *beginning = Some(Flight(self.0.clone()));
        };
        // A moment that has not come yet is one before the clock was set back: how long ago it is nobody knows, and nobody
        // shall wait until it comes again.
        let since = state.tried.and_then(|at| now.checked_sub(at));
        let Some(keys) = state.keys.clone() else {
            if !state.fetching {
                match (&state.fault, since) {
                    (Some(fault), Some(seconds)) if seconds < COLD => return Err(NoKeys(fault.clone())),
                    _ => begin(state),
                }
            }
            return Ok(None);
        };
        let rested = since.is_none_or(|seconds| seconds >= UNKNOWN_KID);
        if kid.is_none_or(|kid| keys.has(kid)) {
            if !state.fetching && rested && now.checked_sub(state.loaded).is_none_or(|age| age >= REFRESH) {
                begin(state);
            }
            return Ok(Some(keys));
        }
        if !state.fetching {
            if !rested {
                return Ok(Some(keys));
            }
            begin(state);
        }
        Ok(None)
    }

    /// Fetches in the office.
    fn begin(&self, flight: Flight) {
        self.0.office.post(move |desk| async move {
            let fetched = (flight.0.source)(desk).await;
            flight.0.land(fetched);
        });
    }

    pub fn state(&self) -> KeyState {
        let now = self.0.clock.unix();
        let state = self.0.lock();
        KeyState {
            keys: state.keys.as_ref().map_or(0, |keys| keys.len()),
            age: state.keys.as_ref().map(|_| now.saturating_sub(state.loaded)),
            fault: state.fault.clone(),
        }
    }
}

impl Cache {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn land(&self, fetched: Result<Bytes, Fault>) {
        let read = fetched.and_then(|text| read(&text));
        let now = self.clock.unix();
        let mut state = self.lock();
        match read {
            Ok(keys) => {
                state.keys = Some(Arc::new(keys));
                state.loaded = now;
                state.fault = None;
            }
            Err(fault) => state.fault = Some(fault),
        }
    }
}

fn read(text: &[u8]) -> Result<PublicKeys, Fault> {
    let malformed = |why| Fault::Malformed { pointer: String::new(), why };
    if text.len() > MAX_SET {
        return Err(Fault::TooLarge { limit: MAX_SET as u64 });
    }
    let keys = PublicKeys::parse(text).map_err(|_| malformed("it is not a JWK set"))?;
    // An empty set must not replace keys that work.
    if keys.is_empty() { Err(malformed("no key in the set can be used")) } else { Ok(keys) }
}

/// A fetch under way. Whatever becomes of it, those who wait are told that it is over.
struct Flight(Arc<Cache>);

impl Drop for Flight {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.fetching = false;
        if state.keys.is_none() && state.fault.is_none() {
            state.fault = Some(Fault::Broken("the fetch was given up".to_owned()));
        }
        drop(state);
        self.0.ended.send_modify(|count| *count = count.wrapping_add(1));
    }
}
