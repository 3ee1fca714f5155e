//! Bad days: services, names, stores, disks and clients that misbehave, around the program as it is deployed.
//!
//! What holds on each of them: whoever asks is answered, or their connection closes where HTTP says so; what was
//! acknowledged is not lost; nothing panics; memory stays bounded; and once the day is over, so is what it did.

mod clients;
mod disks;
mod endings;
mod names;
mod policies;
mod services;
mod services_http2;
mod stores;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use frontdesk_testserver::{Script, Server};

use crate::program::{Folder, Running, copy};
use crate::wire::{Client, Reply, request};

const YAML: &str = "shop/frontdesk.yaml";
const TOKEN: &str = "planted-admin-token";
const LAMP: &str = r#"{"id":"1","title":"Lamp"}"#;
const NOTE: &str = r#"{"text":"Handle with care"}"#;

/// The workspace of `scenarios/bad-days`.
fn workspace() -> Folder {
    let folder = Folder::new();
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/bad-days/workspace");
    copy(&scenario, &folder.shop());
    folder
}

/// A service whose items, notes and orders are as they should be.
fn healthy() -> Server {
    let server = Server::start();
    mend(&server);
    server
}

/// Everything is as it should be from now on.
fn mend(server: &Server) {
    server.on("/items/1", Script::json(LAMP));
    server.on("/notes/1", Script::json(NOTE));
    server.on("/orders", Script::answer(201, &[("content-type", "application/json")], r#"{"id":"o1"}"#));
}

/// One worker, so that what is kept and counted for each core is so for the whole. The urls are those of `items`, which
/// also has the notes, and of `prices`.
fn serve(folder: &Folder, urls: &[(&str, String)]) -> Running {
    Running::start(&folder.shop(), &borrowed(&flags(urls)))
}

fn flags(urls: &[(&str, String)]) -> Vec<String> {
    let mut flags: Vec<String> = ["serve", "--json", "--threads", "1"].map(str::to_owned).into();
    for (name, url) in urls {
        flags.extend(["--url".to_owned(), format!("{name}={url}")]);
    }
    flags
}

fn borrowed(flags: &[String]) -> Vec<&str> {
    flags.iter().map(String::as_str).collect()
}

/// With everything but prices at one server.
fn serve_all_by(folder: &Folder, server: &Server) -> Running {
    serve(folder, &both(server))
}

fn both(server: &Server) -> [(&'static str, String); 2] {
    [("items", server.url()), ("extras", server.url())]
}

fn address(running: &Running) -> SocketAddr {
    running.address.parse().unwrap()
}

fn connect(running: &Running) -> Client {
    Client::connect(address(running))
}

/// One request on a connection of its own.
fn ask(running: &Running, bytes: &[u8]) -> Reply {
    ask_over(&mut connect(running), bytes)
}

/// One request, and again if the worker has too much to do at this moment, as it may on a machine that has: it did nothing
/// then, and said so.
fn ask_over(client: &mut Client, bytes: &[u8]) -> Reply {
    for _ in 0..200 {
        client.send(bytes);
        let reply = client.reply();
        if reply.status != 503 || reply.problem() != "overloaded" {
            return reply;
        }
        assert!(reply.header("retry-after").is_some(), "{reply:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("overloaded for 20 s");
}

fn get(running: &Running, path: &str) -> Reply {
    ask(running, &request("GET", path, &[], b""))
}

/// Asks for something and takes whatever comes; whether a head came, or the end, while a client would wait.
fn is_passed_or_ended(running: &Running, path: &str) -> bool {
    let mut stream = TcpStream::connect(address(running)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let asked = request("GET", path, &[("connection", "close")], b"");
    stream.write_all(&asked).unwrap();
    let mut piece = vec![0; 64 << 10];
    let mut head = Vec::new();
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return true,
            Ok(read) if head.len() < 16 << 10 => head.extend_from_slice(&piece[..read]),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return true,
            // Of what a service leaves off in its middle, the beginning is passed on, and the rest waited for.
            Err(_) => return head.windows(4).any(|end| end == b"\r\n\r\n"),
        }
    }
}

/// An order under a key.
fn ordering(key: &str) -> Vec<u8> {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    request("POST", "/orders", &headers, br#"{"itemId":"1"}"#)
}

fn count(server: &Server, path: &str) -> usize {
    server.received().iter().filter(|received| received.target == path).count()
}

/// Status and, of a problem, its code.
fn told(reply: &Reply) -> (u16, String) {
    (reply.status, if reply.status < 400 { String::new() } else { reply.problem() })
}

/// Nothing panicked, and it still ends when it is told to.
fn ends_well(mut running: Running) {
    running.signal("TERM");
    assert_eq!(running.ends(), 0, "{}", running.err());
    assert!(!running.err().contains("panicked"), "{}", running.err());
}

/// An administrator's purge.
fn purge(running: &Running, tag: &str) -> u16 {
    let headers = [("authorization", &*format!("Bearer {TOKEN}"))];
    let body = format!(r#"{{"tags":["{tag}"]}}"#);
    let mut admin = Client::connect(running.admin.parse().unwrap());
    admin.send(&request("POST", "/-/cache/purge", &headers, body.as_bytes()));
    admin.reply().status
}
