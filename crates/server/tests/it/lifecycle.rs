//! Start, reload, shutdown, and what the admin listener says meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use frontdesk_adapter::SystemClock;
use frontdesk_server::{ListenerSettings, Settings};
use frontdesk_testserver::{Gate, Script, Server};

use crate::desk::{Desk, Fittings, Workspace, eventually};
use crate::wire::{Client, request};

const LAMP: &str = r#"{"id":"1","title":"Lamp","minor":1}"#;

#[test]
fn the_admin_listener_says_up_and_ready() {
    let desk = Desk::shop(&[]);
    let mut admin = Client::connect(desk.admin());
    for (path, status, text) in [
        ("/-/health", 200, r#"{"status":"up"}"#),
        ("/-/ready", 200, r#"{"status":"ready"}"#),
        ("/strict/1", 404, r#"{"status":"not_found"}"#),
        ("/-/health/x", 404, r#"{"status":"not_found"}"#),
    ] {
        let reply = admin.get(path);
        assert_eq!((reply.status, reply.text().as_str()), (status, text));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
    // Health is a path of the admin listener only, whoever says to be a probe.
    let reply = desk.ask(&request("GET", "/-/health", &[("user-agent", "kube-probe/1.30")], b""));
    assert_eq!(reply.status, 404);
}

#[test]
fn a_shutdown_finishes_what_is_in_flight_and_takes_no_more() {
    let gate = Gate::new();
    let items = Server::start();
    items.on("/items/1", Script::json(LAMP).behind(&gate));
    let desk = Desk::shop(&[("items", items.url())]);
    let (address, admin, log) = (desk.address(), desk.admin(), desk.log.clone());
    let mut running = desk.connect();
    running.send(&request("GET", "/strict/1", &[], b""));
    let mut idle = desk.connect();
    assert_eq!(idle.get("/nowhere").status, 404);
    eventually("the call is in flight", || items.received().len() == 1);

    let server = desk.into_server();
    let stopping = std::thread::spawn(move || server.shutdown(Duration::from_secs(30)));
    assert!(idle.is_closed(), "idle connections are closed at once");
    eventually("no new connections", || std::net::TcpStream::connect(address).is_err());
    let mut probe = Client::connect(admin);
    let reply = probe.get("/-/ready");
    assert_eq!((reply.status, reply.text().as_str()), (503, r#"{"status":"draining"}"#));
    assert_eq!(probe.get("/-/health").status, 200);
    gate.open();
    let reply = running.reply();
    assert_eq!((reply.status, reply.header("connection")), (200, Some("close")));
    assert!(running.is_closed());
    stopping.join().unwrap();
    assert!(std::net::TcpStream::connect(admin).is_err());
    assert_eq!(log.lines(2).len(), 2, "what was answered last is logged");
}

#[test]
fn a_shutdown_has_an_end() {
    let items = Server::start();
    items.on("/items/1", Script::hang());
    let desk = Desk::shop(&[("items", items.url())]);
    let log = desk.log.clone();
    let mut running = desk.connect();
    running.send(&request("GET", "/strict/1", &[], b""));
    eventually("the call is in flight", || items.received().len() == 1);
    desk.into_server().shutdown(Duration::from_millis(200));
    assert!(running.is_closed());
    assert_eq!(log.lines(1)[0]["status"], 499);
}

#[test]
fn a_reload_changes_new_requests_and_old_ones_finish() {
    let gate = Gate::new();
    let (before, after) = (Server::start(), Server::start());
    before.on("/items/1", Script::json(LAMP).behind(&gate));
    after.on("/items/1", Script::json(r#"{"id":"1","title":"New lamp","minor":1}"#));
    let desk = Desk::shop(&[("items", before.url())]);
    let mut old = desk.connect();
    old.send(&request("GET", "/strict/1", &[], b""));
    eventually("the old one is in flight", || before.received().len() == 1);

    let changed = Workspace::shop().replacing("bffs/app/views/strict.ts", "/strict/{id}", "/stern/{id}");
    desk.server().reload(changed.snapshot(&[("items", after.url())]));
    let mut kept = desk.connect();
    eventually("the new plan is in place", || kept.get("/stern/1").status == 200);
    assert_eq!(kept.get("/stern/1").json()["title"], "New lamp");
    assert_eq!(kept.get("/strict/1").status, 404);
    gate.open();
    assert_eq!(old.reply().json()["title"], "Lamp");
    assert_eq!(old.get("/strict/1").status, 404, "the same connection has the new plan");
    assert_eq!(before.received().len(), 1);
}

#[test]
fn reloads_under_load_fail_nobody() {
    let items = Server::start();
    items.on("/items/1", Script::json(LAMP));
    let urls = [("items", items.url())];
    let desk = Desk::start_with(&Workspace::shop(), &urls, Fittings { threads: 2, ..Fittings::default() });
    let (stop, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut client = desk.connect();
                while !stop.load(Ordering::Relaxed) {
                    assert_eq!(client.get("/strict/1").status, 200);
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for _ in 0..8 {
            let before = asked.load(Ordering::Relaxed);
            desk.server().reload(Workspace::shop().snapshot(&urls));
            eventually("requests go on", || asked.load(Ordering::Relaxed) > before + 4);
        }
        stop.store(true, Ordering::Relaxed);
    });
    let count = asked.load(Ordering::Relaxed);
    assert_eq!(desk.log.lines(count).len(), count);
}

#[test]
fn a_port_that_is_taken_is_an_error_also_if_a_frontdesk_has_it() {
    let desk = Desk::shop(&[]);
    let plan = Workspace::shop().plan();
    let settings = |bff, admin| Settings {
        admin_token: None,
        faults: false,
        listeners: vec![ListenerSettings { bff: "app".to_owned(), address: bff, tls: None }],
        admin,
        limits: plan.catalog.platform.limits.clone(),
        threads: 2,
        access_log: None,
        clock: Arc::new(SystemClock),
    };
    let any = ([127, 0, 0, 1], 0).into();
    for (bff, admin) in [(desk.address(), None), (any, Some(desk.admin())), (any, Some(desk.address()))] {
        let started = frontdesk_server::start(settings(bff, admin), Workspace::shop().snapshot(&[]));
        let error = started.err().expect("the port is taken").to_string();
        assert!(error.contains("127.0.0.1:") && error.contains("in use"), "{error}");
    }
    assert_eq!(desk.get("/nowhere").status, 404);
}
