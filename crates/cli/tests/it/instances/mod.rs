//! Several instances behind one address and one Redis, as they are deployed: what they must share, and what becomes of
//! it when Redis is killed; restarts and reloads under load.

mod balancer;
pub mod redis;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use frontdesk_testserver::{Gate, Script, Server};
use serde_json::json;

use self::balancer::Balancer;
use self::redis::Redis;
use crate::http::{Jar, Person};
use crate::program::{Folder, Running, copy, free_port, get, run};
use crate::provider_process::ProviderProcess;

const YAML: &str = "shop/frontdesk.yaml";
const BFF: &str = "shop/bffs/web/bff.ts";
const WELCOME: &str = "shop/bffs/web/views/welcome.ts";
const TOKEN: &str = "planted-admin-token";

/// The new workspace, unhurried, with an administrator and these stores.
fn workspace(stores: &str) -> Folder {
    let folder = Folder::with_new_workspace();
    folder.replace(YAML, "timeout: 200ms", "timeout: 20s");
    folder.replace(WELCOME, r#"latency: "300ms""#, r#"latency: "20s""#);
    folder.replace(BFF, r#"latency: "500ms""#, r#"latency: "20s""#);
    folder.replace(YAML, "127.0.0.1:7000 }", &format!("127.0.0.1:7000, token: {TOKEN} }}"));
    let yaml = folder.read(YAML);
    folder.write(YAML, &format!("{yaml}\nstores: {{ {stores} }}\n"));
    folder
}

fn greeting(text: &str) -> Script {
    Script::json(format!(r#"{{"text":"{text}","length":{}}}"#, text.len()))
}

fn instance(folder: &Folder, greetings: &Server) -> Running {
    let url = format!("greetings={}", greetings.url());
    let flags = ["serve", "--json", "--linger", "2", "--listen", "web=127.0.0.1:0", "--admin", "127.0.0.1:0"];
    Running::start(&folder.shop(), &[&flags[..], &["--url", &url]].concat())
}

#[test]
fn a_limit_is_one_for_all_instances_and_each_counts_for_itself_without_the_store() {
    let Some(mut redis) = Redis::start() else { return };
    // Busy machines must not make the store look away.
    let folder = workspace(&format!("limits: {{ redis: {{ urls: \"{}\", timeout: 10s }} }}", redis.url()));
    let rate = r#"rate: [{ per: "ip", requests: 10, every: "24h", burst: 10 }], latency:"#;
    folder.replace(BFF, "limits: { latency:", &format!("limits: {{ {rate}"));
    let greetings = Server::start();
    greetings.on("*", greeting("Hello"));
    let (one, other) = (instance(&folder, &greetings), instance(&folder, &greetings));
    let statuses = (0..30).map(|n| get(if n % 2 == 0 { &one.address } else { &other.address }, "/welcome").0);
    let statuses: Vec<u16> = statuses.collect();
    assert_eq!(statuses[..10], [200; 10], "{statuses:?}");
    assert_eq!(statuses[10..], [429; 20], "ten in all, not ten each: {statuses:?}");

    redis.kill();
    for running in [&one, &other] {
        let statuses: Vec<u16> = (0..15).map(|_| get(&running.address, "/welcome").0).collect();
        assert_eq!(statuses[..10], [200; 10], "nobody is refused for want of a store: {statuses:?}");
        assert_eq!(statuses[10..], [429; 5], "and the limit holds on each: {statuses:?}");
    }
    redis.start_again();
    let mut one = one;
    let address = one.address.clone();
    one.wait_for("the shared count, which begins anew", |_| {
        (get(&address, "/welcome").0 == 200).then_some(())
    });
}

/// What an administrator is answered who purges `tags`.
fn purge(running: &Running, tags: &[&str]) -> u16 {
    let body = json!({ "tags": tags }).to_string();
    let head = format!(
        "POST /-/cache/purge HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {TOKEN}\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(&running.admin).unwrap();
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

fn shows(running: &Running, text: &str) -> bool {
    let (status, answer) = get(&running.address, "/welcome");
    assert_eq!(status, 200, "a cache never fails a request: {answer}");
    answer.contains(&format!("\"{text}\""))
}

#[test]
fn a_purge_at_one_instance_empties_the_other_and_without_the_store_nothing_old_is_shown() {
    let Some(mut redis) = Redis::start() else { return };
    // How long the store is waited for is somebody else's test.
    let folder = workspace(&format!("cache: {{ redis: {{ urls: \"{}\", timeout: 1s }} }}", redis.url()));
    let cached = r#"{ within: "20s", cache: { ttl: "1h", tags: ["greetings"] } }"#;
    folder.replace(WELCOME, r#"{ within: "100ms", optional: true }"#, cached);
    folder.replace(WELCOME, "greeting?.text ?? \"Hello!\"", "greeting.text");
    folder.replace(WELCOME, "greeting && number(", "number(");
    let greetings = Server::start();
    greetings.on("*", greeting("First"));
    let (mut one, mut other) = (instance(&folder, &greetings), instance(&folder, &greetings));
    one.wait_for("an entry that both can have", |one| {
        (shows(one, "First") && redis.ask("KEYS fd:c:*").contains("fd:c:")).then_some(())
    });
    greetings.on("*", greeting("Second"));
    assert!(shows(&other, "First"), "what one fetched the other need not");
    assert!(shows(&one, "First"));

    assert_eq!(purge(&one, &["greetings"]), 200);
    assert!(shows(&one, "Second"));
    other.wait_for("the purge at the other", |other| shows(other, "Second").then_some(()));

    // A purge while the other fetches: what it fetched is as old as what was purged.
    let gate = Gate::new();
    assert_eq!(purge(&one, &["greetings"]), 200);
    greetings.on("*", greeting("Third").behind(&gate));
    let asked = greetings.received().len();
    let address = other.address.clone();
    let waiting = std::thread::spawn(move || get(&address, "/welcome"));
    other.wait_for("the fetch", |_| (greetings.received().len() > asked).then_some(()));
    greetings.on("*", greeting("Fourth"));
    assert_eq!(purge(&one, &["greetings"]), 200);
    gate.open();
    assert_eq!(waiting.join().unwrap().0, 200);
    other.wait_for("what was fetched after the purge", |other| shows(other, "Fourth").then_some(()));
    for running in [&one, &other].into_iter().cycle().take(20) {
        assert!(shows(running, "Fourth"), "and never again what was fetched before");
    }

    redis.kill();
    greetings.on("*", greeting("Fifth"));
    for running in [&mut one, &mut other] {
        running.wait_for("what is so now: purges may be missed", |running| {
            shows(running, "Fifth").then_some(())
        });
    }
    assert_eq!(purge(&one, &["greetings"]), 503, "the others could not be told");
    redis.start_again();
    one.wait_for("a purge that all hear", |one| (purge(one, &["greetings"]) == 200).then_some(()));
    greetings.on("*", greeting("Sixth"));
    one.wait_for("an entry again", |one| (shows(one, "Sixth") || shows(one, "Fifth")).then_some(()));
}

/// Keeps asking over connections that it keeps, as long as it may; gives what went wrong.
fn client(address: &str, until: &AtomicBool, answered: &AtomicU64) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut kept: Option<BufReader<TcpStream>> = None;
    while !until.load(Ordering::SeqCst) && wrong.len() < 5 {
        let mut wire = kept.take().unwrap_or_else(|| BufReader::new(TcpStream::connect(address).unwrap()));
        match exchange(&mut wire) {
            Ok((200, stays)) => {
                answered.fetch_add(1, Ordering::SeqCst);
                kept = stays.then_some(wire);
            }
            Ok((status, _)) => wrong.push(format!("status {status}")),
            Err(error) => wrong.push(error.to_string()),
        }
    }
    wrong
}

/// The status, and whether the connection may be used again.
fn exchange(wire: &mut BufReader<TcpStream>) -> std::io::Result<(u16, bool)> {
    wire.get_mut().set_read_timeout(Some(Duration::from_secs(30)))?;
    wire.get_mut().write_all(b"GET /welcome HTTP/1.1\r\nhost: shop\r\n\r\n")?;
    let (mut status, mut length, mut stays) = (0, 0, true);
    for number in 0.. {
        let mut line = String::new();
        if wire.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end().to_ascii_lowercase();
        if number == 0 {
            status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        } else if line.is_empty() {
            break;
        } else if let Some(bytes) = line.strip_prefix("content-length: ") {
            length = bytes.parse().unwrap();
        } else if line == "connection: close" {
            stays = false;
        }
    }
    wire.read_exact(&mut vec![0; length])?;
    Ok((status, stays))
}

#[test]
fn restarts_one_by_one_and_reloads_under_load_fail_no_request() {
    let folder = workspace("limits: memory");
    let greetings = Server::start();
    greetings.on("*", greeting("Hello"));
    let balancer = Balancer::start();
    let mut running: Vec<Running> = (0..2).map(|_| instance(&folder, &greetings)).collect();
    for running in &running {
        balancer.add(running);
    }
    running[0].wait_for("both to be ready", |_| (balancer.ready() == 2).then_some(()));
    let (until, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (address, until, answered) = (balancer.address.clone(), until.clone(), answered.clone());
            std::thread::spawn(move || client(&address, &until, &answered))
        })
        .collect();
    let some_more = |running: &mut Running| {
        let before = answered.load(Ordering::SeqCst);
        running.wait_for("requests go on", |_| {
            (answered.load(Ordering::SeqCst) > before + 20
                || clients.iter().any(std::thread::JoinHandle::is_finished))
            .then_some(())
        });
    };
    for running in &mut running {
        some_more(running);
        running.signal("TERM");
        assert_eq!(running.ends(), 0);
        *running = instance(&folder, &greetings);
        balancer.add(running);
        running.wait_for("the new one to be ready", |_| (balancer.ready() == 2).then_some(()));
    }
    for round in 1..=3 {
        let title = format!("title: \"Round {round}\" + (");
        if round == 1 {
            folder.replace(WELCOME, "title: greeting?.text ?? \"Hello!\",", &format!("{title}\"\"),"));
        } else {
            folder.replace(WELCOME, &format!("Round {}", round - 1), &format!("Round {round}"));
        }
        for running in &mut running {
            running.signal("HUP");
            running.wait_until_answer("/welcome", |answer| answer.contains(&format!("Round {round}")));
            some_more(running);
        }
    }
    until.store(true, Ordering::SeqCst);
    for client in clients {
        assert_eq!(client.join().unwrap(), Vec::<String>::new());
    }
    assert!(answered.load(Ordering::SeqCst) > 100);
}

/// One request of a browser to one of the instances, whichever address it thinks it talks to.
fn browse(
    instance: &str,
    origin: &str,
    jar: &mut Jar,
    method: &str,
    target: &str,
    fetch: &str,
) -> (u16, String) {
    let host = origin.strip_prefix("http://").unwrap();
    let fetch = match fetch {
        "page" => {
            "sec-fetch-site: same-origin\r\nsec-fetch-mode: cors\r\nsec-fetch-dest: empty\r\nx-frontdesk: 1\r\n"
        }
        "back" => "sec-fetch-site: cross-site\r\nsec-fetch-mode: navigate\r\nsec-fetch-dest: document\r\n",
        _ => "sec-fetch-site: same-origin\r\nsec-fetch-mode: navigate\r\nsec-fetch-dest: document\r\n",
    };
    let request = format!(
        "{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncookie: {}\r\n{fetch}content-length: 0\r\n\r\n",
        jar.line()
    );
    let mut stream = TcpStream::connect(instance).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    for line in answer.lines().take_while(|line| !line.is_empty()) {
        if let Some(cookie) = line.strip_prefix("set-cookie: ") {
            jar.keep(cookie);
        }
    }
    (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
}

fn location(answer: &str) -> String {
    answer.lines().find_map(|line| line.strip_prefix("location: ")).expect(answer).to_owned()
}

#[test]
fn a_session_is_one_for_all_instances_and_without_the_store_nobody_is_let_in_or_signed_out() {
    let Some(mut redis) = Redis::start() else { return };
    let (folder, port) = (Folder::new(), free_port());
    let scenario =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/perimeter/workspace");
    copy(&scenario, &folder.shop());
    let origin = format!("http://localhost:{port}");
    let place = format!("{{ redis: {{ urls: \"{}\", timeout: 10s }} }}", redis.url());
    folder.replace(YAML, "sessions: memory", &format!("sessions: {place}"));
    folder.replace(
        YAML,
        "web: { listen: 127.0.0.1:0 }",
        &format!("web: {{ listen: 127.0.0.1:0, origin: \"{origin}\" }}"),
    );
    let done = run(&["-C", folder.shop().to_str().unwrap(), "keys", "rotate"]);
    assert_eq!(done.code, 0, "{done:?}");
    let provider = ProviderProcess::start(&json!({
        "clients": [{
            "client_id": "web",
            "client_secret": "planted-client-secret",
            "grant_types": ["authorization_code", "refresh_token"],
            "redirect_uris": [format!("{origin}/auth/callback")],
            "post_logout_redirect_uris": [format!("{origin}/")],
        }],
        "accounts": { "ada": { "password": "ada", "name": "Ada Lovelace" } },
    }));
    let variables =
        [("ISSUER", &*provider.issuer), ("WEB_SECRET", "planted-client-secret"), ("ADMIN_TOKEN", TOKEN)];
    let start =
        || Running::start_with(&folder.shop(), &["serve", "--json", "--admin", "127.0.0.1:0"], &variables);
    let (one, mut other) = (start(), start());
    let (first, second) = (one.bffs["web"].clone(), other.bffs["web"].clone());
    let mut person = Person::default();
    let mut sign_in = |jar: &mut Jar| {
        let (status, answer) = browse(&first, &origin, jar, "GET", "/auth/login", "go");
        assert_eq!(status, 303, "{answer}");
        let back = person.sign_in(&location(&answer), "ada");
        let target = back.strip_prefix(&origin).expect(&back).to_owned();
        // What the login began with is shared as well.
        let (status, answer) = browse(&second, &origin, jar, "GET", &target, "back");
        assert_eq!(status, 303, "{answer}");
    };
    let mut jar = Jar::default();
    sign_in(&mut jar);
    let who = |instance: &str, jar: &mut Jar| browse(instance, &origin, jar, "GET", "/auth/session", "page");
    for instance in [&first, &second] {
        let (status, answer) = who(instance, &mut jar);
        assert!(status == 200 && answer.contains("Ada"), "{answer}");
    }
    let mut copied = Jar(jar.0.clone());
    let (status, answer) = browse(&first, &origin, &mut jar, "POST", "/auth/logout", "page");
    assert_eq!(status, 200, "{answer}");
    other.wait_for("the end of it at the other", |_| {
        (!who(&second, &mut Jar(copied.0.clone())).1.contains("Ada")).then_some(())
    });
    assert!(!who(&first, &mut copied).1.contains("Ada"));

    let mut jar = Jar::default();
    sign_in(&mut jar);
    redis.kill();
    // What was read a moment ago may serve for a few seconds; then nobody knows, and nobody is signed out.
    for instance in [&first, &second] {
        other.wait_for("a refusal that is no end", |_| {
            let (status, answer) = who(instance, &mut Jar(jar.0.clone()));
            assert!(status == 503 || (status == 200 && answer.contains("Ada")), "{answer}");
            (status == 503 && !answer.contains("set-cookie")).then_some(())
        });
        let (status, _) = browse(instance, &origin, &mut Jar::default(), "GET", "/auth/login", "go");
        assert_eq!(status, 503, "a login that cannot be remembered does not begin");
    }
    // Back and empty: the session is gone, which is said plainly.
    redis.start_again();
    other.wait_for("an answer", |_| {
        let (status, answer) = who(&second, &mut Jar(jar.0.clone()));
        (status != 503 && !answer.contains("Ada")).then_some(())
    });
}
