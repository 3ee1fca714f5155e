//! Endpoints that change under calls: lists, DNS and its failures, files that break, health, affinity.

use std::cell::Cell;
use std::future::Future;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use frontdesk_adapter::{Connector, Fault, ServiceCall};
use frontdesk_connectors::grpc::GrpcService;
use frontdesk_connectors::http::{HttpConnector, HttpService};
use frontdesk_connectors::{Addresses, EndpointList, EndpointSource, HealthCheck, Settings};
use frontdesk_testserver::{FrameScript, Gate, Script, Server};

use crate::name_server::{NameServer, Record};
use crate::{AMPLE, ask, get, post, run, text, within};

/// A list that a test changes; `Err` is a file that cannot be read.
struct Changing(Mutex<Result<Vec<EndpointSource>, String>>);

impl EndpointList for Changing {
    fn name(&self) -> &'static str {
        "endpoints.yaml"
    }

    fn read(&self) -> Result<Vec<EndpointSource>, String> {
        self.0.lock().unwrap().clone()
    }
}

impl Changing {
    fn of(urls: &[String]) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Ok(urls.iter().map(EndpointSource::at).collect()))))
    }

    fn set(&self, to: Result<&[String], &str>) {
        let to = to.map(|urls| urls.iter().map(EndpointSource::at).collect()).map_err(str::to_owned);
        *self.0.lock().unwrap() = to;
    }
}

fn following(list: &Arc<Changing>) -> Settings {
    Settings { endpoints: vec![EndpointSource::listed(list.clone())], ..Settings::at("") }
}

fn http(settings: Settings) -> Rc<HttpConnector> {
    HttpService::new(settings).unwrap().local()
}

