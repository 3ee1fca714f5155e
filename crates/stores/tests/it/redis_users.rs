//! What each store must be allowed, and that it needs no more: the very lines that docs/scaling.md gives.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{CacheStore, Created, EntryStore, Rate, RateStore, SessionStore, SystemClock};
use frontdesk_stores::redis::{RedisSettings, RedisStore, Topology};

use crate::harness::{eventually, record};
use crate::redis_cache::{Notes, settings};
use crate::redis_server::RedisServer;

const LONG: Duration = Duration::from_secs(600);
const DOCS: &str = include_str!("../../../../docs/scaling.md");

/// The rule that the page gives for this store, as words for `ACL SETUSER`.
pub fn rule(store: &str) -> Vec<&'static str> {
    let user = format!("user {store} ");
    let line = DOCS.lines().find(|line| line.starts_with(&user));
    let line = line.unwrap_or_else(|| panic!("docs/scaling.md has a line `{user}…`"));
    let words = line.strip_prefix(&user).unwrap().split(' ');
    words.map(|word| if word.starts_with('>') { ">planted-secret" } else { word }).collect()
}

async fn store_of(server: &RedisServer, name: &str) -> Arc<RedisStore> {
    let _: String = server.ask(&[&["ACL", "SETUSER", name][..], &rule(name)].concat()).await;
    let settings = RedisSettings {
        username: Some(name.to_owned()),
        password: Some("planted-secret".to_owned()),
        ..settings(server)
    };
    assert!(!format!("{settings:?}").contains("planted"));
    Arc::new(RedisStore::connect(&settings, Arc::new(SystemClock)).unwrap())
}

fn now() -> u64 {
    use frontdesk_adapter::Clock;
    SystemClock.unix()
}

#[tokio::test]
async fn each_store_does_all_it_must_as_a_user_that_may_do_little() {
    let Some(server) = RedisServer::start(&[]).await else { return };
    let rate = Rate { interval_micros: 1_000_000, burst: 9 };

    let store = store_of(&server, "frontdesk-sessions").await;
    assert_eq!(store.create("k", record(now(), "alice", Some("sid"))).await, Ok(Created::Yes));
    store.compare_and_set("k", 1, record(now(), "alice", Some("sid"))).await.unwrap();
    store.touch("k", now(), now() + 60).await.unwrap();
    assert_eq!(store.by_subject("alice").await.unwrap().len(), 1);
    assert_eq!(store.by_sid("sid").await.unwrap().len(), 1);
    assert!(SessionStore::get(&*store, "k").await.unwrap().is_some());
    assert!(store.end("k", LONG).await.unwrap());
    store.bury("alice", LONG).await.unwrap();
    assert!(store.lease("l", "me", LONG).await.unwrap());
    assert!(store.renew("l", "me", LONG).await.unwrap());
    store.release("l", "me").await.unwrap();
    store.probe().await.unwrap();
    eventually("it hears", async || store.generation("k")).await;
    assert!(store.put_new("e", Bytes::new(), LONG).await.unwrap());
    EntryStore::put(&*store, "e", Bytes::new(), LONG).await.unwrap();
    assert!(EntryStore::get(&*store, "e").await.unwrap().is_some());
    assert!(store.take("e").await.unwrap().is_some());
    assert!(store.admit("r", rate, 1).await.is_err(), "rates are not its business");
    assert!(CacheStore::get(&*store, &[0; 32], &["t"]).await.is_err());

    let store = store_of(&server, "frontdesk-limits").await;
    assert!(store.admit("r", rate, 1).await.unwrap().allowed);
    assert!(SessionStore::get(&*store, "k").await.is_err(), "sessions are not its business");
    assert!(EntryStore::put(&*store, "e", Bytes::new(), LONG).await.is_err());

    let store = store_of(&server, "frontdesk-cache").await;
    let notes = Arc::new(Notes::default());
    store.listen(notes.clone());
    notes.wait_for("found").await;
    assert_eq!(CacheStore::get(&*store, &[0; 32], &["t"]).await.unwrap().versions.len(), 1);
    CacheStore::put(&*store, &[0; 32], Bytes::from_static(b"v"), LONG).await.unwrap();
    store.purge(&["t"]).await.unwrap();
    notes.wait_for("purged t").await;
    assert!(SessionStore::get(&*store, "k").await.is_err());
    assert!(store.admit("r", rate, 1).await.is_err());

    let store = store_of(&server, "frontdesk-idempotency").await;
    assert!(store.put_new("e", Bytes::new(), LONG).await.unwrap());
    EntryStore::put(&*store, "e", Bytes::new(), LONG).await.unwrap();
    assert!(EntryStore::get(&*store, "e").await.unwrap().is_some());
    assert!(store.take("e").await.unwrap().is_some());
    assert!(SessionStore::get(&*store, "k").await.is_err());

    for name in ["sessions", "limits", "cache", "idempotency"] {
        let rule = rule(&format!("frontdesk-{name}"));
        assert!(
            !rule.iter().any(|word| ["+@all", "allcommands", "allkeys", "~*", "&*"].contains(word)),
            "{rule:?}"
        );
    }
}

#[tokio::test]
async fn in_a_cluster_they_need_one_thing_more() {
    let Some(server) = RedisServer::start_cluster().await else { return };
    for name in ["frontdesk-sessions", "frontdesk-cache"] {
        let rule = [&["ACL", "SETUSER", name][..], &rule(name), &["+cluster|slots"]].concat();
        let _: String = server.ask(&rule).await;
        let settings = RedisSettings {
            topology: Topology::Cluster,
            username: Some(name.to_owned()),
            password: Some("planted-secret".to_owned()),
            ..settings(&server)
        };
        let store = RedisStore::connect(&settings, Arc::new(SystemClock)).unwrap();
        if name == "frontdesk-cache" {
            CacheStore::get(&store, &[0; 32], &["t"]).await.unwrap();
            store.purge(&["t", "u"]).await.unwrap();
        } else {
            assert_eq!(store.create("k", record(now(), "alice", None)).await, Ok(Created::Yes));
            eventually("it hears", async || store.generation("k")).await;
        }
    }
}
