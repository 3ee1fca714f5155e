//! Choices over endpoints that come, go, fall ill and are busy.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;

use super::{Balance, Load, Question, REST, Site, Tried};
use crate::resilience::Outliers;
use crate::settings::Checked;
use crate::{EndpointList, EndpointSource, Settings};

/// A list that a test changes.
struct Changing(Mutex<Vec<EndpointSource>>);

impl EndpointList for Changing {
    fn name(&self) -> &'static str {
        "a list"
    }

    fn read(&self) -> Result<Vec<EndpointSource>, String> {
        Ok(self.0.lock().unwrap().clone())
    }
}

fn named(name: &str) -> EndpointSource {
    EndpointSource::at(format!("http://{name}"))
}

fn checked(settings: Settings) -> Checked {
    settings.check().unwrap()
}

fn balance(settings: Settings) -> Balance<()> {
    Balance::new(&checked(settings), &Outliers::new(None), |_| ())
}

fn of(endpoints: Vec<EndpointSource>) -> Settings {
    Settings { endpoints, ..Settings::at("") }
}

fn three() -> Balance<()> {
    balance(of(vec![named("a"), named("b"), named("c")]))
}

fn host<P>(site: &Rc<Site<P>>) -> String {
    site.endpoint.host.clone()
}

fn choose(balance: &Balance<()>) -> String {
    host(&balance.choose(&mut Tried::default()).unwrap())
}

fn site(balance: &Balance<()>, name: &str) -> Rc<Site<()>> {
    let mut found = None;
    balance.each(|site| {
        if site.endpoint.host == name {
            found = Some(Rc::clone(site));
        }
    });
    found.unwrap()
}

#[test]
fn each_endpoint_is_tried_once() {
    for (count, is_hashed) in [(3, false), (1, false), (64, false), (3, true), (64, true)] {
        let endpoints = (0..count).map(|n| named(&format!("e{n}"))).collect();
        let balance = balance(Settings { is_hashed, ..of(endpoints) });
        let mut tried = Tried::default();
        let mut hosts = Vec::new();
        while let Some(site) = balance.choose(&mut tried) {
            hosts.push(host(&site));
        }
        assert_eq!((hosts.len(), hosts.iter().collect::<HashSet<_>>().len()), (count, count));
        balance.again(&mut tried, Question([b"", b"", b""]));
        assert!(balance.choose(&mut tried).is_some(), "after all of them, from the beginning");
    }
}

#[test]
fn more_endpoints_than_bits_are_all_used() {
    let balance = balance(of((0..200).map(|n| named(&format!("e{n}"))).collect()));
    fastrand::seed(7);
    let seen: HashSet<String> = (0..5000).map(|_| choose(&balance)).collect();
    assert_eq!(seen.len(), 200);
    let mut tried = Tried::default();
    let attempts = std::iter::from_fn(|| balance.choose(&mut tried)).count();
    assert_eq!(attempts, 64, "a call gives up after so many");
}

#[tokio::test(start_paused = true)]
async fn the_most_loaded_and_the_resting_are_never_taken() {
    let balance = three();
    let loads: Vec<_> = (0..3).map(|_| Load::on(&site(&balance, "a"))).collect();
    for _ in 0..200 {
        assert_ne!(choose(&balance), "a", "three calls are in flight there");
    }
    drop(loads);
    site(&balance, "b").rest();
    for _ in 0..200 {
        assert_ne!(choose(&balance), "b", "it could not be reached a moment ago");
    }
    tokio::time::advance(REST).await;
    assert!((0..200).any(|_| choose(&balance) == "b"), "a rest must end");
}

#[test]
fn weights_are_kept_to_by_quiet_and_by_busy_services() {
    fastrand::seed(11);
    let balance = balance(of(vec![named("a"), named("b").weighing(3)]));
    let to_b = (0..4000).filter(|_| choose(&balance) == "b").count();
    assert!((2850..3150).contains(&to_b), "three quarters of 4000, not {to_b}");
    let loads: Vec<_> = (0..400).map(|_| Load::on(&balance.choose(&mut Tried::default()).unwrap())).collect();
    let at_b = loads.iter().filter(|load| load.site().endpoint.host == "b").count();
    assert!((295..=305).contains(&at_b), "three quarters of 400 in flight, not {at_b}");
}

