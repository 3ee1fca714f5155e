//! Versions of a service, mirrored calls, and faults made on purpose, around connectors that do as they are told; and
//! around those of real protocols.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{
    AccessToken, Answer, CallFuture, Caller, CallerKey, Connector, Deadline, Exchange, Fault, Hedge,
    Priority, ServiceCall, TokenFuture, TraceContext, now,
};
use frontdesk_connectors::faults::{Abort, Harm, Harmed, Injection, Place, Rule, Rules, Spoil};
use frontdesk_connectors::grpc::GrpcService;
use frontdesk_connectors::http::HttpService;
use frontdesk_connectors::traffic::{
    Book, Comparison, Counts, Mirror, Mirroring, Route, Routes, Shaped, Who,
};
use frontdesk_connectors::{BreakerPolicy, Policy, Retries, Settings};
use frontdesk_testserver::{FrameScript, Gate, Script, Server};
use http::Request;
use http_body_util::Empty;
use tokio::runtime::{Builder, LocalOptions};

use crate::{connector, get, post, run, within};

/// A service that answers the same to everybody, and remembers what it was asked.
struct Told {
    answer: RefCell<Result<Answer, Fault>>,
    takes: Cell<Duration>,
    asked: RefCell<Vec<ServiceCall>>,
}

fn told(answer: Result<&str, Fault>) -> Rc<Told> {
    let answer = answer.map(|body| Answer {
        status: 200,
        body: Bytes::copy_from_slice(body.as_bytes()),
        is_expected_type: true,
        ..Answer::default()
    });
    Rc::new(Told { answer: answer.into(), takes: Cell::default(), asked: RefCell::default() })
}

impl Told {
    fn count(&self) -> usize {
        self.asked.borrow().len()
    }
}

impl Connector for Told {
    fn call<'a>(&'a self, call: &'a ServiceCall, _: Deadline) -> CallFuture<'a> {
        self.asked.borrow_mut().push(call.clone());
        let answer = self.answer.borrow().clone();
        Box::pin(async move {
            tokio::time::sleep(self.takes.get()).await;
            answer
        })
    }
}

/// A clock that stands still while anything runs.
fn run_paused<T>(test: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build_local(LocalOptions::default())
        .unwrap();
    runtime.block_on(test)
}

fn of_request(id: u128) -> ServiceCall {
    let trace = TraceContext { trace_id: id.to_be_bytes(), span_id: [7; 8], sampled: false };
    ServiceCall { trace, ..get("/things/1") }
}

fn share(share: u32, sticky: bool) -> Vec<Route> {
    vec![Route { to: 0, name: "v2".into(), who: Who::Share { share, sticky } }]
}

fn shaped(routes: &[Route], service: &Rc<Told>, version: &Rc<Told>, mirror: Option<Mirror>) -> Shaped {
    let routes = Rc::new(Routes::new("things", routes));
    Shaped::new(routes, service.clone(), vec![version.clone()], mirror)
}

async fn ask(connector: &dyn Connector, call: &ServiceCall) -> Result<String, Fault> {
    let answer = connector.call(call, within(Duration::from_secs(5))).await?;
    Ok(String::from_utf8_lossy(&answer.body).into_owned())
}

#[derive(Debug)]
struct User(u64);

impl Caller for User {
    fn key(&self) -> CallerKey {
        CallerKey(std::array::from_fn(|_| fastrand::u8(..)))
    }

    fn cohort(&self) -> u64 {
        self.0
    }

    fn access_token(&self, _: Deadline) -> TokenFuture<'_> {
        Box::pin(async { Err(Fault::LoginRequired) })
    }

    fn exchanged<'a>(&'a self, _: &'a Exchange, _: Deadline) -> TokenFuture<'a> {
        Box::pin(async { Err(Fault::LoginRequired) })
    }

    fn proof(&self, _: &str, _: &str, _: &AccessToken, _: Option<&str>) -> Option<String> {
        None
    }
}

