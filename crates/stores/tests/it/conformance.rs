//! What all stores have in common. [`conformance!`] asks it of one adapter.

use std::sync::{Arc, Barrier};
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Created, Rate, SessionRecord, Swapped};

use crate::harness::{Harness, on_a_thread, record};

/// Long enough not to pass by itself, short enough to be waited for.
const SHORT: Duration = Duration::from_millis(150);
const LONG: Duration = Duration::from_secs(600);
const RACERS: usize = 8;

/// `each`: a test for each case, with a store of its own. `all`: one after the other, for stores that take long to
/// start; what makes a store is told the name of the case.
macro_rules! conformance {
    ($way:ident $make:expr) => {
        crate::conformance::conformance!(@ $way $make,
            a_session_is_created_once
            every_field_comes_back
            compare_and_set_wants_the_stored_version
            compare_and_set_keeps_a_touch_in_between
            compare_and_set_moves_the_indexes
            touch_only_moves_forward
            an_ended_session_cannot_be_brought_back
            ending_what_is_not_there_leaves_a_tombstone
            a_tombstone_goes_away
            a_later_shorter_tombstone_does_not_shorten_it
            idle_sessions_are_absent
            the_absolute_end_is_the_end
            lists_are_by_age_and_of_one_kind
            a_burial_holds_by_subject
            a_burial_holds_by_sid
            a_burial_goes_away
            a_burial_leaves_what_is_there_to_be_ended
            leases_have_one_holder
            leases_end_by_themselves_unless_renewed
            entries_are_new_once
            entries_are_taken_once
            entries_go_away
            a_rate_lets_the_burst_through
            a_cost_above_the_burst_never_comes_through
            strange_keys_are_only_keys
            one_of_many_creations_wins
            one_of_many_writers_wins
            an_end_wins_against_a_write
            one_of_many_takers_has_it
            one_of_many_leases_is_held
            a_burial_wins_against_creations
            the_generation_moves_with_every_change
            it_answers_a_probe
        );
    };
    (@ each $make:expr, $($case:ident)*) => {
        $(
            #[tokio::test]
            async fn $case() {
                let Some(harness) = $make.await else { return };
                crate::conformance::$case(&harness).await;
            }
        )*
    };
    (@ all $make:expr, $($case:ident)*) => {
        $(
            eprintln!("{}", stringify!($case));
            crate::conformance::$case(&$make(stringify!($case))).await;
        )*
    };
}
pub(crate) use conformance;

pub async fn a_session_is_created_once(h: &Harness) {
    let first = record(h.now(), "alice", None);
    assert_eq!(h.sessions.get("k").await, Ok(None));
    assert_eq!(h.sessions.create("k", first.clone()).await, Ok(Created::Yes));
    let second = SessionRecord { label: "Safari on iOS".to_owned(), ..first.clone() };
    assert_eq!(h.other.create("k", second).await, Ok(Created::Taken));
    assert_eq!(h.other.get("k").await, Ok(Some(first)));
}

pub async fn every_field_comes_back(h: &Harness) {
    let full = SessionRecord {
        version: 7,
        schema: u16::MAX,
        subject: "s".repeat(64),
        sid: Some(String::new()),
        created: h.now() - 5,
        last_seen: h.now() - 1,
        idle_expires: h.now() + 60,
        absolute_expires: h.now() + 31_536_000 * 5,
        label: "Ünïcode\0\n".to_owned(),
        sealed: Bytes::from((0..100_000_u32).map(|n| n as u8).collect::<Vec<u8>>()),
    };
    h.sessions.create("full", full.clone()).await.unwrap();
    let kept = SessionRecord { version: 1, ..full };
    assert_eq!(h.other.get("full").await, Ok(Some(kept)), "but for the version, which begins at 1");
    let bare =
        SessionRecord { sid: None, label: String::new(), sealed: Bytes::new(), ..record(h.now(), "", None) };
    h.sessions.create("bare", bare.clone()).await.unwrap();
    assert_eq!(h.other.get("bare").await, Ok(Some(bare)));
}

