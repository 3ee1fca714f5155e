//! What is set up against bad days, several of it at once: breakers, retries, hedges, what is kept.

use std::time::Duration;

use frontdesk_testserver::{Gate, Script};

use super::{LAMP, YAML, ends_well, get, healthy, mend, ordering, purge, serve_all_by, told, workspace};
use crate::program::Folder;

fn with(policy: &str) -> Folder {
    let folder = workspace();
    let schema = "openapi: services/items.openapi.yaml";
    folder.replace(YAML, schema, &format!("{schema}\n    {policy}"));
    folder
}

/// A service drips: the first callers wait for it as long as they may, then nobody does, and nothing is sent to it until it is
/// tried again. What it does not answer in time it is not asked for twice.
#[test]
fn a_breaker_opens_on_a_drip_and_closes_after_it() {
    let folder = with("breaker: { calls: 10, window: 10s, open: 1s }\n    retries: 0");
    folder.replace(YAML, "timeout: 700ms", "timeout: 200ms");
    let items = healthy();
    let mut running = serve_all_by(&folder, &items);
    items.on("/items/1", Script::json(LAMP).dripping(1, Duration::from_secs(1)));
    let mut late = 0;
    running.wait_for("it to be given up", |running| {
        let reply = told(&get(running, "/strict/1"));
        late += usize::from(reply == (504, "deadline_exceeded".to_owned()));
        (reply == (503, "service_unavailable".to_owned())).then_some(())
    });
    assert!((5..=20).contains(&late), "{late} callers waited");
    let asked = items.received().len();
    assert!(asked <= late + 1, "{asked} requests for {late} calls");
    // Optional calls are left out at once, too, and say why.
    mend(&items);
    running.wait_for("an answer", |running| {
        let reply = told(&get(running, "/strict/1"));
        assert!(reply.0 == 200 || reply.0 == 503, "{reply:?}");
        (reply.0 == 200).then_some(())
    });
    for _ in 0..10 {
        assert_eq!(get(&running, "/strict/1").status, 200);
    }
    ends_well(running);
}

/// Every third answer is cut off: retries mend what they can and never make much more of the load than it was.
#[test]
fn retries_stay_within_their_budget_whatever_breaks() {
    let calls = 150;
    for (policy, broken) in [("retries: { most: 3, budget: 20% }\n    breaker: off", 2), ("retries: 1", 6)] {
        let folder = with(policy);
        let items = healthy();
        let script = |number: usize| match number % broken {
            0 => Script::lying(100, LAMP).resetting(),
            _ => Script::json(LAMP),
        };
        items.on_each("/items/1", (0..2 * calls).map(script));
        let running = serve_all_by(&folder, &items);
        let began = std::time::Instant::now();
        let good = (0..calls).filter(|_| get(&running, "/strict/1").status == 200).count();
        let seconds = began.elapsed().as_secs() as usize + 1;
        let asked = items.received().len();
        // A retry a second is free, so that a service with few calls has some; and what was saved up before.
        let most = calls + calls / 5 + seconds + 10;
        assert!(asked <= most, "{policy}: {asked} requests for {calls} calls in {seconds} s");
        let without = calls - calls.div_ceil(broken);
        assert!(good > without, "{policy}: {good} of {calls} went well, without retries {without}");
        ends_well(running);
    }
}

/// A read that is slow is asked for once more, whichever comes first counts; a write is sent once, however slow.
#[test]
fn a_hedge_doubles_no_write() {
    let folder = with("hedge: 30ms\n    breaker: off");
    folder.replace(YAML, "timeout: 700ms", "timeout: 20s");
    let items = healthy();
    let gate = Gate::new();
    // The first never comes; the second overtakes it.
    items.on_each("/items/1", [Script::hang(), Script::json(LAMP)]);
    let running = serve_all_by(&folder, &items);
    assert_eq!(told(&get(&running, "/strict/1")), (200, String::new()));
    assert_eq!(super::count(&items, "/items/1"), 2);
    items.on_each("/items/1", [Script::hang(), Script::json(LAMP)]);
    assert_eq!(told(&get(&running, "/hedged/1")), (200, String::new()));

    let order = Script::answer(201, &[("content-type", "application/json")], r#"{"id":"o1"}"#);
    items.on("/orders", order.clone().behind(&gate));
    std::thread::scope(|scope| {
        let asked = scope.spawn(|| super::ask(&running, &ordering("k")));
        let mut other = super::connect(&running);
        // Many times what a hedge waits for.
        while super::count(&items, "/orders") == 0 {
            other.get("/nowhere");
        }
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(super::count(&items, "/orders"), 1);
        gate.open();
        assert_eq!(asked.join().unwrap().status, 200);
    });
    items.on_each("/orders", [order.clone().cut_at(40).resetting(), order]);
    let broken = super::ask(&running, &ordering("k2"));
    assert_eq!(told(&broken), (502, "service_failed".to_owned()));
    assert_eq!(super::count(&items, "/orders"), 2, "nor is a write that broke off sent again");
    ends_well(running);
}

/// What is kept stands in while its service is down, is taken away by a purge even then, and gives way to what is new.
#[test]
fn old_answers_stand_in_until_they_are_purged_or_there_are_new_ones() {
    let folder = with("breaker: off\n    retries: 0");
    let items = healthy();
    let mut running = serve_all_by(&folder, &items);
    let title = |running: &crate::program::Running| {
        let reply = get(running, "/kept/1");
        (reply.status, reply.json()["title"].as_str().unwrap_or_default().to_owned())
    };
    let kept = |title: &str| Script::json(format!(r#"{{"id":"1","title":"{title}"}}"#));
    let until = |running: &mut crate::program::Running, wanted: &str| {
        running.wait_for(wanted, |running| {
            let got = title(running);
            assert_eq!(got.0, 200, "{got:?}");
            (got.1 == wanted).then_some(())
        });
    };
    until(&mut running, "Lamp");
    for bad in [Script::status(503), Script::reset(), Script::hang()] {
        items.on("/items/1", bad);
        // Longer than it is fresh: the old one stands in, for everybody, as long as it takes.
        let asked = items.received().len();
        running.wait_for("the service to be asked in vain", |running| {
            assert_eq!(title(running), (200, "Lamp".to_owned()));
            (items.received().len() > asked).then_some(())
        });
        assert_eq!(title(&running), (200, "Lamp".to_owned()));
    }
    items.on("/items/1", kept("New lamp"));
    until(&mut running, "New lamp");

    // A purge while it is down: what was purged is given to nobody, down or not.
    items.on("/items/1", Script::status(500));
    assert_eq!(purge(&running, "items"), 200);
    for _ in 0..5 {
        let reply = told(&get(&running, "/kept/1"));
        assert_eq!(reply, (502, "service_failed".to_owned()));
    }
    items.on("/items/1", kept("Newest lamp"));
    until(&mut running, "Newest lamp");
    for _ in 0..5 {
        assert_eq!(title(&running).1, "Newest lamp");
    }
    // Gone is gone: a refusal takes away what was kept.
    items.on("/items/1", Script::status(404));
    running.wait_for("the refusal", |running| (get(running, "/kept/1").status == 404).then_some(()));
    items.on("/items/1", Script::status(503));
    assert_eq!(get(&running, "/kept/1").status, 503, "it does not come back as an old answer");
    ends_well(running);
}
