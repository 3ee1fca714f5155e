//! Names that cannot be resolved, that move, and a name server that falls silent.

#[allow(dead_code, reason = "shared with the tests of frontdesk-connectors, which use all of it")]
#[path = "../../../../connectors/tests/it/name_server.rs"]
mod name_server;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use self::name_server::{NameServer, Record};
use super::{LAMP, YAML, ends_well, get, serve, told, workspace};
use crate::program::Running;

/// A service at an address of its own, on a port that is the same on another, as names without SRV have it.
fn service_at(address: Ipv4Addr, port: u16) -> Option<(u16, Arc<AtomicUsize>)> {
    let listener = TcpListener::bind((address, port)).ok()?;
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let counted = Arc::clone(&counted);
            std::thread::spawn(move || {
                let mut piece = [0; 4096];
                while let Ok(1..) = stream.read(&mut piece) {
                    counted.fetch_add(1, Ordering::SeqCst);
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{LAMP}",
                        LAMP.len()
                    );
                    if stream.write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    Some((port, asked))
}

/// Two services on the same port of two addresses.
fn two_services() -> (u16, [Arc<AtomicUsize>; 2]) {
    (0..20)
        .find_map(|_| {
            let (port, one) = service_at(Ipv4Addr::LOCALHOST, 0)?;
            let (_, other) = service_at(Ipv4Addr::new(127, 0, 0, 2), port)?;
            Some((port, [one, other]))
        })
        .expect("a port that is free on two addresses")
}

fn said(running: &mut Running, text: &str, times: usize) {
    running.wait_for(text, |running| (running.err().matches(text).count() >= times).then_some(()));
}

#[test]
fn calls_follow_a_name_and_outlive_its_name_server() {
    let names = NameServer::start();
    let (port, [one, other]) = two_services();
    let folder = workspace();
    folder.replace(
        YAML,
        "openapi: services/items.openapi.yaml\n    url: http://127.0.0.1:1",
        &format!("openapi: services/items.openapi.yaml\n    url: dns://items.test:{port}"),
    );
    let yaml = folder.read(YAML);
    folder.write(YAML, &format!("{yaml}\nresolver: \"{}\"\n", names.address));
    // Nobody knows the name yet: a call fails as one to a service that cannot be reached.
    names.say("items.test", 1, vec![]);
    let mut running = serve(&folder, &[]);
    assert_eq!(told(&get(&running, "/strict/1")), (503, "service_unavailable".to_owned()));

    names.say("items.test", 1, vec![Record::A(Ipv4Addr::LOCALHOST)]);
    running.wait_for("an answer", |running| (get(running, "/strict/1").status == 200).then_some(()));
    assert!(one.load(Ordering::SeqCst) > 0);

    // It moves while it is asked: no request fails.
    names.say("items.test", 1, vec![Record::A(Ipv4Addr::new(127, 0, 0, 2))]);
    running.wait_for("the other address to be asked", |running| {
        assert_eq!(told(&get(running, "/strict/1")), (200, String::new()));
        (other.load(Ordering::SeqCst) > 0).then_some(())
    });

    // Neither silence nor denial takes away what was known.
    names.hush(true);
    said(&mut running, "cannot be told", 2);
    assert_eq!(told(&get(&running, "/strict/1")), (200, String::new()));
    names.hush(false);
    names.say("items.test", 1, vec![]);
    said(&mut running, "cannot be told", 3);
    assert_eq!(told(&get(&running, "/strict/1")), (200, String::new()));

    // And it moves back.
    names.say("items.test", 1, vec![Record::A(Ipv4Addr::LOCALHOST)]);
    said(&mut running, "can be found again", 2);
    let before = one.load(Ordering::SeqCst);
    running.wait_for("the first address again", |running| {
        assert_eq!(told(&get(running, "/strict/1")), (200, String::new()));
        (one.load(Ordering::SeqCst) > before).then_some(())
    });
    ends_well(running);
}
