//! The same with nothing made up: npm `oidc-provider`, which rotates refresh tokens and revokes the family of one that
//! is used twice, a real Redis, and an instance that is a process of its own and is killed.

use std::env;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_adapter::{Clock, Fault, SystemClock};
use frontdesk_connectors::web::WebClients;
use frontdesk_lang::model::Demand;
use frontdesk_perimeter::Office;
use frontdesk_perimeter::jose::SigningKey;
use frontdesk_perimeter::provider::{AuthorizationRequest, ClientCredential, Provider, ProviderSettings};
use frontdesk_perimeter::provider_grants::ProviderGrants;
use frontdesk_perimeter::session::ring::{Ring, SharedRing};
use frontdesk_perimeter::session::{
    Content, Ending, HeldToken, Parts, RefreshToken, Secret, SessionId, SessionProvider, Sessions, Settings,
};
use frontdesk_stores::redis::{RedisSettings, RedisStore};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::house::{crowd, soon, token};
use crate::http::Person;
use crate::provider_process::ProviderProcess;
use crate::redis_process::RedisProcess;

const CLIENT: &str = "web-bff";
const CLIENT_SECRET: &str = "planted-client-secret-0123456789abcdef";
const CALLBACK: &str = "http://127.0.0.1:7002/auth/callback";
const VERIFIER: &str = "0123456789012345678901234567890123456789012345678";
/// What a process needs to be an instance.
const INSTANCE: &str = "FRONTDESK_TEST_INSTANCE";

/// One process of a BFF, or what makes one up.
struct Instance {
    office: Office,
    provider: Arc<Provider>,
    sessions: Sessions,
}

impl Instance {
    fn new(issuer: &str, redis: &str, ring: Ring, lease: Duration) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let mut web = WebClients::new();
        web.allow(issuer, None).unwrap();
        let (office, _) = Office::open(Arc::new(web)).unwrap();
        let auth = ClientCredential::SecretBasic(CLIENT_SECRET.into());
        let mut settings = ProviderSettings::new(issuer).client(CLIENT, auth);
        settings.dpop = Demand::Required;
        let provider = Provider::new(settings, Arc::clone(&clock), &office).unwrap();
        let grants = ProviderGrants::new(Arc::clone(&provider), office.clone(), Arc::clone(&clock), None);
        let mut redis = RedisSettings::new(vec![redis.to_owned()]);
        // Two busy cores and a hundred and fifty requests.
        (redis.read_timeout, redis.write_timeout) = (Duration::from_secs(5), Duration::from_secs(5));
        let store = Arc::new(RedisStore::connect(&redis, Arc::clone(&clock)).unwrap());
        let hour = Duration::from_secs(3600);
        let settings = Settings { lease, ..Settings::new("web", hour, 12 * hour) };
        let sessions = Sessions::new(Parts {
            settings,
            ring: SharedRing::new(ring),
            store: Arc::<RedisStore>::clone(&store),
            entries: store,
            clock,
            office: office.clone(),
            providers: vec![SessionProvider {
                name: "harbor".into(),
                issuer: issuer.into(),
                grants: Arc::new(grants),
            }],
        });
        Self { office, provider, sessions }
    }

    /// Signs somebody in at the provider and begins a session of what comes back.
    async fn sign_in(&self) -> SessionId {
        let key = SigningKey::generate_es256().unwrap();
        let jkt = key.thumbprint().to_owned();
        let provider = Arc::clone(&self.provider);
        let begin = self.office.ask(move |desk| async move {
            let request = AuthorizationRequest {
                redirect_uri: CALLBACK,
                state: "state",
                nonce: "nonce",
                code_challenge: &URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER)),
                dpop_jkt: Some(&jkt),
                ..AuthorizationRequest::default()
            };
            provider.authorization_url(&desk, &request, soon()).await
        });
        let url = begin.await.unwrap().unwrap();
        let back = tokio::task::spawn_blocking(move || Person::default().sign_in(&url, "ada")).await.unwrap();
        let back = url::Url::parse(&back).unwrap();
        let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        let (provider, secret) = (Arc::clone(&self.provider), key.to_secret());
        let redeem = self.office.ask(move |desk| async move {
            provider.redeem(&desk, &code, CALLBACK, VERIFIER, Some(&key), soon()).await
        });
        let tokens = redeem.await.unwrap().unwrap();
        assert!(tokens.is_dpop);
        let now = SystemClock.unix();
        let issuer = Arc::clone(&self.provider.settings().issuer);
        let mut content = Content::new("harbor", issuer, "ada", now);
        content.access = Some(HeldToken::new(tokens.access(), now));
        let refresh = tokens.refresh_token.expect("a refresh token");
        content.refresh = Some(RefreshToken { token: Secret::new(&*refresh), expires: None });
        content.dpop_key = Some(Secret::new(secret.as_str()));
        self.sessions.create(content).await.unwrap()
    }

    /// Makes the session's access token as good as over.
    async fn age(&self, id: &SessionId) {
        let now = SystemClock.unix();
        let aged = self.sessions.update(id, |content| {
            if let Some(access) = &mut content.access {
                access.expires = now;
            }
        });
        aged.await.unwrap().expect("it is there");
    }
}