/// Sweeps as a worker does, and asks in between, until `is_done`.
async fn until(connector: &dyn Connector, is_done: impl AsyncFn() -> bool) {
    let waited = async {
        while !is_done().await {
            connector.sweep();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(AMPLE, waited).await.expect("it never comes to that");
}

fn answering(body: &str) -> Server {
    let server = Server::start();
    server.on("*", Script::json(body));
    server
}

/// A server as DNS names it: 127.0.0.1, and its port.
fn named(server: &Server, scheme: &str) -> String {
    format!("{scheme}://shop.test:{}", server.address().port())
}

fn local() -> Vec<Record> {
    vec![Record::A(Ipv4Addr::LOCALHOST)]
}

fn by_name(url: String, names: &NameServer) -> Settings {
    Settings { resolver: Some(names.address), ..Settings::at(url) }
}

#[test]
fn a_list_that_changes_under_load_fails_no_call() {
    run(async {
        let servers: Vec<Server> = ["0", "1", "2"].iter().map(|body| answering(body)).collect();
        let urls: Vec<String> = servers.iter().map(Server::url).collect();
        let list = Changing::of(&urls[..1]);
        let connector = http(following(&list));
        let (is_over, answered) = (Cell::new(false), Cell::new(0));
        let load = async {
            while !is_over.get() {
                let (reading, writing) = (get("/p"), post("/p", "{}"));
                let (a, b) = tokio::join!(ask(&connector, &reading), ask(&connector, &writing));
                a.unwrap();
                b.unwrap();
                answered.set(answered.get() + 2);
                tokio::task::yield_now().await;
            }
        };
        let changes = async {
            for set in [&urls[1..2], &urls[..], &urls[2..], &urls[..2]] {
                let before: Vec<usize> = servers.iter().map(|server| server.received().len()).collect();
                list.set(Ok(set));
                let is_used = |n: usize| set.contains(&urls[n]);
                until(&*connector, async || {
                    (0..3).filter(|n| is_used(*n)).all(|n| servers[n].received().len() > before[n])
                })
                .await;
            }
            is_over.set(true);
        };
        tokio::join!(load, changes);
        assert!(answered.get() > 0);
    });
}

#[test]
fn a_call_in_flight_outlives_its_endpoint_over_http1_and_http2() {
    run(async {
        let gate = Gate::new();
        let (old, new) = (Server::start(), answering("\"new\""));
        old.on("/slow", Script::json("\"old\"").behind(&gate));
        let list = Changing::of(&[old.url()]);
        let connector = http(following(&list));
        let call = get("/slow");
        let slow = connector.call(&call, within(AMPLE));
        let change = async {
            old.received_at_least(1).await;
            list.set(Ok(&[new.url()]));
            until(&*connector, async || text(&connector, "/p").await.as_deref() == Ok("\"new\"")).await;
            gate.open();
        };
        let (slow, ()) = tokio::join!(slow, change);
        assert_eq!(slow.unwrap().body, "\"old\"");

        let gate = Gate::new();
        let (old, new) = (Server::http2(), Server::http2());
        old.on("/slow", FrameScript::json("\"old\"").behind(&gate));
        new.on("/p", FrameScript::json("\"new\""));
        old.on("/p", FrameScript::json("\"old\""));
        let list = Changing::of(&[old.url()]);
        let connector = http(Settings { http2: true, ..following(&list) });
        let slow = connector.call(&call, within(AMPLE));
        let change = async {
            old.received_at_least(1).await;
            list.set(Ok(&[new.url()]));
            until(&*connector, async || text(&connector, "/p").await.as_deref() == Ok("\"new\"")).await;
            gate.open();
        };
        let (slow, ()) = tokio::join!(slow, change);
        assert_eq!(slow.unwrap().body, "\"old\"");
    });
}

#[test]
fn a_list_that_breaks_keeps_the_last_good_one() {
    run(async {
        let (one, other) = (answering("1"), answering("2"));
        let list = Changing::of(&[one.url()]);
        let connector = http(following(&list));
        for broken in [Err("there is no such file"), Ok(&[][..]), Ok(&["ftp://x".to_owned()][..])] {
            list.set(broken);
            let start = tokio::time::Instant::now();
            until(&*connector, async || start.elapsed() > Duration::from_millis(1200)).await;
            assert_eq!(text(&connector, "/p").await.as_deref(), Ok("1"), "{broken:?}");
        }
        list.set(Ok(&[other.url()]));
        until(&*connector, async || text(&connector, "/p").await.as_deref() == Ok("2")).await;

        let wrong = Arc::new(Changing(Mutex::new(Err("there is no such file".into()))));
        let error = HttpService::new(following(&wrong)).err().unwrap().to_string();
        assert!(error.contains("endpoints.yaml") && error.contains("no such file"), "{error}");
    });
}

#[test]
fn a_name_is_asked_for_again_and_traffic_moves() {
    run(async {
        let (names, server) = (NameServer::start(), answering("\"here\""));
        // Nobody listens at the second address but on the first's port.
        names.say("shop.test", 1, vec![Record::A(Ipv4Addr::new(127, 0, 0, 77))]);
        let connector = http(by_name(named(&server, "dns"), &names));
        assert!(matches!(text(&connector, "/p").await, Err(Fault::Connect(_))));
        names.say("shop.test", 1, local());
        until(&*connector, async || text(&connector, "/p").await.as_deref() == Ok("\"here\"")).await;
        let host = server.received()[0].headers.iter().find(|(name, _)| name == "host").unwrap().1.clone();
        assert_eq!(host, format!("shop.test:{}", server.address().port()), "the name, not the address");

        // The name is gone, and then the name server: what answers goes on answering.
        let asked = names.asked();
        names.say("shop.test", 1, Vec::new());
        until(&*connector, async || names.asked() > asked + 2).await;
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("\"here\""));
        names.hush(true);
        let asked = names.asked();
        until(&*connector, async || names.asked() > asked + 1).await;
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("\"here\""));
    });
}

#[test]
fn a_name_without_an_answer_fails_calls_until_it_has_one() {
    run(async {
        let (names, server) = (NameServer::start(), answering("1"));
        let connector = http(by_name(named(&server, "dns"), &names));
        let fault = text(&connector, "/p").await.unwrap_err();
        assert!(matches!(&fault, Fault::Connect(why) if why.contains("no such name")), "{fault:?}");
        names.say("shop.test", 60, local());
        until(&*connector, async || text(&connector, "/p").await.as_deref() == Ok("1")).await;
        let asked = names.asked();
        for _ in 0..20 {
            connector.sweep();
            text(&connector, "/p").await.unwrap();
        }
        assert_eq!(names.asked(), asked, "a minute is not over");

        names.hush(true);
        let connector = http(Settings {
            connect_timeout: Duration::from_millis(50),
            ..by_name(named(&server, "dns"), &names)
        });
        assert!(matches!(text(&connector, "/p").await, Err(Fault::Connect(_))), "nobody waits for ever");
    });
}

