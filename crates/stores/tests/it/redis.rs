//! The store in Redis, with a real one.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Created, EntryStore, Rate, RateStore, SessionStore, Swapped, SystemClock};
use frontdesk_stores::gcra::{Demand, gcra, verdict};
use frontdesk_stores::redis::{RedisSettings, RedisStore, Topology};
use frontdesk_testserver::{Authority, Validity};
use proptest::prelude::*;

use crate::conformance::conformance;
use crate::folder::Folder;
use crate::harness::{HandClock, Harness, block_on, eventually, record};
use crate::model::{compare, steps};
use crate::redis_server::RedisServer;

const LONG: Duration = Duration::from_secs(600);

fn settings(server: &RedisServer) -> RedisSettings {
    // Slow machines run tests too: what is tested is not how fast it is.
    RedisSettings {
        read_timeout: Duration::from_secs(5),
        write_timeout: Duration::from_secs(5),
        connect_timeout: Duration::from_secs(5),
        max_clock_skew: None,
        ..RedisSettings::new(vec![server.url()])
    }
}

fn harness_of(settings: RedisSettings, kept: Box<dyn std::any::Any>) -> Harness {
    let clock = HandClock::new();
    let connect = || Arc::new(RedisStore::connect(&settings, clock.clone()).unwrap());
    let (one, other) = (connect(), connect());
    let moving = clock.clone();
    Harness {
        clock: clock.clone(),
        sessions: one.clone(),
        other: other.clone(),
        entries: one.clone(),
        other_entries: other,
        rates: Some(one),
        lapse: Box::new(move |time| {
            // The server counts by itself: no other way than to wait.
            moving.advance(time);
            Box::pin(tokio::time::sleep(time))
        }),
        kept,
    }
}

async fn harness() -> Option<Harness> {
    let server = RedisServer::start(&[]).await?;
    let settings = settings(&server);
    Some(harness_of(settings, Box::new(server)))
}

conformance!(each harness());

/// The same in a cluster, which refuses scripts whose keys are not in one slot.
#[tokio::test]
async fn a_cluster_does_the_same() {
    let Some(server) = RedisServer::start_cluster().await else { return };
    // Two addresses make it a cluster; this one has one node.
    let urls = vec![server.url(), server.url()];
    let settings = RedisSettings { urls, topology: Topology::Cluster, ..settings(&server) };
    let make =
        |case: &str| harness_of(RedisSettings { prefix: case.to_owned(), ..settings.clone() }, Box::new(()));
    conformance!(all make);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_does_what_the_model_does(steps in steps(25)) {
        block_on(async {
            if let Some(harness) = harness().await {
                compare(harness, false, &steps, None).await;
            }
        });
    }

    /// The script is told the time here, so that both can be asked the same.
    #[test]
    fn its_rate_is_ours(
        interval_micros in prop_oneof![0_u64..3, 1_u64..5_000_000, Just(3_600_000_000), Just(u64::MAX)],
        burst in prop_oneof![0_u32..20, Just(u32::MAX)],
        steps in prop::collection::vec((0_u64..20_000_000, 0_u32..25), 1..30),
    ) {
        block_on(async {
            let Some(server) = RedisServer::start(&[]).await else { return };
            let mut wire = server.client().get_multiplexed_async_connection().await.unwrap();
            let script = redis::Script::new(concat!(
                "local now = tonumber(ARGV[3])\n",
                include_str!("../../src/redis/scripts/gcra.lua")
            ));
            let rate = Rate { interval_micros, burst };
            let mut arrival = 0;
            // The server drops what has passed by its own clock: begin where nothing ever has.
            let mut now = 2_500_000_000_000_000_u64;
            for (pause, cost) in steps {
                now += pause;
                let demand = Demand::new(rate, cost);
                let increment = if demand.is_excessive { demand.capacity + 1 } else { demand.increment };
                let (allowed, ahead): (bool, u64) = script
                    .key("rate")
                    .arg(demand.capacity)
                    .arg(increment)
                    .arg(now)
                    .invoke_async(&mut wire)
                    .await
                    .unwrap();
                let (expected, next) = gcra(arrival, now, rate, cost);
                assert_eq!(verdict(allowed, ahead, rate, cost), expected, "{demand:?}");
                arrival = next;
            }
        });
    }
}