#[test]
fn our_own_zone_is_asked_first_and_others_when_it_is_ill() {
    let zoned = |name, zone| named(name).in_zone(zone);
    let endpoints = vec![zoned("a1", "a"), zoned("a2", "a"), zoned("b1", "b"), zoned("b2", "b")];
    let balance = balance(Settings { zone: Some("a".into()), ..of(endpoints) });
    assert!((0..200).all(|_| choose(&balance).starts_with('a')));
    site(&balance, "a1").member.borrow().vitals.fall_ill();
    balance.picture.borrow_mut().is_stale = true;
    fastrand::seed(5);
    let spilt = (0..2000).filter(|_| choose(&balance).starts_with('b')).count();
    assert!((500..700).contains(&spilt), "three tenths of 2000, not {spilt}");
    assert!((0..200).all(|_| choose(&balance) != "a1"));
    let mut tried = Tried::default();
    let order: Vec<String> = std::iter::from_fn(|| balance.choose(&mut tried)).map(|s| host(&s)).collect();
    assert_eq!(order.last().map(String::as_str), Some("a1"), "who is ill is asked when nobody else is left");
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_appears_starts_slowly() {
    tokio::task::LocalSet::new()
        .run_until(async {
            let list = Arc::new(Changing(Mutex::new(vec![named("a")])));
            let balance = balance(of(vec![EndpointSource::listed(list.clone())]));
            assert_eq!(choose(&balance), "a");
            list.0.lock().unwrap().push(named("b"));
            follow(&balance, 2).await;
            fastrand::seed(3);
            let share = || (0..2000).filter(|_| choose(&balance) == "b").count();
            let at_first = share();
            assert!((120..260).contains(&at_first), "an eleventh of 2000, not {at_first}");
            tokio::time::advance(Duration::from_secs(5)).await;
            let halfway = share();
            assert!((560..760).contains(&halfway), "a third of 2000, not {halfway}");
            tokio::time::advance(Duration::from_secs(6)).await;
            let at_last = share();
            assert!((900..1100).contains(&at_last), "half of 2000, not {at_last}");
        })
        .await;
}

/// Sweeps until the list has so many endpoints.
async fn follow(balance: &Balance<()>, count: usize) {
    loop {
        balance.sweep();
        if balance.sites.borrow().len() == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_stays_keeps_its_place_and_what_went_is_let_go_by_its_last_call() {
    tokio::task::LocalSet::new()
        .run_until(async {
            let list = Arc::new(Changing(Mutex::new(vec![named("a"), named("b")])));
            let balance = balance(of(vec![EndpointSource::listed(list.clone())]));
            let (a, b) = (site(&balance, "a"), Rc::downgrade(&site(&balance, "b")));
            let in_flight = Load::on(&b.upgrade().unwrap());
            *list.0.lock().unwrap() = vec![named("c"), named("a").weighing(2)];
            follow(&balance, 2).await;
            while site(&balance, "a").member.borrow().weight < 2.0 {
                balance.sweep();
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
            assert!(Rc::ptr_eq(&a, &site(&balance, "a")), "its connections are still good");
            assert!((0..100).all(|_| choose(&balance) != "b"));
            assert!(b.upgrade().is_some(), "a call is in flight there");
            drop(in_flight);
            assert!(b.upgrade().is_none());
        })
        .await;
}

fn hashed(names: &[String]) -> Balance<()> {
    balance(Settings { is_hashed: true, ..of(names.iter().map(|name| named(name)).collect()) })
}

fn asked(balance: &Balance<()>, path: &str) -> Rc<Site<()>> {
    let mut tried = Tried::default();
    balance.again(&mut tried, Question::without_body("GET", path.as_bytes()));
    balance.choose(&mut tried).unwrap()
}

#[test]
fn the_same_question_goes_to_the_same_endpoint_until_that_is_too_busy() {
    let names: Vec<String> = (0..4).map(|n| format!("e{n}")).collect();
    let (here, there) = (hashed(&names), hashed(&names));
    let home = host(&asked(&here, "/products/1"));
    for _ in 0..50 {
        assert_eq!(host(&asked(&here, "/products/1")), home);
        assert_eq!(host(&asked(&there, "/products/1")), home, "every core and instance agrees");
    }
    let loads: Vec<_> = (0..100).map(|_| Load::on(&asked(&here, "/products/1"))).collect();
    for name in &names {
        let at = loads.iter().filter(|load| load.site().endpoint.host == *name).count();
        assert!(at <= 32, "{at} of 100 at {name}: a quarter and a quarter of that is the most");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn questions_move_only_to_or_from_what_changed(count in 2..10usize, gone in 0..10usize) {
        let names: Vec<String> = (0..count).map(|n| format!("e{n}")).collect();
        let gone = names[gone % count].clone();
        let left: Vec<String> = names.iter().filter(|name| **name != gone).cloned().collect();
        let (before, after) = (hashed(&names), hashed(&left));
        for n in 0..200 {
            let path = format!("/products/{n}");
            let (was, is) = (host(&asked(&before, &path)), host(&asked(&after, &path)));
            prop_assert!(was == is || was == gone);
        }
    }
}
