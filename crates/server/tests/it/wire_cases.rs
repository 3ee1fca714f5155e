//! Bytes in, answers out: `testdata/wire/*.txt`, each case in one go, and again in small pieces.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use frontdesk_testserver::{Script, Server};

use crate::desk::Desk;
use crate::wire::Client;

struct Case {
    name: String,
    statuses: Vec<u16>,
    closes: bool,
    reaches: Vec<String>,
    may_reach: Vec<String>,
    bytes: Vec<u8>,
}

fn cases(file: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/wire").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("= ") {
            let name = format!("{file}: {name}");
            cases.push(Case {
                name,
                statuses: vec![],
                closes: false,
                reaches: vec![],
                may_reach: vec![],
                bytes: vec![],
            });
            continue;
        }
        let case = cases.last_mut().unwrap();
        if let Some(says) = line.strip_prefix("says: ") {
            case.statuses = says.split(' ').filter_map(|word| word.parse().ok()).collect();
            case.closes = says.ends_with("closes");
            assert!(case.closes || says.ends_with("stays"), "{}", case.name);
        } else if let Some(targets) = line.strip_prefix("reaches:") {
            for target in targets.split_whitespace() {
                match target.strip_prefix('(') {
                    Some(target) => case.may_reach.push(target.trim_end_matches(')').to_owned()),
                    None => case.reaches.push(target.to_owned()),
                }
            }
        } else {
            case.bytes.extend(unescaped(line));
        }
    }
    assert!(cases.iter().all(|case| !case.statuses.is_empty() && !case.bytes.is_empty()));
    cases
}

fn unescaped(line: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        rest = &rest[letter.len_utf8()..];
        match letter {
            '{' => {
                let (inside, after) = rest.split_once('}').unwrap();
                let (piece, times) = inside.rsplit_once('*').unwrap();
                bytes.extend(unescaped(piece).repeat(times.parse().unwrap()));
                rest = after;
            }
            '\\' => {
                let (name, after) = rest.split_at(1);
                rest = after;
                bytes.push(match name {
                    "r" => b'\r',
                    "n" => b'\n',
                    "t" => b'\t',
                    "0" => 0,
                    "\\" => b'\\',
                    "x" => {
                        let (digits, after) = rest.split_at(2);
                        rest = after;
                        u8::from_str_radix(digits, 16).unwrap()
                    }
                    other => panic!("no escape \\{other}"),
                });
            }
            letter => bytes.extend(letter.to_string().into_bytes()),
        }
    }
    bytes
}

/// Sends the case in pieces of that size; what the server does not want any more need not be sent.
fn run(case: &Case, desk: &Desk, service: &Server, piece: usize) {
    let before = service.received().len();
    let mut client: Client = desk.connect();
    for piece in case.bytes.chunks(piece) {
        if !client.try_send(piece) {
            break;
        }
    }
    for (at, status) in case.statuses.iter().enumerate() {
        let reply = client.reply();
        assert_eq!(reply.status, *status, "{}, answer {}", case.name, at + 1);
        assert!(
            *status != 200 || reply.header("connection") != Some("close") || case.closes,
            "{}",
            case.name
        );
    }
    if case.closes {
        let rest = client.rest();
        assert_eq!(String::from_utf8_lossy(&rest), "", "{}: nothing more is said", case.name);
    } else {
        assert_eq!(client.get("/legacy/probe").status, 200, "{}", case.name);
    }
    let mut reached: Vec<String> =
        service.received().into_iter().skip(before).map(|request| request.target).collect();
    if !case.closes {
        assert_eq!(reached.pop().as_deref(), Some("/probe"), "{}", case.name);
    }
    reached.retain(|target| !case.may_reach.contains(target));
    assert_eq!(reached, case.reaches, "{}", case.name);
}

fn shop() -> (Server, Desk) {
    let service = Server::start();
    service.on("*", Script::json("{}"));
    let desk = Desk::shop(&[("legacy", service.url())]);
    (service, desk)
}

fn all(file: &str) {
    let (service, desk) = shop();
    let mut failed = Vec::new();
    for case in cases(file) {
        for piece in [usize::MAX, 7, 1] {
            if piece == 1 && case.bytes.len() > 1000 {
                continue;
            }
            // So that one run tells of every case.
            let one = AssertUnwindSafe(|| match case.may_reach.as_slice() {
                [] => run(&case, &desk, &service, piece),
                // What reaches the service late must not be taken for the next case's.
                _ => {
                    let (service, desk) = shop();
                    run(&case, &desk, &service, piece);
                }
            });
            if catch_unwind(one).is_err() {
                failed.push(format!("{}, in pieces of {piece}", case.name));
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn messages_end_where_everybody_says_they_end() {
    all("framing.txt");
}

#[test]
fn paths_hosts_and_methods_mean_one_thing() {
    all("targets.txt");
}

#[test]
fn a_stream_of_requests_is_followed_to_its_end() {
    let (_service, desk) = shop();
    let mut client = desk.connect();
    let one = |number: usize| {
        let body = "#\r\n\n".repeat(number % 50);
        format!(
            "POST /legacy/{number} HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n{body}\
             POST /legacy/{number} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n\
             {:x}\r\n{body}.\r\n0\r\n\r\n",
            body.len(),
            body.len() + 1
        )
    };
    for number in 0..200 {
        client.send(one(number).as_bytes());
        assert_eq!((client.reply().status, client.reply().status), (200, 200), "{number}");
    }
    client.send(b"POST /legacy/x HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\n");
    assert_eq!(client.reply().status, 400);
    assert!(client.is_closed());
}
