//! The time of day jumps by hours, ahead and back: nothing is served for ever, nobody is locked out, nothing panics.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use frontdesk_adapter::{Clock, SystemClock};
use frontdesk_cache::Cache;
use frontdesk_testserver::{Script, Server};

use crate::desk::{Desk, Fittings, Workspace, eventually};
use crate::wire::{Reply, request};

/// The system's clock, off by as many seconds as somebody set it.
#[derive(Default)]
struct Jumping(AtomicI64);

impl Jumping {
    fn by(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for Jumping {
    fn unix_micros(&self) -> u64 {
        SystemClock.unix_micros().saturating_add_signed(self.0.load(Ordering::Relaxed) * 1_000_000)
    }
}

const HOURS: i64 = 7 * 3600;
const ORDER: &str = r#"{"itemId":"1","quantity":2}"#;

/// A view that is kept for a second, one whose call is, and an action with keys.
fn workspace() -> Workspace {
    let kept = r#"
import { t, view } from "frontdesk";
import { items } from "frontdesk/services";

export default view("GET /PATH/{id}", {
  input: { id: t.string().max(64) },
  VIEW
  load: ({ id }) => ({ title: items.getItem({ id }CALL).title }),
});
"#;
    let whole =
        kept.replace("PATH", "whole").replace("VIEW", r#"cache: { public: "1s" },"#).replace("CALL", "");
    let call =
        kept.replace("PATH", "call").replace("VIEW", "").replace("CALL", r#", { cache: { ttl: "1s" } }"#);
    let keyed = "  idempotency: \"required\",\n  input: { itemId";
    Workspace::shop()
        .adding("bffs/app/views/whole.ts", &whole)
        .adding("bffs/app/views/call.ts", &call)
        .replacing("bffs/app/actions/order.ts", "  input: { itemId", keyed)
}

struct Day {
    clock: Arc<Jumping>,
    items: Server,
    desk: Desk,
}

impl Day {
    fn begin(workspace: &Workspace) -> Self {
        let clock = Arc::new(Jumping::default());
        let items = Server::start();
        items.on("/items/1", Script::json(r#"{"id":"1","title":"Lamp","minor":100}"#));
        items.on("/orders", Script::answer(201, &[("content-type", "application/json")], r#"{"id":"o1"}"#));
        items.on("/orders/o1/payment", Script::json(r#"{"state":"paid"}"#));
        items.on("/audit", Script::status(204));
        let fittings = Fittings {
            clock: clock.clone(),
            cache: Cache::new(frontdesk_cache::Settings::without_chance(), clock.clone(), None),
            ..Fittings::default()
        };
        let desk = Desk::start_with(workspace, &[("items", items.url())], fittings);
        Self { clock, items, desk }
    }

    fn title(&self, path: &str) -> String {
        let reply = self.desk.get(path);
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()["title"].as_str().unwrap().to_owned()
    }

    fn order(&self, key: &str) -> Reply {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        self.desk.ask(&request("POST", "/orders", &headers, ORDER.as_bytes()))
    }

    fn orders(&self) -> usize {
        self.items.received().iter().filter(|received| received.target == "/orders").count()
    }
}

/// With as many requests a minute, and no more at once, for each address.
fn rated(requests: u32) -> Workspace {
    let rate = format!(
        r#"limits: {{ rate: [{{ per: "ip", requests: {requests}, every: "1m", burst: {requests} }}], latency:"#
    );
    workspace().replacing("bffs/app/bff.ts", "limits: { latency:", &rate)
}

#[test]
fn what_is_kept_for_a_second_is_kept_for_a_second_whatever_the_clock_says() {
    let day = Day::begin(&workspace());
    for path in ["/whole/1", "/call/1"] {
        for (number, jump) in [HOURS, -HOURS, -HOURS, 2 * HOURS].into_iter().enumerate() {
            let title = |number: usize| format!("{path} {number}");
            let say = |number: usize| {
                Script::json(format!(r#"{{"id":"1","title":"{}","minor":1}}"#, title(number)))
            };
            day.items.on("/items/1", say(2 * number));
            eventually("what is so now", || day.title(path) == title(2 * number));
            day.items.on("/items/1", say(2 * number + 1));
            day.clock.by(jump);
            eventually("what is so after the jump", || day.title(path) == title(2 * number + 1));
            let age = day.desk.get(path).header("age").map(str::to_owned);
            assert!(age.is_none_or(|age| age.parse::<u64>().unwrap() <= 2), "no answer is hours old");
        }
    }
}

#[test]
fn what_is_kept_is_not_thrown_away_because_the_clock_jumps() {
    let workspace = workspace().replacing("bffs/app/views/whole.ts", r#"public: "1s""#, r#"public: "1h""#);
    let day = Day::begin(&workspace);
    assert_eq!(day.title("/whole/1"), "Lamp");
    for jump in [HOURS, -2 * HOURS, HOURS] {
        day.clock.by(jump);
        assert_eq!(day.title("/whole/1"), "Lamp");
    }
    assert_eq!(day.items.received().len(), 1, "its age is not read off a calendar");
}

#[test]
fn nobody_is_locked_out_by_a_rate_after_the_clock_was_set_back() {
    let day = Day::begin(&rated(20));
    let answered = || (0..25).filter(|_| day.desk.get("/strict/1").status == 200).count();
    let first = answered();
    assert!((20..25).contains(&first), "{first} of a burst of 20");
    let refused = day.desk.get("/strict/1");
    assert_eq!((refused.status, refused.problem().as_str()), (429, "rate_limited"));
    day.clock.by(-HOURS);
    let refused = day.desk.get("/strict/1");
    let wait: u64 = refused.header("retry-after").map_or(0, |seconds| seconds.parse().unwrap());
    assert!(wait <= 60, "whoever is told to wait, waits for no more than the rate's own time: {wait} s");
    day.clock.by(61);
    assert_eq!(day.desk.get("/strict/1").status, 200, "a minute later everything is as it was");
    // Ahead and back again gives nobody more than a burst each time.
    day.clock.by(HOURS);
    let ahead = answered();
    assert!((19..25).contains(&ahead), "{ahead}");
    day.clock.by(-HOURS);
    assert_eq!(day.desk.get("/strict/1").status, 429);
    day.clock.by(61);
    assert!(answered() >= 19);
}

#[test]
fn an_action_is_carried_out_once_however_the_clock_jumps() {
    let day = Day::begin(&workspace());
    let first = day.order("k1");
    assert_eq!(first.status, 200);
    for jump in [-HOURS, HOURS / 2, HOURS / 2 + 3600, -3600] {
        day.clock.by(jump);
        let again = day.order("k1");
        assert_eq!((again.status, again.header("idempotent-replayed")), (200, Some("true")));
        assert_eq!(again.text(), first.text());
    }
    assert_eq!(day.orders(), 1);
    // What is under way stays so: it is neither carried out twice nor forgotten.
    day.items.on(
        "/orders",
        Script::answer(201, &[("content-type", "application/json")], r#"{"id":"o1"}"#)
            .after(Duration::from_secs(1)),
    );
    let key = "k2";
    std::thread::scope(|scope| {
        let running = scope.spawn(|| day.order(key));
        eventually("it is under way", || day.orders() == 2);
        for jump in [HOURS, -2 * HOURS, HOURS] {
            day.clock.by(jump);
            let meanwhile = day.order(key);
            assert!(
                meanwhile.status == 409 || meanwhile.header("idempotent-replayed").is_some(),
                "{meanwhile:?}"
            );
        }
        assert_eq!(running.join().unwrap().status, 200);
    });
    assert_eq!(day.order(key).header("idempotent-replayed"), Some("true"));
    assert_eq!(day.orders(), 2);
}