pub async fn compare_and_set_wants_the_stored_version(h: &Harness) {
    let first = record(h.now(), "alice", Some("sid"));
    assert_eq!(h.sessions.compare_and_set("k", 1, first.clone()).await, Ok(Swapped::Gone));
    assert_eq!(h.sessions.get("k").await, Ok(None), "a write does not create");
    h.sessions.create("k", first.clone()).await.unwrap();
    let next = SessionRecord { sealed: Bytes::from_static(b"next"), version: 99, ..first.clone() };
    assert_eq!(h.other.compare_and_set("k", 1, next.clone()).await, Ok(Swapped::Yes));
    assert_eq!(h.sessions.compare_and_set("k", 1, first.clone()).await, Ok(Swapped::Moved(2)));
    assert_eq!(h.sessions.compare_and_set("k", 3, first).await, Ok(Swapped::Moved(2)));
    assert_eq!(h.sessions.get("k").await, Ok(Some(SessionRecord { version: 2, ..next })));
}

pub async fn compare_and_set_keeps_a_touch_in_between(h: &Harness) {
    let first = record(h.now(), "alice", None);
    h.sessions.create("k", first.clone()).await.unwrap();
    assert_eq!(h.sessions.touch("k", first.last_seen + 60, first.idle_expires + 60).await, Ok(true));
    let next = SessionRecord { label: "written".to_owned(), ..first.clone() };
    assert_eq!(h.sessions.compare_and_set("k", 1, next).await, Ok(Swapped::Yes));
    let kept = h.sessions.get("k").await.unwrap().unwrap();
    assert_eq!((kept.version, kept.label.as_str()), (2, "written"));
    assert_eq!(
        (kept.last_seen, kept.idle_expires),
        (first.last_seen + 60, first.idle_expires + 60),
        "the later times stand"
    );
}

pub async fn compare_and_set_moves_the_indexes(h: &Harness) {
    let first = record(h.now(), "alice", Some("one"));
    h.sessions.create("k", first.clone()).await.unwrap();
    let next = SessionRecord { subject: "bob".to_owned(), sid: Some("two".to_owned()), ..first.clone() };
    h.sessions.compare_and_set("k", 1, next.clone()).await.unwrap();
    assert_eq!(h.other.by_subject("alice").await, Ok(vec![]));
    assert_eq!(h.other.by_sid("one").await, Ok(vec![]));
    let expected = vec![("k".to_owned(), SessionRecord { version: 2, ..next.clone() })];
    assert_eq!(h.other.by_subject("bob").await, Ok(expected.clone()));
    assert_eq!(h.other.by_sid("two").await, Ok(expected));
    h.sessions.compare_and_set("k", 2, SessionRecord { sid: None, ..next }).await.unwrap();
    assert_eq!(h.other.by_sid("two").await, Ok(vec![]));
    assert_eq!(h.other.by_subject("bob").await.unwrap().len(), 1);
}

pub async fn touch_only_moves_forward(h: &Harness) {
    let first = record(h.now(), "alice", None);
    assert_eq!(h.sessions.touch("k", first.last_seen, first.idle_expires).await, Ok(false));
    assert_eq!(h.sessions.get("k").await, Ok(None), "a touch does not create");
    h.sessions.create("k", first.clone()).await.unwrap();
    assert_eq!(h.sessions.touch("k", first.last_seen + 90, first.idle_expires + 30).await, Ok(true));
    assert_eq!(h.sessions.touch("k", first.last_seen + 60, first.idle_expires + 60).await, Ok(true));
    assert_eq!(h.sessions.touch("k", 0, 0).await, Ok(true));
    let expected = SessionRecord {
        last_seen: first.last_seen + 90,
        idle_expires: first.idle_expires + 60,
        ..first.clone()
    };
    assert_eq!(h.sessions.get("k").await, Ok(Some(expected)), "and the version stays");
    assert_eq!(h.sessions.by_subject("alice").await.unwrap()[0].1.last_seen, first.last_seen + 90);
}

pub async fn an_ended_session_cannot_be_brought_back(h: &Harness) {
    let first = record(h.now(), "alice", Some("sid"));
    h.sessions.create("k", first.clone()).await.unwrap();
    assert_eq!(h.other.end("k", LONG).await, Ok(true));
    assert_eq!(h.sessions.get("k").await, Ok(None));
    assert_eq!(h.sessions.compare_and_set("k", 1, first.clone()).await, Ok(Swapped::Gone));
    assert_eq!(h.sessions.touch("k", first.last_seen + 1, first.idle_expires + 1).await, Ok(false));
    assert_eq!(h.sessions.create("k", first).await, Ok(Created::Taken));
    assert_eq!(h.sessions.by_subject("alice").await, Ok(vec![]));
    assert_eq!(h.sessions.by_sid("sid").await, Ok(vec![]));
    assert_eq!(h.sessions.end("k", LONG).await, Ok(false));
}