fn provider() -> ProviderProcess {
    ProviderProcess::start(&json!({
        "clients": [{
            "client_id": CLIENT,
            "client_secret": CLIENT_SECRET,
            "token_endpoint_auth_method": "client_secret_basic",
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
        }],
        "rotate": true,
        "dpopNonce": true,
    }))
}

fn one_token(answers: &[Result<String, Fault>], wanted: usize) -> String {
    assert_eq!(answers.len(), wanted);
    let first = answers[0].clone().expect("a token");
    assert!(answers.iter().all(|answer| answer.as_ref() == Ok(&first)), "all the same");
    first
}

/// Requests for tokens that were answered well.
fn refreshed(provider: &ProviderProcess) -> usize {
    let calls = provider.test("GET", "calls", &Value::Null);
    let is_good = |call: &&Value| call["grant"] == "refresh_token" && call["status"] == 200;
    calls["calls"].as_array().unwrap().iter().filter(is_good).count()
}

#[tokio::test]
async fn two_instances_on_redis_refresh_once_for_a_hundred_and_fifty_requests_each() {
    let Some(redis) = RedisProcess::start() else { return };
    let provider = provider();
    let ring = Ring::generate(SystemClock.unix()).unwrap();
    let instance = || Instance::new(&provider.issuer, &redis.url(), ring.clone(), Duration::from_secs(10));
    let (one, two) = (instance(), instance());
    let id = one.sign_in().await;
    let mut before = token(&one.sessions, &id, soon()).await.unwrap();
    for round in 1..4 {
        one.age(&id).await;
        // Both have read it before, each in its own memory.
        assert!(two.sessions.open(&id).await.unwrap().is_some());
        if round == 2 {
            provider.fault("token", "slow", json!({ "ms": 300 }));
        }
        let workers = [one.sessions.clone(), two.sessions.clone()];
        let answers = crowd(&workers, &id, 150, soon()).await;
        let after = one_token(&answers, 300);
        assert_ne!(after, before);
        assert_eq!(refreshed(&provider), round);
        before = after;
    }
    assert!(two.sessions.open(&id).await.unwrap().is_some());
}

