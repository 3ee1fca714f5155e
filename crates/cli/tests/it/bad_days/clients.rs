//! Clients that do nothing, half of something, or too much of it.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use frontdesk_testserver::{Gate, Script};
use socket2::{Domain, Socket, Type};

use super::{
    LAMP, YAML, address, ask_over, borrowed, both, ends_well, flags, get, healthy, serve_all_by, told,
    workspace,
};
use crate::program::Running;
use crate::wire::request;

/// A connection from an address of loopback of one's own, so that nobody runs out of ports.
fn from(last: u8, to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::new(127, 0, 3, last), 0)).into())?;
    socket.connect(&to.into())?;
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(Duration::from_secs(40)))?;
    stream.set_write_timeout(Some(Duration::from_secs(2)))?;
    Ok(stream)
}

/// Whether it has been closed, without a word.
fn is_closed(stream: &mut TcpStream) -> bool {
    match stream.read(&mut [0; 16]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

fn good(running: &Running) {
    assert_eq!(told(&get(running, "/strict/1")), (200, String::new()));
}

/// How many files this process may open, once it has asked for all that it may have.
fn open_files() -> usize {
    let most = rlimit::increase_nofile_limit(u64::MAX).unwrap();
    usize::try_from(most).unwrap_or(usize::MAX)
}

#[test]
fn ten_thousand_idle_clients_cost_little_and_keep_nobody_out() {
    // What else runs in this process needs some files, too; and the program lets clients have half of its own.
    let files = open_files();
    let most = files.saturating_sub(1500).min(files / 2 - 10).min(10_000);
    assert!(most >= 2000, "this test needs more open files: {most}");
    let items = healthy();
    let folder = workspace();
    folder.replace(
        YAML,
        "limits: { header-bytes",
        &format!("limits: {{ connections: {}, header-bytes", most + 10),
    );
    // Nobody is to be closed for idling before they all are there.
    folder.replace(YAML, "header-timeout: 5s, idle-timeout: 60s", "header-timeout: 300s, idle-timeout: 300s");
    let mut running = serve_all_by(&folder, &items);
    good(&running);
    let before = running.memory("VmRSS");
    let to = address(&running);
    let mut idle: Vec<TcpStream> = Vec::with_capacity(most);
    for number in 0..most {
        let mut stream = from(10 + (number / 4000) as u8, to).unwrap();
        // Every other one has asked for something before.
        if number % 2 == 0 {
            stream.write_all(b"GET /nowhere HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
        }
        idle.push(stream);
    }
    for stream in idle.iter_mut().step_by(2) {
        let mut answer = [0; 4096];
        let read = stream.read(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer[..read]);
        let is_shed = answer.starts_with("HTTP/1.1 503") && answer.contains("overloaded");
        assert!(answer.starts_with("HTTP/1.1 404") || is_shed, "{answer}");
    }
    good(&running);
    let each = running.memory("VmHWM").saturating_sub(before) / (most as u64 / 1024).max(1);
    assert!(each < 56 * 1024, "{each} bytes for each idle client");

    // Up to the last place clients are let in; who comes then is sent away at once, and let in again when one leaves.
    let mut more = Vec::new();
    running.wait_for("a client to be sent away", |_| {
        let come = |_| {
            let mut stream = from(20, to).unwrap();
            let _ = stream.write_all(b"GET /nowhere HTTP/1.1\r\nhost: a\r\n\r\n");
            let is_away = is_closed(&mut stream);
            // Those who were let in stay: some of the others may have left, having been told that there is too much to do.
            more.push(stream);
            is_away
        };
        (0..100).any(come).then_some(())
    });
    drop(more);
    idle.truncate(most / 2);
    running.wait_for("a client to be let in", |running| {
        let (status, _) = crate::program::get(&running.address, "/strict/1");
        (status == 200).then_some(())
    });
    drop(idle);
    running.wait_for("everybody to be gone", |running| {
        let (status, _) = crate::program::get(&running.address, "/strict/1");
        (status == 200).then_some(())
    });
    ends_well(running);
}

/// With fewer files than clients who want in, those who are in go on being answered, and services can be asked: nobody is left
/// before a door that neither opens nor closes.
#[test]
fn with_few_files_fewer_clients_are_let_in_and_those_are_served() {
    let items = healthy();
    let folder = workspace();
    let all = flags(&both(&items));
    let mut running = Running::start_after("ulimit -n 160", &folder.shop(), &borrowed(&all));
    let to = address(&running);
    let mut first = super::connect(&running);
    let strict = request("GET", "/strict/1", &[], b"");
    assert_eq!(ask_over(&mut first, &strict).status, 200);
    let mut idle: Vec<TcpStream> = (0..300).map(|_| from(30, to).unwrap()).collect();
    let mut away = [false; 300];
    running.wait_for("half of them to be sent away", |_| {
        for (stream, is_away) in idle.iter_mut().zip(&mut away) {
            stream.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
            *is_away = *is_away || is_closed(stream);
        }
        (away.iter().filter(|is_away| **is_away).count() >= 150).then_some(())
    });
    let away = away.iter().filter(|is_away| **is_away).count();
    assert!(away <= 250, "{away} of 300 were sent away");
    // What its services said is forgotten, so that they must be asked over a new connection.
    items.on("/items/1", Script::json(LAMP).closing());
    for _ in 0..4 {
        assert_eq!(ask_over(&mut first, &strict).status, 200);
    }
    drop(idle);
    running.wait_for("a new client to be let in", |running| {
        let (status, _) = crate::program::get(&running.address, "/strict/1");
        (status == 200).then_some(())
    });
    ends_well(running);
}

/// Heads and bodies of which only half comes, and answers that nobody takes: each kind a hundred times at once.
#[test]
fn half_open_clients_are_closed_in_time_and_cost_others_nothing() {
    let items = healthy();
    items.on("/large", Script::json(vec![b' '; 8 << 20]));
    let folder = workspace();
    folder.replace(YAML, "header-timeout: 5s, idle-timeout: 60s", "header-timeout: 1s, idle-timeout: 1s");
    let running = serve_all_by(&folder, &items);
    good(&running);
    let before = running.memory("VmRSS");
    let to = address(&running);
    let halves: [(&str, &[u8]); 8] = [
        ("a word", b"GE"),
        ("half a head", b"GET /strict/1 HTTP/1.1\r\nhost: a\r\nx-half: "),
        ("half a body", b"POST /orders HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{\"itemId\""),
        ("half a chunk", b"POST /orders HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n80\r\n{\"ite"),
        ("half a preface", b"PRI * HTTP/2.0\r\n\r\n"),
        ("a preface alone", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"),
        ("nothing", b""),
        ("and reads nothing", b"GET /passed/large HTTP/1.1\r\nhost: a\r\n\r\n"),
    ];
    let mut clients = Vec::new();
    for (says, half) in halves {
        for _ in 0..(if says == "and reads nothing" { 10 } else { 100 }) {
            let mut stream = from(40, to).unwrap();
            stream.write_all(half).unwrap();
            clients.push((says, stream));
        }
    }
    for _ in 0..20 {
        good(&running);
    }
    for (says, mut stream) in clients {
        let mut all = Vec::new();
        let end = stream.read_to_end(&mut all);
        let text = String::from_utf8_lossy(&all[..all.len().min(200)]).into_owned();
        assert!(
            end.is_ok() || end.as_ref().is_err_and(|error| error.kind() == ErrorKind::ConnectionReset),
            "{says}: {end:?} {text}"
        );
        if says == "half a body" || says == "half a chunk" {
            let is_shed = text.starts_with("HTTP/1.1 503");
            assert!(text.starts_with("HTTP/1.1 408") || is_shed, "{says}: {text}");
        }
    }
    assert_eq!(super::count(&items, "/orders"), 0, "half a request runs nothing");
    good(&running);
    let grown = running.memory("VmHWM").saturating_sub(before);
    assert!(grown < 64 * 1024, "it took {grown} KiB for 710 clients, ten of them with 8 MB before them");
    ends_well(running);
}

/// How a frame of HTTP/2 looks (RFC 9113 §4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// `GET /strict/1` as a block of fields that knows no table (RFC 7541 §6).
fn fields() -> Vec<u8> {
    let path = b"/strict/1";
    [&[0x82, 0x86, 0x04, path.len() as u8], &path[..], &[0x01, 1, b'a']].concat()
}

/// One connection, over and over what `each` makes of the number of a stream, until the server has enough or `most` are sent.
fn storm(to: SocketAddr, most: u32, each: impl Fn(u32) -> Vec<u8>) -> bool {
    let mut stream = from(50, to).unwrap();
    let mut reader = stream.try_clone().unwrap();
    let reading = std::thread::spawn(move || {
        let mut said = Vec::new();
        let _ = reader.set_read_timeout(Some(Duration::from_secs(20)));
        let _ = reader.read_to_end(&mut said);
        said
    });
    let mut sent = stream.write_all(PREFACE).is_ok();
    for number in 0..most / 16 {
        let piece: Vec<u8> = (0..16).flat_map(|at| each(2 * (number * 16 + at) + 1)).collect();
        sent = sent && stream.write_all(&piece).is_ok();
        if !sent {
            break;
        }
    }
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = reading.join().unwrap();
    !sent
}

/// Rapid reset (CVE-2023-44487): streams that are opened and taken back at once, so that no limit of open streams counts them.
#[test]
fn streams_that_are_reset_as_soon_as_they_are_opened_end_their_connection() {
    let items = healthy();
    let gate = Gate::new();
    items.on("/items/1", Script::json(LAMP).behind(&gate));
    items.on("/notes/1", Script::json(super::NOTE));
    let folder = workspace();
    folder.replace(YAML, "timeout: 700ms", "timeout: 20s");
    let running = serve_all_by(&folder, &items);
    let to = address(&running);
    let before = running.memory("VmRSS");
    let mut cut = 0;
    let attackers = 10;
    for _ in 0..attackers {
        cut += usize::from(storm(to, 20_000, |stream| {
            [frame(1, 5, stream, &fields()), frame(3, 0, stream, &[0, 0, 0, 8])].concat()
        }));
    }
    assert_eq!(cut, attackers, "each of them is cut off before it has sent 20,000");
    let calls = super::count(&items, "/items/1");
    assert!(calls <= attackers * 400, "{calls} calls were made for 200,000 streams");
    gate.open();
    good(&running);
    let grown = running.memory("VmHWM").saturating_sub(before);
    assert!(grown < 48 * 1024, "it took {grown} KiB");
    ends_well(running);
}

/// Frames that cost their reader something, without end: headers that go on and on, pings, settings, empty data, priorities.
#[test]
fn storms_of_frames_end_their_connection_or_are_borne_while_others_are_served() {
    let items = healthy();
    let folder = workspace();
    folder.replace(YAML, "header-timeout: 5s, idle-timeout: 60s", "header-timeout: 2s, idle-timeout: 2s");
    let running = serve_all_by(&folder, &items);
    let to = address(&running);
    good(&running);
    let before = running.memory("VmRSS");
    type Each = fn(u32) -> Vec<u8>;
    let storms: [(&str, Each); 6] = [
        ("continuations", |stream| match stream {
            1 => frame(1, 1, 1, &fields()),
            _ => frame(9, 0, 1, &[0x00, 1, b'x', 1, b'y']),
        }),
        ("pings", |_| frame(6, 0, 0, &[7; 8])),
        ("settings", |_| frame(4, 0, 0, &[])),
        ("empty data", |stream| match stream {
            1 => frame(1, 4, 1, &fields()),
            _ => frame(0, 0, 1, &[]),
        }),
        ("windows", |_| frame(8, 0, 0, &[0, 0, 0, 1])),
        ("priorities", |stream| frame(2, 0, stream, &[0, 0, 0, 0, 1])),
    ];
    std::thread::scope(|scope| {
        let attacks: Vec<_> =
            storms.iter().map(|(_, each)| scope.spawn(move || storm(to, 100_000, each))).collect();
        while attacks.iter().any(|attack| !attack.is_finished()) {
            good(&running);
        }
    });
    good(&running);
    let grown = running.memory("VmHWM").saturating_sub(before);
    assert!(grown < 32 * 1024, "it took {grown} KiB");
    ends_well(running);
}
