//! That the tables do not grow for ever: what cannot be seen through the traits.

use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Rate, SessionRecord};

use super::shards::SHARDS;
use super::{EntryTable, Leases, Moment, RateTable, SessionTable, SweepPace};

const START: Moment = Moment(1_800_000_000_000_000);

fn seconds(moment: Moment, seconds: u64) -> Moment {
    moment.after(Duration::from_secs(seconds))
}

fn record(now: Moment, subject: String, sid: Option<String>) -> SessionRecord {
    SessionRecord {
        version: 1,
        schema: 1,
        subject,
        sid,
        created: now.seconds(),
        last_seen: now.seconds(),
        idle_expires: now.seconds() + 60,
        absolute_expires: now.seconds() + 600,
        label: String::new(),
        sealed: Bytes::new(),
    }
}

#[test]
fn the_pace_gives_each_part_once_a_round() {
    let pace = SweepPace::new(START);
    assert_eq!(pace.due(START).count(), 0);
    let mut seen = vec![0; SHARDS];
    for second in 1..=32 {
        for number in pace.due(seconds(START, second)) {
            seen[number] += 1;
        }
    }
    assert_eq!(seen, vec![1; SHARDS]);
    let late: Vec<usize> = pace.due(seconds(START, 100_000)).collect();
    assert_eq!(late.len(), SHARDS, "after a long rest all of them, and once");
    assert_eq!(pace.due(START).count(), 0, "a clock that was set back asks for nothing");
    let next = pace.due(seconds(START, 32)).count();
    assert_eq!(next, SHARDS, "and what passes from then on is not left until it is as late again");
}

#[test]
fn sessions_tombstones_and_burials_are_swept() {
    let table = SessionTable::new();
    for n in 0..500 {
        table.create(&format!("k{n}"), record(START, format!("s{n}"), Some(format!("sid{n}"))), START);
        table.end(&format!("ended{n}"), seconds(START, 60), START);
        table.bury(&format!("b{n}"), seconds(START, 60), START);
    }
    assert_eq!(table.sizes(), (1000, 1000, 500));
    let mut swept = 0;
    for number in 0..SHARDS {
        table.sweep(number, seconds(START, 59), |_| swept += 1);
    }
    assert_eq!(swept, 0, "not before its time");
    for number in 0..SHARDS {
        table.sweep(number, seconds(START, 60), |_| swept += 1);
    }
    assert_eq!(swept, 1500);
    assert_eq!(table.sizes(), (0, 0, 0));
}

#[test]
fn the_index_keeps_nothing_of_what_was_ended_or_moved() {
    let table = SessionTable::new();
    for n in 0..100 {
        let key = format!("k{n}");
        table.create(&key, record(START, "alice".to_owned(), Some("one".to_owned())), START);
        table.compare_and_set(&key, 1, record(START, "bob".to_owned(), None), START);
        table.end(&key, START, START);
    }
    for number in 0..SHARDS {
        table.sweep(number, START, |_| {});
    }
    assert_eq!(table.sizes(), (0, 0, 0));
}

#[test]
fn entries_are_weighed_right() {
    let table = EntryTable::new(1 << 20);
    let nothing = &mut |_: &str| {};
    for n in 0..200 {
        let key = format!("e{}", n % 50);
        let value = Bytes::from(vec![0; n]);
        table.put(&key, &value, seconds(START, 10), START, nothing).expect("there is room");
        if n % 3 == 0 {
            table.take(&key, START);
        }
        let _ = table.put_new(&key, &value, seconds(START, 10), START, nothing);
    }
    assert!(table.bytes() > 0);
    let mut swept = Vec::new();
    for number in 0..SHARDS {
        table.sweep(number, seconds(START, 10), &mut |key| swept.push(key.to_owned()));
    }
    assert_eq!((swept.len(), table.len(), table.bytes()), (50, 0, 0));
}

#[test]
fn leases_left_behind_are_dropped() {
    let leases = Leases::default();
    let mut now = START;
    for n in 0..10_000 {
        assert!(leases.take(&format!("l{n}"), "holder", Duration::from_secs(10), now));
        now = seconds(now, 1);
    }
    assert!(leases.len() < 100, "{}", leases.len());
}

#[test]
fn rates_of_ever_new_keys_do_not_grow_and_the_busy_stay_counted() {
    let table = RateTable::new(64 * 100);
    let rate = Rate { interval_micros: 60_000_000, burst: 10 };
    for _ in 0..10 {
        assert!(table.admit("busy", rate, 1, START).allowed);
    }
    for n in 0..100_000 {
        assert!(table.admit(&format!("address {n}"), rate, 1, START).allowed);
    }
    assert!(table.len() <= 64 * 100, "{}", table.len());
    assert!(!table.admit("busy", rate, 1, START).allowed, "still counted");
    for number in 0..SHARDS {
        table.sweep(number, seconds(START, 600));
    }
    assert_eq!(table.len(), 0);
}