#[test]
fn names_do_not_lead_where_calls_must_not_go() {
    run(async {
        let (names, server) = (NameServer::start(), answering("1"));
        let link_local = Record::A(Ipv4Addr::new(169, 254, 169, 254));
        names.say("shop.test", 60, vec![link_local.clone()]);
        let connector = http(by_name(named(&server, "dns"), &names));
        let fault = text(&connector, "/p").await.unwrap_err();
        assert!(matches!(&fault, Fault::Connect(why) if why.contains("may be called")), "{fault:?}");

        names.say("both.test", 60, vec![link_local, Record::A(Ipv4Addr::LOCALHOST)]);
        let url = format!("dns://both.test:{}", server.address().port());
        let connector = http(by_name(url.clone(), &names));
        for _ in 0..10 {
            assert_eq!(text(&connector, "/p").await.as_deref(), Ok("1"), "what may be called is");
        }
        let public = Settings { addresses: Addresses::Public, ..by_name(url, &names) };
        assert!(matches!(text(&http(public), "/p").await, Err(Fault::Connect(_))));
    });
}

#[test]
fn srv_records_say_ports_weights_and_who_stands_in() {
    run(async {
        let names = NameServer::start();
        let (often, seldom, reserve) = (answering("1"), answering("2"), answering("3"));
        let record = |server: &Server, priority, weight| Record::Srv {
            priority,
            weight,
            port: server.address().port(),
            target: "machine.test",
        };
        names.say("machine.test", 60, local());
        let all = vec![record(&often, 0, 30), record(&seldom, 0, 10), record(&reserve, 5, 10)];
        names.say("_http._tcp.shop.test", 60, all);
        fastrand::seed(17);
        let connector = http(by_name("dns+srv://_http._tcp.shop.test".to_owned(), &names));
        for _ in 0..200 {
            text(&connector, "/p").await.unwrap();
        }
        let counts = [&often, &seldom, &reserve].map(|server| server.received().len());
        assert_eq!(counts[2], 0, "the others are well");
        assert!((120..180).contains(&counts[0]), "three quarters of 200: {counts:?}");
        let host = &often.received()[0].headers.iter().find(|(name, _)| name == "host").unwrap().1.clone();
        assert_eq!(host, "shop.test");

        drop((often, seldom));
        for _ in 0..20 {
            assert_eq!(text(&connector, "/p").await.as_deref(), Ok("3"));
        }
        assert_eq!(reserve.received().len(), 20);
    });
}

#[test]
fn tls_over_dns_checks_the_name() {
    use frontdesk_testserver::{Authority, Validity};
    run(async {
        let (names, authority) = (NameServer::start(), Authority::new());
        let server = Server::start_tls(&authority.issue("shop.test", Validity::Now));
        server.on("/p", Script::json("1"));
        names.say("shop.test", 60, local());
        names.say("other.test", 60, local());
        let at = |name: &str| Settings {
            roots_pem: Some(authority.pem().to_owned()),
            ..by_name(format!("dns+https://{name}:{}", server.address().port()), &names)
        };
        assert_eq!(text(&http(at("shop.test")), "/p").await.as_deref(), Ok("1"));
        assert!(matches!(text(&http(at("other.test")), "/p").await, Err(Fault::Connect(_))));
    });
}

fn checks(path: &str) -> HealthCheck {
    HealthCheck {
        path: path.to_owned(),
        service: String::new(),
        every: Duration::from_millis(20),
        timeout: Duration::from_secs(5),
        healthy: 2,
        unhealthy: 2,
    }
}

#[test]
fn an_endpoint_that_says_it_is_ill_gets_no_calls_until_it_is_well() {
    run(async {
        let (one, other) = (answering("1"), answering("2"));
        let endpoints = vec![EndpointSource::at(one.url()), EndpointSource::at(other.url())];
        let settings = Settings {
            endpoints,
            health: Some(checks("/health")),
            slow_start: Duration::ZERO,
            headers: vec![("x-api-key".into(), "secret".into())],
            ..Settings::at("")
        };
        let connector = http(settings);
        let only = async |wanted: &str| {
            for _ in 0..20 {
                if text(&connector, "/p").await.unwrap() != wanted {
                    return false;
                }
            }
            true
        };
        one.on("/health", Script::status(503));
        until(&*connector, async || only("2").await).await;
        one.on("/health", Script::status(204));
        until(&*connector, async || !only("2").await).await;
        let probe = one.received().into_iter().find(|request| request.target == "/health").unwrap();
        assert!(!probe.headers.iter().any(|(name, _)| name == "x-api-key"), "{probe:?}");

        // Both ill: better to ask than not to.
        one.on("/health", Script::status(503));
        other.on("/health", Script::close());
        let before = (one.received().len(), other.received().len());
        one.received_at_least(before.0 + 5).await_sweeping(&connector).await;
        other.received_at_least(before.1 + 5).await_sweeping(&connector).await;
        assert!(text(&connector, "/p").await.is_ok());
    });
}

