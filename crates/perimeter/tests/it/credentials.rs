//! What calls to services carry: whose token, bound how, replaced when.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use frontdesk_adapter::{
    AccessToken, Answer, CallFuture, Caller, CallerKey, Clock, Connector, Deadline, Exchange, Fault,
    HttpAnswer, HttpClient, HttpClientFactory, HttpFuture, HttpRequest, ServiceCall, TokenFuture,
    TraceContext, now,
};
use frontdesk_connectors::http::HttpService;
use frontdesk_connectors::{Policy, Settings};
use frontdesk_perimeter::Office;
use frontdesk_perimeter::credentials::{Credentials, OwnTokens};
use frontdesk_perimeter::jose::dpop::{self, ExpectedProof};
use frontdesk_perimeter::jose::{Algorithm, SigningKey};
use frontdesk_perimeter::provider::{ClientCredential, Provider, ProviderSettings};
use frontdesk_testserver::{Script, Server};
use futures_util::future::join_all;
use proptest::prelude::*;
use serde_json::json;

use crate::clock::StandingClock;

const NOW: u64 = 1_700_000_000;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate_es256().unwrap());

fn soon() -> Deadline {
    Deadline::after(now(), Duration::from_secs(20))
}

/// Somebody whose tokens say whose they are.
#[derive(Debug)]
struct Somebody {
    name: &'static str,
    is_dpop: bool,
    exchanged: RefCell<Vec<Exchange>>,
}

impl Somebody {
    fn new(name: &'static str, is_dpop: bool) -> Rc<Self> {
        Rc::new(Self { name, is_dpop, exchanged: RefCell::default() })
    }

    fn token(&self, kind: &str, is_dpop: bool) -> AccessToken {
        AccessToken { secret: format!("{kind}-of-{}", self.name).into(), expires: NOW + 300, is_dpop }
    }
}

impl Caller for Somebody {
    fn key(&self) -> CallerKey {
        CallerKey([self.name.as_bytes()[0]; 32])
    }

    fn access_token(&self, _: Deadline) -> TokenFuture<'_> {
        Box::pin(std::future::ready(Ok(self.token("token", self.is_dpop))))
    }

    fn exchanged<'a>(&'a self, wanted: &'a Exchange, _: Deadline) -> TokenFuture<'a> {
        self.exchanged.borrow_mut().push(wanted.clone());
        Box::pin(std::future::ready(Ok(self.token("exchanged", wanted.is_dpop))))
    }

    fn proof(&self, method: &str, url: &str, token: &AccessToken, nonce: Option<&str>) -> Option<String> {
        dpop::prove(&KEY, method, url, Some(&token.secret), nonce, NOW).ok()
    }
}

/// A service that keeps what it is asked.
#[derive(Default)]
struct Keeps(RefCell<Vec<ServiceCall>>);

impl Connector for Keeps {
    fn call<'a>(&'a self, call: &'a ServiceCall, _: Deadline) -> CallFuture<'a> {
        self.0.borrow_mut().push(call.clone());
        Box::pin(async {
            tokio::task::yield_now().await;
            Ok(Answer { status: 200, body: "{}".into(), is_expected_type: true, headers: None })
        })
    }
}

fn call(caller: Option<Rc<dyn Caller>>, headers: &[(&str, &str)]) -> ServiceCall {
    ServiceCall {
        method: "GET",
        target: b"/carts/1?full=true".to_vec(),
        headers: headers
            .iter()
            .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()))
            .collect(),
        body: Vec::new(),
        safe: true,
        trace: TraceContext::default(),
        caller,
        ..ServiceCall::default()
    }
}

fn values<'c>(call: &'c ServiceCall, name: &str) -> Vec<&'c str> {
    let named = call.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes()));
    named.map(|(_, value)| std::str::from_utf8(value).unwrap()).collect()
}

#[tokio::test]
async fn the_callers_token_and_no_other_authorization() {
    let inner = Rc::new(Keeps::default());
    let credentials = Arc::new(Credentials::user("http://cart.example/", false));
    let proven = credentials.wrap(inner.clone());
    let planted = [("authorization", "Bearer planted"), ("DPoP", "planted"), ("accept-language", "de")];
    proven.call(&call(Some(Somebody::new("ada", false)), &planted), soon()).await.unwrap();
    let sent = inner.0.take();
    assert_eq!(values(&sent[0], "authorization"), ["Bearer token-of-ada"]);
    assert_eq!(values(&sent[0], "accept-language"), ["de"]);
    assert_eq!(format!("{credentials:?}"), "Credentials(user)");

    // Nobody is there to speak for: nothing is sent.
    for credentials in [
        Credentials::user("http://cart.example", false),
        Credentials::exchange("http://cart.example", Exchange::default()),
    ] {
        let proven = Arc::new(credentials).wrap(inner.clone());
        assert_eq!(proven.call(&call(None, &[]), soon()).await.unwrap_err(), Fault::LoginRequired);
    }
    // A service that takes bound tokens gets no other.
    let strict = Arc::new(Credentials::user("http://cart.example", true)).wrap(inner.clone());
    let unbound = strict.call(&call(Some(Somebody::new("ada", false)), &[]), soon()).await;
    assert!(matches!(unbound, Err(Fault::Credential(_))));
    assert!(inner.0.take().is_empty());
}

