//! Runs `scenarios/<group>/<case>.yaml`; the format is described in `scenarios/README.md`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use frontdesk_adapter::{Clock, SystemClock};
use frontdesk_testserver::{Script, Server};
use frontdesk_types::Date;
use serde::Deserialize;
use serde_json::Value;

use crate::desk::{Desk, Fittings, Workspace, root};
use crate::wire::{Client, Reply, request};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "says")]
    _says: String,
    #[serde(default)]
    services: BTreeMap<String, BTreeMap<String, OneOrMore>>,
    request: Asked,
    response: Expected,
    #[serde(default)]
    calls: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    More(Vec<Told>),
    One(Told),
}

/// What a service is told to do with one request.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    status: Option<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    json: Option<Value>,
    body: Option<String>,
    hex: Option<String>,
    delay: Option<String>,
    chunked: Option<usize>,
    fault: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// The workspace's first, if it is not said.
    bff: Option<String>,
    /// The time of day for the server: `2026-12-31T23:59:59Z`.
    at: Option<String>,
    method: Option<String>,
    path: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    json: Option<Value>,
    body: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, Option<String>>,
    json: Option<Value>,
    body: Option<String>,
    within: Option<String>,
    #[serde(default)]
    without: Vec<String>,
}

/// `200ms`, `3s`.
fn duration(text: &str) -> Duration {
    match text.strip_suffix("ms") {
        Some(number) => Duration::from_millis(number.parse().expect(text)),
        None => Duration::from_secs(text.trim_end_matches('s').parse().expect(text)),
    }
}

