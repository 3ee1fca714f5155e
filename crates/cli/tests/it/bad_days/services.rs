//! A service over HTTP/1.1 has each of its bad days, and then a good one.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use frontdesk_testserver::{Authority, Script, Server, Validity, refusing, silent};

use super::{LAMP, NOTE, YAML, ends_well, get, healthy, mend, serve, serve_all_by, told, workspace};
use crate::program::Running;

/// What becomes of a required call, and of an optional one.
struct Day {
    says: &'static str,
    script: fn(&str) -> Script,
    required: (u16, &'static str),
    reason: &'static str,
}

const LATE: (u16, &str) = (504, "deadline_exceeded");
const FAILED: (u16, &str) = (502, "service_failed");
const UNAVAILABLE: (u16, &str) = (503, "service_unavailable");

const DAYS: &[Day] = &[
    Day { says: "hangs before headers", script: |_| Script::hang(), required: LATE, reason: "timeout" },
    Day {
        says: "hangs after headers",
        script: |good| Script::json(good).cut_after_head().hanging(),
        required: LATE,
        reason: "timeout",
    },
    Day {
        says: "drips a byte a second",
        script: |good| Script::json(good).dripping(1, Duration::from_secs(1)),
        required: LATE,
        reason: "timeout",
    },
    Day { says: "resets before it answers", script: |_| Script::reset(), required: FAILED, reason: "error" },
    Day {
        says: "resets in the middle of a body",
        script: |good| Script::lying(1000, good).resetting(),
        required: FAILED,
        reason: "error",
    },
    Day {
        says: "ends in the middle of a body",
        script: |good| Script::lying(1000, good).closing(),
        required: FAILED,
        reason: "error",
    },
    Day { says: "sends 100 MB", script: |_| Script::huge(100 << 20), required: FAILED, reason: "error" },
    Day {
        says: "sends 100 MB without saying how much it will be",
        script: |_| Script::chunked(vec![b' '; 100 << 20], 64 << 10),
        required: FAILED,
        reason: "error",
    },
    Day {
        says: "storms with interim answers",
        script: |good| Script::json(good).interim(103, 100_000),
        required: FAILED,
        reason: "error",
    },
    Day {
        says: "sends interim answers for ever",
        script: |_| {
            Script::raw("HTTP/1.1 100 Continue\r\n\r\n".repeat(20)).dripping(25, Duration::from_millis(100))
        },
        required: LATE,
        reason: "timeout",
    },
    Day { says: "speaks no HTTP", script: |_| Script::garbage(), required: FAILED, reason: "error" },
    Day {
        says: "sends a head without end",
        script: |_| Script::raw(format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(4 << 20))),
        required: FAILED,
        reason: "error",
    },
    Day {
        says: "says that it cannot",
        script: |_| Script::status(503),
        required: UNAVAILABLE,
        reason: "error",
    },
];

/// What a client gets of a required and of an optional call.
fn asked(running: &Running) -> ((u16, String), (u16, String, String)) {
    let required = told(&get(running, "/strict/1"));
    let optional = get(running, "/items/1");
    let degraded = optional.header("frontdesk-degraded").unwrap_or_default().to_owned();
    (required, (optional.status, degraded, optional.text()))
}

