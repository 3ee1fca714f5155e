//! A store under test: two instances over the same data where it can have them, and its time.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Clock, EntryStore, RateStore, SessionRecord, SessionStore};

/// When tests begin, in Unix seconds.
pub const START: u64 = 1_800_000_000;

/// A clock that moves when it is told to.
pub struct HandClock(AtomicU64);

impl HandClock {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(START * 1_000_000)))
    }

    pub fn advance(&self, time: Duration) {
        self.0.fetch_add(time.as_micros() as u64, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn unix_micros(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// How something kept for a while comes to its end.
pub type Lapse = Box<dyn Fn(Duration) -> Pin<Box<dyn Future<Output = ()>>>>;

pub struct Harness {
    pub clock: Arc<HandClock>,
    pub sessions: Arc<dyn SessionStore>,
    /// Another instance over the same data, or the same.
    pub other: Arc<dyn SessionStore>,
    pub entries: Arc<dyn EntryStore>,
    pub other_entries: Arc<dyn EntryStore>,
    pub rates: Option<Arc<dyn RateStore>>,
    /// Lets that much time pass for tombstones, burials, leases and entries: where the store counts it itself, by
    /// waiting, else by the clock.
    pub lapse: Lapse,
    /// Whatever must live as long as the store.
    pub kept: Box<dyn std::any::Any>,
}

impl Harness {
    pub fn now(&self) -> u64 {
        self.clock.unix()
    }

    pub async fn lapse(&self, time: Duration) {
        (self.lapse)(time).await;
    }
}

pub fn lapse_by(clock: &Arc<HandClock>) -> Lapse {
    let clock = clock.clone();
    Box::new(move |time| {
        clock.advance(time);
        Box::pin(std::future::ready(()))
    })
}

/// A session that is created now, idle after an hour, over after ten.
pub fn record(now: u64, subject: &str, sid: Option<&str>) -> SessionRecord {
    SessionRecord {
        version: 1,
        schema: 3,
        subject: subject.to_owned(),
        sid: sid.map(str::to_owned),
        created: now,
        last_seen: now,
        idle_expires: now + 3600,
        absolute_expires: now + 36_000,
        label: "Firefox on Linux".to_owned(),
        sealed: Bytes::from_static(b"\x00\xff sealed \r\n"),
    }
}

/// Runs `work` on its own thread with its own current-thread runtime, as a worker of the server would.
pub fn on_a_thread<T: Send + 'static, F: Future<Output = T>>(
    work: impl FnOnce() -> F + Send + 'static,
) -> std::thread::JoinHandle<T> {
    std::thread::spawn(move || block_on(work()))
}

pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Looks until there is something to see; gives up after ten seconds.
pub async fn eventually<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    for _ in 0..1000 {
        if let Some(seen) = look().await {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}
