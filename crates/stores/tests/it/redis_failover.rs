//! Another server becomes the primary, with real Sentinels; nodes of a real cluster come and go.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{CacheStore, Created, EntryStore, Rate, RateStore, SessionStore, SystemClock};
use frontdesk_stores::redis::{RedisSettings, RedisStore, Topology};

use crate::harness::{eventually, record};
use crate::redis_cache::Notes;
use crate::redis_server::{RedisServer, free_port};
use crate::redis_users::rule;

const LONG: Duration = Duration::from_secs(600);
const SENTINELS: usize = 3;

/// A primary, a replica, and Sentinels that agree on a failover after half a second.
struct Watched {
    primary: RedisServer,
    replica: RedisServer,
    sentinels: Vec<RedisServer>,
}

impl Watched {
    async fn start() -> Option<Self> {
        let primary = RedisServer::start(&[]).await?;
        let port = primary.port.to_string();
        let replica = RedisServer::start(&["--replicaof", "127.0.0.1", &port]).await?;
        eventually("the replica follows", async || {
            let role: String = replica.ask(&["INFO", "replication"]).await;
            role.contains("master_link_status:up").then_some(())
        })
        .await;
        let mut sentinels = Vec::new();
        for _ in 0..SENTINELS {
            let watch = format!(
                "sentinel monitor shop 127.0.0.1 {port} 2\n\
                 sentinel down-after-milliseconds shop 500\n\
                 sentinel failover-timeout shop 3000\n"
            );
            sentinels.push(RedisServer::start_sentinel(&watch).await?);
        }
        for sentinel in &sentinels {
            eventually("they know each other", async || {
                let about: redis::Value = sentinel.ask(&["SENTINEL", "MASTER", "shop"]).await;
                let about: std::collections::HashMap<String, String> =
                    redis::from_redis_value(about).unwrap();
                let others = about.get("num-other-sentinels")?;
                (*others == "2" && about.get("num-slaves")? == "1").then_some(())
            })
            .await;
        }
        Some(Self { primary, replica, sentinels })
    }

    fn store(&self) -> Arc<RedisStore> {
        let settings = RedisSettings {
            topology: Topology::Sentinel("shop".to_owned()),
            read_timeout: Duration::from_secs(2),
            write_timeout: Duration::from_secs(2),
            cache_timeout: Duration::from_secs(2),
            connect_timeout: Duration::from_secs(2),
            max_clock_skew: None,
            ..RedisSettings::new(self.sentinels.iter().map(RedisServer::url).collect())
        };
        Arc::new(RedisStore::connect(&settings, Arc::new(SystemClock)).unwrap())
    }
}

fn now() -> u64 {
    use frontdesk_adapter::Clock;
    SystemClock.unix()
}

