//! Tokens exchanged for services (RFC 8693): by a real provider, kept for their caller, and never for another.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use frontdesk_adapter::{
    AccessToken, CallerKey, Clock, Deadline, Exchange, Fault, HttpAnswer, HttpClient, HttpClientFactory,
    HttpFuture, HttpRequest, SystemClock,
};
use frontdesk_perimeter::Office;
use frontdesk_perimeter::exchange::Exchanger;
use frontdesk_perimeter::jose::SigningKey;
use frontdesk_perimeter::provider::{ClientCredential, Provider, ProviderSettings};
use futures_util::future::join_all;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Party, settings, soon};
use crate::clock::StandingClock;
use crate::provider_process::ProviderProcess;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

fn orders() -> Exchange {
    Exchange { audience: Some("orders".into()), scopes: vec!["orders".into()], ..Exchange::default() }
}

#[tokio::test]
async fn many_calls_of_one_caller_are_one_exchange() {
    let process = ProviderProcess::start(&settings());
    let party = Party::new(&process, "keyed", |settings| {
        settings.resources = vec!["https://cart.example".into()];
        settings.scopes = ["profile", "offline_access", "cart"].map(Into::into).to_vec();
    });
    let subject = party.log_in(None).await.unwrap().access();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let exchanger = Exchanger::new(Arc::clone(&party.provider), party.office.clone(), clock);
    let (ada, bob) = (CallerKey([1; 32]), CallerKey([2; 32]));
    let wanted = orders();
    let many = join_all((0..50).map(|_| exchanger.exchange(ada, &subject, None, &wanted, soon()))).await;
    let first = many[0].clone().unwrap();
    assert!(many.iter().all(|one| one.as_ref() == Ok(&first)));
    assert_eq!(process.count(GRANT), 1);
    assert!(!first.is_dpop && first.expires <= subject.expires && first.secret != subject.secret);

    // Even with the very same token, another caller is another caller.
    let others = exchanger.exchange(bob, &subject, None, &wanted, soon()).await.unwrap();
    assert_ne!(others.secret, first.secret);
    assert_eq!(process.count(GRANT), 2);
    // Bound to a key, for another audience, with other scopes: each its own.
    let key = SigningKey::generate_es256().unwrap();
    let bound = Exchange { is_dpop: true, ..wanted.clone() };
    let bound = exchanger.exchange(ada, &subject, Some(&key), &bound, soon()).await.unwrap();
    assert!(bound.is_dpop);
    let cart = Exchange { resource: Some("https://cart.example".into()), ..Exchange::default() };
    exchanger.exchange(ada, &subject, None, &cart, soon()).await.unwrap();
    assert_eq!(process.count(GRANT), 4);
    let sent = process.test("GET", "calls", &Value::Null)["calls"].clone();
    let audiences: Vec<&Value> = sent
        .as_array()
        .unwrap()
        .iter()
        .filter(|call| call["grant"] == json!(GRANT))
        .map(|call| &call["audience"])
        .collect();
    assert_eq!(audiences[0], &json!(["orders"]));

    // What is not allowed is a credential that cannot be had; the session is none the worse for it.
    let unknown = Exchange { audience: Some("nobody".into()), ..Exchange::default() };
    for _ in 0..3 {
        let refused = exchanger.exchange(ada, &subject, None, &unknown, soon()).await;
        assert!(matches!(refused, Err(Fault::Credential(_))), "{refused:?}");
    }
    assert_eq!(process.count(GRANT), 5, "a refusal stands for a moment");
    let keyless = Exchange { is_dpop: true, ..orders() };
    assert!(matches!(
        exchanger.exchange(ada, &subject, None, &keyless, soon()).await,
        Err(Fault::Credential(_))
    ));
}

#[tokio::test]
async fn an_exchanged_token_never_outlives_its_subject() {
    let mut generous = settings();
    generous["exchangeOutlives"] = json!(true);
    generous["resources"]["https://orders.example"]["ttl"] = json!(3600);
    let process = ProviderProcess::start(&generous);
    let party = Party::new(&process, "basic", |settings| {
        settings.resources = vec!["https://cart.example".into()];
    });
    let subject = party.log_in(None).await.unwrap().access();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let exchanger = Exchanger::new(Arc::clone(&party.provider), party.office.clone(), clock);
    let token = exchanger.exchange(CallerKey([1; 32]), &subject, None, &orders(), soon()).await.unwrap();
    assert_eq!(token.expires, subject.expires);
    // What was exchanged for something else than an access token is not one.
    process.fault(
        "token",
        "patch",
        json!({ "set": { "issued_token_type": "urn:ietf:params:oauth:token-type:id_token" } }),
    );
    let odd = exchanger.exchange(CallerKey([2; 32]), &subject, None, &orders(), soon()).await;
    assert!(matches!(odd, Err(Fault::Credential(_))));
}