#[tokio::test]
async fn an_exchanged_token_is_asked_for_in_one_way_whatever_the_order_of_scopes() {
    let inner = Rc::new(Keeps::default());
    let ada = Somebody::new("ada", false);
    for scopes in [["b", "a"], ["a", "b"]] {
        let wanted = Exchange { scopes: scopes.map(Into::into).to_vec(), ..Exchange::default() };
        let proven = Arc::new(Credentials::exchange("http://cart.example", wanted)).wrap(inner.clone());
        proven.call(&call(Some(ada.clone()), &[]), soon()).await.unwrap();
    }
    let asked = ada.exchanged.take();
    assert_eq!(asked[0], asked[1]);
    assert_eq!(values(&inner.0.take()[0], "authorization"), ["Bearer exchanged-of-ada"]);
}

#[tokio::test]
async fn fixed_headers_stand_alone() {
    let inner = Rc::new(Keeps::default());
    let fixed = Credentials::fixed(&[("X-Api-Key".to_owned(), "planted-key".to_owned())]).unwrap();
    assert!(!format!("{fixed:?}").contains("planted"));
    let proven = Arc::new(fixed).wrap(inner.clone());
    proven.call(&call(None, &[("x-api-key", "the client's")]), soon()).await.unwrap();
    assert_eq!(values(&inner.0.take()[0], "x-api-key"), ["planted-key"]);
    let broken = Credentials::fixed(&[("x-key".to_owned(), "planted\r\nx: y".to_owned())]).unwrap_err();
    assert!(!broken.to_string().contains("planted"));
}

/// The claims of a proof that is good for this request.
fn proof_of(server: &Server, at: usize) -> (String, serde_json::Value) {
    let received = &server.received()[at];
    let proof = received.header("dpop").unwrap().to_owned();
    let urls = [format!("{}/api/carts/1", server.url())];
    let expected = ExpectedProof {
        method: "GET",
        urls: &urls,
        token: Some("token-of-ada"),
        jkt: Some(KEY.thumbprint()),
        nonces: None,
        algorithms: &[Algorithm::Es256],
    };
    dpop::check(&proof, &expected, NOW).unwrap();
    assert_eq!(received.header("authorization"), Some("DPoP token-of-ada"));
    let claims = frontdesk_perimeter::jose::decode(proof.split('.').nth(1).unwrap()).unwrap();
    (proof, serde_json::from_slice(&claims).unwrap())
}

#[tokio::test]
async fn a_service_that_wants_nonces_is_asked_twice_and_then_once() {
    let server = Server::start();
    let challenge = [("dpop-nonce", "n-1"), ("www-authenticate", "DPoP error=\"use_dpop_nonce\"")];
    server.on_each(
        "/api/carts/1",
        [
            Script::answer(401, &challenge, ""),
            Script::answer(200, &[("dpop-nonce", "n-2"), ("content-type", "application/json")], "{}"),
            Script::answer(200, &[("content-type", "application/json")], "{}"),
            Script::answer(401, &[("dpop-nonce", "n-3")], ""),
        ],
    );
    let base = format!("{}/api", server.url());
    let service =
        HttpService::new(Settings { policy: Policy::default().retries(2), ..Settings::at(base.clone()) })
            .unwrap();
    let proven = Arc::new(Credentials::user(&base, true)).wrap(service.local());
    let ada: Rc<dyn Caller> = Somebody::new("ada", true);
    let asked = call(Some(ada), &[]);
    proven.call(&asked, soon()).await.unwrap();
    let ((first, said), (second, then)) = (proof_of(&server, 0), proof_of(&server, 1));
    assert_ne!(first, second, "a fresh proof");
    assert_ne!(said["jti"], then["jti"]);
    assert_eq!((&said["nonce"], &then["nonce"]), (&json!(null), &json!("n-1")));
    // The newest nonce came with a success.
    proven.call(&asked, soon()).await.unwrap();
    assert_eq!(proof_of(&server, 2).1["nonce"], json!("n-2"));
    // One that is never content is not asked for ever.
    assert_eq!(proven.call(&asked, soon()).await.unwrap_err(), Fault::Rejected { status: 401 });
    assert_eq!(server.received().len(), 5);
}

/// A provider that numbers the tokens it gives.
#[derive(Clone, Default)]
struct Numbers {
    given: Arc<AtomicU32>,
    is_away: Arc<AtomicBool>,
}

struct NumbersClient(Numbers);

impl HttpClientFactory for Numbers {
    fn client(&self) -> Rc<dyn HttpClient> {
        Rc::new(NumbersClient(self.clone()))
    }
}