/// Acknowledged and copied to the replica.
async fn write_down(watched: &Watched, store: &RedisStore, key: &str) {
    assert_eq!(store.create(key, record(now(), "alice", None)).await, Ok(Created::Yes));
    eventually("it is copied", async || {
        let there: i64 = watched.replica.ask(&["EXISTS", &format!("{{fd}}:s:{key}")]).await;
        (there == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn sentinels_tell_where_the_primary_is_and_a_failover_mends_itself() {
    let Some(mut watched) = Watched::start().await else { return };
    let store = watched.store();
    write_down(&watched, &store, "before").await;
    let notes = Arc::new(Notes::default());
    store.listen(notes.clone());
    notes.wait_for("found").await;
    eventually("it listens", async || store.generation("before")).await;

    watched.primary.kill();
    let fault = eventually("it is away", async || SessionStore::get(&*store, "before").await.err()).await;
    assert!(fault.to_string().contains("Redis"), "{fault}");
    eventually("purges may be missed", async || (notes.all().last()? == "lost").then_some(())).await;

    let kept =
        eventually("the other is found", async || SessionStore::get(&*store, "before").await.ok()).await;
    assert!(kept.is_some(), "what was copied is there");
    let created =
        eventually("it takes writes", async || store.create("after", record(now(), "bob", None)).await.ok());
    assert_eq!(created.await, Created::Yes);
    assert_eq!(watched.replica.ask::<i64>(&["EXISTS", "{fd}:s:after"]).await, 1);
    eventually("purges are heard again", async || (notes.all().last()? == "found").then_some(())).await;
    store.purge(&["home"]).await.unwrap();
    notes.wait_for("purged home").await;
    eventually("and hints", async || store.generation("before")).await;

    // The old one comes back believing that it is the primary still; nobody must write there.
    watched.primary.start_again().await;
    EntryStore::put(&*store, "last", Bytes::from_static(b"v"), LONG).await.unwrap();
    assert_eq!(watched.replica.ask::<i64>(&["EXISTS", "fd:e:last"]).await, 1);
}

/// It hangs, another takes over, it goes on: for a moment there are two that say they are the primary.
#[cfg(unix)]
#[tokio::test]
async fn a_primary_that_was_away_is_not_believed() {
    let Some(watched) = Watched::start().await else { return };
    let store = watched.store();
    write_down(&watched, &store, "before").await;
    watched.primary.signal("STOP");
    eventually("the other takes writes", async || {
        let _ = EntryStore::put(&*store, "probe", Bytes::from_static(b"v"), LONG).await;
        let role: String = watched.replica.ask(&["INFO", "replication"]).await;
        role.contains("role:master").then_some(())
    })
    .await;
    eventually("it is found", async || EntryStore::put(&*store, "x", Bytes::new(), LONG).await.ok()).await;
    watched.primary.signal("CONT");
    for n in 0..20 {
        EntryStore::put(&*store, &format!("n{n}"), Bytes::from_static(b"v"), LONG).await.unwrap();
    }
    for n in 0..20 {
        let there: i64 = watched.replica.ask(&["EXISTS", &format!("fd:e:n{n}")]).await;
        assert_eq!(there, 1, "n{n} is where it stays");
    }
}

#[tokio::test]
async fn sentinels_and_the_primary_are_shown_what_is_theirs() {
    let Some(watched) = Watched::start().await else { return };
    let user =
        [&["ACL", "SETUSER", "frontdesk-sessions"][..], &rule("frontdesk-sessions"), &["+role"]].concat();
    let _: String = watched.primary.ask(&user).await;
    let mut urls = Vec::new();
    for sentinel in &watched.sentinels {
        let may = "+sentinel|get-master-addr-by-name";
        let user = ["ACL", "SETUSER", "watcher", "on", ">planted-watcher", "-@all", may];
        let _: String = sentinel.ask(&user).await;
        urls.push(format!("redis://watcher:planted-watcher@127.0.0.1:{}", sentinel.port));
    }
    let settings = RedisSettings {
        topology: Topology::Sentinel("shop".to_owned()),
        username: Some("frontdesk-sessions".to_owned()),
        password: Some("planted-secret".to_owned()),
        write_timeout: Duration::from_secs(5),
        connect_timeout: Duration::from_secs(5),
        ..RedisSettings::new(urls)
    };
    let store = RedisStore::connect(&settings, Arc::new(SystemClock)).unwrap();
    assert_eq!(store.create("k", record(now(), "alice", None)).await, Ok(Created::Yes));
    eventually("it listens", async || store.generation("k")).await;
}

#[tokio::test]
async fn a_name_that_sentinels_do_not_know_is_a_fault_that_says_so() {
    let Some(sentinel) = RedisServer::start_sentinel("sentinel monitor shop 127.0.0.1 1 1\n").await else {
        return;
    };
    let settings = RedisSettings {
        topology: Topology::Sentinel("shopp".to_owned()),
        ..RedisSettings::new(vec![sentinel.url()])
    };
    let store = RedisStore::connect(&settings, Arc::new(SystemClock)).unwrap();
    let fault = eventually("a fault", async || store.probe().await.err()).await;
    assert!(fault.to_string().contains("no primary of this name"), "{fault}");
}

/// Three nodes with a third of the keys each.
async fn cluster() -> Option<Vec<RedisServer>> {
    let mut nodes = Vec::new();
    for _ in 0..3 {
        let bus = free_port().to_string();
        let more = ["--cluster-enabled", "yes", "--cluster-port", &bus, "--cluster-node-timeout", "1000"];
        let partly = ["--cluster-require-full-coverage", "no"];
        nodes.push((RedisServer::start(&[&more[..], &partly].concat()).await?, bus));
    }
    let [first, ..] = nodes.as_slice() else { return None };
    for (at, (node, _)) in nodes.iter().enumerate() {
        let (from, to) = [("0", "5460"), ("5461", "10922"), ("10923", "16383")][at];
        let _: redis::Value = node.ask(&["CLUSTER", "ADDSLOTSRANGE", from, to]).await;
        let (port, bus) = (node.port.to_string(), &nodes[at].1);
        let _: redis::Value = first.0.ask(&["CLUSTER", "MEET", "127.0.0.1", &port, bus]).await;
    }
    for (node, _) in &nodes {
        eventually("the cluster serves", async || {
            let about: String = node.ask(&["CLUSTER", "INFO"]).await;
            (about.contains("cluster_state:ok") && about.contains("cluster_slots_ok:16384")).then_some(())
        })
        .await;
    }
    Some(nodes.into_iter().map(|(node, _)| node).collect())
}

#[tokio::test]
async fn a_cluster_loses_with_a_node_only_what_is_on_it() {
    let Some(mut nodes) = cluster().await else { return };
    let settings = RedisSettings {
        // One address is enough: the others are told by it.
        urls: vec![nodes[0].url()],
        topology: Topology::Cluster,
        read_timeout: Duration::from_secs(2),
        write_timeout: Duration::from_secs(2),
        cache_timeout: Duration::from_secs(2),
        connect_timeout: Duration::from_secs(2),
        max_clock_skew: None,
        ..RedisSettings::new(Vec::new())
    };
    let store = Arc::new(RedisStore::connect(&settings, Arc::new(SystemClock)).unwrap());
    for n in 0..60 {
        let put = eventually("put", async || {
            EntryStore::put(&*store, &format!("n{n}"), Bytes::from_static(b"v"), LONG).await.ok()
        });
        put.await;
    }
    for node in &nodes {
        assert!(node.ask::<i64>(&["DBSIZE"]).await > 5, "they are spread");
    }
    let tags: Vec<String> = (0..20).map(|n| format!("t{n}")).collect();
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    let first = CacheStore::get(&*store, &[1; 32], &tags).await.unwrap();
    let notes = Arc::new(Notes::default());
    store.listen(notes.clone());
    notes.wait_for("found").await;
    store.purge(&tags).await.unwrap();
    notes.wait_for(&format!("purged {}", tags.join(" "))).await;
    let second = CacheStore::get(&*store, &[1; 32], &tags).await.unwrap();
    assert!(first.versions.iter().zip(&second.versions).all(|(one, other)| one != other));
    store.create("k", record(now(), "alice", Some("sid"))).await.unwrap();
    assert_eq!(store.by_subject("alice").await.unwrap().len(), 1);

    nodes[2].kill();
    let rate = Rate { interval_micros: 1, burst: 1000 };
    eventually("some fail and some do not", async || {
        let (mut good, mut bad) = (0, 0);
        for n in 0..12 {
            match store.admit(&format!("n{n}"), rate, 1).await {
                Ok(_) => good += 1,
                Err(_) => bad += 1,
            }
        }
        (good > 0 && bad > 0).then_some(())
    })
    .await;
    nodes[2].start_again().await;
    eventually("all is well again", async || {
        for n in 0..12 {
            store.admit(&format!("n{n}"), rate, 1).await.ok()?;
        }
        Some(())
    })
    .await;
}