pub async fn ending_what_is_not_there_leaves_a_tombstone(h: &Harness) {
    assert_eq!(h.sessions.end("k", LONG).await, Ok(false));
    assert_eq!(h.other.create("k", record(h.now(), "alice", None)).await, Ok(Created::Taken));
}

pub async fn a_tombstone_goes_away(h: &Harness) {
    h.sessions.create("k", record(h.now(), "alice", None)).await.unwrap();
    h.sessions.end("k", SHORT).await.unwrap();
    h.lapse(2 * SHORT).await;
    let next = record(h.now(), "bob", None);
    assert_eq!(h.sessions.create("k", next.clone()).await, Ok(Created::Yes));
    assert_eq!(h.sessions.get("k").await, Ok(Some(next)));
}

pub async fn a_later_shorter_tombstone_does_not_shorten_it(h: &Harness) {
    h.sessions.end("k", LONG).await.unwrap();
    h.sessions.end("k", SHORT).await.unwrap();
    h.lapse(2 * SHORT).await;
    assert_eq!(h.sessions.create("k", record(h.now(), "alice", None)).await, Ok(Created::Taken));
}

pub async fn idle_sessions_are_absent(h: &Harness) {
    let first = record(h.now(), "alice", Some("sid"));
    h.sessions.create("idle", first.clone()).await.unwrap();
    h.sessions.create("busy", first.clone()).await.unwrap();
    h.clock.advance(Duration::from_secs(3599));
    assert!(h.sessions.get("idle").await.unwrap().is_some(), "up to the last second");
    assert_eq!(h.sessions.touch("busy", h.now(), h.now() + 3600).await, Ok(true));
    h.clock.advance(Duration::from_secs(1));
    assert_eq!(h.sessions.get("idle").await, Ok(None));
    assert_eq!(h.other.touch("idle", h.now(), h.now() + 3600).await, Ok(false), "too late");
    assert_eq!(h.other.compare_and_set("idle", 1, first.clone()).await, Ok(Swapped::Gone));
    assert_eq!(h.sessions.by_subject("alice").await.unwrap().len(), 1);
    assert_eq!(h.sessions.by_sid("sid").await.unwrap().len(), 1);
    assert!(h.sessions.get("busy").await.unwrap().is_some());
    assert_eq!(
        h.sessions.create("idle", record(h.now(), "bob", None)).await,
        Ok(Created::Yes),
        "as good as absent"
    );
    assert_eq!(h.sessions.get("idle").await.unwrap().unwrap().subject, "bob");
    assert_eq!(h.sessions.by_subject("alice").await.unwrap().len(), 1);
}

pub async fn the_absolute_end_is_the_end(h: &Harness) {
    let first = SessionRecord { idle_expires: h.now() + 40_000, ..record(h.now(), "alice", None) };
    h.sessions.create("k", first).await.unwrap();
    h.clock.advance(Duration::from_secs(35_999));
    assert_eq!(h.sessions.touch("k", h.now(), h.now() + 3600).await, Ok(true));
    h.clock.advance(Duration::from_secs(1));
    assert_eq!(h.sessions.get("k").await, Ok(None));
    assert_eq!(h.sessions.end("k", LONG).await, Ok(false));
}

pub async fn lists_are_by_age_and_of_one_kind(h: &Harness) {
    for (key, age, subject, sid) in [
        ("young", 10, "alice", Some("one")),
        ("old", 30, "alice", Some("two")),
        ("middle", 20, "alice", None),
        ("hers", 5, "bob", Some("one")),
        ("crossed", 1, "one", Some("alice")),
    ] {
        let record = SessionRecord { created: h.now() - age, ..record(h.now(), subject, sid) };
        assert_eq!(h.sessions.create(key, record).await, Ok(Created::Yes));
    }
    let keys = |list: Vec<(String, SessionRecord)>| list.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    assert_eq!(keys(h.other.by_subject("alice").await.unwrap()), ["old", "middle", "young"]);
    assert_eq!(keys(h.other.by_sid("one").await.unwrap()), ["young", "hers"]);
    assert_eq!(keys(h.other.by_sid("alice").await.unwrap()), ["crossed"], "a subject is not a sid");
    assert_eq!(h.other.by_sid("nobody").await, Ok(vec![]));
}

