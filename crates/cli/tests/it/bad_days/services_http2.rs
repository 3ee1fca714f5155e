//! Bad days of services over HTTP/2, gRPC among them: GOAWAY, resets, storms of both, and messages that lie.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use frontdesk_testserver::{FrameScript, Gate, Refusal, Server};

use super::{LAMP, YAML, ends_well, get, serve, told, workspace};
use crate::program::{Folder, Running};

const PRICE: &str = "/shop.Prices/GetPrice";

/// One message, as gRPC frames it.
fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0], &length[..], message].concat()
}

fn grpc(body: Vec<u8>) -> FrameScript {
    FrameScript::answer(200, &[("content-type", "application/grpc")], body).trailers(&[("grpc-status", "0")])
}

/// 700 of what there is a hundred of.
fn price() -> FrameScript {
    grpc(framed(&[0x08, 0xbc, 0x05]))
}

fn over_http2() -> Folder {
    let folder = workspace();
    folder.replace(YAML, "openapi: services", "http2: true\n    openapi: services");
    folder
}

fn both(running: &Running) -> [(u16, String); 2] {
    ["/strict/1", "/prices/1"].map(|path| told(&get(running, path)))
}

/// Each of them to a service that speaks JSON over HTTP/2, and to one that speaks gRPC.
#[test]
fn streams_and_connections_that_end_early_are_told_and_over_with_the_day() {
    let (items, prices) = (Server::http2(), Server::http2());
    let mend = || {
        items.on("/items/1", FrameScript::json(LAMP));
        prices.on(PRICE, price());
    };
    mend();
    let folder = over_http2();
    let running = serve(&folder, &[("items", items.url()), ("prices", prices.url())]);
    let good = || [(200, String::new()), (200, String::new())];
    assert_eq!(both(&running), good());
    assert!(get(&running, "/prices/1").text().contains("700"));
    let unread = framed(&vec![0x7a; 100 << 20]);
    let before = running.memory("VmRSS");
    let mut wrong = Vec::new();
    for (says, json, message, wanted) in [
        (
            "refuses every stream",
            FrameScript::json(LAMP).refused(Refusal::Unseen),
            price().refused(Refusal::Unseen),
            &[502, 503][..],
        ),
        (
            "resets each stream",
            FrameScript::json(LAMP).refused(Refusal::Reset),
            price().refused(Refusal::Reset),
            &[502, 503],
        ),
        (
            "resets at the end",
            FrameScript::json(LAMP).refused(Refusal::ResetAtEnd),
            price().refused(Refusal::ResetAtEnd),
            &[502, 503],
        ),
        (
            "goes away from each",
            FrameScript::json(LAMP).refused(Refusal::GoAway),
            price().refused(Refusal::GoAway),
            &[502, 503],
        ),
        (
            "goes away after each",
            FrameScript::json(LAMP).refused(Refusal::GoAwayAfter),
            price().refused(Refusal::GoAwayAfter),
            &[200],
        ),
        ("hangs", FrameScript::json(LAMP).refused(Refusal::Hang), price().refused(Refusal::Hang), &[504]),
        ("sends 100 MB", FrameScript::json(unread.clone()), grpc(unread.clone()), &[502]),
        (
            "sends less than it says",
            FrameScript::answer(
                200,
                &[("content-type", "application/json"), ("content-length", "900")],
                LAMP,
            ),
            grpc(framed(&[8, 1])[..6].to_vec()),
            &[502],
        ),
        (
            "sends a message that would be 4 GB",
            FrameScript::status(503),
            grpc(vec![0, 255, 255, 255, 255, 8, 1]),
            &[502, 503],
        ),
        (
            "forgets to say how it went",
            FrameScript::status(503),
            FrameScript::answer(200, &[("content-type", "application/grpc")], framed(&[8, 1])),
            &[502, 503],
        ),
    ] {
        items.on("/items/1", json);
        prices.on(PRICE, message);
        let got = both(&running);
        if got.iter().any(|(status, _)| !wanted.contains(status)) {
            wrong.push(format!("{says}: {got:?}"));
        }
        mend();
        for _ in 0..4 {
            assert_eq!(both(&running), good(), "after a service that {says}");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let grown = running.memory("VmHWM").saturating_sub(before);
    assert!(grown < 40 * 1024, "it took {grown} KiB more");
    ends_well(running);
}

/// A connection goes away under many calls at once: those that were let through are answered, the others are asked again
/// elsewhere or fail; nobody waits for ever.
#[test]
fn a_connection_that_goes_away_under_many_calls_leaves_none_without_an_answer() {
    let items = Server::http2();
    let gate = Gate::new();
    items.on_each(
        "/items/1",
        (0..8)
            .map(|_| FrameScript::json(LAMP).behind(&gate))
            .chain([FrameScript::json(LAMP).refused(Refusal::GoAway), FrameScript::json(LAMP)]),
    );
    let folder = over_http2();
    folder.replace(YAML, "timeout: 700ms", "timeout: 20s");
    let running = serve(&folder, &[("items", items.url())]);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..20).map(|_| scope.spawn(|| get(&running, "/strict/1").status)).collect();
        let all = asked.into_iter().map(|asked| asked.join().unwrap()).collect();
        gate.open();
        all
    });
    assert!(statuses.iter().all(|status| [200, 502, 503].contains(status)), "{statuses:?}");
    assert!(statuses.contains(&200), "{statuses:?}");
    assert_eq!(told(&get(&running, "/strict/1")), (200, String::new()));
    ends_well(running);
}

/// How a frame of HTTP/2 looks (RFC 9113 §4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A service that answers every connection with these bytes, again and again, and counts connections.
fn storming(bytes: Vec<u8>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            counted.fetch_add(1, Ordering::SeqCst);
            let bytes = bytes.clone();
            let mut reader = stream.try_clone().unwrap();
            std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
            std::thread::spawn(move || {
                let settings = frame(4, 0, 0, &[]);
                let mut open = stream.write_all(&settings).is_ok();
                while open {
                    open = stream.write_all(&bytes).is_ok();
                }
                let _ = stream.read(&mut [0; 16]);
            });
        }
    });
    (url, connections)
}

/// Frames without end, of each kind that costs its reader something.
#[test]
fn storms_of_frames_end_calls_in_time_and_take_no_memory() {
    let storms: [(&str, Vec<u8>); 5] = [
        ("resets", frame(3, 0, 1, &[0, 0, 0, 8])),
        ("farewells", frame(7, 0, 0, &[0, 0, 0, 1, 0, 0, 0, 0])),
        ("settings", frame(4, 0, 0, &[])),
        ("pings", frame(6, 0, 0, &[7; 8])),
        ("windows", frame(8, 0, 0, &[0, 0, 0, 1])),
    ];
    std::thread::scope(|scope| {
        for (says, storm) in storms {
            scope.spawn(move || {
                let (url, connections) = storming(storm.repeat(512));
                let folder = over_http2();
                let running = serve(&folder, &[("items", url.clone()), ("prices", url)]);
                let before = running.memory("VmRSS");
                for _ in 0..4 {
                    for (status, code) in both(&running) {
                        assert!([502, 503, 504].contains(&status), "{says}: {status} {code}");
                    }
                }
                let grown = running.memory("VmHWM").saturating_sub(before);
                assert!(grown < 32 * 1024, "{says}: it took {grown} KiB");
                let connections = connections.load(Ordering::SeqCst);
                assert!(connections <= 64, "{says}: {connections} connections for 8 calls");
                ends_well(running);
            });
        }
    });
}