/// Waits for something while the connector is swept.
trait AwaitSweeping: Future<Output = ()> + Sized {
    async fn await_sweeping(self, connector: &HttpConnector) {
        let sweeping = async {
            loop {
                connector.sweep();
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! { () = self => {}, () = sweeping => {} }
    }
}

impl<F: Future<Output = ()>> AwaitSweeping for F {}

#[test]
fn grpc_services_are_asked_in_their_own_way() {
    run(async {
        let grpc = ("content-type", "application/grpc");
        let message = |bytes: &[u8]| {
            let framed = [&[0], &(bytes.len() as u32).to_be_bytes()[..], bytes].concat();
            FrameScript::answer(200, &[grpc], framed).trailers(&[("grpc-status", "0")])
        };
        let servers = [Server::http2(), Server::http2()];
        for (server, answer) in servers.iter().zip([b"1", b"2"]) {
            server.on("/s/m", message(answer));
            server.on("/grpc.health.v1.Health/Check", message(&[8, 1]));
        }
        let settings = Settings {
            endpoints: servers.iter().map(|server| EndpointSource::at(server.url())).collect(),
            health: Some(HealthCheck { service: "shop.Cart".into(), ..checks("") }),
            slow_start: Duration::ZERO,
            ..Settings::at("")
        };
        let connector = GrpcService::new(settings).unwrap().local();
        let call = ServiceCall { method: "POST", target: "/s/m".into(), ..get("") };
        let answer = async || connector.call(&call, within(AMPLE)).await.unwrap().body;
        let only_second = async || {
            for _ in 0..20 {
                if answer().await != "2" {
                    return false;
                }
            }
            true
        };
        servers[0].on("/grpc.health.v1.Health/Check", message(&[8, 2]));
        until(&*connector, async || only_second().await).await;
        let asked = servers[0].received();
        let check = asked.iter().find(|request| request.target.ends_with("/Check")).unwrap();
        assert_eq!(check.body, [&[0, 0, 0, 0, 11, 0x0a, 9][..], b"shop.Cart"].concat());
        servers[0].on("/grpc.health.v1.Health/Check", message(&[8, 1]));
        until(&*connector, async || !only_second().await).await;
    });
}

#[test]
fn connections_have_an_end() {
    run(async {
        let server = answering("1");
        let connector = http(Settings { lifetime: Duration::from_millis(20), ..Settings::at(server.url()) });
        until(&*connector, async || {
            text(&connector, "/p").await.unwrap();
            server.connections() > 2
        })
        .await;
        let server = Server::http2();
        server.on("/p", FrameScript::json("1"));
        let settings =
            Settings { lifetime: Duration::from_millis(20), http2: true, ..Settings::at(server.url()) };
        let connector = http(settings);
        until(&*connector, async || {
            text(&connector, "/p").await.unwrap();
            server.connections() > 2
        })
        .await;
    });
}

#[test]
fn the_same_question_goes_to_the_same_endpoint() {
    run(async {
        let mut servers: Vec<Server> = (0..4).map(|n| answering(&n.to_string())).collect();
        let settings = Settings {
            endpoints: servers.iter().map(|server| EndpointSource::at(server.url())).collect(),
            is_hashed: true,
            ..Settings::at("")
        };
        let (here, there) = (http(settings.clone()), http(settings));
        let mut homes = std::collections::HashSet::new();
        for n in 0..20 {
            let path = format!("/products/{n}");
            let home = text(&here, &path).await.unwrap();
            for _ in 0..3 {
                assert_eq!(text(&here, &path).await.as_ref(), Ok(&home));
                assert_eq!(text(&there, &path).await.as_ref(), Ok(&home));
            }
            homes.insert(home);
        }
        assert_eq!(homes.len(), 4);
        servers.remove(0);
        for n in 0..20 {
            text(&here, &format!("/products/{n}")).await.unwrap();
        }
    });
}