#[test]
fn calls_of_one_request_see_one_version_and_requests_are_spread() {
    run_paused(async {
        let (service, version) = (told(Ok("one")), told(Ok("two")));
        let shaped = shaped(&share(2000, false), &service, &version, None);
        for id in 1..=1000 {
            let first = ask(&shaped, &of_request(id)).await.unwrap();
            assert_eq!(ask(&shaped, &of_request(id)).await.unwrap(), first, "request {id}");
            assert_eq!(shaped.variant(&of_request(id)), 0, "a matter of chance is no variant");
        }
        // Of 1,000 at 20 %, 50 are four standard deviations.
        assert!((300..=500).contains(&version.count()), "{}", version.count());
    });
}

#[test]
fn a_user_of_a_version_sees_it_in_every_instance_and_never_silently_another() {
    run_paused(async {
        let (service, version) = (told(Ok("one")), told(Err(Fault::BreakerOpen)));
        let routes = share(5000, true);
        let instances =
            [shaped(&routes, &service, &version, None), shaped(&routes, &service, &version, None)];
        let mut failed = 0;
        for user in 0..200_u64 {
            let caller: Rc<dyn Caller> = Rc::new(User(user));
            let call = |id| ServiceCall { caller: Some(caller.clone()), ..of_request(id) };
            let first = ask(&instances[0], &call(1)).await;
            assert_eq!(ask(&instances[1], &call(u128::from(user) + 2)).await, first);
            let variant = instances[0].variant(&call(9));
            assert_eq!(variant != 0, first == Err(Fault::BreakerOpen), "answers of versions are kept apart");
            failed += usize::from(variant != 0);
        }
        assert!((60..140).contains(&failed), "{failed}");
    });
}

#[test]
fn a_canary_that_cannot_be_reached_costs_its_requests_nothing_and_one_that_fails_does() {
    run_paused(async {
        let (service, version) = (told(Ok("one")), told(Err(Fault::BreakerOpen)));
        let canary = shaped(&share(10_000, false), &service, &version, None);
        for fault in [Fault::BreakerOpen, Fault::Connect("refused".to_owned())] {
            *version.answer.borrow_mut() = Err(fault);
            assert_eq!(ask(&canary, &of_request(1)).await.as_deref(), Ok("one"));
            // Nothing of it was sent, so that a call that writes may go elsewhere, too.
            assert_eq!(ask(&canary, &post("/things", "{}")).await.as_deref(), Ok("one"));
        }
        for fault in
            [Fault::TimedOut, Fault::Failed { status: 503 }, Fault::Broken("x".to_owned()), Fault::Shed]
        {
            *version.answer.borrow_mut() = Err(fault.clone());
            assert_eq!(ask(&canary, &of_request(1)).await, Err(fault), "a canary's failures are to be seen");
        }
    });
}

fn mirroring(compare: Option<Comparison>) -> Mirroring {
    Mirroring { to: 0, share: 10_000, compare, timeout: Duration::from_secs(2), calls: 2 }
}

fn mirror(to: &Rc<Told>, mirroring: Mirroring) -> (Mirror, Arc<Book>) {
    let book = Arc::new(Book::new(2, |_| ()));
    (Mirror::new("things", mirroring, to.clone(), book.clone()), book)
}

/// Lets everything that was spawned come to its end.
async fn settle() {
    tokio::time::sleep(Duration::from_secs(10)).await;
}

#[test]
fn a_mirrored_call_is_made_after_the_answer_is_there_and_never_delays_it() {
    run_paused(async {
        let (service, version) = (told(Ok("{}")), told(Ok("{}")));
        service.takes.set(Duration::from_millis(30));
        version.takes.set(Duration::from_secs(1));
        let (mirror, book) = mirror(&version, mirroring(None));
        let shaped = shaped(&[], &service, &version, Some(mirror));
        let before = now();
        ask(&shaped, &ServiceCall { operation: 1, ..of_request(1) }).await.unwrap();
        assert_eq!(now() - before, Duration::from_millis(30));
        assert_eq!(version.count(), 0, "not even begun");
        settle().await;
        let repeated = version.asked.borrow()[0].clone();
        assert_eq!(repeated.target, b"/things/1");
        assert_eq!(repeated.headers, vec![(b"x-frontdesk-mirror".to_vec(), b"1".to_vec())]);
        assert_eq!(repeated.policy.priority, Priority::Background);
        assert_eq!((repeated.policy.retries, repeated.policy.hedge), (Some(0), Some(Hedge::Never)));
        assert_eq!(book.counts()[1], Counts { sent: 1, ..Counts::default() });
    });
}

