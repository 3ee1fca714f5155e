//! Ends in the middle of things: SIGTERM, SIGKILL, a client that has left.

use std::io::Read;
use std::net::TcpStream;

use frontdesk_testserver::{Gate, Script};

use super::{
    LAMP, YAML, address, ask, borrowed, both, connect, count, ends_well, flags, healthy, ordering,
    serve_all_by, told, workspace,
};
use crate::program::Running;
use crate::wire::request;

/// Told to end while a view, an action and what its client has left are under way: each is carried to its end, each answer
/// arrives whole, nobody new is let in, and a repetition at the next instance finds what was done.
#[test]
fn term_in_mid_request_loses_no_answer_and_no_action() {
    let gate = Gate::new();
    let items = healthy();
    items.on("/items/1", Script::json(LAMP).body_behind(&gate));
    let order = || Script::answer(201, &[("content-type", "application/json")], r#"{"id":"o1"}"#);
    items.on("/orders", order().behind(&gate));
    let large = format!("\"{}\"", "x".repeat(3_000_000));
    items.on("/large", Script::json(&large).body_behind(&gate));
    let folder = workspace();
    folder.replace(YAML, "timeout: 700ms", "timeout: 20s");
    folder.replace("shop/bffs/app/bff.ts", r#"timeout: "700ms""#, r#"timeout: "20s""#);
    folder.replace(YAML, "idempotency: memory", "idempotency: { embedded: keys.db }");
    let mut running = serve_all_by(&folder, &items);
    let mut view = connect(&running);
    view.send(&request("GET", "/strict/1", &[], b""));
    let mut passing = connect(&running);
    passing.send(&request("GET", "/passed/large", &[], b""));
    let mut action = connect(&running);
    action.send(&ordering("waited-for"));
    let mut left = connect(&running);
    left.send(&ordering("left-behind"));
    let mut idle = connect(&running);
    running.wait_for("all of them to be under way", |_| (items.received().len() == 4).then_some(()));
    drop(left);

    running.signal("TERM");
    assert!(idle.is_closed());
    let to = address(&running);
    running.wait_for("no new connections", |_| TcpStream::connect(to).is_err().then_some(()));
    gate.open();
    let (view, action, passed) = (view.reply(), action.reply(), passing.reply());
    assert_eq!((view.status, view.text().as_str()), (200, r#"{"title":"Lamp"}"#));
    assert_eq!((action.status, action.text().as_str()), (200, r#"{"order":"o1"}"#));
    assert!((passed.status, passed.body.len()) == (200, large.len()), "{} bytes", passed.body.len());
    assert_eq!(running.ends(), 0);
    assert!(!running.err().contains("panicked"), "{}", running.err());
    assert_eq!(count(&items, "/orders"), 2);

    let running = serve_all_by(&folder, &items);
    for key in ["waited-for", "left-behind"] {
        let again = ask(&running, &ordering(key));
        assert_eq!(
            (again.status, again.header("idempotent-replayed")),
            (200, Some("true")),
            "{key}: {again:?}"
        );
    }
    assert_eq!(count(&items, "/orders"), 2, "carried out once");
    ends_well(running);
}

/// Killed without a word: what was acknowledged is known to the next instance, and what was under way is never carried out a second
/// time under its key.
#[test]
fn kill_in_mid_action_loses_nothing_acknowledged_and_repeats_nothing() {
    let items = healthy();
    let folder = workspace();
    folder.replace(YAML, "timeout: 700ms", "timeout: 20s");
    folder.replace(YAML, "idempotency: memory", "idempotency: { embedded: keys.db }");
    let all = flags(&both(&items));
    let mut running = Running::start(&folder.shop(), &borrowed(&all));
    for number in 0..20 {
        assert_eq!(ask(&running, &ordering(&format!("done-{number}"))).status, 200);
    }
    items.on("/orders", Script::hang());
    let mut cut = TcpStream::connect(address(&running)).unwrap();
    std::io::Write::write_all(&mut cut, &ordering("cut")).unwrap();
    running.wait_for("it to be under way", |_| (count(&items, "/orders") == 21).then_some(()));
    running.signal("KILL");
    running.ends();
    let mut answer = Vec::new();
    let _ = cut.read_to_end(&mut answer);
    assert!(answer.is_empty(), "nothing was acknowledged");

    super::mend(&items);
    let running = Running::start(&folder.shop(), &borrowed(&all));
    for number in 0..20 {
        let again = ask(&running, &ordering(&format!("done-{number}")));
        assert_eq!((again.status, again.header("idempotent-replayed")), (200, Some("true")));
    }
    // Its instance may still be at it, for all that anybody can know.
    let again = ask(&running, &ordering("cut"));
    assert_eq!(told(&again), (409, "idempotency_in_progress".to_owned()));
    assert_eq!(count(&items, "/orders"), 21);
    ends_well(running);
}