fn is_good(running: &Running) {
    for _ in 0..4 {
        let whole = (
            200,
            String::new(),
            format!(r#"{{"id":"1","title":"Lamp","note":{}}}"#, r#""Handle with care""#),
        );
        assert_eq!(asked(running), ((200, String::new()), whole));
    }
}

/// A service of its own fails, or nothing of it comes in time: then the required call's request fails in the way that
/// is told, the optional one's goes on without it; and the next request finds nothing of that day left.
#[test]
fn each_day_is_told_as_it_is_and_over_when_it_is_over() {
    let (items, extras) = (healthy(), healthy());
    let folder = workspace();
    let running = serve(&folder, &[("items", items.url()), ("extras", extras.url())]);
    is_good(&running);
    let before = running.memory("VmRSS");
    let mut wrong = Vec::new();
    for day in DAYS {
        items.on("/items/1", (day.script)(LAMP));
        let required = told(&get(&running, "/strict/1"));
        mend(&items);
        extras.on("/notes/1", (day.script)(NOTE));
        let optional = get(&running, "/items/1");
        let passed = super::is_passed_or_ended(&running, "/passed/notes/1");
        mend(&extras);
        if required != (day.required.0, day.required.1.to_owned()) {
            wrong.push(format!("{}: {required:?}", day.says));
        }
        let degraded = optional.header("frontdesk-degraded").unwrap_or_default();
        let text = r#"{"id":"1","title":"Lamp","note":null}"#;
        if (optional.status, degraded, &*optional.text())
            != (200, &*format!("note;reason={}", day.reason), text)
        {
            wrong.push(format!("{}: {optional:?}", day.says));
        }
        // What passes through is answered or ended, in either case soon.
        if !passed {
            wrong.push(format!("{}: what passes through has no end", day.says));
        }
        is_good(&running);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let grown = running.memory("VmHWM").saturating_sub(before);
    assert!(grown < 40 * 1024, "it took {grown} KiB more to be sent several times 100 MB");
    ends_well(running);
}

#[test]
fn a_service_that_closes_connections_just_as_they_are_used_again_fails_no_read() {
    let items = healthy();
    items.on("/items/1", Script::json(LAMP).closing_on_reuse());
    let folder = workspace();
    let running = serve_all_by(&folder, &items);
    let asked = 60;
    for _ in 0..asked {
        assert_eq!(told(&get(&running, "/strict/1")), (200, String::new()));
    }
    let received = items.received().len();
    assert!(received <= 2 * asked, "{received} requests for {asked}");
    ends_well(running);
}

/// Its port opens and closes: whoever asks is answered each time, well whenever it is there.
#[test]
fn a_service_that_flaps_is_used_as_soon_as_it_is_there() {
    let folder = workspace();
    let (closed, hung) = (refusing(), silent());
    let items = healthy();
    let list = |url: &str| {
        // As a deployment does it: never a file that is half written.
        folder.write("shop/next.yaml", &format!("- {url}\n"));
        std::fs::rename(folder.path().join("shop/next.yaml"), folder.path().join("shop/items.yaml")).unwrap();
    };
    list(&closed.url());
    folder.replace(
        YAML,
        "openapi: services/items.openapi.yaml\n    url: http://127.0.0.1:1",
        "openapi: services/items.openapi.yaml\n    url: { file: items.yaml }",
    );
    let mut running = serve(&folder, &[("extras", items.url())]);
    for (url, wanted) in [
        (closed.url(), vec![UNAVAILABLE, FAILED]),
        (items.url(), vec![(200, "")]),
        (hung.url(), vec![LATE, UNAVAILABLE, FAILED]),
        (items.url(), vec![(200, "")]),
        (closed.url(), vec![UNAVAILABLE, FAILED]),
        (items.url(), vec![(200, "")]),
    ] {
        list(&url);
        let mut seen = Vec::new();
        running.wait_for(&format!("one of {wanted:?} with {url}"), |running| {
            let got = told(&get(running, "/strict/1"));
            assert!(got.0 == 200 || got.0 >= 502, "{got:?}");
            let is_wanted = wanted.iter().any(|(status, code)| (*status, *code) == (got.0, &*got.1));
            seen.push(got);
            is_wanted.then_some(())
        });
    }
    // A list that breaks changes nothing.
    folder.write("shop/items.yaml", "- http://[");
    running.wait_until_said("cannot be told");
    assert_eq!(get(&running, "/strict/1").status, 200);
    ends_well(running);
}

/// Whose certificate is not good is not asked, and a client learns no more than that.
#[test]
fn a_certificate_that_ran_out_or_names_another_host_is_never_talked_to() {
    let authority = Authority::new();
    let folder = workspace();
    folder.write("shop/ca.pem", authority.pem());
    folder.replace(YAML, "openapi: services", "tls: { ca: ca.pem }\n    openapi: services");
    let stranger = Authority::new();
    for (identity, wanted) in [
        (authority.issue("localhost", Validity::Now), (200, "")),
        (authority.issue("localhost", Validity::Expired), UNAVAILABLE),
        (authority.issue("elsewhere.example", Validity::Now), UNAVAILABLE),
        (stranger.issue("localhost", Validity::Now), UNAVAILABLE),
    ] {
        let items = Server::start_tls(&identity);
        mend(&items);
        let mut running = serve(&folder, &[("items", items.url()), ("extras", healthy().url())]);
        let reply = get(&running, "/strict/1");
        assert_eq!(told(&reply), (wanted.0, wanted.1.to_owned()));
        if wanted == UNAVAILABLE {
            assert!(items.received().is_empty());
            assert!(
                !reply.text().contains("localhost") && !reply.text().contains("certificate"),
                "{reply:?}"
            );
            // Whoever runs it learns the reason.
            running.wait_for("the reason in the log", |running| {
                running.out().contains("certificate").then_some(())
            });
        }
        ends_well(running);
    }
}

/// Answers nothing that was asked, but several answers at once, and closes.
#[test]
fn answers_that_nobody_asked_for_reach_nobody() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().map_while(Result::ok).enumerate() {
            std::thread::spawn(move || {
                let mut stream = stream;
                let mut piece = [0; 4096];
                while let Ok(1..) = stream.read(&mut piece) {
                    let answer = |title: &str| {
                        let body = format!(r#"{{"id":"1","title":"{title} {number}"}}"#);
                        format!(
                            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                            body.len()
                        )
                    };
                    let two = answer("mine") + &answer("not asked for");
                    if stream.write_all(two.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    let folder = workspace();
    let running = serve(&folder, &[("items", url)]);
    for _ in 0..20 {
        let reply = get(&running, "/strict/1");
        assert!(!reply.text().contains("not asked for"), "{reply:?}");
        assert!(reply.status == 200 || reply.status >= 502, "{reply:?}");
    }
    ends_well(running);
}
