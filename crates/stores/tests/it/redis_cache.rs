//! The cache that instances share, with a real Redis.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{CacheStore, PurgeListener, StoreFault, SystemClock};
use frontdesk_stores::redis::{RedisSettings, RedisStore, Topology};

use crate::harness::eventually;
use crate::redis_server::RedisServer;

const LONG: Duration = Duration::from_secs(600);
const KEY: [u8; 32] = [7; 32];

pub fn settings(server: &RedisServer) -> RedisSettings {
    RedisSettings {
        read_timeout: Duration::from_secs(5),
        write_timeout: Duration::from_secs(5),
        cache_timeout: Duration::from_secs(5),
        connect_timeout: Duration::from_secs(5),
        ..RedisSettings::new(vec![server.url()])
    }
}

fn store(settings: &RedisSettings) -> Arc<RedisStore> {
    Arc::new(RedisStore::connect(settings, Arc::new(SystemClock)).unwrap())
}

/// Writes down what it is told.
#[derive(Default)]
pub struct Notes(Mutex<Vec<String>>);

impl Notes {
    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    pub async fn wait_for(&self, what: &str) {
        eventually(what, async || self.all().iter().any(|note| note == what).then_some(())).await;
    }

    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }
}

impl PurgeListener for Notes {
    fn purged(&self, tags: &[&str]) {
        self.note(format!("purged {}", tags.join(" ")));
    }

    fn lost(&self) {
        self.note("lost");
    }

    fn found(&self) {
        self.note("found");
    }
}

async fn entries_and_versions(settings: &RedisSettings) {
    let (one, other) = (store(settings), store(settings));
    let first = one.get(&KEY, &["home", "product:1"]).await.unwrap();
    assert_eq!(first.entry, None);
    assert!(first.versions.len() == 2 && !first.versions.contains(&0), "{first:?}");
    assert_ne!(first.versions[0], first.versions[1]);
    let again = other.get(&KEY, &["product:1", "home"]).await.unwrap();
    assert_eq!(again.versions, [first.versions[1], first.versions[0]], "all see the same");

    one.put(&KEY, Bytes::from_static(b"\0entry"), LONG).await.unwrap();
    let found = other.get(&KEY, &[]).await.unwrap();
    assert_eq!(found.entry.as_deref(), Some(&b"\0entry"[..]));
    assert_eq!(other.get(&[8; 32], &[]).await.unwrap().entry, None);

    other.purge(&["home", "never:seen"]).await.unwrap();
    let after = one.get(&KEY, &["home", "product:1"]).await.unwrap();
    assert_ne!(after.versions[0], first.versions[0], "a purge is a new version");
    assert_eq!(after.versions[1], first.versions[1], "of what was purged");
    one.purge(&[]).await.unwrap();
}

#[tokio::test]
async fn entries_are_shared_and_a_purge_is_a_new_version() {
    let Some(server) = RedisServer::start(&[]).await else { return };
    entries_and_versions(&settings(&server)).await;
    for key in server.ask::<Vec<String>>(&["KEYS", "*"]).await {
        let left: i64 = server.ask(&["TTL", &key]).await;
        assert!((1..=7 * 24 * 3600).contains(&left), "{key} ends by itself: {left}");
    }
}

/// A client chooses what stands in a view's tags, and asks for as many products as it likes.
#[tokio::test]
async fn tags_that_are_only_asked_for_take_little_and_not_for_long() {
    let Some(server) = RedisServer::start(&[]).await else { return };
    let store = store(&settings(&server));
    let long = format!("product:{}", "x".repeat(8000));
    let first = store.get(&KEY, &["product:1", &long]).await.unwrap();
    for key in server.ask::<Vec<String>>(&["KEYS", "fd:v:*"]).await {
        let left: i64 = server.ask(&["TTL", &key]).await;
        assert!(key.len() < 100, "{} bytes", key.len());
        assert!((1..=26 * 3600).contains(&left), "for {left} s");
    }
    store.purge(&[&long]).await.unwrap();
    let after = store.get(&KEY, &["product:1", &long]).await.unwrap();
    assert_eq!(after.versions[0], first.versions[0]);
    assert_ne!(after.versions[1], first.versions[1], "it is purged as any other");
}

#[tokio::test]
async fn a_cluster_shares_them_as_well() {
    let Some(server) = RedisServer::start_cluster().await else { return };
    let urls = vec![server.url(), server.url()];
    let settings = RedisSettings { urls, topology: Topology::Cluster, ..settings(&server) };
    entries_and_versions(&settings).await;
    let (here, there) = (store(&settings), Arc::new(Notes::default()));
    here.listen(there.clone());
    there.wait_for("found").await;
    store(&settings).purge(&["home", "a:b"]).await.unwrap();
    there.wait_for("purged home a:b").await;
}

#[tokio::test]
async fn a_version_that_was_evicted_is_never_used_again() {
    let Some(server) = RedisServer::start(&[]).await else { return };
    let store = store(&settings(&server));
    let before = store.get(&KEY, &["home"]).await.unwrap().versions;
    let _: i64 = server.ask(&["DEL", "fd:v:home"]).await;
    let after = store.get(&KEY, &["home"]).await.unwrap().versions;
    assert_ne!(before, after);
    // As when the whole server was replaced by an empty one.
    let _: String = server.ask(&["FLUSHALL"]).await;
    assert!(![before, after].contains(&store.get(&KEY, &["home"]).await.unwrap().versions));
}

