//! `proxy(…, { cache: "http" })` as a shared cache by RFC 9111: the cases in `testdata/http-cache`, each a conversation at times of its own
//! between a client, a Frontdesk and a service.
//!
//! A step asks (`ask`, `with`), perhaps after a `wait` of seconds. If it says what the service `says` (and in which headers,
//! `saying`), the service must be asked once, in `sent` headers; if not, it must not be asked at all. What the client is
//! given is `gives`, if it is something else, with `has` headers (`!name`: without), and `told` by `Cache-Status`. `{now-5}` is a
//! date, `{base}` the path below which the case has the service to itself, `{it}` each value of `for`.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use frontdesk_adapter::Clock;
use frontdesk_cache::http::judge;
use frontdesk_cache::{Cache, Settings};
use frontdesk_testserver::{Gate, Script, Server};
use hyper::header::{HeaderMap, HeaderName};
use serde::Deserialize;

use crate::desk::{Desk, Fittings, Workspace, eventually};
use crate::wire::{Reply, request};

/// Goes on only when it is told to.
#[derive(Default)]
struct HandClock(AtomicU64);

impl HandClock {
    fn new() -> Arc<Self> {
        // Wed, 01 Apr 2026 12:00:00 GMT
        Arc::new(Self(AtomicU64::new(1_775_044_800_000_000)))
    }