impl HttpClient for NumbersClient {
    fn send<'a>(&'a self, request: &'a HttpRequest, _: Deadline) -> HttpFuture<'a> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let body = if request.method == "GET" {
                json!({ "issuer": "https://numbers.example", "token_endpoint": "https://numbers.example/token" })
            } else if self.0.is_away.load(Ordering::SeqCst) {
                return Err(Fault::Connect("away".to_owned()));
            } else {
                let number = self.0.given.fetch_add(1, Ordering::SeqCst) + 1;
                json!({ "access_token": format!("own-{number}"), "token_type": "Bearer", "expires_in": 300 })
            };
            Ok(HttpAnswer {
                status: 200,
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                body: body.to_string().into(),
            })
        })
    }
}

#[tokio::test]
async fn a_token_of_our_own_is_fetched_once_and_replaced_before_it_ends() {
    let numbers = Numbers::default();
    let (office, _) = Office::open(Arc::new(numbers.clone())).unwrap();
    let standing = StandingClock::at(NOW);
    let clock: Arc<dyn Clock> = Arc::new(standing.clone());
    let settings = ProviderSettings::new("https://numbers.example")
        .client("bff", ClientCredential::SecretPost("s".into()));
    let provider = Provider::new(settings, Arc::clone(&clock), &office).unwrap();
    let tokens = OwnTokens::new(provider, office.clone(), clock, Exchange::default()).unwrap();
    let inner = Rc::new(Keeps::default());
    let proven = Arc::new(Credentials::own("http://cart.example", tokens)).wrap(inner.clone());
    let calls = async |how_many: usize| {
        let nobody = call(None, &[]);
        let answers = join_all((0..how_many).map(|_| proven.call(&nobody, soon()))).await;
        let bad = answers.into_iter().find_map(Result::err);
        let sent: Vec<String> =
            inner.0.take().iter().map(|call| values(call, "authorization")[0].to_owned()).collect();
        (bad, sent)
    };
    let (bad, sent) = calls(50).await;
    assert_eq!((bad, sent), (None, vec!["Bearer own-1".to_owned(); 50]));
    assert_eq!(numbers.given.load(Ordering::SeqCst), 1);
    // Near its end it is still used, while one successor is fetched.
    standing.pass(275);
    let replaced = async {
        loop {
            let (bad, sent) = calls(20).await;
            assert_eq!(bad, None);
            if sent.iter().all(|token| token == "Bearer own-2") {
                break;
            }
            assert!(sent.iter().all(|token| token == "Bearer own-1" || token == "Bearer own-2"));
        }
    };
    tokio::time::timeout(Duration::from_secs(20), replaced).await.unwrap();
    assert_eq!(numbers.given.load(Ordering::SeqCst), 2);
    // The provider goes away: what is good is used to its end, and then nothing is sent.
    numbers.is_away.store(true, Ordering::SeqCst);
    standing.pass(280);
    assert_eq!(calls(3).await, (None, vec!["Bearer own-2".to_owned(); 3]));
    standing.pass(20);
    let (bad, sent) = calls(3).await;
    assert!(matches!(bad, Some(Fault::Credential(_))) && sent.is_empty(), "{bad:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whoever calls, in whatever order and at once, each call carries its own caller's token.
    #[test]
    fn each_call_carries_its_own_callers_token(names in prop::collection::vec(0..4_usize, 1..40), exchanges: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let inner = Rc::new(Keeps::default());
            let credentials = if exchanges {
                Credentials::exchange("http://cart.example", Exchange::default())
            } else {
                Credentials::user("http://cart.example", false)
            };
            let proven = Arc::new(credentials).wrap(inner.clone());
            let people = ["ada", "bob", "cid", "dot"].map(|name| Somebody::new(name, false));
            let calls: Vec<ServiceCall> = names.iter().map(|at| {
                let caller: Rc<dyn Caller> = people[*at].clone();
                call(Some(caller), &[("x-who", people[*at].name)])
            }).collect();
            join_all(calls.iter().map(|call| proven.call(call, soon()))).await;
            let sent = inner.0.take();
            assert_eq!(sent.len(), names.len());
            for call in &sent {
                let who = values(call, "x-who")[0];
                assert!(values(call, "authorization")[0].ends_with(&format!("-of-{who}")));
            }
        });
    }
}

#[tokio::test]
async fn a_connector_without_proofs_of_its_own_still_sends_them() {
    // gRPC, for one: the proof goes as metadata, and no nonce comes back.
    let inner = Rc::new(Keeps::default());
    let nonce = Cell::new(None);
    let proven = Arc::new(Credentials::user("http://cart.example", true)).wrap(inner.clone());
    proven.call(&call(Some(Somebody::new("ada", true)), &[]), soon()).await.unwrap();
    assert_eq!(values(&inner.0.borrow()[0], "dpop").len(), 1);
    inner.call_with_proof(&call(None, &[]), soon(), &nonce).await.unwrap();
    assert_eq!(nonce.take(), None);
}
