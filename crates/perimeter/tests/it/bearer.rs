//! Bearer tokens at the gate: who is let in, what they are told, and what services get.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{
    AccessToken, Clock, Deadline, EntryStore, Exchange, Fault, StoreFault, StoreFuture, now,
};
use frontdesk_diagnostics::{FileId, Span};
use frontdesk_lang::model::{Algorithm, BearerAuth, Claim, Demand, Issuer, Schema, SchemaKind};
use frontdesk_perimeter::bearer::{Bearer, BearerParts, Bearing, Exchanged, Introspection, TokenService};
use frontdesk_perimeter::claims::ClaimRules;
use frontdesk_perimeter::jose::jwks::KeyCache;
use frontdesk_perimeter::jose::nonce::Nonces;
use frontdesk_perimeter::jose::{SigningKey, dpop, sha256};
use frontdesk_perimeter::{ClientCertificate, Inbound, Kind, Origins, Refusal};
use frontdesk_stores::memory::MemoryStore;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use serde_json::{Value, json};

use crate::clock::StandingClock;
use crate::jose::{key, key_set, members};
use crate::key_cache::{Provider, office, soon};

const NOW: u64 = 1_700_000_000;
const SPAN: Span = Span { file: FileId(0), start: 0, end: 0 };

/// Introspection and exchange as tests write them.
#[derive(Default)]
struct Tokens {
    answers: Mutex<HashMap<String, Result<Value, Fault>>>,
    asked: AtomicU32,
    exchanged: Mutex<Vec<(String, Exchange)>>,
    key: Option<Arc<SigningKey>>,
}

impl TokenService for Tokens {
    fn introspect(&self, token: Arc<str>, _: Deadline) -> Introspection {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers.lock().unwrap().get(&*token).cloned();
        Box::pin(async move {
            tokio::task::yield_now().await;
            answer.unwrap_or(Ok(json!({ "active": false }))).map(members)
        })
    }

    fn exchange(&self, subject: AccessToken, wanted: Exchange, _: Deadline) -> Exchanged {
        let mut all = self.exchanged.lock().unwrap();
        all.push((subject.secret.to_string(), wanted.clone()));
        let secret = format!("exchanged {}", all.len()).into();
        let token = AccessToken { secret, expires: NOW + 3600, is_dpop: wanted.is_dpop };
        Box::pin(async move {
            tokio::task::yield_now().await;
            if wanted.resource.is_some() {
                std::future::pending::<()>().await;
            }
            Ok(token)
        })
    }

    fn key(&self) -> Option<Arc<SigningKey>> {
        self.key.clone()
    }
}

struct World {
    clock: StandingClock,
    provider: Arc<Provider>,
    tokens: Arc<Tokens>,
    nonces: Arc<Nonces>,
    bearer: Bearer,
}

fn config() -> BearerAuth {
    BearerAuth {
        issuer: Issuer::Url("https://login.example.com".into()),
        audiences: vec!["shop".into()],
        algorithms: vec![Algorithm::Es256],
        types: vec!["at+jwt".into()],
        leeway: Duration::from_secs(5),
        scopes: Vec::new(),
        client: None,
        introspect: true,
        dpop: Demand::Auto,
        span: SPAN,
    }
}

fn world(config: &BearerAuth) -> World {
    let clock = StandingClock::at(NOW);
    let entries = Arc::new(MemoryStore::new(Arc::new(clock.clone())));
    world_with(config, clock, entries)
}

fn world_with(config: &BearerAuth, clock: StandingClock, entries: Arc<dyn EntryStore>) -> World {
    let provider = Provider::new(&key_set());
    let tokens =
        Arc::new(Tokens { key: Some(Arc::new(SigningKey::generate_es256().unwrap())), ..Tokens::default() });
    let nonces = Arc::new(Nonces::new([1; 32]));
    let tier = Schema {
        kind: SchemaKind::Enum(vec!["gold".into(), "basic".into()]),
        optional: true,
        nullable: false,
        default: None,
    };
    let claims = [Claim { name: "tier".into(), schema: tier, span: SPAN }];
    let parts = BearerParts {
        bff: "web".into(),
        issuer: "https://login.example.com".into(),
        keys: KeyCache::new(office(), provider.source(), Arc::new(clock.clone())),
        tokens: Some(tokens.clone()),
        entries,
        clock: Arc::new(clock.clone()),
        origins: Origins::Fixed("https://shop.example.com".into()),
        claims: Arc::new(ClaimRules::new(&claims).unwrap()),
        nonces: nonces.clone(),
        secret: [2; 32],
    };
    World { bearer: Bearer::new(config, parts), clock, provider, tokens, nonces }
}