#[tokio::test]
async fn the_providers_troubles_end_no_session_and_its_word_does() {
    let Some(redis) = RedisProcess::start() else { return };
    let provider = provider();
    let ring = Ring::generate(SystemClock.unix()).unwrap();
    // Each trouble meets an instance that has seen none yet: after one it would leave the provider alone for a while.
    let instance = || Instance::new(&provider.issuer, &redis.url(), ring.clone(), Duration::from_secs(10));
    let id = instance().sign_in().await;
    for (kind, mut more) in [
        ("status", json!({ "status": 500 })),
        ("status", json!({ "status": 503, "headers": { "retry-after": "30" } })),
        ("429", json!({ "retryAfter": 30 })),
        ("html", json!({})),
        (
            "status",
            json!({ "status": 401, "type": "application/json", "body": "{\"error\":\"invalid_client\"}" }),
        ),
        ("redirect", json!({ "location": "https://evil.example.com/" })),
    ] {
        let instance = instance();
        instance.age(&id).await;
        // What may have been carried out is tried once more.
        more["times"] = json!(2);
        provider.fault("token", kind, more);
        let fault = token(&instance.sessions, &id, soon()).await.unwrap_err();
        assert!(matches!(fault, Fault::Credential(_)), "{kind}: {fault}");
        assert!(instance.sessions.open(&id).await.unwrap().is_some(), "{kind}");
        let again = token(&instance.sessions, &id, soon()).await;
        assert!(matches!(again, Err(Fault::Credential(_))), "{kind}: left alone");
        provider.test("DELETE", "faults", &Value::Null);
    }
    // Dropped before anything was done: tried once more, and well.
    let one = instance();
    one.age(&id).await;
    provider.fault("token", "drop", json!({}));
    token(&one.sessions, &id, soon()).await.unwrap();
    // The answer lost after the provider has rotated: this one is strict, and the session ends, without a loop.
    one.age(&id).await;
    provider.fault("token", "lost", json!({}));
    assert_eq!(token(&one.sessions, &id, soon()).await, Err(Fault::LoginRequired));
    assert!(instance().sessions.open(&id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_logout_while_the_provider_thinks_leaves_no_token_behind() {
    let Some(redis) = RedisProcess::start() else { return };
    let provider = provider();
    let ring = Ring::generate(SystemClock.unix()).unwrap();
    let instance = || Instance::new(&provider.issuer, &redis.url(), ring.clone(), Duration::from_secs(10));
    let (one, two) = (instance(), instance());
    let id = one.sign_in().await;
    one.age(&id).await;
    provider.fault("token", "slow", json!({ "ms": 500, "grant": "refresh_token" }));
    let open = two.sessions.open(&id).await.unwrap().unwrap();
    let sessions = [one.sessions.clone()];
    let requests = crowd(&sessions, &id, 50, soon());
    let logout = async {
        arrived(&provider).await;
        assert!(two.sessions.end(&open, Ending::SignedOut).await.unwrap());
    };
    let (answers, ()) = tokio::join!(requests, logout);
    assert!(answers.iter().all(|answer| *answer == Err(Fault::LoginRequired)), "{answers:?}");
    // Here the provider hears of it before it has given anything new; that what is new is revoked, `refreshes` shows.
    provider.wait_for("revocation", 1);
    assert_eq!(refreshed(&provider), 0);
    for sessions in [&one.sessions, &two.sessions, &instance().sessions] {
        assert!(sessions.open(&id).await.unwrap().is_none());
    }
}

/// Until a refresh has reached the provider.
async fn arrived(provider: &ProviderProcess) {
    let start = Instant::now();
    while provider.count("refresh_token") == 0 {
        assert!(start.elapsed() < Duration::from_secs(20), "no refresh came");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn an_instance_that_is_killed_in_mid_refresh_signs_nobody_out() {
    let Some(redis) = RedisProcess::start() else { return };
    let provider = provider();
    let ring = Ring::generate(SystemClock.unix()).unwrap();
    let one = Instance::new(&provider.issuer, &redis.url(), ring.clone(), Duration::from_secs(2));
    let id = one.sign_in().await;
    one.age(&id).await;
    // It would wait for ever, renewing its lease.
    provider.fault("token", "timeout", json!({ "ms": 60_000, "grant": "refresh_token" }));
    let told = json!({
        "issuer": provider.issuer, "redis": redis.url(), "ring": ring.to_text(), "id": id.cookie_value(),
    });
    let mut doomed = Command::new(env::current_exe().unwrap())
        .args(["--exact", "session::real::an_instance_for_another_test", "--nocapture"])
        .env(INSTANCE, told.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    arrived(&provider).await;
    let waiting = crowd(std::slice::from_ref(&one.sessions), &id, 150, soon());
    let death = async {
        doomed.kill().unwrap();
        doomed.wait().unwrap();
    };
    let (answers, ()) = tokio::join!(waiting, death);
    one_token(&answers, 150);
    assert_eq!(refreshed(&provider), 1);
}

/// Passes at once unless it was started by the test above, as an instance of its own.
#[tokio::test]
async fn an_instance_for_another_test() {
    let Ok(told) = env::var(INSTANCE) else { return };
    let told: Value = serde_json::from_str(&told).unwrap();
    let text = |name: &str| told[name].as_str().unwrap();
    let ring = Ring::parse(text("ring"), SystemClock.unix()).unwrap();
    let instance = Instance::new(text("issuer"), text("redis"), ring, Duration::from_secs(2));
    let id = SessionId::parse(text("id").as_bytes()).unwrap();
    token(&instance.sessions, &id, soon()).await.unwrap();
}