pub async fn a_burial_holds_by_subject(h: &Harness) {
    let before = record(h.now(), "alice", Some("sid"));
    h.sessions.create("there", before.clone()).await.unwrap();
    h.other.bury("alice", LONG).await.unwrap();
    assert_eq!(h.sessions.create("late", before.clone()).await, Ok(Created::Buried), "of the same second");
    let older = SessionRecord { created: h.now() - 60, ..before.clone() };
    assert_eq!(h.sessions.create("later", older).await, Ok(Created::Buried));
    assert_eq!(h.sessions.compare_and_set("there", 1, before.clone()).await, Ok(Swapped::Gone));
    assert_eq!(h.sessions.touch("there", h.now() + 1, h.now() + 4000).await, Ok(false));
    let other = SessionRecord { subject: "bob".to_owned(), ..before };
    assert_eq!(h.sessions.create("other", other).await, Ok(Created::Yes));
    let after = record(h.now() + 1, "alice", None);
    assert_eq!(h.sessions.create("after", after.clone()).await, Ok(Created::Yes), "a new login");
    assert_eq!(h.sessions.compare_and_set("after", 1, after).await, Ok(Swapped::Yes));
}

pub async fn a_burial_holds_by_sid(h: &Harness) {
    let before = record(h.now() - 1, "alice", Some("sid"));
    h.sessions.create("there", SessionRecord { sid: None, ..before.clone() }).await.unwrap();
    h.other.bury("sid", LONG).await.unwrap();
    assert_eq!(h.sessions.create("late", before.clone()).await, Ok(Created::Buried));
    assert_eq!(
        h.sessions.compare_and_set("there", 1, before.clone()).await,
        Ok(Swapped::Gone),
        "nor does one move under it"
    );
    let elsewhere = SessionRecord { sid: Some("else".to_owned()), ..before };
    assert_eq!(h.sessions.create("elsewhere", elsewhere).await, Ok(Created::Yes));
}

pub async fn a_burial_goes_away(h: &Harness) {
    let before = record(h.now(), "alice", None);
    h.sessions.bury("alice", SHORT).await.unwrap();
    assert_eq!(h.sessions.create("k", before.clone()).await, Ok(Created::Buried));
    h.lapse(2 * SHORT).await;
    assert_eq!(h.sessions.create("k", before).await, Ok(Created::Yes));
}

pub async fn a_burial_leaves_what_is_there_to_be_ended(h: &Harness) {
    let before = record(h.now(), "alice", Some("sid"));
    h.sessions.create("k", before.clone()).await.unwrap();
    h.sessions.bury("sid", LONG).await.unwrap();
    assert_eq!(h.sessions.by_sid("sid").await, Ok(vec![("k".to_owned(), before)]));
    assert_eq!(h.sessions.end("k", LONG).await, Ok(true));
}

pub async fn leases_have_one_holder(h: &Harness) {
    assert_eq!(h.sessions.lease("l", "a", LONG).await, Ok(true));
    assert_eq!(h.other.lease("l", "b", LONG).await, Ok(false));
    assert_eq!(h.other.lease("l", "a", LONG).await, Ok(false), "not even its holder takes it twice");
    assert_eq!(h.other.lease("another", "b", LONG).await, Ok(true));
    assert_eq!(h.other.renew("l", "b", LONG).await, Ok(false));
    assert_eq!(h.other.renew("l", "a", LONG).await, Ok(true));
    h.other.release("l", "b").await.unwrap();
    assert_eq!(h.other.lease("l", "b", LONG).await, Ok(false), "only its holder releases it");
    h.sessions.release("l", "a").await.unwrap();
    assert_eq!(h.sessions.renew("l", "a", LONG).await, Ok(false));
    assert_eq!(h.other.lease("l", "b", LONG).await, Ok(true));
    h.other.release("nothing", "b").await.unwrap();
}

