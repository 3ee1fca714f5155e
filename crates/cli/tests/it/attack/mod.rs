//! Attacks on the perimeter as it is deployed: the program, the real provider, services that note what they get.
//! Cases stand in `scenarios/perimeter`; what takes several steps stands in `flows`, what is made up at random in
//! `random`.

mod case;
mod flows;
mod house;
mod random;
mod wire;

use std::path::PathBuf;

use self::case::Case;
use self::house::{ADMIN_TOKEN, Browser, House, PAGE, scenarios};
use self::wire::{connect, converse};

#[test]
fn attacks_fail() {
    let house = House::open();
    let mut findings = String::new();
    let mut count = 0;
    for path in case_files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let cases: Vec<Case> =
            serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        count += cases.len();
        for case in cases {
            let found = case.findings(&house);
            if !found.is_empty() {
                let file = path.file_name().unwrap().to_string_lossy();
                findings += &format!("{file}: {}\n    {}\n", case.says, found.join("\n    "));
            }
        }
    }
    assert!(findings.is_empty(), "\n{findings}");
    assert!(count >= 150, "the cases are there");
    still_in_order(&house);
}

#[test]
fn attacks_of_several_steps_fail() {
    let house = House::open();
    flows::callbacks_cannot_be_replayed_or_moved(&house);
    flows::codes_belong_to_their_own_login(&house);
    flows::logins_are_not_tossed(&house);
    flows::sessions_are_neither_fixed_nor_planted(&house);
    flows::users_do_not_mix(&house);
    flows::a_provider_that_breaks_signs_nobody_in(&house);
    flows::made_up_keys_are_no_storm(&house);
    flows::guesses_are_counted(&house);
    flows::logins_in_a_loop_are_bounded(&house);
    still_in_order(&house);
    // These end sessions of the house's people, or leave the provider alone for a while.
    flows::only_the_provider_ends_sessions(&house);
    flows::sessions_outlive_a_provider_that_is_gone(&house);
}

#[test]
fn requests_made_of_tricks_fail() {
    let house = House::open();
    random::nothing_private_without_a_credential(&house);
    random::nothing_private_for_other_pages(&house);
    random::what_is_forwarded_is_what_was_asked_for(&house);
    still_in_order(&house);
}

/// Whoever was signed in still is, nothing panicked, and nothing secret was written anywhere.
fn still_in_order(house: &House) {
    for name in ["ada", "bob", "mallory"] {
        let mut browser = Browser::default();
        browser.jar.0.insert(house::COOKIE.to_owned(), house.cookies[name].clone());
        assert_eq!(browser.send(house, "GET", "/me", PAGE).status, 200, "{name} is still signed in");
    }
    let (out, err) = (house.running.out(), house.running.err());
    assert!(!err.contains("panicked"), "{err}");
    assert!(!out.contains("\"status\":500"), "nothing went wrong inside");
    let mut written = vec![("standard output", out), ("standard error", err)];
    for path in ["/-/health", "/-/ready", "/metrics", "/-/sessions", "/-/sessions/end"] {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {ADMIN_TOKEN}\r\nconnection: close\r\n\r\n"
        );
        let answer = converse(&mut connect(&house.running.admin, house.somewhere()), request.as_bytes());
        written.push(("the admin listener", format!("{answer:?}")));
    }
    assert!(written[0].1.contains("\"status\":401"), "the access log is there");
    for (place, text) in &written {
        for (what, secret) in &house.secrets {
            assert!(!text.contains(secret), "{what} is in {place}");
        }
        assert!(!text.contains("eyJ"), "a JWT is in {place}");
    }
}

fn case_files() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(scenarios().join("cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    paths.sort();
    paths
}
