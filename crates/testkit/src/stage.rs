//! One BFF after the other, asked something in process: the real server over fake services, in time that passes only
//! while nothing else is left to do.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use frontdesk_adapter::{Clock, EntryStore, Rate, RateStore, StoreFuture, Verdict};
use frontdesk_cache::Cache;
use frontdesk_contract::example::Knobs;
use frontdesk_perimeter::{Identity, Perimeter};
use frontdesk_plan::Plan;
use frontdesk_server::rehearse::Rehearsal;
use frontdesk_server::{Snapshot, Surroundings};
use http::{Request, Response};

use crate::fake::{Fakes, Scripts, Seen};

/// No answer takes longer, in the stage's own time.
const LONGEST: Duration = Duration::from_secs(3600);

/// Why nothing can be played.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    #[error("cannot start a runtime: {0}")]
    Runtime(std::io::Error),
    #[error(transparent)]
    Server(#[from] frontdesk_server::ProvisionError),
    #[error("{0}")]
    Perimeter(#[from] frontdesk_perimeter::ProvisionError),
}

/// Why a request got no answer at all.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    #[error("the connection was closed: {0}")]
    Closed(String),
    #[error("no answer within an hour")]
    Late,
}

/// What came of a request.
#[derive(Debug)]
pub struct Played {
    pub response: Response<Bytes>,
    /// The line of the access log.
    pub log: serde_json::Value,
    /// In the stage's time.
    pub took: Duration,
    /// Calls as services got to see them.
    pub calls: Vec<Seen>,
    /// What services could not answer as they were told.
    pub mistakes: Vec<String>,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The target is a path with its query.
    pub request: Request<Bytes>,
    /// `None`: nobody in particular.
    pub identity: Option<Identity>,
    pub scripts: Scripts,
    pub knobs: Knobs,
    /// Unix seconds that the clock on the wall shows; the machine's if nothing is said.
    pub at: Option<u64>,
}

/// All BFFs of a plan, ready to be asked.
pub struct Stage {
    runtime: tokio::runtime::LocalRuntime,
    rehearsal: Rehearsal,
    fakes: Arc<Fakes>,
    who: Arc<Mutex<Option<Identity>>>,
    clock: Arc<WallClock>,
    cache: Arc<Cache>,
    keys: Arc<Keys>,
}

impl Stage {
    pub fn new(plan: &Plan) -> Result<Self, StageError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build_local(tokio::runtime::LocalOptions::default())
            .map_err(StageError::Runtime)?;
        let fakes = Fakes::new(plan.catalog.clone());
        let who: Arc<Mutex<Option<Identity>>> = Arc::default();
        let clock = Arc::new(WallClock::default());
        let rates: Arc<dyn RateStore> = Arc::new(Unlimited);
        let mut surroundings = BTreeMap::new();
        for bff in &plan.bffs {
            let who = who.clone();
            let perimeter = Perimeter::rehearsal(
                &bff.name,
                &bff.config.perimeter,
                &bff.config.versions,
                clock.clone(),
                rates.clone(),
                Arc::new(move |_| who.lock().unwrap_or_else(PoisonError::into_inner).clone()),
            )?;
            surroundings.insert(
                bff.name.clone(),
                Surroundings { perimeter: Arc::new(perimeter), site: None, documents: None },
            );
        }
        // Lifetimes are what they say: a case that waits for the end of one must not end this way or that.
        let cache = Cache::new(frontdesk_cache::Settings::without_chance(), clock.clone(), None);
        let snapshot = Snapshot::provision(plan, fakes.access(), surroundings, cache.clone())?;
        let keys: Arc<Keys> = Arc::default();
        let snapshot = snapshot.with_idempotency(Some(keys.clone()));
        let rehearsal = Rehearsal::new(snapshot, plan.catalog.platform.limits.clone(), clock.clone());
        Ok(Self { runtime, rehearsal, fakes, who, clock, cache, keys })
    }

    /// Asks one BFF, and waits for all that comes of it. Nothing is left of what was asked before: no kept answers, no
    /// idempotency keys.
    pub fn ask(&self, bff: &str, asking: Asking) -> Result<Played, NoAnswer> {
        self.cache.clear();
        self.keys.lock().clear();
        self.fakes.tell(asking.scripts, asking.knobs);
        *self.who.lock().unwrap_or_else(PoisonError::into_inner) = asking.identity;
        self.clock.0.store(asking.at.unwrap_or_default(), Ordering::Relaxed);
        let playing = async {
            let start = frontdesk_adapter::now();
            let asked = tokio::time::timeout(LONGEST, self.rehearsal.ask(bff, asking.request)).await;
            (asked, frontdesk_adapter::now() - start)
        };
        let (asked, took) = self.runtime.block_on(playing);
        let answered =
            asked.map_err(|_| NoAnswer::Late)?.map_err(|error| NoAnswer::Closed(error.to_string()))?;
        Ok(Played {
            response: answered.response,
            log: answered.log,
            took,
            calls: self.fakes.seen(),
            mistakes: self.fakes.mistakes(),
        })
    }

    /// What the clock on the wall shows, in Unix seconds.
    pub fn now(&self, at: Option<u64>) -> u64 {
        at.unwrap_or_else(machine_seconds)
    }
}

/// The time of day: as it is said, else the machine's.
#[derive(Debug, Default)]
struct WallClock(AtomicU64);

impl Clock for WallClock {
    fn unix_micros(&self) -> u64 {
        match self.0.load(Ordering::Relaxed) {
            0 => machine_seconds() * 1_000_000,
            said => said * 1_000_000,
        }
    }
}

fn machine_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// The idempotency keys of one case. Nothing in it passes: a case is over sooner.
#[derive(Default)]
struct Keys(Mutex<HashMap<String, Bytes>>);

impl Keys {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn at_once<'a, T: Send + 'a>(value: T) -> StoreFuture<'a, T> {
    Box::pin(std::future::ready(Ok(value)))
}

impl EntryStore for Keys {
    fn put_new<'a>(&'a self, key: &'a str, value: Bytes, _time: Duration) -> StoreFuture<'a, bool> {
        let mut entries = self.lock();
        let is_new = !entries.contains_key(key);
        if is_new {
            entries.insert(key.to_owned(), value);
        }
        at_once(is_new)
    }

    fn put<'a>(&'a self, key: &'a str, value: Bytes, _time: Duration) -> StoreFuture<'a, ()> {
        self.lock().insert(key.to_owned(), value);
        at_once(())
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        at_once(self.lock().get(key).cloned())
    }

    fn take<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        at_once(self.lock().remove(key))
    }
}

/// Cases do not use up each other's rates.
pub(crate) struct Unlimited;

impl RateStore for Unlimited {
    fn admit<'a>(&'a self, _key: &'a str, rate: Rate, cost: u32) -> StoreFuture<'a, Verdict> {
        Box::pin(async move {
            Ok(Verdict {
                allowed: cost <= rate.burst,
                remaining: rate.burst.saturating_sub(cost),
                retry_after: Duration::ZERO,
                reset_after: Duration::from_micros(rate.interval_micros.saturating_mul(u64::from(cost))),
            })
        })
    }
}