/// What stands at `/openapi.json` of BFFs that show their contract: newest first.
const DOCUMENTS: [&str; 3] =
    [r#"{"openapi":"newest"}"#, r#"{"openapi":"in the middle"}"#, r#"{"openapi":"oldest"}"#];

/// A time of day that stands still: Unix seconds.
struct SetClock(u64);

impl Clock for SetClock {
    fn unix_micros(&self) -> u64 {
        self.0 * 1_000_000
    }
}

/// `2026-12-31T23:59:59Z`
fn moment(text: &str) -> u64 {
    let (day, time) = text.trim_end_matches('Z').split_once('T').expect(text);
    let time = time.split(':').map(|part| part.parse::<u64>().expect(text));
    Date::parse(day).expect(text).unix_seconds() + time.fold(0, |sum, part| sum * 60 + part)
}

impl Told {
    fn bytes(&self) -> Vec<u8> {
        match (&self.json, &self.body, &self.hex) {
            (Some(json), None, None) => serde_json::to_vec(json).unwrap(),
            (None, Some(text), None) => text.clone().into_bytes(),
            (None, None, Some(hex)) => {
                let digits: Vec<u8> = hex.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
                let byte =
                    |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).expect(hex);
                digits.chunks(2).map(byte).collect()
            }
            (None, None, None) => b"{\"secret\":\"of the service\"}".to_vec(),
            _ => panic!("one of `json`, `body` and `hex`"),
        }
    }

    fn script(&self) -> Script {
        let body = self.bytes();
        let status = self.status.unwrap_or(200);
        let mut headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        if !self.headers.contains_key("content-type") {
            headers.push(("content-type", "application/json"));
        }
        let whole = match self.chunked {
            Some(size) => Script::chunked(&body, size),
            None if status == 204 => Script::status(204),
            None => Script::answer(status, &headers, &body),
        };
        let script = match self.fault.as_deref() {
            None => whole,
            Some("hang") => Script::hang(),
            Some("close") => Script::close(),
            Some("reset") => Script::reset(),
            Some("garbage") => Script::garbage(),
            Some("truncate") => Script::lying(body.len() as u64, &body[..body.len() / 2]).closing(),
            Some("slow-body") => whole.cut_after_head().hanging(),
            Some(other) => panic!("no fault is called `{other}`"),
        };
        match &self.delay {
            Some(delay) => script.after(duration(delay)),
            None => script,
        }
    }
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> T {
    let text = std::fs::read_to_string(path).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Whether `got` is what was wanted; `"*"` stands for any value.
fn fits(wanted: &Value, got: &Value) -> bool {
    match (wanted, got) {
        (Value::String(any), _) if any == "*" => true,
        (Value::Object(wanted), Value::Object(got)) => {
            wanted.len() == got.len()
                && wanted.iter().all(|(key, value)| got.get(key).is_some_and(|other| fits(value, other)))
        }
        (Value::Array(wanted), Value::Array(got)) => {
            wanted.len() == got.len() && wanted.iter().zip(got).all(|(wanted, got)| fits(wanted, got))
        }
        _ => wanted == got,
    }
}

impl Expected {
    /// What is wrong with the answer, a line each.
    fn findings(&self, reply: &Reply, took: Duration) -> Vec<String> {
        let mut found = Vec::new();
        if reply.status != self.status {
            found.push(format!("status {} instead of {}", reply.status, self.status));
        }
        for (name, value) in &self.headers {
            let all: Vec<&str> = reply.all(name).collect();
            let got = (!all.is_empty()).then(|| all.join(", "));
            // An origin of `*` is one, and is there.
            let any = value.as_deref() == Some("*") && got.is_some();
            if !any && got != *value {
                found.push(format!("{name}: {got:?} instead of {value:?}"));
            }
        }
        if let Some(wanted) = &self.json {
            match serde_json::from_slice::<Value>(&reply.body) {
                Ok(got) if fits(wanted, &got) => {}
                Ok(_) => found.push(format!("not {wanted}")),
                Err(error) => found.push(format!("not JSON: {error}")),
            }
        }
        if self.body.as_ref().is_some_and(|wanted| *wanted != reply.text()) {
            found.push(format!("not {:?}", self.body));
        }
        if self.within.as_ref().is_some_and(|longest| took > duration(longest)) {
            found.push(format!("took {took:?}"));
        }
        let everything = format!("{:?} {}", reply.headers, reply.text());
        for word in self.without.iter().filter(|word| everything.contains(*word)) {
            found.push(format!("says `{word}`"));
        }
        found
    }
}

/// The answer's findings, and what was asked of the services.
fn run(
    workspace: &Workspace,
    usual: &BTreeMap<String, BTreeMap<String, OneOrMore>>,
    case: &Case,
) -> Vec<String> {
    let servers: Vec<(&str, Server)> = usual
        .keys()
        .map(|name| {
            let server = Server::start();
            let own = case.services.get(name).into_iter().flatten();
            for (path, told) in usual[name].iter().chain(own) {
                match told {
                    OneOrMore::One(told) => server.on(path, told.script()),
                    OneOrMore::More(told) => server.on_each(path, told.iter().map(Told::script)),
                }
            }
            (name.as_str(), server)
        })
        .collect();
    let urls: Vec<_> = servers.iter().map(|(name, server)| (*name, server.url())).collect();
    let fittings = Fittings {
        clock: case
            .request
            .at
            .as_deref()
            .map_or(Arc::new(SystemClock) as Arc<dyn Clock>, |at| Arc::new(SetClock(moment(at)))),
        documents: DOCUMENTS.map(|text| Bytes::from_static(text.as_bytes())).to_vec(),
        ..Fittings::default()
    };
    let desk = Desk::start_with(workspace, &urls, fittings);
    let mut headers: Vec<(&str, &str)> =
        case.request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let body = match (&case.request.json, &case.request.body) {
        (Some(json), _) => {
            headers.push(("content-type", "application/json"));
            json.to_string()
        }
        (None, body) => body.clone().unwrap_or_default(),
    };
    let method = case.request.method.as_deref().unwrap_or("GET");
    let start = Instant::now();
    let mut client = match &case.request.bff {
        Some(bff) => Client::connect(desk.address_of(bff)),
        None => desk.connect(),
    };
    client.send(&request(method, &case.request.path, &headers, body.as_bytes()));
    let reply = if method == "HEAD" { client.reply_to_head() } else { client.reply() };
    let mut found = case.response.findings(&reply, start.elapsed());
    for (name, wanted) in &case.calls {
        let server = &servers.iter().find(|(other, _)| other == name).expect("a service of the workspace").1;
        let got: Vec<String> =
            server.received().iter().map(|call| format!("{} {}", call.method, call.target)).collect();
        if got != *wanted {
            found.push(format!("{name} was asked {got:?} instead of {wanted:?}"));
        }
    }
    if !found.is_empty() {
        found.push(format!("it was {} {:?}\n    {}", reply.status, reply.headers, reply.text()));
    }
    found
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn every_case_gets_its_answer() {
    let mut findings = String::new();
    let mut count = 0;
    // Groups without it are other tests': `perimeter` is the program's.
    for group in
        sorted(&root().join("scenarios")).into_iter().filter(|path| path.join("services.yaml").exists())
    {
        let workspace = Workspace::read(&group.join("workspace"));
        let usual = read(&group.join("services.yaml"));
        let cases: Vec<PathBuf> = sorted(&group)
            .into_iter()
            .filter(|path| path.extension().is_some_and(|e| e == "yaml") && !path.ends_with("services.yaml"))
            .collect();
        count += cases.len();
        // Many of them wait for a deadline: a few at a time.
        for few in cases.chunks(8) {
            let results: Vec<_> = std::thread::scope(|scope| {
                let started: Vec<_> =
                    few.iter().map(|path| scope.spawn(|| run(&workspace, &usual, &read(path)))).collect();
                started.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
            });
            for (path, result) in few.iter().zip(results) {
                let found = result.unwrap_or_else(|_| vec!["panicked (see above)".to_owned()]);
                if !found.is_empty() {
                    findings += &format!("{}:\n  {}\n", path.display(), found.join("\n  "));
                }
            }
        }
    }
    assert!(count >= 40, "the cases are there");
    assert!(findings.is_empty(), "\n{findings}");
}