pub async fn leases_end_by_themselves_unless_renewed(h: &Harness) {
    assert_eq!(h.sessions.lease("kept", "a", SHORT).await, Ok(true));
    assert_eq!(h.sessions.lease("lost", "a", SHORT).await, Ok(true));
    assert_eq!(h.sessions.renew("kept", "a", LONG).await, Ok(true));
    h.lapse(2 * SHORT).await;
    assert_eq!(h.other.lease("kept", "b", LONG).await, Ok(false));
    assert_eq!(h.sessions.renew("lost", "a", LONG).await, Ok(false), "a lost lease is not held again");
    assert_eq!(h.other.lease("lost", "b", LONG).await, Ok(true));
    h.sessions.release("lost", "a").await.unwrap();
    assert_eq!(h.other.renew("lost", "b", LONG).await, Ok(true), "nor does the loser release it");
}

pub async fn entries_are_new_once(h: &Harness) {
    let (first, second) = (Bytes::from_static(b"\x00first\xff"), Bytes::from_static(b"second"));
    assert_eq!(h.entries.get("e").await, Ok(None));
    assert_eq!(h.entries.put_new("e", first.clone(), LONG).await, Ok(true));
    assert_eq!(h.other_entries.put_new("e", second.clone(), LONG).await, Ok(false));
    assert_eq!(h.other_entries.get("e").await, Ok(Some(first)), "it stays as it was");
    h.entries.put("e", second.clone(), LONG).await.unwrap();
    assert_eq!(h.other_entries.get("e").await, Ok(Some(second)));
    h.entries.put("empty", Bytes::new(), LONG).await.unwrap();
    assert_eq!(h.other_entries.get("empty").await, Ok(Some(Bytes::new())), "empty is not absent");
    assert_eq!(h.entries.put_new("empty", Bytes::new(), LONG).await, Ok(false));
}

pub async fn entries_are_taken_once(h: &Harness) {
    let value = Bytes::from_static(b"code");
    h.entries.put_new("e", value.clone(), LONG).await.unwrap();
    assert_eq!(h.other_entries.take("e").await, Ok(Some(value.clone())));
    assert_eq!(h.entries.take("e").await, Ok(None));
    assert_eq!(h.entries.get("e").await, Ok(None));
    assert_eq!(h.entries.put_new("e", value, LONG).await, Ok(true), "and may be new again");
}

pub async fn entries_go_away(h: &Harness) {
    let value = Bytes::from_static(b"v");
    for key in ["got", "taken", "new"] {
        assert_eq!(h.entries.put_new(key, value.clone(), SHORT).await, Ok(true));
    }
    h.entries.put("longer", value.clone(), SHORT).await.unwrap();
    h.entries.put("longer", value.clone(), LONG).await.unwrap();
    assert_eq!(h.entries.get("got").await, Ok(Some(value.clone())));
    h.lapse(2 * SHORT).await;
    assert_eq!(h.entries.get("got").await, Ok(None));
    assert_eq!(h.entries.take("taken").await, Ok(None));
    assert_eq!(h.entries.put_new("new", value.clone(), LONG).await, Ok(true));
    assert_eq!(h.entries.get("longer").await, Ok(Some(value)));
}

pub async fn a_rate_lets_the_burst_through(h: &Harness) {
    let Some(rates) = &h.rates else { return };
    // Slow, so that what passes while the test runs gives nothing back.
    let hour = Duration::from_secs(3600);
    let rate = Rate { interval_micros: hour.as_micros() as u64, burst: 5 };
    let about = |is: Duration, should: Duration| {
        assert!(is <= should && is + Duration::from_secs(60) > should, "{is:?} instead of {should:?}");
    };
    let first = rates.admit("r", rate, 1).await.unwrap();
    assert_eq!((first.allowed, first.remaining, first.retry_after), (true, 4, Duration::ZERO));
    about(first.reset_after, hour);
    let second = rates.admit("r", rate, 3).await.unwrap();
    assert_eq!((second.allowed, second.remaining), (true, 1));
    let refused = rates.admit("r", rate, 2).await.unwrap();
    assert_eq!((refused.allowed, refused.remaining), (false, 1));
    about(refused.retry_after, hour);
    about(refused.reset_after, 4 * hour);
    let last = rates.admit("r", rate, 1).await.unwrap();
    assert_eq!((last.allowed, last.remaining), (true, 0), "what was refused cost nothing");
    assert!(!rates.admit("r", rate, 1).await.unwrap().allowed);
    assert!(rates.admit("r", rate, 0).await.unwrap().allowed, "looking costs nothing");
    assert!(rates.admit("another", rate, 5).await.unwrap().allowed);
}