#[test]
fn what_writes_what_nobody_waits_for_and_what_got_no_answer_is_not_mirrored() {
    run_paused(async {
        let (service, version) = (told(Ok("{}")), told(Ok("{}")));
        let (mirror, _) = mirror(&version, mirroring(None));
        let shaped = shaped(&[], &service, &version, Some(mirror));
        ask(&shaped, &post("/things", "{}")).await.unwrap();
        let mut refresh = of_request(1);
        refresh.policy.priority = Priority::Background;
        ask(&shaped, &refresh).await.unwrap();
        *service.answer.borrow_mut() = Err(Fault::TimedOut);
        ask(&shaped, &of_request(2)).await.unwrap_err();
        settle().await;
        assert_eq!(version.count(), 0);
    });
}

#[test]
fn answers_are_compared_and_counted_by_operation() {
    run_paused(async {
        let (service, version) = (told(Ok(r#"{"a":1,"b":[2]}"#)), told(Ok(r#"{"b":[2.0],"a":1}"#)));
        let told_of: Arc<std::sync::Mutex<Vec<String>>> = Arc::default();
        let heard = told_of.clone();
        let book = Arc::new(Book::new(1, move |difference| {
            heard.lock().unwrap().push(difference.pointer.to_owned());
        }));
        let mirror = Mirror::new("things", mirroring(Some(Comparison::Json)), version.clone(), book.clone());
        let shaped = shaped(&[], &service, &version, Some(mirror));
        let mut asked = 0;
        let mut again = async || {
            asked += 1;
            let _ = ask(&shaped, &of_request(asked)).await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        again().await;
        *version.answer.borrow_mut() =
            Ok(Answer { status: 200, body: Bytes::from_static(br#"{"a":1,"b":[3]}"#), ..Answer::default() });
        again().await;
        again().await;
        *version.answer.borrow_mut() = Err(Fault::Rejected { status: 404 });
        again().await;
        *service.answer.borrow_mut() = Err(Fault::Rejected { status: 404 });
        again().await;
        *version.answer.borrow_mut() = Err(Fault::TimedOut);
        again().await;
        let counts = book.counts().remove(0);
        assert_eq!((counts.sent, counts.same, counts.different, counts.failed), (6, 2, 3, 1));
        assert_eq!(counts.differs_at.as_deref(), Some("/b/0"));
        assert_eq!(*told_of.lock().unwrap(), ["/b/0"], "told once a second, and without values");
    });
}

#[test]
fn no_more_calls_are_mirrored_than_were_said_and_none_takes_longer() {
    run_paused(async {
        let (service, version) = (told(Ok("{}")), told(Ok("{}")));
        version.takes.set(Duration::from_secs(3600));
        let (mirror, book) = mirror(&version, mirroring(Some(Comparison::Json)));
        let shaped = shaped(&[], &service, &version, Some(mirror));
        for id in 1..=5 {
            ask(&shaped, &of_request(id)).await.unwrap();
        }
        settle().await;
        let counts = book.counts().remove(0);
        assert_eq!((counts.sent, counts.failed, counts.dropped), (2, 2, 3));
        ask(&shaped, &of_request(6)).await.unwrap();
        settle().await;
        assert_eq!(book.counts()[0].sent, 3, "places are given back when the time is up");
    });
}

#[test]
fn a_large_difference_is_looked_for_elsewhere() {
    run(async {
        let long = |last: &str| format!("[{}{last}]", "\"something rather long\",".repeat(10_000));
        let (service, version) = (told(Ok(&long("1"))), told(Ok(&long("2"))));
        let (mirror, book) = mirror(&version, mirroring(Some(Comparison::Json)));
        let shaped = shaped(&[], &service, &version, Some(mirror));
        ask(&shaped, &of_request(1)).await.unwrap();
        while book.counts()[0].sent == 0 {
            tokio::task::yield_now().await;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(book.counts()[0].differs_at.as_deref(), Some("/10000"));
    });
}

/// A service of two operations under rules.
fn injection(rules: &Arc<Rules>, version: Option<&str>) -> (Injection, Harmed) {
    let harmed = Harmed::default();
    let place = Place {
        service: "things".into(),
        operations: ["getThing", "putThing"].map(Arc::from).into(),
        version: version.map(Arc::from),
    };
    (Injection::new(rules.clone(), place, harmed.clone()), harmed)
}

fn rule(harm: Harm) -> Rule {
    let until = now() + Duration::from_mins(5);
    Rule { service: "things".into(), operation: None, version: None, share: 10_000, harm, until }
}

const ABORT: fn(Abort) -> Harm =
    |abort| Harm { abort: Some(abort), ..Harm { delay: None, abort: None, spoil: None } };
const SPOIL: fn(Spoil) -> Harm = |spoil| Harm { delay: None, abort: None, spoil: Some(spoil) };

#[test]
fn each_fault_is_as_the_real_one_over_http() {
    run(async {
        let server = Server::start();
        server.on("*", Script::json(r#"{"id":1}"#));
        let rules = Arc::new(Rules::default());
        let (injection, harmed) = injection(&rules, None);
        let connector = HttpService::new(Settings::at(server.url())).unwrap().local_with(Some(injection));
        assert_eq!(ask(&*connector, &of_request(1)).await.as_deref(), Ok(r#"{"id":1}"#));
        assert!(harmed.take([7; 8]).is_empty());
        let sent = || server.received().len();
        let cases: [(Harm, Result<&str, &str>, bool); 8] = [
            (ABORT(Abort::Status(503)), Err("failed with status 503"), false),
            (ABORT(Abort::Status(404)), Err("refused with status 404"), false),
            (ABORT(Abort::Refuse), Err("no connection: connection refused (injected)"), false),
            (ABORT(Abort::Reset), Err("broken answer: the connection was reset (injected)"), false),
            (ABORT(Abort::Timeout), Err("no answer in time"), false),
            (SPOIL(Spoil::Truncate), Err("broken answer: the answer ended in its middle (injected)"), true),
            (SPOIL(Spoil::Malformed), Ok("\u{1}{\"id"), true),
            (
                Harm { delay: Some(Duration::from_millis(20)), abort: None, spoil: None },
                Ok(r#"{"id":1}"#),
                true,
            ),
        ];
        for (harm, expected, is_sent) in cases {
            rules.clear();
            let id = rules.add(rule(harm));
            let (before, began) = (sent(), now());
            let answered = connector.call(&of_request(1), within(Duration::from_millis(300))).await;
            let text = answered.map(|answer| String::from_utf8(answer.body.to_vec()).unwrap());
            let text = text.map_err(|fault| fault.to_string());
            assert_eq!(text.as_deref().map_err(String::as_str), expected, "{harm:?}");
            assert_eq!(sent() > before, is_sent, "{harm:?}");
            assert!(now() - began >= harm.delay.unwrap_or_default());
            assert_eq!(harmed.take([7; 8]), [id], "{harm:?}");
        }
    });
}

#[test]
fn a_spoilt_message_cannot_be_read_over_grpc() {
    run(async {
        let server = Server::http2();
        // Field 1, "Lamp", in a frame of its own.
        let message = [0, 0, 0, 0, 6, 0x0a, 4, b'L', b'a', b'm', b'p'];
        let answer = FrameScript::answer(200, &[("content-type", "application/grpc")], message.to_vec());
        server.on("*", answer.trailers(&[("grpc-status", "0")]));
        let service = GrpcService::new(Settings::at(server.url())).unwrap();
        let rules = Arc::new(Rules::default());
        let (injection, _) = injection(&rules, None);
        let connector = service.local_with(Some(injection));
        let call = ServiceCall { method: "POST", safe: true, ..get("/things.Things/Get") };
        let whole = connector.call(&call, within(crate::AMPLE)).await.unwrap();
        <() as prost_reflect::prost::Message>::decode(whole.body).unwrap();
        rules.add(rule(SPOIL(Spoil::Malformed)));
        let spoilt = connector.call(&call, within(crate::AMPLE)).await.unwrap();
        <() as prost_reflect::prost::Message>::decode(spoilt.body).unwrap_err();
        rules.clear();
        rules.add(rule(ABORT(Abort::Status(429))));
        assert_eq!(
            connector.call(&call, within(crate::AMPLE)).await.unwrap_err(),
            Fault::Rejected { status: 429 }
        );
    });
}

#[test]
fn retries_and_breakers_see_what_is_done_on_purpose() {
    run(async {
        let server = Server::start();
        server.on("*", Script::json("{}"));
        let rules = Arc::new(Rules::default());
        let half = Rule { share: 5000, ..rule(ABORT(Abort::Status(503))) };
        let with = |policy| {
            let settings = Settings { policy, ..Settings::at(server.url()) };
            HttpService::new(settings).unwrap().local_with(Some(injection(&rules, None).0))
        };
        let failed = async |connector: Rc<dyn Connector>| {
            let mut failed = 0;
            for _ in 0..200 {
                failed += u32::from(ask(&*connector, &of_request(1)).await.is_err());
            }
            failed
        };
        fastrand::seed(5);
        rules.add(half);
        let retries = Retries { most: 3, budget: 1.0, ..Retries::default() };
        let once = failed(with(Policy::plain(8))).await;
        let again = failed(with(Policy { retries, ..Policy::plain(8) })).await;
        assert!((70..130).contains(&once), "{once} of 200 at 50 %");
        assert!(again < once / 2, "{again} of 200 although each may be made again, {once} if not");

        rules.clear();
        rules.add(rule(ABORT(Abort::Refuse)));
        let breaker = BreakerPolicy { calls: 5, ..BreakerPolicy::default() };
        let connector = with(Policy { breaker: Some(breaker), ..Policy::plain(8) });
        for _ in 0..5 {
            assert!(matches!(ask(&*connector, &of_request(1)).await, Err(Fault::Connect(_))));
        }
        assert_eq!(ask(&*connector, &of_request(1)).await, Err(Fault::BreakerOpen));
    });
}

#[test]
fn what_passes_through_is_answered_as_the_service_would() {
    run(async {
        let server = Server::start();
        server.on("*", Script::json("{}"));
        let rules = Arc::new(Rules::default());
        let (injection, harmed) = injection(&rules, None);
        let connector = HttpService::new(Settings::at(server.url())).unwrap().local_with(Some(injection));
        let trace = of_request(1).trace;
        let pass = async || {
            let request = Request::builder().uri("/p").body(Empty::<Bytes>::new()).unwrap();
            connector.forward(request, trace, within(Duration::from_millis(300))).await
        };
        let id = rules.add(rule(ABORT(Abort::Status(503))));
        let mut answer = pass().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.body_mut().take_whole()), (503, Some(Bytes::new())));
        assert_eq!(harmed.take([7; 8]), [id]);
        rules.clear();
        rules.add(rule(ABORT(Abort::Timeout)));
        assert_eq!(pass().await.err(), Some(Fault::TimedOut));
        rules.clear();
        rules.add(Rule { operation: Some("getThing".into()), ..rule(ABORT(Abort::Reset)) });
        assert!(server.received().is_empty());
        assert_eq!(pass().await.unwrap().status(), 200, "it is of no operation");
    });
}

#[test]
fn a_mirror_that_hangs_ends_with_its_own_time_on_a_real_socket() {
    run(async {
        let gate = Gate::new();
        let server = Server::start();
        server.on("*", Script::json("{}").behind(&gate));
        let service = told(Ok("{}"));
        let book = Arc::new(Book::new(1, |_| ()));
        let mirroring = Mirroring { timeout: Duration::from_millis(40), ..mirroring(Some(Comparison::Json)) };
        let mirror = Mirror::new("things", mirroring, connector(server.url()), book.clone());
        let routes = Rc::new(Routes::new("things", &[]));
        let shaped = Shaped::new(routes, service, Vec::new(), Some(mirror));
        ask(&shaped, &of_request(1)).await.unwrap();
        while book.counts()[0].failed == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(server.received()[0].header("x-frontdesk-mirror"), Some("1"));
        gate.open();
    });
}
