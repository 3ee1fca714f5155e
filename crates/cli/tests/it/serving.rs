//! `new`, `dev` and `serve`: from nothing to an answer, saves, signals, ports that are taken.

use std::io::{Read, Write};
use std::net::TcpStream;

use frontdesk_testserver::{Gate, Script, Server};

use crate::program::{Folder, Running, free_port, get, run, run_in};

const WELCOME: &str = "shop/bffs/web/views/welcome.ts";

/// `dev` or `serve` on ports of the system's choice, with the greetings at `url`.
fn start(folder: &Folder, command: &str, url: &str) -> Running {
    let url = format!("greetings={url}");
    let flags = [command, "--json", "--listen", "web=127.0.0.1:0", "--admin", "127.0.0.1:0", "--url", &url];
    Running::start(&folder.shop(), &flags)
}

fn greetings() -> Server {
    let server = Server::start();
    server.on("*", Script::json(r#"{"text":"Hello, Ada!","length":11}"#));
    server
}

#[test]
fn a_new_workspace_serves_at_once() {
    let folder = Folder::with_new_workspace();
    // It calls itself, so its own port must be known beforehand.
    let port = free_port();
    let (listen, url) = (format!("web=127.0.0.1:{port}"), format!("greetings=http://127.0.0.1:{port}"));
    let flags = ["dev", "--json", "--listen", &listen, "--admin", "127.0.0.1:0", "--url", &url];
    let mut running = Running::start(&folder.shop(), &flags);
    running.wait_until_answer("/welcome?name=Ada", |answer| {
        answer.ends_with(r#"{"title":"Hello, Ada!","letters":"11"}"#)
    });
    assert_eq!(get(&running.admin, "/-/ready").0, 200);
    assert!(folder.shop().join(".frontdesk/types/frontdesk.d.ts").exists(), "the editor's types are there");
    // A line a request, as JSON, after the line that says where it listens.
    running.wait_for("the access log", |running| (running.out().lines().count() > 2).then_some(()));
    for line in running.out().lines() {
        serde_json::from_str::<serde_json::Value>(line).expect(line);
    }
    running.signal("INT");
    assert_eq!(running.ends(), 0);
}

#[test]
fn the_contract_of_a_running_bff_is_there_for_anybody() {
    let folder = Folder::with_new_workspace();
    folder.replace("shop/bffs/web/bff.ts", "bff({", "bff({ openapi: true,");
    let greetings = greetings();
    let running = start(&folder, "serve", &greetings.url());
    let web = running.address.clone();
    let (status, answer) = get(&web, "/openapi.json");
    assert_eq!(status, 200, "{answer}");
    let body = answer.split("\r\n\r\n").last().unwrap();
    let document: serde_json::Value = serde_json::from_str(body).expect(body);
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/welcome"]["get"].is_object(), "{document:#}");
    let (status, answer) = get(&running.admin, "/-/deprecated");
    assert_eq!(status, 200);
    assert!(answer.contains("\"deprecated\": []"), "{answer}");
}

/// Each of these ends with 2 before anything listens, and says what to do about it.
#[test]
fn what_a_sign_in_lacks_is_said_before_anything_listens() {
    let folder = Folder::with_new_workspace();
    folder.replace("shop/bffs/web/bff.ts", "import { bff }", "import { bff, clientSecret, secret, session }");
    let auth = r#"auth: session({
    issuer: "https://login.example.com",
    client: { id: "web", auth: clientSecret(secret("TRYOUT_SECRET")) },
  }),
  limits:"#;
    folder.replace("shop/bffs/web/bff.ts", "limits:", auth);
    let yaml = folder.read("shop/frontdesk.yaml");
    folder.write("shop/empty", "\n");
    let flags = ["--listen", "web=127.0.0.1:0", "--admin", "127.0.0.1:0"];
    let public = ["--listen", "web=0.0.0.0:0", "--admin", "127.0.0.1:0"];
    for (command, flags, more, said) in [
        ("serve", flags, "", "`frontdesk keys rotate` makes a ring"),
        ("serve", flags, "session-keys: ring.json", "there is no key ring at"),
        ("dev", flags, "", "the secret `TRYOUT_SECRET` is not known: set it in the environment"),
        (
            "dev",
            flags,
            "secrets: { TRYOUT_SECRET: \"${file:empty}\" }",
            "the secret `TRYOUT_SECRET` is empty",
        ),
        ("dev", flags, "secrets: { TRYOUT_SECRET: \"${file:nowhere}\" }", "${file:nowhere} cannot be read"),
        ("dev", public, "secrets: { TRYOUT_SECRET: \"hush\" }", "write `bffs: { web: { origin: "),
    ] {
        folder.write("shop/frontdesk.yaml", &format!("{yaml}\n{more}\n"));
        let done = run_in(&folder.shop(), &[&[command], &flags[..]].concat());
        assert_eq!(done.code, 2, "{more}: {done:?}");
        assert!(done.err.contains(said), "`{said}`:\n{}", done.err);
        assert!(!done.err.contains("hush") && !done.err.contains("panicked"), "{}", done.err);
    }
}

#[test]
fn a_save_is_live_and_a_broken_one_keeps_the_last_good_plan() {
    let folder = Folder::with_new_workspace();
    let greetings = greetings();
    let mut running = start(&folder, "dev", &greetings.url());
    running.wait_until_answer("/welcome", |answer| answer.contains("Hello, Ada!"));
    folder.replace(WELCOME, r#"greeting?.text ?? "Hello!""#, r#""Saved once""#);
    running.wait_until_answer("/welcome", |answer| answer.contains("Saved once"));
    running.wait_until_said("live after");

    folder.replace(WELCOME, r#""Saved once""#, "greeting.txt");
    running.wait_until_said("still serving the last good plan");
    let said = running.err();
    for piece in ["welcome.ts", "txt", "text"] {
        assert!(said.contains(piece), "the diagnostic has `{piece}`:\n{said}");
    }
    assert!(get(&running.address, "/welcome").1.contains("Saved once"));

    folder.replace(WELCOME, "greeting.txt", r#""Saved twice""#);
    running.wait_until_answer("/welcome", |answer| answer.contains("Saved twice"));
    // A new file is a new endpoint; one that is gone is gone.
    folder.write(
        "shop/bffs/web/views/bye.ts",
        "import { view } from \"frontdesk\";\n\nexport default view(\"GET /bye\", { load: () => ({ bye: true }) });\n",
    );
    running.wait_until_answer("/bye", |answer| answer.ends_with(r#"{"bye":true}"#));
    std::fs::remove_file(folder.shop().join("bffs/web/views/bye.ts")).unwrap();
    running.wait_until_answer("/bye", |answer| answer.contains("no_such_endpoint"));
}

#[test]
fn a_page_that_is_saved_is_live_and_a_broken_folder_keeps_the_last_good_one() {
    let folder = Folder::with_new_workspace();
    folder.replace("shop/bffs/web/bff.ts", "import { bff }", "import { bff, site }");
    folder.replace("shop/bffs/web/bff.ts", "bff({", "bff({\n  routes: [site({ folder: \"./pages\" })],");
    folder.write("shop/bffs/web/pages/index.html", "<title>First</title>");
    folder.write("shop/bffs/web/pages/.env", "HIDDEN=1");
    let mut running = start(&folder, "dev", "http://127.0.0.1:1");
    assert!(get(&running.address, "/").1.contains("<title>First</title>"));
    assert_eq!(get(&running.address, "/.env").0, 404);
    folder.write("shop/bffs/web/pages/index.html", "<title>Second</title>");
    running.wait_until_answer("/", |answer| answer.contains("<title>Second</title>"));
    folder.write("shop/bffs/web/pages/auth/login.html", "not where people sign in");
    running.wait_until_said("belong to signing in and out");
    assert!(get(&running.address, "/").1.contains("<title>Second</title>"));
}

#[test]
fn a_bff_without_a_listener_is_not_served_and_told_of() {
    let folder = Folder::with_new_workspace();
    let mut running = start(&folder, "dev", "http://127.0.0.1:1");
    folder.write("shop/bffs/tv/bff.ts", &folder.read("shop/bffs/web/bff.ts").replace("web", "tv"));
    running.wait_until_said("the BFF `tv` is not served");
    running.wait_until_said("live after");
    assert_eq!(get(&running.address, "/welcome").0, 200);
}

#[test]
fn dev_moves_with_its_listeners() {
    let folder = Folder::with_new_workspace();
    let (yaml, greetings) = ("shop/frontdesk.yaml", greetings());
    let ports: Vec<u16> = (0..3).map(|_| free_port()).collect();
    let address = |port: u16| format!("127.0.0.1:{port}");
    folder.replace(
        yaml,
        "web: { listen: 127.0.0.1:7001 }",
        &format!("web: {{ listen: {} }}", address(ports[0])),
    );
    let url = format!("greetings={}", greetings.url());
    let mut running =
        Running::start(&folder.shop(), &["dev", "--json", "--admin", "127.0.0.1:0", "--url", &url]);
    running.wait_until_answer("/welcome", |answer| answer.contains("Hello, Ada!"));
    folder.write(
        "shop/bffs/ios/bff.ts",
        "import { bff } from \"frontdesk\";\n\nexport default bff({ client: \"ios\" });\n",
    );
    folder.write(
        "shop/bffs/ios/views/hi.ts",
        "import { view } from \"frontdesk\";\n\nexport default view(\"GET /hi\", { load: () => ({ hi: true }) });\n",
    );
    let listeners = |ios: u16, web: u16| {
        format!("ios: {{ listen: {} }}\n  web: {{ listen: {} }}", address(ios), address(web))
    };
    folder.replace(
        yaml,
        &format!("web: {{ listen: {} }}", address(ports[0])),
        &listeners(ports[1], ports[2]),
    );
    running.address = address(ports[1]);
    running.wait_until_answer("/hi", |answer| answer.ends_with(r#"{"hi":true}"#));
    running.address = address(ports[2]);
    running.wait_until_answer("/welcome", |answer| answer.contains("Hello, Ada!"));
    assert!(TcpStream::connect(address(ports[0])).is_err(), "nobody listens at the old address");

    // An address that cannot be had changes nothing.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    folder.replace(yaml, &listeners(ports[1], ports[2]), &listeners(port, ports[2]));
    running.wait_until_said("still serving the last good plan");
    assert_eq!(get(&address(ports[1]), "/hi").0, 200);
}

#[test]
fn dev_waits_for_a_workspace_that_compiles() {
    let folder = Folder::with_new_workspace();
    folder.replace(WELCOME, "greeting?.text", "greeting?.txt");
    let fixer = std::thread::scope(|scope| {
        let starting = scope.spawn(|| start(&folder, "dev", "http://127.0.0.1:1"));
        std::thread::sleep(std::time::Duration::from_millis(1500));
        assert!(!starting.is_finished(), "it serves nothing that does not compile");
        folder.replace(WELCOME, "greeting?.txt", "greeting?.text");
        starting.join().unwrap()
    });
    assert!(fixer.err().contains("waiting for a save that compiles"));
    assert_eq!(get(&fixer.address, "/welcome").0, 200);
}

#[test]
fn serve_reads_the_workspace_again_on_hup_and_ignores_saves() {
    let folder = Folder::with_new_workspace();
    let greetings = greetings();
    let mut running = start(&folder, "serve", &greetings.url());
    assert!(get(&running.address, "/welcome").1.contains("Hello, Ada!"));
    folder.replace(WELCOME, r#"greeting?.text ?? "Hello!""#, r#""After HUP""#);
    std::thread::sleep(std::time::Duration::from_millis(700));
    assert!(get(&running.address, "/welcome").1.contains("Hello, Ada!"), "a save alone changes nothing");
    running.signal("HUP");
    running.wait_until_answer("/welcome", |answer| answer.contains("After HUP"));
    folder.replace(WELCOME, r#""After HUP""#, "nothing");
    running.signal("HUP");
    running.wait_until_said("still serving the last good plan");
    assert!(get(&running.address, "/welcome").1.contains("After HUP"));
    // A platform file that cannot be read keeps it going as well.
    folder.write("shop/frontdesk.yaml", "services: [");
    running.signal("HUP");
    running.wait_for("a second refusal", |running| {
        (running.err().matches("still serving the last good plan").count() == 2).then_some(())
    });
    assert!(get(&running.address, "/welcome").1.contains("After HUP"));
}

#[test]
fn term_finishes_what_is_in_flight() {
    let folder = Folder::with_new_workspace();
    folder.replace(WELCOME, r#"within: "100ms", optional: true"#, "optional: true");
    folder.replace(WELCOME, r#"latency: "300ms""#, r#"latency: "30s""#);
    folder.replace("shop/bffs/web/bff.ts", r#"latency: "500ms""#, r#"latency: "30s""#);
    folder.replace("shop/frontdesk.yaml", "timeout: 200ms", "timeout: 30s");
    let gate = Gate::new();
    let greetings = Server::start();
    greetings.on("*", Script::json(r#"{"text":"At last","length":7}"#).behind(&gate));
    let mut running = start(&folder, "serve", &greetings.url());
    let mut stream = TcpStream::connect(&running.address).unwrap();
    stream.write_all(b"GET /welcome HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    running.wait_for("the call", |_| (!greetings.received().is_empty()).then_some(()));
    running.signal("TERM");
    let (admin, address) = (running.admin.clone(), running.address.clone());
    running.wait_for("draining", |_| (get(&admin, "/-/ready").0 == 503).then_some(()));
    running.wait_for("no new connections", |_| TcpStream::connect(&address).is_err().then_some(()));
    gate.open();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("At last"), "{answer}");
    assert_eq!(running.ends(), 0);
    assert!(running.out().contains("\"status\":200"), "its line is in the log");
}

#[test]
fn a_second_signal_does_not_wait() {
    let folder = Folder::with_new_workspace();
    folder.replace(WELCOME, r#"within: "100ms", optional: true"#, "optional: true");
    folder.replace(WELCOME, r#"latency: "300ms""#, r#"latency: "50s""#);
    folder.replace("shop/bffs/web/bff.ts", r#"latency: "500ms""#, r#"latency: "50s""#);
    folder.replace("shop/frontdesk.yaml", "timeout: 200ms", "timeout: 50s");
    let greetings = Server::start();
    greetings.on("*", Script::hang());
    let mut running = start(&folder, "serve", &greetings.url());
    let mut stream = TcpStream::connect(&running.address).unwrap();
    stream.write_all(b"GET /welcome HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    running.wait_for("the call", |_| (!greetings.received().is_empty()).then_some(()));
    running.signal("TERM");
    let admin = running.admin.clone();
    running.wait_for("draining", |_| (get(&admin, "/-/ready").0 == 503).then_some(()));
    running.signal("TERM");
    assert_eq!(running.ends(), 130);
}

#[test]
fn a_port_that_is_taken_is_told_clearly() {
    let folder = Folder::with_new_workspace();
    let running = start(&folder, "serve", "http://127.0.0.1:1");
    let listen = format!("web={}", running.address);
    for command in ["serve", "dev"] {
        let done = run_in(&folder.shop(), &[command, "--listen", &listen, "--admin", "127.0.0.1:0"]);
        assert_eq!(done.code, 2, "{done:?}");
        let expected = format!("cannot listen on {} for `web`", running.address);
        assert!(done.err.contains(&expected) && done.err.contains("in use"), "{}", done.err);
    }
    let done = run_in(&folder.shop(), &["serve", "--listen", "web=127.0.0.1:0", "--admin", &running.admin]);
    assert!(done.code == 2 && done.err.contains("for `admin`"), "{done:?}");
}

#[test]
fn what_is_missing_where_it_runs_is_found_before_anything_starts() {
    let folder = Folder::with_new_workspace();
    let listen = ["--listen", "web=127.0.0.1:0", "--admin", "127.0.0.1:0"];
    folder.replace(
        "shop/frontdesk.yaml",
        "timeout: 200ms",
        "headers: { x-key: \"${env:NOT_SET_ANYWHERE}\" }",
    );
    let done = run_in(&folder.shop(), &[&["serve"][..], &listen].concat());
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.err.contains("greetings") && done.err.contains("NOT_SET_ANYWHERE"), "{}", done.err);
    for (flags, said) in [
        (["--listen", "webb=127.0.0.1:0"], "no BFF `webb`"),
        (["--listen", "127.0.0.1:0"], "BFF=HOST:PORT"),
        (["--url", "nobody=http://a"], "no service `nobody`"),
        (["--url", "greetings.v2=http://a"], "no version `v2`"),
        (["--admin", "nowhere"], "`nowhere` is not host:port"),
    ] {
        let other = Folder::with_new_workspace();
        let done = run_in(&other.shop(), &[&["serve"][..], &listen[..2], &flags].concat());
        assert!(done.code == 2 && done.err.contains(said), "{flags:?}: {done:?}");
    }
}

#[test]
fn new_leaves_folders_alone_that_hold_something() {
    let folder = Folder::new();
    folder.write("shop/mine.txt", "mine");
    let shop = folder.shop();
    let done = run(&["new", shop.to_str().unwrap()]);
    assert!(done.code == 2 && done.err.contains("is not empty"), "{done:?}");
    assert_eq!(std::fs::read_dir(shop).unwrap().count(), 1);
}
