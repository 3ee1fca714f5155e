//! A thread whose clock stands still while anything runs, and calls to ask it for.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Answer, Clock, Deadline, Fault, ServiceCall, now};
use frontdesk_cache::call::{self, Asked, CallPolicy, Fetch, Given, Lifetime, Purpose};
use frontdesk_cache::{Cache, Settings};
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};

pub fn paused() -> LocalRuntime {
    Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build_local(LocalOptions::default())
        .unwrap()
}

/// The time of day of a machine whose clock is right, along with the runtime's.
pub struct Wall(pub tokio::time::Instant);

impl Clock for Wall {
    fn unix_micros(&self) -> u64 {
        1_700_000_000_000_000 + (now() - self.0).as_micros() as u64
    }
}

pub fn cache() -> Arc<Cache> {
    Cache::new(Settings::without_chance(), Arc::new(Wall(now())), None)
}

pub fn asked(target: &str, policy: CallPolicy, tags: &[&str]) -> Asked {
    let call = ServiceCall { target: target.as_bytes().to_vec(), ..ServiceCall::default() };
    let tags: Box<[Arc<str>]> = tags.iter().map(|tag| Arc::from(*tag)).collect();
    Asked { key: call::key("shop", 0, &call, None, &policy, &tags), policy, tags, question: None }
}

pub fn for_a_second() -> CallPolicy {
    CallPolicy { lifetime: Lifetime::For(Duration::from_secs(1)), ..CallPolicy::default() }
}

pub fn said(text: &str) -> Answer {
    let body = Bytes::copy_from_slice(text.as_bytes());
    Answer { status: 200, body, is_expected_type: true, headers: None }
}

/// A service that takes its time and counts.
#[derive(Clone, Default)]
pub struct Slow {
    pub calls: Rc<Cell<u32>>,
    pub takes: Duration,
}

impl Slow {
    pub fn fetch(&self, _purpose: Purpose) -> Fetch {
        let (calls, takes) = (self.calls.clone(), self.takes);
        Box::pin(async move {
            calls.set(calls.get() + 1);
            tokio::time::sleep(takes).await;
            Ok(said(&calls.get().to_string()))
        })
    }
}

/// As the engine asks.
pub async fn ask(
    cache: &Arc<Cache>,
    asked: &Asked,
    patience: Duration,
    fetch: impl Fn(Purpose) -> Fetch,
) -> Given {
    if let Some(given) = call::at_once(cache, asked, &fetch) {
        return given;
    }
    let deadline = Deadline::after(now(), patience);
    match call::answer(cache, asked, false, deadline, &fetch).await {
        (Err(fault), used) => match call::stand_in(cache, asked, &fault) {
            Some((answer, used)) => (Ok(answer), used),
            None => (Err(fault), used),
        },
        given => given,
    }
}

pub fn text(given: &Given) -> Result<String, Fault> {
    given.0.as_ref().map(|answer| String::from_utf8_lossy(&answer.body).into_owned()).map_err(Fault::clone)
}