fn token(changes: Value) -> String {
    let mut claims = members(json!({
        "iss": "https://login.example.com", "aud": "shop", "sub": "u1", "exp": NOW + 300, "iat": NOW, "jti": "t1",
        "client_id": "app", "scope": "cart pay", "acr": "silver", "amr": ["pwd"], "auth_time": NOW - 50,
        "tier": "gold", "name": "never declared",
    }));
    for (name, value) in members(changes) {
        match value {
            Value::Null => drop(claims.remove(&name)),
            value => drop(claims.insert(name, value)),
        }
    }
    key("p256").sign(&[("typ", json!("at+jwt")), ("kid", json!("p256"))], &claims).unwrap()
}

struct Request {
    headers: HeaderMap,
    method: Method,
    uri: Uri,
    certificate: Option<ClientCertificate>,
}

fn request(headers: &[(&'static str, &str)]) -> Request {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_static(name), HeaderValue::try_from(*value).unwrap());
    }
    Request { headers: map, method: Method::POST, uri: Uri::from_static("/cart?x=y"), certificate: None }
}

impl World {
    async fn ask(&self, request: &Request) -> Result<Option<Bearing>, Refusal> {
        let inbound = Inbound {
            method: &request.method,
            uri: &request.uri,
            headers: &request.headers,
            peer: [127, 0, 0, 1].into(),
            secure: true,
            certificate: request.certificate.as_ref(),
        };
        self.bearer.authenticate(&inbound, soon()).await
    }

    async fn with(&self, authorization: &str) -> Result<Option<Bearing>, Refusal> {
        self.ask(&request(&[("authorization", authorization)])).await
    }

    fn proof(&self, by: &SigningKey, token: &str) -> String {
        let nonce = self.nonces.issue(self.clock.unix());
        let url = "https://shop.example.com/cart";
        dpop::prove(by, "POST", url, Some(token), Some(&nonce), self.clock.unix()).unwrap()
    }

    async fn with_proof(&self, token: &str, proof: &str) -> Result<Option<Bearing>, Refusal> {
        self.ask(&request(&[("authorization", &format!("DPoP {token}")), ("dpop", proof)])).await
    }
}

fn refused(answer: Result<Option<Bearing>, Refusal>) -> Refusal {
    match answer {
        Err(refusal) => refusal,
        Ok(found) => panic!("let in: {found:?}"),
    }
}

fn challenge(refusal: &Refusal) -> &str {
    let found = refusal.headers.iter().find(|(name, _)| name == "www-authenticate");
    found.map(|(_, value)| value.to_str().unwrap()).unwrap_or_default()
}

#[tokio::test]
async fn a_good_token_becomes_an_identity() {
    let world = world(&config());
    let token = token(json!({}));
    let bearing = world.with(&format!("Bearer {token}")).await.unwrap().unwrap();
    let identity = &bearing.identity;
    assert_eq!(identity.kind, Kind::Bearer);
    assert_eq!((&*identity.issuer, &*identity.subject), ("https://login.example.com", "u1"));
    assert_eq!(identity.scopes, [Arc::from("cart"), Arc::from("pay")]);
    assert_eq!((identity.acr.as_deref(), identity.client.as_deref()), (Some("silver"), Some("app")));
    assert_eq!((identity.amr.len(), identity.authenticated_at), (1, Some(NOW - 50)));
    assert_eq!(Value::Object(identity.claims.clone()), json!({ "tier": "gold" }));
    assert!(bearing.header.is_none());
    let sent = bearing.caller.access_token(soon()).await.unwrap();
    assert_eq!((&*sent.secret, sent.expires, sent.is_dpop), (token.as_str(), NOW + 300, false));
    assert_eq!(bearing.caller.key(), identity.key);
    assert!(!format!("{bearing:?}").contains(&token[token.len() - 20..]));
}

#[tokio::test]
async fn other_credentials_are_left_to_others() {
    let world = world(&config());
    assert!(world.ask(&request(&[])).await.unwrap().is_none());
    for authorization in ["Basic dTpw", "Negotiate abc", "DPoP fdm_abc", "Bearer fdk_web_a_b"] {
        assert!(world.with(authorization).await.unwrap().is_none(), "{authorization}");
    }
    assert_eq!((world.provider.fetches(), world.tokens.asked.load(Ordering::SeqCst)), (0, 0));
    let challenges = world.bearer.challenges();
    assert_eq!(challenges[0], "Bearer realm=\"web\"");
    assert_eq!(challenges[1], "DPoP realm=\"web\", algs=\"ES256 ES384 EdDSA PS256\"");
}

#[tokio::test]
async fn bad_tokens_are_refused_with_a_reason_and_nothing_of_the_token() {
    let world = world(&config());
    let good = token(json!({}));
    for (name, authorization) in [
        ("malformed", format!("Bearer {}", &good[1..])),
        ("expired", format!("Bearer {}", token(json!({ "exp": NOW - 30 })))),
        ("no audience", format!("Bearer {}", token(json!({ "aud": null })))),
        ("another audience", format!("Bearer {}", token(json!({ "aud": "bank" })))),
        ("no subject", format!("Bearer {}", token(json!({ "sub": null })))),
        ("an empty subject", format!("Bearer {}", token(json!({ "sub": "" })))),
        ("a declared claim of another type", format!("Bearer {}", token(json!({ "tier": "root" })))),
        ("bound in an unknown way", format!("Bearer {}", token(json!({ "cnf": { "kid": "x" } })))),
        ("bound to nothing", format!("Bearer {}", token(json!({ "cnf": {} })))),
        ("bound by something odd", format!("Bearer {}", token(json!({ "cnf": "x" })))),
        ("two tokens", format!("Bearer {good} {good}")),
        ("in quotes", format!("Bearer \"{good}\"")),
        ("bare", "Bearer".to_owned()),
        ("with the scheme of proofs", format!("DPoP {good}")),
    ] {
        let refusal = refused(world.with(&authorization).await);
        assert_eq!((refusal.status, refusal.code), (401, "invalid_token"), "{name}");
        let challenge = challenge(&refusal);
        assert!(
            challenge.contains("realm=\"web\"") && challenge.contains("error=\"invalid_token\""),
            "{name}"
        );
        assert!(!format!("{refusal:?}").contains(&good[..20]), "{name}");
    }
    let twice = request(&[("authorization", &format!("Bearer {good}")), ("authorization", "Bearer x")]);
    assert_eq!(refused(world.ask(&twice).await).code, "invalid_token");
}

#[tokio::test]
async fn verified_tokens_are_remembered_but_never_beyond_their_end() {
    let world = world(&config());
    let short = token(json!({ "exp": NOW + 20 }));
    assert!(world.with(&format!("Bearer {short}")).await.is_ok());
    let first = world.with(&format!("Bearer {short}")).await.unwrap().unwrap();
    let second = world.with(&format!("Bearer {short}")).await.unwrap().unwrap();
    assert!(Arc::ptr_eq(&first.identity, &second.identity), "the second time nothing is verified");
    world.clock.pass(24);
    assert!(world.with(&format!("Bearer {short}")).await.is_ok(), "within the leeway");
    world.clock.pass(1);
    assert_eq!(refused(world.with(&format!("Bearer {short}")).await).code, "invalid_token");

    let long = token(json!({}));
    let first = world.with(&format!("Bearer {long}")).await.unwrap().unwrap();
    world.clock.pass(60);
    let later = world.with(&format!("Bearer {long}")).await.unwrap().unwrap();
    assert!(!Arc::ptr_eq(&first.identity, &later.identity), "after a minute it is verified anew");
    assert_eq!(first.identity.key, later.identity.key);
    // A key that was taken back makes its tokens useless within a minute.
    world.provider.gives(Ok(crate::key_cache::set_of(&["new"])));
    world.clock.pass(60);
    let other = refused(world.with(&format!("Bearer {}", token(json!({})).replace('.', "x."))).await);
    assert_eq!(other.status, 401);
}

#[tokio::test]
async fn identities_of_different_tokens_have_different_keys_but_one_handle() {
    let world = world(&config());
    let mut seen = Vec::new();
    for changes in
        [json!({}), json!({ "jti": "t2" }), json!({ "sub": "u2" }), json!({ "client_id": "other" })]
    {
        let bearing = world.with(&format!("Bearer {}", token(changes))).await.unwrap().unwrap();
        seen.push((bearing.identity.key, bearing.identity.handle.clone()));
    }
    for (at, (key, _)) in seen.iter().enumerate() {
        assert_eq!(seen.iter().filter(|(other, _)| other == key).count(), 1, "{at}");
    }
    assert_eq!(seen[0].1, seen[1].1);
    assert_ne!(seen[0].1, seen[2].1);
    assert_ne!(seen[0].1, seen[3].1);
}

#[tokio::test]
async fn scopes_come_in_several_spellings_and_missing_ones_are_named() {
    let config = BearerAuth { scopes: vec!["cart".into(), "pay".into()], ..config() };
    let world = world(&config);
    for scopes in [
        json!({ "scope": "pay  cart more" }),
        json!({ "scope": ["cart", "pay"] }),
        json!({ "scope": null, "scp": "cart pay" }),
        json!({ "scope": null, "scp": ["pay", "cart"] }),
        json!({ "scope": null, "scopes": ["pay", "cart"] }),
    ] {
        let answer = world.with(&format!("Bearer {}", token(scopes.clone()))).await;
        assert!(answer.is_ok(), "{scopes} {answer:?}");
    }
    for scopes in [json!({ "scope": "cart" }), json!({ "scope": null }), json!({ "scope": "cart payment" })] {
        let refusal = refused(world.with(&format!("Bearer {}", token(scopes))).await);
        assert_eq!((refusal.status, refusal.code), (403, "insufficient_scope"));
        assert!(challenge(&refusal).contains("error=\"insufficient_scope\""));
        assert!(challenge(&refusal).contains("scope=\"cart pay\""));
    }
}

#[tokio::test]
async fn keys_that_cannot_be_had_are_our_trouble() {
    let world = world(&config());
    world.provider.gives(Err(Fault::TimedOut));
    let refusal = refused(world.with(&format!("Bearer {}", token(json!({})))).await);
    assert_eq!((refusal.status, refusal.code), (503, "identity_unavailable"));
    assert!(refusal.retry_after.is_some());
    // Who runs this learns why.
    assert_eq!(refusal.cause.as_deref(), Some("the provider's keys cannot be had: no answer in time"));
}

#[tokio::test]
async fn tokens_bound_to_a_key_need_its_proof_each_time() {
    let world = world(&config());
    let (device, thief) = (SigningKey::generate_es256().unwrap(), SigningKey::generate_es256().unwrap());
    let bound = token(json!({ "cnf": { "jkt": device.thumbprint() } }));
    let proof = world.proof(&device, &bound);
    let bearing = world.with_proof(&bound, &proof).await.unwrap().unwrap();
    assert!(bearing.header.is_none(), "the nonce is the newest");
    let sent = bearing.caller.access_token(soon()).await;
    assert!(matches!(sent, Err(Fault::Credential(_))), "nobody else can show it");

    let again = refused(world.with_proof(&bound, &proof).await);
    assert_eq!((again.status, again.code), (401, "invalid_dpop_proof"));
    assert!(challenge(&again).starts_with("DPoP ") && challenge(&again).contains("invalid_dpop_proof"));

    let stolen = refused(world.with_proof(&bound, &world.proof(&thief, &bound)).await);
    assert_eq!(stolen.code, "invalid_dpop_proof");
    let for_another = refused(world.with_proof(&bound, &world.proof(&device, "another token")).await);
    assert_eq!(for_another.code, "invalid_dpop_proof");
    let without = refused(world.with(&format!("DPoP {bound}")).await);
    assert_eq!(without.code, "invalid_dpop_proof");
    // RFC 9449 §7.2: as a plain token it is no good, with a proof or without.
    assert_eq!(refused(world.with(&format!("Bearer {bound}")).await).code, "invalid_token");
    let downgrade =
        request(&[("authorization", &format!("Bearer {bound}")), ("dpop", &world.proof(&device, &bound))]);
    assert_eq!(refused(world.ask(&downgrade).await).code, "invalid_token");
    let plain = token(json!({}));
    let odd =
        request(&[("authorization", &format!("Bearer {plain}")), ("dpop", &world.proof(&device, &plain))]);
    assert_eq!(refused(world.ask(&odd).await).code, "invalid_token");
    let proof = world.proof(&device, &bound);
    let two = request(&[("authorization", &format!("DPoP {bound}")), ("dpop", &proof), ("dpop", &proof)]);
    assert_eq!(refused(world.ask(&two).await).code, "invalid_dpop_proof");
    // For another method or place it was not made.
    let mut elsewhere =
        request(&[("authorization", &format!("DPoP {bound}")), ("dpop", &world.proof(&device, &bound))]);
    elsewhere.uri = Uri::from_static("/checkout");
    assert_eq!(refused(world.ask(&elsewhere).await).code, "invalid_dpop_proof");
    elsewhere.uri = Uri::from_static("/cart");
    elsewhere.method = Method::DELETE;
    assert_eq!(refused(world.ask(&elsewhere).await).code, "invalid_dpop_proof");
}

#[tokio::test]
async fn nonces_are_asked_for_and_renewed() {
    let world = world(&config());
    let device = SigningKey::generate_es256().unwrap();
    let bound = token(json!({ "cnf": { "jkt": device.thumbprint() }, "exp": NOW + 3000 }));
    let url = "https://shop.example.com/cart";
    let without = dpop::prove(&device, "POST", url, Some(&bound), None, NOW).unwrap();
    let refusal = refused(world.with_proof(&bound, &without).await);
    assert_eq!((refusal.status, refusal.code), (401, "use_dpop_nonce"));
    assert!(challenge(&refusal).contains("error=\"use_dpop_nonce\""));
    let nonce = refusal.headers.iter().find(|(name, _)| name == "dpop-nonce").unwrap().1.to_str().unwrap();
    let with = dpop::prove(&device, "POST", url, Some(&bound), Some(nonce), NOW).unwrap();
    assert!(world.with_proof(&bound, &with).await.is_ok());
    // The nonce of the stretch before is good, and its successor comes with the answer.
    world.clock.pass(250);
    let with = dpop::prove(&device, "POST", url, Some(&bound), Some(nonce), world.clock.unix()).unwrap();
    let bearing = world.with_proof(&bound, &with).await.unwrap().unwrap();
    let (name, next) = bearing.header.unwrap();
    assert_eq!((name.as_str(), next.to_str().unwrap()), ("dpop-nonce", &*world.nonces.issue(NOW + 250)));
}

#[tokio::test]
async fn bindings_may_be_required_or_ruled_out() {
    let device = SigningKey::generate_es256().unwrap();
    let bound = token(json!({ "cnf": { "jkt": device.thumbprint() } }));
    let plain = token(json!({}));
    let required = world(&BearerAuth { dpop: Demand::Required, ..config() });
    let refusal = refused(required.with(&format!("Bearer {plain}")).await);
    assert!(challenge(&refusal).starts_with("DPoP "), "the way in is named");
    assert!(required.with_proof(&bound, &required.proof(&device, &bound)).await.is_ok());
    assert_eq!(required.bearer.challenges().len(), 1);
    let off = world(&BearerAuth { dpop: Demand::Off, ..config() });
    assert!(off.with(&format!("Bearer {plain}")).await.is_ok());
    assert_eq!(refused(off.with_proof(&bound, &off.proof(&device, &bound)).await).code, "invalid_token");
}

/// RFC 8705 §3.
#[tokio::test]
async fn tokens_bound_to_a_certificate_need_it() {
    let world = world(&config());
    let thumbprint = sha256("certificate");
    let bound = token(json!({ "cnf": { "x5t#S256": thumbprint } }));
    let mut request = request(&[("authorization", &format!("Bearer {bound}"))]);
    assert_eq!(refused(world.ask(&request).await).code, "invalid_token");
    request.certificate = Some(ClientCertificate { names: Vec::new(), thumbprint: sha256("another") });
    assert_eq!(refused(world.ask(&request).await).code, "invalid_token");
    request.certificate = Some(ClientCertificate { names: Vec::new(), thumbprint });
    let bearing = world.ask(&request).await.unwrap().unwrap();
    assert!(bearing.caller.access_token(soon()).await.is_err());
}

#[tokio::test]
async fn a_store_that_is_away_lets_no_proof_in() {
    struct Away;
    impl EntryStore for Away {
        fn put_new<'a>(&'a self, _: &'a str, _: Bytes, _: Duration) -> StoreFuture<'a, bool> {
            Box::pin(std::future::ready(Err(StoreFault("gone".to_owned()))))
        }
        fn put<'a>(&'a self, _: &'a str, _: Bytes, _: Duration) -> StoreFuture<'a, ()> {
            Box::pin(std::future::ready(Err(StoreFault("gone".to_owned()))))
        }
        fn get<'a>(&'a self, _: &'a str) -> StoreFuture<'a, Option<Bytes>> {
            Box::pin(std::future::ready(Err(StoreFault("gone".to_owned()))))
        }
        fn take<'a>(&'a self, _: &'a str) -> StoreFuture<'a, Option<Bytes>> {
            Box::pin(std::future::ready(Err(StoreFault("gone".to_owned()))))
        }
    }
    let world = world_with(&config(), StandingClock::at(NOW), Arc::new(Away));
    let device = SigningKey::generate_es256().unwrap();
    let bound = token(json!({ "cnf": { "jkt": device.thumbprint() } }));
    assert_eq!(refused(world.with_proof(&bound, &world.proof(&device, &bound)).await).status, 503);
    assert!(world.with(&format!("Bearer {}", token(json!({})))).await.is_ok(), "plain tokens need no store");
}

#[tokio::test]
async fn opaque_tokens_are_asked_about_once_in_a_while() {
    let world = world(&config());
    let active = |changes: Value| {
        let mut answer = members(json!({
            "active": true, "sub": "u1", "aud": "shop", "client_id": "app", "scope": "cart", "exp": NOW + 300
        }));
        answer.extend(members(changes));
        Ok(Value::Object(answer))
    };
    let device = SigningKey::generate_es256().unwrap();
    let say =
        |token: &str, answer| drop(world.tokens.answers.lock().unwrap().insert(token.to_owned(), answer));
    let asked = || world.tokens.asked.load(Ordering::SeqCst);
    say("good", active(json!({})));
    let all = futures_util::future::join_all((0..20).map(|_| world.with("Bearer good"))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(asked(), 1);
    world.clock.pass(29);
    assert!(world.with("Bearer good").await.is_ok());
    say("good", Ok(json!({ "active": false })));
    world.clock.pass(1);
    assert_eq!(refused(world.with("Bearer good").await).code, "invalid_token");
    assert_eq!(asked(), 2);
    // What the provider does not know is not asked again for five seconds.
    assert_eq!(refused(world.with("Bearer good").await).code, "invalid_token");
    assert_eq!(asked(), 2);
    world.clock.pass(5);
    assert_eq!(refused(world.with("Bearer good").await).code, "invalid_token");
    assert_eq!(asked(), 3);

    // A clock that was set back makes neither a refusal nor a permission hold for hours.
    say("set-back", active(json!({})));
    assert!(world.with("Bearer set-back").await.is_ok());
    world.clock.set_back(20);
    say("set-back", Ok(json!({ "active": false })));
    assert_eq!(refused(world.with("Bearer set-back").await).code, "invalid_token");
    say("set-back", active(json!({})));
    world.clock.set_back(20);
    assert!(world.with("Bearer set-back").await.is_ok());
    world.clock.pass(40);

    for (name, answer, status) in [
        ("for-another", active(json!({ "aud": "bank" })), 401),
        ("for-nobody", active(json!({ "aud": null })), 401),
        ("of-another", active(json!({ "iss": "https://evil.example" })), 401),
        ("ended", active(json!({ "exp": NOW - 60 })), 401),
        ("not-yet", active(json!({ "nbf": NOW + 3600 })), 401),
        ("no-subject", active(json!({ "sub": null })), 401),
        ("odd", Ok(json!({ "active": "true" })), 503),
        ("empty", Ok(json!({})), 503),
        ("away", Err(Fault::TimedOut), 503),
        ("unknown", Ok(json!({ "active": false, "sub": "u1", "aud": "shop" })), 401),
    ] {
        say(name, answer);
        assert_eq!(refused(world.with(&format!("Bearer {name}")).await).status, status, "{name}");
    }
    // The end of a token bounds how long the word for it holds.
    say("short", active(json!({ "exp": world.clock.unix() + 3 })));
    assert!(world.with("Bearer short").await.is_ok());
    let before = asked();
    world.clock.pass(3);
    assert!(world.with("Bearer short").await.is_ok(), "within the leeway, but asked about anew");
    assert_eq!(asked(), before + 1);

    say("bound", active(json!({ "cnf": { "jkt": device.thumbprint() } })));
    assert_eq!(refused(world.with("Bearer bound").await).code, "invalid_token");
    assert!(world.with_proof("bound", &world.proof(&device, "bound")).await.is_ok());

    let plain = crate::bearer::world(&BearerAuth { introspect: false, ..config() });
    assert_eq!(refused(plain.with("Bearer good").await).code, "invalid_token");
    assert_eq!(plain.tokens.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn exchanged_tokens_are_shared_per_caller_audience_and_scopes() {
    let world = world(&config());
    let (one, two) = (token(json!({})), token(json!({ "jti": "t2" })));
    let first = world.with(&format!("Bearer {one}")).await.unwrap().unwrap();
    let second = world.with(&format!("Bearer {two}")).await.unwrap().unwrap();
    let cart = Exchange { audience: Some("cart".into()), ..Exchange::default() };
    let all = futures_util::future::join_all((0..10).map(|_| first.caller.exchanged(&cart, soon()))).await;
    for got in all {
        let got = got.unwrap();
        assert_eq!(&*got.secret, "exchanged 1");
        assert_eq!(got.expires, NOW + 300, "never for longer than the caller's own");
    }
    assert_eq!(&*second.caller.exchanged(&cart, soon()).await.unwrap().secret, "exchanged 2");
    let scoped = Exchange { scopes: vec!["read".into()], ..cart.clone() };
    assert_eq!(&*first.caller.exchanged(&scoped, soon()).await.unwrap().secret, "exchanged 3");
    let bound = Exchange { is_dpop: true, ..cart.clone() };
    let got = first.caller.exchanged(&bound, soon()).await.unwrap();
    assert_eq!((&*got.secret, got.is_dpop), ("exchanged 4", true));
    let proof = first.caller.proof("GET", "https://cart.internal/x?y", &got, Some("n")).unwrap();
    let expected = dpop::ExpectedProof {
        method: "GET",
        urls: &["https://cart.internal/x".to_owned()],
        token: Some("exchanged 4"),
        jkt: Some(world.tokens.key.as_ref().unwrap().thumbprint()),
        nonces: None,
        algorithms: &[Algorithm::Es256],
    };
    assert!(dpop::check(&proof, &expected, NOW).is_ok());
    assert_eq!(&*first.caller.exchanged(&cart, soon()).await.unwrap().secret, "exchanged 1");
    assert_eq!(world.tokens.exchanged.lock().unwrap()[0], (one.clone(), cart));
    let late = Deadline::after(now(), Duration::from_millis(5));
    let never = Exchange { resource: Some("https://pay.internal".into()), ..Exchange::default() };
    assert_eq!(first.caller.exchanged(&never, late).await, Err(Fault::TimedOut));
}