/// A provider made of one function: the token it gives says all that was asked.
#[derive(Clone, Default)]
struct Echo {
    asked: Arc<Mutex<BTreeMap<String, u32>>>,
}

struct EchoClient(Echo);

impl HttpClientFactory for Echo {
    fn client(&self) -> Rc<dyn HttpClient> {
        Rc::new(EchoClient(self.clone()))
    }
}

impl HttpClient for EchoClient {
    fn send<'a>(&'a self, request: &'a HttpRequest, _: Deadline) -> HttpFuture<'a> {
        Box::pin(async move {
            let body = if request.method == "GET" {
                json!({ "issuer": "https://echo.example", "token_endpoint": "https://echo.example/token" })
            } else {
                tokio::time::sleep(Duration::from_millis(2)).await;
                let form: BTreeMap<String, String> =
                    url::form_urlencoded::parse(&request.body).into_owned().collect();
                let said = |name: &str| form.get(name).cloned().unwrap_or_default();
                let told = ["subject_token", "audience", "resource", "scope"].map(said).join("|");
                *self.0.asked.lock().unwrap().entry(told.clone()).or_default() += 1;
                let count: u32 = self.0.asked.lock().unwrap().values().sum();
                json!({
                    "access_token": format!("{}#{count}", told.replace(' ', "+")),
                    "token_type": "Bearer",
                    "expires_in": 300,
                    "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
                })
            };
            Ok(HttpAnswer {
                status: 200,
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                body: body.to_string().into(),
            })
        })
    }
}

/// Callers and tokens of few values each, so that what could be confused meets.
#[derive(Clone, Debug)]
struct Ask {
    caller: u8,
    token: u8,
    wanted: Exchange,
}

fn ask() -> impl Strategy<Value = Ask> {
    let text = || prop::option::of(prop::sample::select(vec!["a", "b", "ab", ""]));
    let scopes = prop::sample::subsequence(vec!["a", "b", "ab"], 0..=3);
    (0..4_u8, 0..3_u8, text(), text(), scopes).prop_map(|(caller, token, audience, resource, scopes)| {
        let wanted = Exchange {
            audience: audience.map(Into::into),
            resource: resource.map(Into::into),
            scopes: scopes.into_iter().map(Into::into).collect(),
            is_dpop: false,
        };
        Ask { caller, token, wanted }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever is asked at once and after one another, no two callers are given one token, and each is given what was
    /// asked with its own.
    #[test]
    fn two_callers_never_share_a_token_an_entry_or_a_flight(asks in prop::collection::vec(ask(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let echo = Echo::default();
            let (office, _) = Office::open(Arc::new(echo.clone())).unwrap();
            let clock: Arc<dyn Clock> = Arc::new(StandingClock::at(1_000));
            let settings = ProviderSettings::new("https://echo.example")
                .client("bff", ClientCredential::SecretPost("s".into()));
            let provider = Provider::new(settings, Arc::clone(&clock), &office).unwrap();
            let exchanger = Exchanger::new(provider, office, clock);
            let mut owners: BTreeMap<String, u8> = BTreeMap::new();
            // Half at once, half when the others are kept.
            for together in asks.chunks(asks.len().div_ceil(2)) {
                let answers = join_all(together.iter().map(async |ask| {
                    let subject = AccessToken {
                        secret: format!("token-{}", ask.token).into(),
                        expires: 1_200,
                        is_dpop: false,
                    };
                    let caller = CallerKey([ask.caller + 1; 32]);
                    exchanger.exchange(caller, &subject, None, &ask.wanted, soon()).await.unwrap()
                }))
                .await;
                for (ask, token) in std::iter::zip(together, answers) {
                    let said = |text: &Option<Arc<str>>| text.as_deref().unwrap_or_default().to_owned();
                    let expected = format!(
                        "token-{}|{}|{}|{}#",
                        ask.token, said(&ask.wanted.audience), said(&ask.wanted.resource), ask.wanted.scopes.join("+")
                    );
                    assert!(token.secret.starts_with(&expected), "{} for {expected}", token.secret);
                    assert_eq!(token.expires, 1_200, "not beyond the subject");
                    let owner = *owners.entry(token.secret.to_string()).or_insert(ask.caller);
                    assert_eq!(owner, ask.caller, "{} was given to two callers", token.secret);
                }
            }
        });
    }
}