    fn wait(&self, seconds: u64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn unix_micros(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// Where it is written: sections of RFC 9111 unless another is named.
    rfc: String,
    #[serde(default, rename = "for")]
    each: Vec<String>,
    steps: Vec<Step>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Step {
    wait: u64,
    ask: String,
    with: Vec<String>,
    says: Option<String>,
    saying: Vec<String>,
    /// The service breaks off after so many bytes of its body.
    cut: Option<usize>,
    /// The service's body is chunked.
    chunked: bool,
    /// The service is asked after the client was answered.
    later: bool,
    gives: Option<String>,
    has: Vec<String>,
    sent: Vec<String>,
    told: Option<String>,
}

struct Stage {
    legacy: Server,
    desk: Desk,
    clock: Arc<HandClock>,
}

const CACHED: &str = r#"proxy("/legacy/*", {
      cache: "http","#;

fn workspace() -> Workspace {
    Workspace::shop().replacing("bffs/app/bff.ts", r#"proxy("/legacy/*", {"#, CACHED)
}

impl Stage {
    fn new() -> Self {
        let legacy = Server::start();
        let clock = HandClock::new();
        let cache = Cache::new(Settings::without_chance(), clock.clone(), None);
        let fittings = Fittings { clock: clock.clone(), cache, ..Fittings::default() };
        let desk = Desk::start_with(&workspace(), &[("legacy", legacy.url())], fittings);
        Self { legacy, desk, clock }
    }

    /// What is written, with its dates and paths filled in.
    fn filled(&self, text: &str, base: &str, it: &str) -> String {
        let mut text = text.replace("{it}", it).replace("{base}", base);
        while let Some(start) = text.find("{now") {
            let end = start + text[start..].find('}').unwrap();
            let offset: i64 = text[start + 4..end].trim_start_matches('+').parse().unwrap_or(0);
            let moment = self.clock.unix().checked_add_signed(offset).unwrap() * 1_000_000;
            let mut headers = HeaderMap::new();
            judge::insert_date(&mut headers, HeaderName::from_static("date"), judge::time(moment));
            text.replace_range(start..=end, headers["date"].to_str().unwrap());
        }
        text
    }

    fn run(&self, case: &Case, base: &str, it: &str) {
        let mut is_later = false;
        for (at, step) in case.steps.iter().enumerate() {
            let what = format!("{}, step {} {it} ({base})", case.name, at + 1);
            self.clock.wait(step.wait);
            let fill = |text: &String| self.filled(text, base, it);
            let pairs = |lines: &[String]| -> Vec<(String, String)> {
                let pair = |line: &String| {
                    let line = fill(line);
                    let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("{what}: {line}"));
                    (name.to_owned(), value.trim().to_owned())
                };
                lines.iter().map(pair).collect()
            };
            let ask = fill(&step.ask);
            let (method, path) = ask.split_once(' ').unwrap_or_else(|| panic!("{what}: {ask}"));
            let target = format!("{base}{path}");
            if let Some(says) = &step.says {
                let script = script(&fill(says), &pairs(&step.saying), step);
                self.legacy.on(target.split('?').next().unwrap(), script);
            }
            let before = self.legacy.received().len();
            let with = pairs(&step.with);
            let with: Vec<(&str, &str)> = with.iter().map(|(name, value)| (&**name, &**value)).collect();
            let body: &[u8] = if matches!(method, "POST" | "PUT" | "PATCH") { b"body" } else { b"" };
            let bytes = request(method, &format!("/legacy{target}"), &with, body);
            let get = || {
                let mut client = self.desk.connect();
                client.send(&bytes);
                if method == "HEAD" { client.reply_to_head() } else { client.reply() }
            };
            if step.cut.is_some() {
                let mut client = self.desk.connect();
                client.send(&bytes);
                client.rest();
            } else {
                let gives = fill(
                    step.gives.as_ref().or(step.says.as_ref()).unwrap_or_else(|| panic!("{what}: gives")),
                );
                let mut reply = get();
                if is_later {
                    // What was fetched in the background is kept in a moment.
                    eventually(&what, || {
                        let is_there = said(&reply, method) == gives;
                        if !is_there {
                            reply = get();
                        }
                        is_there
                    });
                }
                assert_eq!(said(&reply, method), gives, "{what}: {reply:?}");
                if let Some(told) = &step.told {
                    let expected = format!("frontdesk; {}", fill(told));
                    assert_eq!(reply.header("cache-status"), Some(&*expected), "{what}");
                }
                for line in step.has.iter().map(fill) {
                    expect(&line, |name| reply.all(name).map(str::to_owned).collect(), &what);
                }
            }
            let asked = usize::from(step.says.is_some());
            if step.later {
                eventually(&what, || self.legacy.received().len() == before + asked);
            }
            let received = self.legacy.received();
            assert_eq!(received.len() - before, asked, "{what}: how often the service was asked");
            for line in step.sent.iter().map(fill) {
                let sent = received.last().unwrap();
                let all = |name: &str| {
                    sent.headers
                        .iter()
                        .filter(|(other, _)| other == name)
                        .map(|(_, value)| value.clone())
                        .collect()
                };
                expect(&line, all, &what);
            }
            is_later = step.later;
        }
    }
}

/// `name: value`, or `!name`.
fn expect(line: &str, all: impl Fn(&str) -> Vec<String>, what: &str) {
    if let Some(name) = line.strip_prefix('!') {
        assert_eq!(all(name), Vec::<String>::new(), "{what}: {name}");
        return;
    }
    let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("{what}: {line}"));
    assert_eq!(all(name).join(", "), value.trim(), "{what}: {name}");
}

fn script(says: &str, headers: &[(String, String)], step: &Step) -> Script {
    let (status, body) = says.split_once(' ').unwrap_or((says, ""));
    let status: u16 = status.parse().unwrap();
    let mut headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let head = |headers: &[(&str, &str)]| {
        let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("HTTP/1.1 {status} Scripted\r\n{}", lines.concat())
    };
    if step.chunked {
        headers.push(("transfer-encoding", "chunked"));
        let half = body.len() / 2;
        let (one, two) = body.split_at(half);
        let chunks = format!("{:x}\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n", one.len(), two.len());
        let chunks = match step.cut {
            Some(cut) => &chunks[..cut],
            None => &chunks,
        };
        let script = Script::raw(format!("{}\r\n{chunks}", head(&headers)));
        return if step.cut.is_some() { script.closing() } else { script };
    }
    let is_head = step.ask.starts_with("HEAD ");
    let states_length = headers.iter().any(|(name, _)| *name == "content-length");
    if is_head || states_length || matches!(status, 204 | 304) {
        let body = if is_head || status == 304 { "" } else { body };
        return Script::raw(format!("{}\r\n{body}", head(&headers)));
    }
    let script = Script::answer(status, &headers, body);
    match step.cut {
        Some(cut) => {
            let whole = format!("{}content-length: {}\r\n\r\n", head(&headers), body.len());
            script.cut_at(whole.len() + cut).closing()
        }
        None => script,
    }
}

/// Status and body, as cases have them.
fn said(reply: &Reply, method: &str) -> String {
    if method == "HEAD" || reply.body.is_empty() {
        return reply.status.to_string();
    }
    let is_problem = reply.header("content-type") == Some("application/problem+json");
    let body = if is_problem { reply.problem() } else { reply.text() };
    format!("{} {body}", reply.status)
}

#[test]
fn conversations_go_as_rfc_9111_has_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/http-cache");
    let only = std::env::var("CASE").ok();
    let stage = Stage::new();
    let (mut written, mut names) = (0, BTreeSet::new());
    let mut paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut failed = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let cases: Vec<Case> =
            serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for case in cases {
            assert!(names.insert(case.name.clone()), "{}: twice", case.name);
            assert!(!case.rfc.is_empty());
            let values = if case.each.is_empty() { vec![String::new()] } else { case.each.clone() };
            for it in values {
                written += 1;
                if only.as_ref().is_some_and(|only| !case.name.contains(only)) {
                    continue;
                }
                let base = format!("/c{written}");
                let running = std::panic::AssertUnwindSafe(|| stage.run(&case, &base, &it));
                if std::panic::catch_unwind(running).is_err() {
                    failed.push(format!("{} {it}", case.name));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{} of {written} failed: {failed:#?}", failed.len());
    assert!(names.len() >= 120, "{} cases", names.len());
}

fn storable(body: &str) -> Script {
    Script::answer(200, &[("cache-control", "max-age=60")], body)
}

#[test]
fn many_who_ask_at_once_make_one_request() {
    let stage = Stage::new();
    let gate = Gate::new();
    stage.legacy.on("/a", storable("one").behind(&gate));
    let mut clients: Vec<_> = (0..20).map(|_| stage.desk.connect()).collect();
    for client in &mut clients {
        client.send(&request("GET", "/legacy/a", &[], b""));
    }
    eventually("the service is asked", || !stage.legacy.received().is_empty());
    gate.open();
    let replies: Vec<Reply> = clients.iter_mut().map(crate::wire::Client::reply).collect();
    assert!(replies.iter().all(|reply| reply.text() == "one"), "{replies:?}");
    assert_eq!(stage.legacy.received().len(), 1);
    let collapsed =
        replies.iter().filter(|reply| reply.header("frontdesk-cache").unwrap().starts_with("shared")).count();
    let told: Vec<_> = replies.iter().map(|reply| reply.header("cache-status").unwrap()).collect();
    assert!(collapsed > 0 && told.iter().any(|told| told.contains("collapsed")), "{told:?}");
}

#[test]
fn who_waits_for_what_cannot_be_kept_asks_for_itself() {
    let stage = Stage::new();
    let gate = Gate::new();
    let private = |body: &str| Script::answer(200, &[("cache-control", "private")], body);
    stage.legacy.on_each("/a", [private("one").behind(&gate), private("two")]);
    let mut clients: Vec<_> = (0..5).map(|_| stage.desk.connect()).collect();
    for client in &mut clients {
        client.send(&request("GET", "/legacy/a", &[], b""));
    }
    eventually("the service is asked", || !stage.legacy.received().is_empty());
    gate.open();
    let mut bodies: Vec<String> = clients.iter_mut().map(|client| client.reply().text()).collect();
    bodies.sort();
    assert_eq!(bodies, ["one", "two", "two", "two", "two"]);
    assert_eq!(stage.legacy.received().len(), 5);
    // Now it is known, and nobody waits: the second is answered while the first is not.
    let gate = Gate::new();
    stage.legacy.on_each("/a", [private("slow").behind(&gate), private("quick")]);
    let mut first = stage.desk.connect();
    first.send(&request("GET", "/legacy/a", &[], b""));
    eventually("the service is asked", || stage.legacy.received().len() == 6);
    assert_eq!(stage.desk.get("/legacy/a").text(), "quick");
    gate.open();
    assert_eq!(first.reply().text(), "slow");
}

#[test]
fn the_first_client_need_not_wait_for_the_whole_body_nor_stay_for_it() {
    let stage = Stage::new();
    let gate = Gate::new();
    stage.legacy.on("/a", storable("the body").body_behind(&gate));
    let mut first = stage.desk.connect();
    first.send(&request("GET", "/legacy/a", &[], b""));
    // The head is here before there is a body.
    assert_eq!(first.head().0, 200);
    drop(first);
    let mut second = stage.desk.connect();
    second.send(&request("GET", "/legacy/a", &[], b""));
    gate.open();
    assert_eq!(second.reply().text(), "the body");
    eventually("it is kept", || {
        stage.desk.get("/legacy/a").header("frontdesk-cache").unwrap().starts_with("hit")
    });
    assert!(stage.legacy.received().len() <= 2);
}

#[test]
fn what_is_too_large_is_passed_on_whole_and_not_kept() {
    let stage = Stage::new();
    for chunked in [false, true] {
        let body = "x".repeat(3 * 1024 * 1024);
        let path = format!("/large-{chunked}");
        let script = if chunked {
            let mut out =
                "HTTP/1.1 200 OK\r\ncache-control: max-age=60\r\ntransfer-encoding: chunked\r\n\r\n"
                    .to_owned();
            for chunk in body.as_bytes().chunks(100_000) {
                out.push_str(&format!("{:x}\r\n{}\r\n", chunk.len(), std::str::from_utf8(chunk).unwrap()));
            }
            out.push_str("0\r\n\r\n");
            Script::raw(out)
        } else {
            storable(&body)
        };
        stage.legacy.on(&path, script);
        for times in 1..=2 {
            let before = stage.legacy.received().len();
            assert_eq!(stage.desk.get(&format!("/legacy{path}")).body.len(), body.len(), "{path}");
            assert_eq!(stage.legacy.received().len(), before + 1, "{path}, {times}");
        }
    }
}

#[test]
fn a_change_during_a_fetch_is_not_overwritten_by_what_was_before_it() {
    let stage = Stage::new();
    let gate = Gate::new();
    stage.legacy.on_each(
        "/a",
        [storable("before").body_behind(&gate), Script::answer(200, &[], "done"), storable("after")],
    );
    let mut first = stage.desk.connect();
    first.send(&request("GET", "/legacy/a", &[], b""));
    assert_eq!(first.head().0, 200);
    assert_eq!(stage.desk.ask(&request("POST", "/legacy/a", &[], b"change")).text(), "done");
    gate.open();
    assert_eq!(first.exactly(6), b"before");
    assert_eq!(stage.desk.get("/legacy/a").text(), "after");
    assert_eq!(stage.desk.get("/legacy/a").text(), "after");
    assert_eq!(stage.legacy.received().len(), 3);
}

#[test]
fn a_target_has_so_many_variants_and_no_more() {
    let stage = Stage::new();
    stage.legacy.on("/a", Script::answer(200, &[("cache-control", "max-age=60"), ("vary", "x-kept")], "one"));
    let ask = |value: usize| {
        let reply = stage.desk.ask(&request("GET", "/legacy/a", &[("x-kept", &value.to_string())], b""));
        reply.header("frontdesk-cache").unwrap().starts_with("hit")
    };
    for value in 0..40 {
        assert!(!ask(value), "{value}");
    }
    // The latest are there, the first are not.
    assert!(ask(39) && ask(20));
    assert!(!ask(0));
}

#[test]
fn what_is_kept_for_one_host_is_not_given_to_another() {
    let stage = Stage::new();
    stage.legacy.on_each("/a", [storable("one"), storable("two")]);
    let ask = |host: &str| {
        let bytes = format!("GET /legacy/a HTTP/1.1\r\nhost: {host}\r\n\r\n");
        stage.desk.ask(bytes.as_bytes()).text()
    };
    // A service that writes the host into its pages would give them to everybody otherwise.
    assert_eq!((ask("evil.example"), ask("shop.example")), ("one".to_owned(), "two".to_owned()));
    assert_eq!((ask("SHOP.example"), ask("evil.example")), ("two".to_owned(), "one".to_owned()));
}

#[test]
fn what_is_given_from_the_cache_passes_the_perimeter() {
    let stage = Stage::new();
    let headers = [
        ("cache-control", "public, max-age=60"),
        ("x-unlisted", "1"),
        ("x-own", "2"),
        ("set-cookie", "a=1"),
        ("server", "old"),
    ];
    stage.legacy.on("/a", Script::answer(200, &headers, "one"));
    let mut ids = BTreeSet::new();
    for cache in ["miss", "hit;age=0"] {
        let reply = stage.desk.get("/legacy/a");
        assert_eq!(reply.header("frontdesk-cache"), Some(cache));
        let strangers = (reply.header("x-unlisted"), reply.header("set-cookie"), reply.header("server"));
        assert_eq!(strangers, (None, None, None));
        assert_eq!(reply.header("x-own"), Some("2"));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        ids.insert(reply.header("x-request-id").unwrap().to_owned());
    }
    assert_eq!(ids.len(), 2, "each request has an id of its own");
}

/// What the service is asked with, and answers: in what it writes back there is what one client said.
#[test]
fn what_one_client_says_beside_the_target_is_in_nobody_elses_answer() {
    let stage = Stage::new();
    let ask = |path: &str, header: &[(&str, &str)]| {
        stage.desk.ask(&request("GET", &format!("/legacy{path}"), header, b"")).text()
    };
    // Services answer by these, and do not say so in `Vary`.
    for (at, header) in
        [("x-requested-with", "XMLHttpRequest"), ("prefer", "return=minimal"), ("save-data", "on")]
            .into_iter()
            .enumerate()
    {
        let path = format!("/page{at}");
        stage.legacy.on_each(&path, [storable("a fragment"), storable("the page")]);
        assert_eq!(ask(&path, &[header]), "a fragment");
        assert_eq!(ask(&path, &[]), "the page", "{header:?} poisons it");
        assert_eq!(
            (ask(&path, &[header]), ask(&path, &[])),
            ("a fragment".to_owned(), "the page".to_owned())
        );
    }
    // These mean nothing where there is no body: the service is not told.
    let header = [
        ("content-type", "text/evil"),
        ("content-location", "/evil"),
        ("content-encoding", "evil"),
        ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("last-event-id", "evil"),
        ("depth", "infinity"),
        ("idempotency-key", "evil"),
    ];
    stage.legacy.on("/b", storable("one"));
    ask("/b", &header);
    let received = stage.legacy.received();
    let sent = received.last().unwrap();
    for (name, _) in header {
        assert!(sent.headers.iter().all(|(other, _)| other != name), "{name}");
    }
}

/// Whoever asks so that the service refuses, or wants nothing kept, changes nothing for those who ask as one does.
#[test]
fn a_client_that_asks_oddly_neither_empties_the_cache_nor_makes_others_fetch_for_themselves() {
    let stage = Stage::new();
    let odd = |path: &str, header: &[(&str, &str)]| {
        stage.desk.ask(&request("GET", &format!("/legacy{path}"), header, b"")).status
    };
    stage.legacy.on("/kept", storable("one"));
    assert_eq!(stage.desk.get("/legacy/kept").text(), "one");
    stage.legacy.on("/kept", Script::answer(406, &[], "no such type"));
    assert_eq!(odd("/kept", &[("cache-control", "no-cache"), ("accept", "image/evil")]), 406);
    assert_eq!(stage.desk.get("/legacy/kept").text(), "one", "it is still there");
    // What nobody may see any more is gone.
    stage.legacy.on("/kept", Script::answer(403, &[], "no"));
    assert_eq!(odd("/kept", &[("cache-control", "no-cache")]), 403);
    assert_eq!(stage.desk.get("/legacy/kept").status, 403);

    for (at, header) in [("accept", "image/evil"), ("cache-control", "no-store")].into_iter().enumerate() {
        let (path, gate) = (format!("/hot{at}"), Gate::new());
        let first = if at == 0 { Script::answer(406, &[], "no") } else { storable("unkept") };
        stage.legacy.on_each(&path, [first, storable("hot").behind(&gate)]);
        odd(&path, &[header]);
        let before = stage.legacy.received().len();
        let mut clients: Vec<_> = (0..10).map(|_| stage.desk.connect()).collect();
        for client in &mut clients {
            client.send(&request("GET", &format!("/legacy{path}"), &[], b""));
        }
        eventually("the service is asked", || stage.legacy.received().len() > before);
        gate.open();
        assert!(clients.iter_mut().all(|client| client.reply().text() == "hot"));
        assert_eq!(stage.legacy.received().len(), before + 1, "one fetch for all, in spite of {header:?}");
    }
}