#[tokio::test]
async fn purges_are_heard_by_every_instance_and_a_loss_is_told() {
    let Some(mut server) = RedisServer::start(&[]).await else { return };
    let settings = RedisSettings { connect_timeout: Duration::from_millis(500), ..settings(&server) };
    let (one, other) = (store(&settings), store(&settings));
    let (here, there) = (Arc::new(Notes::default()), Arc::new(Notes::default()));
    one.listen(here.clone());
    assert_eq!(here.all(), ["lost"], "nothing is trusted before it is heard");
    other.listen(there.clone());
    for notes in [&here, &there] {
        notes.wait_for("found").await;
    }
    one.purge(&["home", "product:1"]).await.unwrap();
    for notes in [&here, &there] {
        notes.wait_for("purged home product:1").await;
    }

    server.kill();
    eventually("both know", async || {
        let know = |notes: &Notes| notes.all().last().is_some_and(|last| last == "lost");
        (know(&here) && know(&there)).then_some(())
    })
    .await;
    let fault = one.purge(&["home"]).await.unwrap_err();
    assert!(fault.to_string().contains("Redis"), "a purge that nobody heard is not done: {fault}");
    server.start_again().await;
    eventually("both hear again", async || {
        let know = |notes: &Notes| notes.all().last().is_some_and(|last| last == "found");
        (know(&here) && know(&there)).then_some(())
    })
    .await;
    eventually("purged", async || other.purge(&["later"]).await.ok()).await;
    here.wait_for("purged later").await;
}

/// An old primary that was cut off still answers everybody who is connected to it.
#[tokio::test]
async fn an_ear_at_a_server_that_hears_nothing_knows_it() {
    let Some(server) = RedisServer::start(&[]).await else { return };
    let store = store(&settings(&server));
    let notes = Arc::new(Notes::default());
    store.listen(notes.clone());
    notes.wait_for("found").await;
    // Who publishes is somebody else's business from now on; pings are answered as before.
    let _: String = server.ask(&["ACL", "SETUSER", "default", "resetchannels"]).await;
    eventually("it is lost", async || (notes.all().last()? == "lost").then_some(())).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_slow_server_is_left_alone_and_then_asked_again() {
    let Some(server) = RedisServer::start(&[]).await else { return };
    let settings = RedisSettings {
        cache_timeout: Duration::from_millis(40),
        connect_timeout: Duration::from_secs(2),
        ..settings(&server)
    };
    let store = store(&settings);
    eventually("it answers", async || store.get(&KEY, &["home"]).await.ok()).await;
    server.signal("STOP");
    let mut said = Vec::new();
    for _ in 0..40 {
        let StoreFault(why) = store.get(&KEY, &["home"]).await.unwrap_err();
        said.push(why);
    }
    assert!(said.iter().any(|why| why.contains("left alone")), "{said:?}");
    server.signal("CONT");
    eventually("it is asked again", async || store.get(&KEY, &["home"]).await.ok()).await;
}

#[tokio::test]
async fn a_full_server_fails_what_it_cannot_keep() {
    let full = ["--maxmemory", "4000000", "--maxmemory-policy", "noeviction"];
    let Some(server) = RedisServer::start(&full).await else { return };
    let store = store(&settings(&server));
    let big = Bytes::from(vec![1; 200_000]);
    let mut faults = Vec::new();
    for n in 0..40_u8 {
        faults.extend(store.put(&[n; 32], big.clone(), LONG).await.err());
    }
    assert!(faults.iter().any(|fault| fault.to_string().contains("OOM")), "{faults:?}");
    let _: String = server.ask(&["CONFIG", "SET", "maxmemory", "1mb"]).await;
    let kept = store.get(&[0; 32], &[]).await.unwrap().entry;
    assert!(kept == Some(big), "what is there can be read");
    assert!(store.get(&KEY, &["new"]).await.is_err(), "a tag without a version cannot be trusted");
    assert!(store.purge(&["new"]).await.is_err());
}

/// How many reads of the store instances' threads can make at once over one connection, and over two.
#[test]
#[ignore = "a measurement: run it alone, with --release"]
fn how_much_one_connection_carries() {
    use std::sync::atomic::{AtomicU64, Ordering};

    use crate::harness::{block_on, on_a_thread};

    let Some(server) = block_on(RedisServer::start(&[])) else { return };
    for connections in [1, 2] {
        let stores: Vec<_> = (0..connections).map(|_| store(&settings(&server))).collect();
        let (read, start) = (Arc::new(AtomicU64::new(0)), std::time::Instant::now());
        let threads: Vec<_> = (0..2 * connections)
            .map(|n| {
                let (store, read) = (stores[n % connections].clone(), read.clone());
                on_a_thread(move || async move {
                    let one = |n: u64| {
                        let (store, read) = (store.clone(), read.clone());
                        async move {
                            while start.elapsed() < Duration::from_secs(2) {
                                let name = format!("n{n}");
                                frontdesk_adapter::EntryStore::get(&*store, &name).await.unwrap();
                                read.fetch_add(1, Ordering::Relaxed);
                            }
                        }
                    };
                    futures_util::future::join_all((0..64).map(one)).await;
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        let each_second = read.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64();
        eprintln!("{connections} connections: {each_second:.0} reads a second");
    }
}
