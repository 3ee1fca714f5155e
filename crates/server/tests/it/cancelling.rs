//! A client that goes away, or a budget that is spent, ends what is still under way at the services.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use frontdesk_testserver::{Script, Server};

use crate::desk::{Desk, eventually};
use crate::wire::request;

/// A service that never answers: says when a request has come, then when its connection has been closed.
fn listening() -> (String, Receiver<&'static str>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, tell) = (stream.unwrap(), tell.clone());
            std::thread::spawn(move || {
                let mut buffer = [0; 4096];
                let mut seen = false;
                while let Ok(read) = stream.read(&mut buffer) {
                    if read == 0 {
                        break;
                    }
                    if !seen {
                        seen = true;
                        let _ = tell.send("asked");
                    }
                }
                let _ = tell.send("closed");
            });
        }
    });
    (url, told)
}

const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn a_client_that_goes_away_cancels_its_calls() {
    let (url, told) = listening();
    let desk = Desk::shop(&[("items", url)]);
    let mut client = desk.connect();
    client.send(&request("GET", "/strict/1", &[], b""));
    assert_eq!(told.recv_timeout(PATIENCE), Ok("asked"));
    drop(client);
    // Long before the call's own ten seconds.
    assert_eq!(told.recv_timeout(Duration::from_secs(8)), Ok("closed"));
    let lines = desk.log.lines(1);
    assert_eq!(lines[0]["status"], 499);
    assert_eq!(lines[0]["endpoint"], "strict");
}

#[test]
fn a_spent_budget_cancels_the_calls() {
    let (url, told) = listening();
    let desk = Desk::shop(&[("items", url)]);
    let reply = desk.get("/quick/1");
    assert_eq!((reply.status, reply.problem().as_str()), (504, "deadline_exceeded"));
    assert_eq!(told.recv_timeout(PATIENCE), Ok("asked"));
    assert_eq!(told.recv_timeout(PATIENCE), Ok("closed"));
}

#[test]
fn a_required_failure_cancels_the_others() {
    let (url, told) = listening();
    let items = Server::start();
    items.on("/items/1", Script::status(500).after(Duration::from_millis(300)));
    let desk = Desk::shop(&[("items", items.url()), ("extras", url)]);
    let reply = desk.get("/items/1");
    assert_eq!(reply.status, 502);
    // Both optional calls were under way.
    let mut events: Vec<_> = (0..4).map(|_| told.recv_timeout(PATIENCE).unwrap()).collect();
    events.sort_unstable();
    assert_eq!(events, ["asked", "asked", "closed", "closed"]);
}

#[test]
fn a_late_optional_call_is_closed_and_the_answer_goes_out() {
    let (url, told) = listening();
    let items = Server::start();
    items.on("/items/1", Script::json(r#"{"id":"1","title":"Lamp","minor":1999}"#));
    let desk = Desk::shop(&[("items", items.url()), ("extras", url)]);
    let reply = desk.get("/items/1");
    assert_eq!(reply.status, 200, "{reply:?}");
    let mut degraded: Vec<&str> = reply.header("frontdesk-degraded").unwrap().split(", ").collect();
    degraded.sort_unstable();
    assert_eq!(degraded, ["reviews;reason=timeout", "similar;reason=timeout"]);
    let mut events: Vec<_> = (0..4).map(|_| told.recv_timeout(PATIENCE).unwrap()).collect();
    events.sort_unstable();
    assert_eq!(events, ["asked", "asked", "closed", "closed"]);
}

#[test]
fn a_client_that_leaves_in_the_middle_of_a_download_ends_it() {
    let (tell, told) = channel();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut buffer = [0; 4096];
        let _ = stream.read(&mut buffer);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n");
        let piece = [b'x'; 16 * 1024];
        while stream.write_all(&piece).is_ok() {}
        tell.send(()).unwrap();
    });
    let desk = Desk::shop(&[("legacy", url)]);
    let mut client = desk.connect();
    client.send(&request("GET", "/legacy/film", &[], b""));
    assert_eq!(client.head().0, 200);
    client.exactly(100_000);
    drop(client);
    assert_eq!(told.recv_timeout(PATIENCE), Ok(()));
    eventually("the desk is free again", || desk.get("/nowhere").status == 404);
}