pub async fn a_cost_above_the_burst_never_comes_through(h: &Harness) {
    let Some(rates) = &h.rates else { return };
    for interval_micros in [0, 1, 1_000_000, u64::MAX] {
        let rate = Rate { interval_micros, burst: 3 };
        let verdict = rates.admit(&format!("r{interval_micros}"), rate, 4).await.unwrap();
        assert!(!verdict.allowed);
        assert!(verdict.retry_after > Duration::ZERO);
        assert_eq!(verdict.remaining, 3);
        assert!(rates.admit(&format!("r{interval_micros}"), rate, 3).await.unwrap().allowed);
    }
}

pub async fn strange_keys_are_only_keys(h: &Harness) {
    let strange = ["", " ", "a:b", "{a}", "}{", "*", "ä\u{1f600}", "a\r\nb", "a\0b", "k}{k"];
    for (n, key) in strange.into_iter().enumerate() {
        let record = record(h.now(), key, Some(key));
        assert_eq!(h.sessions.create(key, record.clone()).await, Ok(Created::Yes), "{key:?}");
        assert_eq!(h.other.get(key).await, Ok(Some(record.clone())), "{key:?}");
        assert_eq!(h.other.by_subject(key).await, Ok(vec![(key.to_owned(), record)]), "{key:?}");
        assert_eq!(h.sessions.lease(key, "holder", LONG).await, Ok(true), "{key:?}");
        let value = Bytes::from(n.to_string());
        assert_eq!(h.entries.put_new(key, value.clone(), LONG).await, Ok(true), "{key:?}");
        assert_eq!(h.entries.take(key).await, Ok(Some(value)), "{key:?}");
    }
    for key in strange {
        assert_eq!(h.sessions.end(key, LONG).await, Ok(true), "{key:?}");
    }
}