#[tokio::test]
async fn nothing_iskept_for_ever() {
    let Some(server) = RedisServer::start(&[]).await else { return };
    let store = RedisStore::connect(&settings(&server), HandClock::new()).unwrap();
    let now = crate::harness::START;
    store.create("kept", record(now, "alice", Some("sid"))).await.unwrap();
    store.compare_and_set("kept", 1, record(now, "bob", Some("other"))).await.unwrap();
    store.touch("kept", now + 60, now + 3660).await.unwrap();
    store.create("ended", record(now, "alice", None)).await.unwrap();
    store.end("ended", LONG).await.unwrap();
    store.bury("alice", LONG).await.unwrap();
    store.lease("lease", "holder", LONG).await.unwrap();
    store.renew("lease", "holder", LONG).await.unwrap();
    store.put("entry", Bytes::from_static(b"v"), LONG).await.unwrap();
    store.put_new("new", Bytes::from_static(b"v"), LONG).await.unwrap();
    store.admit("rate", Rate { interval_micros: 1_000_000, burst: 9 }, 3).await.unwrap();
    store.probe().await.unwrap();

    let mut keys: Vec<String> = server.ask(&["KEYS", "*"]).await;
    keys.sort();
    let expected = [
        "fd:e:entry",
        "fd:e:new",
        "fd:l:lease",
        "fd:r:rate",
        "{fd}:b:alice",
        "{fd}:i:bob",
        "{fd}:i:other",
        "{fd}:s:kept",
        "{fd}:t:ended",
    ];
    assert_eq!(keys, expected);
    for key in keys {
        let left: i64 = server.ask(&["TTL", &key]).await;
        assert!((1..=36_001).contains(&left), "{key}: {left}");
    }
    // A session's index must be there as long as the session can be.
    let left: i64 = server.ask(&["TTL", "{fd}:i:bob"]).await;
    assert!(left > 35_000, "{left}");
}

#[tokio::test]
async fn members_that_are_gone_leave_the_index() {
    let Some(server) = RedisServer::start(&[]).await else { return };
    let store = RedisStore::connect(&settings(&server), HandClock::new()).unwrap();
    let now = crate::harness::START;
    for n in 0..40 {
        store.create(&format!("k{n}"), record(now, "alice", None)).await.unwrap();
    }
    for n in 0..38 {
        // As if they had been idle.
        let _: i64 = server.ask(&["DEL", &format!("{{fd}}:s:k{n}")]).await;
    }
    let members = || async { server.ask::<i64>(&["ZCARD", "{fd}:i:alice"]).await };
    store.create("next", record(now, "alice", None)).await.unwrap();
    assert!(members().await < 41, "each write drops some");
    assert_eq!(store.by_subject("alice").await.unwrap().len(), 3);
    assert_eq!(members().await, 3, "a listing drops all");
}

#[tokio::test]
async fn scripts_come_back_after_the_server_forgot_them() {
    let Some(server) = RedisServer::start(&[]).await else { return };
    let store = RedisStore::connect(&settings(&server), HandClock::new()).unwrap();
    let now = crate::harness::START;
    store.create("a", record(now, "alice", None)).await.unwrap();
    let _: String = server.ask(&["SCRIPT", "FLUSH"]).await;
    assert_eq!(store.create("b", record(now, "alice", None)).await, Ok(Created::Yes));
}

#[tokio::test]
async fn the_server_goes_and_comes_back() {
    let Some(mut server) = RedisServer::start(&[]).await else { return };
    let settings = RedisSettings { connect_timeout: Duration::from_millis(500), ..settings(&server) };
    let store = RedisStore::connect(&settings, HandClock::new()).unwrap();
    let now = crate::harness::START;
    store.create("k", record(now, "alice", None)).await.unwrap();
    eventually("it listens", async || store.generation("k")).await;

    server.kill();
    eventually("a fault", async || SessionStore::get(&store, "k").await.err()).await;
    let rate = Rate { interval_micros: 1, burst: 1 };
    let why = |fault: frontdesk_adapter::StoreFault| {
        let text = fault.to_string();
        assert!(text.starts_with("the store is away: Redis: "), "{text}");
    };
    // Every kind of call says so, none waits for it, and none takes it for an absence.
    eventually("it is known to be away", async || store.probe().await.err()).await;
    why(SessionStore::get(&store, "k").await.unwrap_err());
    why(store.create("k", record(now, "alice", None)).await.unwrap_err());
    why(store.compare_and_set("k", 1, record(now, "alice", None)).await.unwrap_err());
    why(store.touch("k", now, now).await.unwrap_err());
    why(store.end("k", LONG).await.unwrap_err());
    why(store.by_subject("alice").await.unwrap_err());
    why(store.by_sid("sid").await.unwrap_err());
    why(store.bury("alice", LONG).await.unwrap_err());
    eventually("leases too", async || store.lease("l", "a", LONG).await.err()).await;
    why(store.renew("l", "a", LONG).await.unwrap_err());
    why(store.release("l", "a").await.unwrap_err());
    why(store.put_new("e", Bytes::new(), LONG).await.unwrap_err());
    why(store.put("e", Bytes::new(), LONG).await.unwrap_err());
    why(EntryStore::get(&store, "e").await.unwrap_err());
    why(store.take("e").await.unwrap_err());
    why(store.admit("r", rate, 1).await.unwrap_err());
    eventually("hints count no longer", async || store.generation("k").is_none().then_some(())).await;

    server.start_again().await;
    eventually("it is back", async || store.probe().await.ok()).await;
    assert_eq!(SessionStore::get(&store, "k").await, Ok(None), "this server keeps nothing");
    assert_eq!(store.create("k", record(now, "alice", None)).await, Ok(Created::Yes));
    eventually("leases are back", async || store.lease("l", "a", LONG).await.ok().filter(|held| *held)).await;
    eventually("it listens again", async || store.generation("k")).await;
}

