//! Redis away, stopped, slow, full, and back, under actions with keys and under a cache.

use super::{YAML, ask, connect, count, ends_well, get, healthy, ordering, serve_all_by, told, workspace};
use crate::instances::redis::Redis;
use crate::program::Folder;
use crate::wire::request;

fn with(stores: &str) -> Folder {
    let folder = workspace();
    folder.replace(YAML, "stores: { idempotency: memory }", &format!("stores: {{ {stores} }}"));
    folder.replace(YAML, "timeout: 700ms", "timeout: 20s");
    folder
}

fn unavailable() -> (u16, String) {
    (503, "idempotency_unavailable".to_owned())
}

#[test]
fn an_action_with_a_key_is_not_carried_out_while_nobody_can_remember_it() {
    let Some(mut redis) = Redis::start() else { return };
    // Long enough on any machine for what works; what is stopped takes twice as long as this.
    let folder = with(&format!("idempotency: {{ redis: {{ urls: \"{}\", timeout: 3s }} }}", redis.url()));
    let items = healthy();
    let mut running = serve_all_by(&folder, &items);
    assert_eq!(ask(&running, &ordering("before")).status, 200);
    assert_eq!(ask(&running, &ordering("before")).header("idempotent-replayed"), Some("true"));
    assert_eq!(count(&items, "/orders"), 1);

    // Full: it says what it knows, and takes nothing new.
    assert!(redis.ask("CONFIG SET maxmemory 1").contains("OK"));
    assert_eq!(told(&ask(&running, &ordering("full"))), unavailable());
    assert!(redis.ask("CONFIG SET maxmemory 0").contains("OK"));
    assert_eq!(ask(&running, &ordering("before")).header("idempotent-replayed"), Some("true"));

    // Slow: it answers, but nobody waits so long.
    assert!(redis.ask("CLIENT PAUSE 60000 ALL").contains("OK"));
    let slow = ask(&running, &ordering("slow"));
    assert_eq!(told(&slow), unavailable());
    assert_eq!(get(&running, "/strict/1").status, 200, "what needs no store goes on");
    let without = request("POST", "/orders", &[("content-type", "application/json")], br#"{"itemId":"1"}"#);
    assert_eq!(ask(&running, &without).status, 200, "and so does what was given no key");
    assert_eq!(count(&items, "/orders"), 2);

    // Away.
    redis.kill();
    for number in 0..5 {
        assert_eq!(told(&ask(&running, &ordering(&format!("away-{number}")))), unavailable());
    }
    assert_eq!(count(&items, "/orders"), 2, "nothing was carried out");
    redis.start_again();
    running.wait_for("keys to be taken again", |running| {
        let reply = ask(running, &ordering("back"));
        assert!(reply.status == 200 || told(&reply) == unavailable(), "{reply:?}");
        (reply.status == 200).then_some(())
    });
    assert_eq!(ask(&running, &ordering("back")).header("idempotent-replayed"), Some("true"));
    assert_eq!(count(&items, "/orders"), 3);
    ends_well(running);
}

/// Redis dies between the claim and the answer: what was done is told, and written down once there is a store again.
#[test]
fn an_answer_that_could_not_be_written_down_is_told_and_kept_later() {
    let Some(mut redis) = Redis::start() else { return };
    let folder = with(&format!("idempotency: {{ redis: {{ urls: \"{}\", timeout: 1s }} }}", redis.url()));
    let items = healthy();
    let gate = frontdesk_testserver::Gate::new();
    let order =
        frontdesk_testserver::Script::answer(201, &[("content-type", "application/json")], r#"{"id":"o1"}"#);
    items.on("/orders", order.behind(&gate));
    let mut running = serve_all_by(&folder, &items);
    let mut client = connect(&running);
    client.send(&ordering("k"));
    running.wait_for("the order", |_| (count(&items, "/orders") == 1).then_some(()));
    redis.kill();
    gate.open();
    let reply = client.reply();
    assert_eq!((reply.status, reply.text().as_str()), (200, r#"{"order":"o1"}"#));
    // Empty, so that only what is written now is there.
    redis.start_again();
    running.wait_for("it to be written down", |_| redis.ask("KEYS fd:e:*").contains("fd:e:").then_some(()));
    let again = ask(&running, &ordering("k"));
    assert_eq!((again.status, again.header("idempotent-replayed")), (200, Some("true")), "{again:?}");
    assert_eq!(count(&items, "/orders"), 1);
    ends_well(running);
}

/// The shared cache full, slow, away: nobody's request fails for it, or waits for it long.
#[test]
fn a_shared_cache_that_is_ill_fails_nobody() {
    let Some(mut redis) = Redis::start() else { return };
    let folder = with(&format!("cache: {{ redis: \"{}\" }}, idempotency: memory", redis.url()));
    let items = healthy();
    let running = serve_all_by(&folder, &items);
    let all_good = |what: &str| {
        for _ in 0..5 {
            let reply = get(&running, "/kept/1");
            assert_eq!((reply.status, reply.text().as_str()), (200, r#"{"title":"Lamp"}"#), "{what}");
        }
    };
    all_good("well");
    assert!(redis.ask("CONFIG SET maxmemory 1").contains("OK"));
    assert_eq!(super::purge(&running, "items"), 503, "a purge that is not kept is not said to be done");
    all_good("full");
    assert!(redis.ask("CONFIG SET maxmemory 0").contains("OK"));
    assert!(redis.ask("CLIENT PAUSE 60000 ALL").contains("OK"));
    all_good("slow");
    redis.kill();
    all_good("away");
    ends_well(running);
}