/// Starts them at the same moment, half on each instance, and counts for how many `won` holds.
fn race<T, F>(h: &Harness, run: impl Fn(Racer) -> F + Clone + Send + 'static) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T>,
{
    let start = Arc::new(Barrier::new(RACERS));
    let racers: Vec<_> = (0..RACERS)
        .map(|number| {
            let racer = Racer {
                number,
                sessions: if number % 2 == 0 { h.sessions.clone() } else { h.other.clone() },
                entries: if number % 2 == 0 { h.entries.clone() } else { h.other_entries.clone() },
            };
            let (start, run) = (start.clone(), run.clone());
            on_a_thread(move || {
                start.wait();
                run(racer)
            })
        })
        .collect();
    racers.into_iter().map(|racer| racer.join().unwrap()).collect()
}

#[derive(Clone)]
struct Racer {
    number: usize,
    sessions: Arc<dyn frontdesk_adapter::SessionStore>,
    entries: Arc<dyn frontdesk_adapter::EntryStore>,
}

fn count<T>(all: &[T], won: impl Fn(&T) -> bool) -> usize {
    all.iter().filter(|one| won(one)).count()
}

pub async fn one_of_many_creations_wins(h: &Harness) {
    let first = record(h.now(), "alice", Some("sid"));
    for round in 0..10 {
        let (key, first) = (format!("k{round}"), first.clone());
        let outcomes = race(h, move |racer| {
            let (key, first) = (key.clone(), first.clone());
            async move { racer.sessions.create(&key, first).await.unwrap() }
        });
        assert_eq!(count(&outcomes, |created| *created == Created::Yes), 1, "{outcomes:?}");
    }
    assert_eq!(h.sessions.by_sid("sid").await.unwrap().len(), 10);
}

pub async fn one_of_many_writers_wins(h: &Harness) {
    let first = record(h.now(), "alice", None);
    h.sessions.create("k", first.clone()).await.unwrap();
    for version in 1..=20 {
        let first = first.clone();
        let outcomes = race(h, move |racer| {
            let next = SessionRecord { label: racer.number.to_string(), ..first.clone() };
            async move { racer.sessions.compare_and_set("k", version, next).await.unwrap() }
        });
        assert_eq!(count(&outcomes, |swapped| *swapped == Swapped::Yes), 1, "{outcomes:?}");
        assert_eq!(count(&outcomes, |swapped| *swapped == Swapped::Moved(version + 1)), RACERS - 1);
        let winner = outcomes.iter().position(|swapped| *swapped == Swapped::Yes).unwrap();
        let kept = h.other.get("k").await.unwrap().unwrap();
        assert_eq!((kept.version, kept.label), (version + 1, winner.to_string()));
    }
}

pub async fn an_end_wins_against_a_write(h: &Harness) {
    let first = record(h.now(), "alice", Some("sid"));
    for round in 0..20 {
        let key = format!("k{round}");
        h.sessions.create(&key, first.clone()).await.unwrap();
        let (again, key) = (first.clone(), key.as_str());
        let moved = key.to_owned();
        let outcomes = race(h, move |racer| {
            let (key, next) = (moved.clone(), again.clone());
            async move {
                if racer.number == 3 {
                    return racer.sessions.end(&key, LONG).await.unwrap();
                }
                // A writer that does not give up, and one that creates: neither may win in the end.
                let mut version = 1;
                loop {
                    match racer.sessions.compare_and_set(&key, version, next.clone()).await.unwrap() {
                        Swapped::Yes => version += 1,
                        Swapped::Moved(now) => version = now,
                        Swapped::Gone => break,
                    }
                }
                racer.sessions.create(&key, next).await.unwrap() == Created::Yes
            }
        });
        assert_eq!(count(&outcomes, |it| *it), 1, "only the end came through");
        assert_eq!(h.sessions.get(key).await, Ok(None));
    }
    assert_eq!(h.sessions.by_subject("alice").await, Ok(vec![]));
}

pub async fn one_of_many_takers_has_it(h: &Harness) {
    for round in 0..10 {
        let key = format!("e{round}");
        let news = race(h, {
            let key = key.clone();
            move |racer| {
                let key = key.clone();
                async move { racer.entries.put_new(&key, Bytes::from_static(b"v"), LONG).await.unwrap() }
            }
        });
        assert_eq!(count(&news, |new| *new), 1);
        let taken = race(h, move |racer| {
            let key = key.clone();
            async move { racer.entries.take(&key).await.unwrap() }
        });
        assert_eq!(count(&taken, Option::is_some), 1);
    }
}

pub async fn one_of_many_leases_is_held(h: &Harness) {
    for round in 0..10 {
        let name = format!("l{round}");
        let held = race(h, move |racer| {
            let name = name.clone();
            async move { racer.sessions.lease(&name, &racer.number.to_string(), LONG).await.unwrap() }
        });
        assert_eq!(count(&held, |held| *held), 1);
    }
}

pub async fn a_burial_wins_against_creations(h: &Harness) {
    for round in 0..20 {
        let subject = format!("alice{round}");
        let first = record(h.now(), &subject, None);
        let outcomes = race(h, {
            let subject = subject.clone();
            move |racer| {
                let (subject, first) = (subject.clone(), first.clone());
                async move {
                    if racer.number == 5 {
                        // A back-channel logout.
                        racer.sessions.bury(&subject, LONG).await.unwrap();
                        for (key, _) in racer.sessions.by_subject(&subject).await.unwrap() {
                            racer.sessions.end(&key, LONG).await.unwrap();
                        }
                        return Created::Buried;
                    }
                    let key = format!("{subject}/{}", racer.number);
                    racer.sessions.create(&key, first).await.unwrap()
                }
            }
        });
        assert_eq!(h.sessions.by_subject(&subject).await, Ok(vec![]), "{outcomes:?}");
    }
}

pub async fn the_generation_moves_with_every_change(h: &Harness) {
    // Where another process can write, it must move before long; here it must have moved at once.
    let generation = || h.sessions.generation("k");
    if generation().is_none() {
        return;
    }
    let first = record(h.now(), "alice", None);
    let mut before = generation();
    let mut moved = |what: &str| {
        let now = generation();
        assert!(now.is_none() || now != before, "{what}");
        before = now;
    };
    h.sessions.create("k", first.clone()).await.unwrap();
    moved("created");
    h.sessions.compare_and_set("k", 1, first.clone()).await.unwrap();
    moved("written");
    h.sessions.touch("k", first.last_seen + 1, first.idle_expires + 1).await.unwrap();
    moved("touched");
    h.sessions.end("k", LONG).await.unwrap();
    moved("ended");
}

pub async fn it_answers_a_probe(h: &Harness) {
    assert_eq!(h.sessions.probe().await, Ok(()));
}