#[tokio::test]
async fn the_server_need_not_be_there_at_the_start() {
    let Some(mut server) = RedisServer::start(&[]).await else { return };
    server.kill();
    let store = RedisStore::connect(&settings(&server), HandClock::new()).unwrap();
    eventually("a fault", async || store.probe().await.err()).await;
    server.start_again().await;
    eventually("it is there", async || store.probe().await.ok()).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_server_that_hangs_is_a_fault_and_not_a_wait() {
    let Some(server) = RedisServer::start(&[]).await else { return };
    let settings = RedisSettings {
        read_timeout: Duration::from_millis(100),
        write_timeout: Duration::from_millis(100),
        connect_timeout: Duration::from_millis(200),
        ..settings(&server)
    };
    let store = RedisStore::connect(&settings, HandClock::new()).unwrap();
    let now = crate::harness::START;
    eventually("created", async || store.create("k", record(now, "alice", None)).await.ok()).await;
    server.signal("STOP");
    for _ in 0..3 {
        let fault = SessionStore::get(&store, "k").await.unwrap_err();
        assert!(fault.to_string().contains("no answer within"), "{fault}");
    }
    server.signal("CONT");
    let kept = eventually("it is back", async || SessionStore::get(&store, "k").await.ok()).await;
    assert_eq!(kept.unwrap().subject, "alice");
}

#[tokio::test]
async fn instances_tell_each_other() {
    let Some(h) = harness().await else { return };
    for store in [&h.sessions, &h.other] {
        eventually("it listens", async || store.generation("k")).await;
    }
    let first = record(h.now(), "alice", None);
    let seen = |before: Option<u64>| {
        let other = h.other.clone();
        async move {
            eventually("the other knows", async || other.generation("k").filter(|now| Some(*now) != before))
                .await
        }
    };
    let before = h.other.generation("k");
    h.sessions.create("k", first.clone()).await.unwrap();
    let before = Some(seen(before).await);
    h.sessions.compare_and_set("k", 1, first.clone()).await.unwrap();
    let before = Some(seen(before).await);
    h.sessions.touch("k", first.last_seen + 60, first.idle_expires + 60).await.unwrap();
    let before = Some(seen(before).await);
    h.sessions.end("k", LONG).await.unwrap();
    seen(before).await;
}

#[tokio::test]
async fn what_others_wrote_is_a_fault_and_not_an_absence() {
    let Some(server) = RedisServer::start(&[]).await else { return };
    let store = RedisStore::connect(&settings(&server), HandClock::new()).unwrap();
    let _: i64 = server.ask(&["HSET", "{fd}:s:half", "v", "1", "u", "alice"]).await;
    let _: String = server.ask(&["SET", "{fd}:s:text", "text"]).await;
    for key in ["half", "text"] {
        assert!(SessionStore::get(&store, key).await.is_err(), "{key}");
        let next = record(crate::harness::START, "alice", None);
        let swapped = store.compare_and_set(key, 1, next).await;
        assert_ne!(swapped, Ok(Swapped::Yes), "{key}");
    }
}

#[tokio::test]
async fn a_probe_sees_clocks_that_are_apart() {
    let Some(server) = RedisServer::start(&[]).await else { return };
    let settings = RedisSettings { max_clock_skew: Some(Duration::from_secs(30)), ..settings(&server) };
    let store = RedisStore::connect(&settings, HandClock::new()).unwrap();
    let fault = store.probe().await.unwrap_err().to_string();
    assert!(fault.contains("its clock and ours are"), "{fault}");
    let store = RedisStore::connect(&settings, Arc::new(SystemClock)).unwrap();
    assert_eq!(store.probe().await, Ok(()));
}

#[tokio::test]
async fn passwords_are_used_and_never_told() {
    let Some(server) = RedisServer::start(&["--requirepass", "planted-secret"]).await else { return };
    for (user, fits) in [("planted-secret", true), ("planted-wrong", false)] {
        let url = format!("redis://:{user}@127.0.0.1:{}", server.port);
        let settings = RedisSettings { urls: vec![url], ..settings(&server) };
        assert!(!format!("{settings:?}").contains("planted"));
        let store = RedisStore::connect(&settings, HandClock::new()).unwrap();
        match store.probe().await {
            Ok(()) => assert!(fits),
            Err(fault) => {
                assert!(!fits, "{fault}");
                assert!(!fault.to_string().contains("planted"), "{fault}");
            }
        }
    }
}

#[test]
fn settings_that_cannot_work_are_told() {
    let connect = |settings| match RedisStore::connect(&settings, HandClock::new()) {
        Ok(_) => panic!("it is accepted"),
        Err(why) => why.to_string(),
    };
    assert_eq!(
        connect(RedisSettings::new(vec![])),
        "no address of a Redis server: write `redis://HOST:PORT`, or `rediss://HOST:PORT` for TLS"
    );
    for url in ["http://planted:secret@host", "planted", "redis://:planted@host:port", "redis://"] {
        let why = connect(RedisSettings::new(vec!["redis://127.0.0.1".to_owned(), url.to_owned()]));
        assert!(why.starts_with("address 2 of 2 is not one of a Redis server ("), "{why}");
        assert!(!why.contains("planted"), "{why}");
    }
    let braces = RedisSettings {
        prefix: "a{b}".to_owned(),
        ..RedisSettings::new(vec!["redis://127.0.0.1".to_owned()])
    };
    assert!(connect(braces).contains("`a{b}`"));
}

#[tokio::test]
async fn a_server_that_became_a_replica_is_a_fault_until_there_is_a_primary() {
    let Some(server) = RedisServer::start(&["--replica-serve-stale-data", "yes"]).await else { return };
    let store = RedisStore::connect(&settings(&server), HandClock::new()).unwrap();
    let now = crate::harness::START;
    store.create("k", record(now, "alice", None)).await.unwrap();
    // Of nobody: nothing listens on port 1.
    let _: String = server.ask(&["REPLICAOF", "127.0.0.1", "1"]).await;
    for _ in 0..3 {
        let fault = store.create("l", record(now, "alice", None)).await.unwrap_err().to_string();
        assert!(fault.contains("READONLY") || fault.contains("Redis: "), "{fault}");
    }
    assert!(store.put("e", Bytes::new(), LONG).await.is_err());
    let _: String = server.ask(&["REPLICAOF", "NO", "ONE"]).await;
    let created =
        eventually("a primary", async || store.create("l", record(now, "alice", None)).await.ok()).await;
    assert_eq!(created, Created::Yes);
}

#[tokio::test]
async fn tls_is_spoken_and_the_certificate_looked_at() {
    let (authority, stranger, folder) = (Authority::new(), Authority::new(), Folder::new());
    let identity = authority.issue("127.0.0.1", Validity::Now);
    let write = |name: &str, text: &str| {
        let path = folder.0.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let certificate = write("certificate.pem", &identity.certificate_pem);
    let key = write("key.pem", &identity.key_pem);
    let port = crate::redis_server::free_port();
    let arguments = [
        ["--tls-port", &port.to_string()],
        ["--tls-cert-file", &certificate],
        ["--tls-key-file", &key],
        ["--tls-auth-clients", "no"],
    ];
    let Some(server) = RedisServer::start(&arguments.concat()).await else { return };
    let url = format!("rediss://127.0.0.1:{port}");
    for (ca, is_trusted) in [(Some(authority.pem()), true), (Some(stranger.pem()), false), (None, false)] {
        let settings = RedisSettings {
            urls: vec![url.clone()],
            ca: ca.map(|pem| pem.as_bytes().to_vec()),
            ..settings(&server)
        };
        let store = RedisStore::connect(&settings, HandClock::new()).unwrap();
        assert_eq!(store.probe().await.is_ok(), is_trusted);
        if is_trusted {
            eventually("it listens", async || store.generation("k")).await;
        }
    }
}
