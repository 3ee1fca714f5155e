//! The store that instances share, in the hands of somebody else, or away while clients purge as much as they can.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{CacheStore, PurgeListener, Shared, StoreFault, StoreFuture, now};
use frontdesk_cache::call::Asked;
use frontdesk_cache::{Cache, Entry, Settings, State, Times, decode, encode};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::stage::{Slow, Wall, ask, asked, for_a_second, paused, text};

/// One of each tag, and every entry that somebody put there.
#[derive(Default)]
struct Held {
    entries: HashMap<[u8; 32], Bytes>,
    purged: HashSet<String>,
    is_away: bool,
}

#[derive(Clone, Default)]
struct Store {
    held: Arc<Mutex<Held>>,
    /// What each tag of a purge takes.
    takes: Duration,
}

impl Store {
    fn answers(&self) -> Result<std::sync::MutexGuard<'_, Held>, StoreFault> {
        let held = self.held.lock().unwrap();
        if held.is_away { Err(StoreFault("away".to_owned())) } else { Ok(held) }
    }
}

impl CacheStore for Store {
    fn get<'a>(&'a self, key: &'a [u8; 32], tags: &'a [&'a str]) -> StoreFuture<'a, Shared> {
        Box::pin(async move {
            let entry = self.answers()?.entries.get(key).cloned();
            Ok(Shared { entry, versions: vec![1; tags.len()] })
        })
    }

    fn put<'a>(&'a self, key: &'a [u8; 32], entry: Bytes, _: Duration) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.answers()?.entries.insert(*key, entry);
            Ok(())
        })
    }

    fn purge<'a>(&'a self, tags: &'a [&'a str]) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            drop(self.answers()?);
            tokio::time::sleep(self.takes * tags.len() as u32).await;
            self.answers()?.purged.extend(tags.iter().map(|tag| (*tag).to_owned()));
            Ok(())
        })
    }

    fn listen(&self, _: Arc<dyn PurgeListener>) {}
}

fn cache(store: &Store) -> Arc<Cache> {
    Cache::new(Settings::without_chance(), Arc::new(Wall(now())), Some(Arc::new(store.clone())))
}

const PATIENCE: Duration = Duration::from_secs(5);

fn planted(stored: u64, fresh: Duration) -> Bytes {
    let times = Times { fresh, ..Times::default() };
    let body = Bytes::from_static(b"planted");
    encode(&Entry { status: 200, body, stored, times, ..Entry::default() }, &[]).into()
}

fn plant(store: &Store, asked: &Asked, stored: u64, fresh: Duration) {
    store.held.lock().unwrap().entries.insert(asked.key.digest(), planted(stored, fresh));
}

#[test]
fn what_was_purged_while_the_store_was_away_is_said_in_parts_that_fit_the_time_of_a_call() {
    paused().block_on(async {
        // 256 tags at once take half of what a call waits.
        let store = Store { takes: Duration::from_micros(100), ..Store::default() };
        let cache = cache(&store);
        store.held.lock().unwrap().is_away = true;
        for number in 0..5000 {
            assert!(cache.purge_everywhere(&[&format!("target:{number}")]).await.is_err());
        }
        store.held.lock().unwrap().is_away = false;
        let service = Slow::default();
        let mut states = Vec::new();
        for number in 0..20 {
            let asked = asked(&format!("/{number}"), for_a_second(), &[]);
            plant(&store, &asked, 1_700_000_000_000_000, Duration::from_secs(3600));
            states.push(ask(&cache, &asked, PATIENCE, |purpose| service.fetch(purpose)).await.1.state);
        }
        assert_eq!(states.first(), Some(&State::Miss), "the store is not believed before it was told");
        assert_eq!(states.last(), Some(&State::Shared), "it never is, if all must be said at once");
        assert_eq!(store.held.lock().unwrap().purged.len(), 5000);
    });
}

#[test]
fn purges_that_a_store_does_not_take_are_bounded_and_what_was_forgotten_is_not_believed() {
    paused().block_on(async {
        let store = Store::default();
        let cache = cache(&store);
        store.held.lock().unwrap().is_away = true;
        let many: Vec<String> = (0..60_000).map(|number| format!("target:{number}")).collect();
        for some in many.chunks(100) {
            let some: Vec<&str> = some.iter().map(|tag| &**tag).collect();
            assert!(cache.purge_everywhere(&some).await.is_err());
        }
        store.held.lock().unwrap().is_away = false;
        let service = Slow::default();
        let tagged = asked("/tagged", for_a_second(), &["target:1"]);
        let old = Entry {
            status: 200,
            body: Bytes::from_static(b"old"),
            stored: 1_699_999_999_000_000,
            times: Times { fresh: Duration::from_secs(3600), ..Times::default() },
            tags: ["target:1".into()].into(),
            ..Entry::default()
        };
        let old = Bytes::from(encode(&old, &[1]));
        store.held.lock().unwrap().entries.insert(tagged.key.digest(), old);
        let given = ask(&cache, &tagged, PATIENCE, |purpose| service.fetch(purpose)).await;
        assert_eq!((text(&given), given.1.state), (Ok("1".to_owned()), State::Miss));
        let said = store.held.lock().unwrap().purged.len();
        assert!(said < 50_000, "{said} were remembered");
    });
}

#[test]
fn an_answer_from_the_future_is_not_believed() {
    paused().block_on(async {
        let store = Store::default();
        let cache = cache(&store);
        let service = Slow::default();
        for (target, ahead, state) in [("/a", 5_u64, State::Shared), ("/b", 3600, State::Miss)] {
            let asked = asked(target, for_a_second(), &[]);
            plant(&store, &asked, 1_700_000_000_000_000 + ahead * 1_000_000, Duration::from_secs(10));
            let given = ask(&cache, &asked, PATIENCE, |purpose| service.fetch(purpose)).await;
            assert_eq!(given.1.state, state, "{ahead} s ahead");
        }
    });
}

#[test]
fn an_entry_that_would_frame_its_answer_otherwise_or_set_a_cookie_is_refused() {
    let entry = |status: u16, headers: &[(&'static str, &str)]| {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        let headers: HeaderMap = headers.iter().map(pair).collect();
        let body = Bytes::from_static(b"five!");
        Entry { status, headers: Some(Box::new(headers)), body, ..Entry::default() }
    };
    let reads = |entry: &Entry| decode(&encode(entry, &[]), 1000).is_ok();
    assert!(reads(&entry(200, &[("content-length", "5"), ("etag", "\"a\"")])));
    for (status, header) in [
        (200, ("content-length", "4")),
        (200, ("content-length", "500")),
        (200, ("content-length", "5, 5")),
        (200, ("transfer-encoding", "chunked")),
        (200, ("connection", "content-length")),
        (200, ("upgrade", "websocket")),
        (200, ("set-cookie", "__Host-Http-fd-web=theirs")),
        (101, ("etag", "\"a\"")),
        (100, ("etag", "\"a\"")),
    ] {
        assert!(!reads(&entry(status, &[header])), "{status} {header:?}");
    }
}

#[test]
fn what_is_kept_is_shown_by_no_log() {
    let secret = Bytes::from_static(b"{\"iban\":\"DE02120300000000202051\"}");
    let headers = HeaderMap::from_iter([(
        HeaderName::from_static("x-account"),
        HeaderValue::from_static("DE02120300000000202051"),
    )]);
    let entry = Entry { status: 200, headers: Some(Box::new(headers)), body: secret, ..Entry::default() };
    assert!(!format!("{entry:?}").contains("DE02"), "{entry:?}");
}
