//! Apps: signed in through the system browser at the real provider, and held to a proof by the device's key in every
//! request.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Clock, Deadline, now};
use frontdesk_connectors::web::WebClients;
use frontdesk_lang::model::{
    Access, AuthMethod, Claim, ClientAuth, Demand, DeviceAuth, Issuer, Perimeter as Written, ProviderUse,
    Requires, Schema, SchemaKind, SecretName, Versions,
};
use frontdesk_perimeter::jose::{SigningKey, dpop, sha256};
use frontdesk_perimeter::session::ring::{Ring, SharedRing};
use frontdesk_perimeter::{
    Admitted, Inbound, Kind, Office, Origins, Perimeter, Premises, Refusal, Resolve, TrustedProxies,
};
use frontdesk_stores::memory::MemoryStore;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, Uri};
use serde_json::{Value, json};
use url::Url;

use crate::bff::{CLIENT, CLIENT_SECRET, MovedClock, ORIGIN, location, provider_settings, text};
use crate::http::{Jar, Person};
use crate::jose::members;
use crate::limits::nowhere;
use crate::provider_process::ProviderProcess;

const APP: &str = "https://app.example.com/signed-in";
const VERIFIER: &str = "the-verifier-of-the-app-0123456789-0123456789";

struct House {
    perimeter: Perimeter,
    clock: MovedClock,
    provider: ProviderProcess,
}

type Answer = Result<Response<Bytes>, Refusal>;

fn house() -> House {
    let mut settings = provider_settings();
    settings["clients"][0]["redirect_uris"] = json!([format!("{ORIGIN}/auth/device/callback")]);
    let provider = ProviderProcess::start(&settings);
    let mut web = WebClients::new();
    web.allow(&provider.issuer, None).unwrap();
    let (office, _) = Office::open(Arc::new(web)).unwrap();
    let clock = MovedClock::default();
    let shared: Arc<dyn Clock> = Arc::new(clock.clone());
    let store = Arc::new(MemoryStore::new(shared.clone()));
    let premises = Premises {
        ring: Some(SharedRing::new(Ring::generate(shared.unix()).unwrap())),
        clock: shared,
        office,
        sessions: store.clone(),
        entries: store.clone(),
        rates: store.clone(),
        local_rates: store,
        proxies: Arc::new(TrustedProxies::default()),
    };
    let tier = Schema {
        kind: SchemaKind::String { min: None, max: None, pattern: None },
        optional: false,
        nullable: false,
        default: None,
    };
    let written = Written {
        auth: vec![AuthMethod::Device(DeviceAuth {
            provider: ProviderUse {
                name: "login".into(),
                issuer: Issuer::Url(provider.issuer.as_str().into()),
                client_id: CLIENT.into(),
                client_auth: ClientAuth::SecretBasic(SecretName { name: "SECRET".into(), span: nowhere() }),
                scopes: vec!["openid".into(), "profile".into()],
                resources: Vec::new(),
                par: Demand::Auto,
                dpop: Demand::Auto,
                extra: Vec::new(),
                span: nowhere(),
            },
            redirects: vec![APP.into(), "com.example.app:/done".into()],
            idle: Duration::from_secs(30 * 24 * 3600),
            absolute: Duration::from_secs(90 * 24 * 3600),
            rotate: Duration::from_secs(900),
            span: nowhere(),
        })],
        claims: vec![Claim { name: "tier".into(), schema: tier, span: nowhere() }],
        ..Written::default()
    };
    let issuer = provider.issuer.clone();
    let resolve = Resolve {
        secret: &|_| Ok(CLIENT_SECRET.to_owned()),
        issuer: &|_| Ok((issuer.clone(), Duration::from_secs(10))),
    };
    let perimeter =
        Perimeter::provision(&"ios".into(), &written, &Versions::None, Origins::Loopback, &premises, resolve)
            .unwrap();
    House { perimeter, clock, provider }
}

struct Request {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let mut map = HeaderMap::new();
    map.insert("host", HeaderValue::from_static("127.0.0.1:7002"));
    for (name, value) in headers {
        map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let body = Bytes::copy_from_slice(body.as_bytes());
    Request { method: method.parse().unwrap(), uri: target.parse().unwrap(), headers: map, body }
}

impl Request {
    fn inbound(&self) -> Inbound<'_> {
        Inbound {
            method: &self.method,
            uri: &self.uri,
            headers: &self.headers,
            peer: [127, 0, 0, 1].into(),
            secure: false,
            certificate: None,
        }
    }
}

/// An app on one device, and the system browser on it.
struct App {
    key: SigningKey,
    approval: SigningKey,
    nonce: Option<String>,
    token: String,
    browser: Jar,
}

impl App {
    fn new() -> Self {
        Self {
            key: SigningKey::generate_es256().unwrap(),
            approval: SigningKey::generate_es256().unwrap(),
            nonce: None,
            token: String::new(),
            browser: Jar::default(),
        }
    }

    fn login(&self) -> String {
        let challenge = sha256(VERIFIER);
        let query = [
            ("redirect", APP),
            ("challenge", challenge.as_str()),
            ("dpop_jkt", self.key.thumbprint()),
            ("state", "s1"),
        ];
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        format!("/auth/device/login?{query}")
    }

    /// The system browser goes there, and keeps cookies.
    async fn go(&mut self, house: &House, target: &str) -> Answer {
        let cookies = self.browser.line();
        let request = request("GET", target, &[("cookie", &cookies), ("sec-fetch-mode", "navigate")], "");
        let answer = house.perimeter.answer(&request.inbound(), Bytes::new()).await;
        if let Ok(response) = &answer {
            for cookie in response.headers().get_all("set-cookie") {
                self.browser.keep(cookie.to_str().unwrap());
            }
        }
        answer
    }

    /// The address that the app is called with in the end.
    async fn sign_in(&mut self, house: &House) -> Url {
        let left = self.go(house, &self.login()).await.unwrap();
        assert_eq!(left.status(), 303, "{}", text(&left));
        let back = Person::default().sign_in(&location(&left), "ada");
        self.come_back(house, &back).await
    }

    async fn come_back(&mut self, house: &House, back: &str) -> Url {
        let target = back.strip_prefix(ORIGIN).expect("it leads to us").to_owned();
        let response = self.go(house, &target).await.unwrap();
        assert_eq!(
            response.status(),
            303,
            "{} {:?}",
            text(&response),
            response.extensions().get::<frontdesk_perimeter::routes::Told>()
        );
        assert_eq!(response.headers()["referrer-policy"], "no-referrer");
        Url::parse(&location(&response)).unwrap()
    }

    fn proof(&self, house: &House, method: &str, target: &str, token: Option<&str>) -> String {
        self.proof_by(&self.key, house, method, target, token)
    }

    fn proof_by(
        &self,
        by: &SigningKey,
        house: &House,
        method: &str,
        target: &str,
        token: Option<&str>,
    ) -> String {
        let url = format!("{ORIGIN}{target}");
        dpop::prove(by, method, &url, token, self.nonce.as_deref(), house.clock.unix()).unwrap()
    }

    /// Sends a request to `/auth/device/…`, and once more if a nonce is asked for.
    async fn post(&mut self, house: &House, target: &str, body: &Value) -> Answer {
        for _ in 0..2 {
            let token = Some(self.token.as_str()).filter(|token| !token.is_empty());
            let proof = self.proof(house, "POST", target, token);
            let authorization = format!("DPoP {}", self.token);
            let mut headers = vec![("dpop", proof.as_str()), ("content-type", "application/json")];
            if token.is_some() {
                headers.push(("authorization", &authorization));
            }
            let request = request("POST", target, &headers, &body.to_string());
            match house.perimeter.answer(&request.inbound(), request.body.clone()).await {
                Err(refusal) if refusal.code == "use_dpop_nonce" => self.learn(&refusal),
                answer => return answer,
            }
        }
        panic!("nonces are asked for again and again");
    }

    fn learn(&mut self, refusal: &Refusal) {
        let nonce = refusal.headers.iter().find(|(name, _)| name == "dpop-nonce").expect("a nonce");
        self.nonce = Some(nonce.1.to_str().unwrap().to_owned());
    }

    async fn redeem(&mut self, house: &House, code: &str, verifier: &str) -> Result<Value, Refusal> {
        let body = json!({
            "code": code, "verifier": verifier, "platform": "ios 19", "approval_key": self.approval.public_jwk()
        });
        let response = self.post(house, "/auth/device/session", &body).await?;
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers()["cache-control"], "no-store");
        Ok(serde_json::from_slice(response.body()).unwrap())
    }

    async fn signed_in(house: &House) -> Self {
        let mut app = Self::new();
        let address = app.sign_in(house).await;
        let code = parameter(&address, "code").unwrap();
        let session = app.redeem(house, &code, VERIFIER).await.unwrap();
        session["token"].as_str().unwrap().clone_into(&mut app.token);
        app
    }

    /// A request to an endpoint with this token.
    async fn ask_with(
        &mut self,
        house: &House,
        token: &str,
        more: &[(&str, &str)],
    ) -> Result<Admitted, Refusal> {
        for _ in 0..2 {
            let proof = self.proof(house, "POST", "/transfers", Some(token));
            let authorization = format!("DPoP {token}");
            let mut headers = vec![("authorization", authorization.as_str()), ("dpop", proof.as_str())];
            headers.extend_from_slice(more);
            match house.admit(&request("POST", "/transfers?to=bob", &headers, ""), false).await {
                Err(refusal) if refusal.code == "use_dpop_nonce" => self.learn(&refusal),
                answer => return answer,
            }
        }
        panic!("nonces are asked for again and again");
    }

    async fn ask(&mut self, house: &House) -> Result<Admitted, Refusal> {
        let token = self.token.clone();
        self.ask_with(house, &token, &[]).await
    }

    async fn challenge(&mut self, house: &House) -> String {
        let response = self.post(house, "/auth/device/challenge", &json!({})).await.unwrap();
        let said: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(said["expires_in"], 120);
        said["challenge"].as_str().unwrap().to_owned()
    }
}

impl House {
    async fn admit(&self, request: &Request, approval: bool) -> Result<Admitted, Refusal> {
        let requires = Requires { approval, ..Requires::default() };
        let access = Access { public: false, requires, ..Access::public() };
        let entrance = self.perimeter.entrance("transfers".into(), &access);
        let deadline = Deadline::after(now(), Duration::from_secs(20));
        self.perimeter.admit(&request.inbound(), &entrance, deadline).await
    }
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// The token that comes with the answer to an admitted request.
fn next_token(admitted: &Admitted) -> Option<String> {
    let mut headers = HeaderMap::new();
    admitted.write(&mut headers);
    headers.get("frontdesk-device-token").map(|value| value.to_str().unwrap().to_owned())
}

fn refused(answer: Result<Admitted, Refusal>) -> (u16, &'static str) {
    let refusal = answer.expect_err("it is refused");
    (refusal.status, refusal.code)
}

#[tokio::test]
async fn an_app_signs_its_user_in_and_proves_each_request() {
    let house = house();
    let mut app = App::new();
    let address = app.sign_in(&house).await;
    assert!(address.as_str().starts_with(APP));
    assert_eq!(parameter(&address, "state").as_deref(), Some("s1"));
    assert!(app.browser.0.is_empty(), "the browser keeps nothing of the app's sign-in");
    let code = parameter(&address, "code").unwrap();
    let session = app.redeem(&house, &code, VERIFIER).await.unwrap();
    assert_eq!((&session["token_type"], &session["subject"]), (&json!("DPoP"), &json!("ada")));
    assert_eq!(session["claims"], json!({ "tier": "gold" }));
    session["token"].as_str().unwrap().clone_into(&mut app.token);
    assert!(app.token.starts_with("fdm_"));
    assert!(session["expires_at"].is_u64() && session["idle_expires_at"].is_u64());

    let admitted = app.ask(&house).await.unwrap();
    let identity = admitted.identity.as_ref().unwrap();
    assert_eq!((identity.kind, &*identity.subject, identity.approved), (Kind::Device, "ada", false));
    let deadline = Deadline::after(now(), Duration::from_secs(20));
    let token = admitted.caller.as_ref().unwrap().access_token(deadline).await.unwrap();
    assert!(!session.to_string().contains(&*token.secret), "the provider's token stays here");
    assert!(next_token(&admitted).is_none());
    // A code is good once.
    let again = app.redeem(&house, &code, VERIFIER).await.unwrap_err();
    assert_eq!((again.status, again.code), (400, "invalid_code"));
}

#[tokio::test]
async fn codes_are_for_the_app_and_device_that_asked() {
    let house = house();
    for (name, verifier, other_key, late) in [
        ("another verifier", "somebody-elses-verifier-0123456789-0123456789", false, false),
        ("another device", VERIFIER, true, false),
        ("a minute later", VERIFIER, false, true),
    ] {
        let mut app = App::new();
        let address = app.sign_in(&house).await;
        let code = parameter(&address, "code").unwrap();
        if other_key {
            app.key = SigningKey::generate_es256().unwrap();
        }
        if late {
            house.clock.pass(61);
        }
        let refusal = app.redeem(&house, &code, verifier).await.unwrap_err();
        assert_eq!((refusal.status, refusal.code), (400, "invalid_code"), "{name}");
        // It is used up, whoever used it.
        let refusal = app.redeem(&house, &code, VERIFIER).await.unwrap_err();
        assert_eq!(refusal.code, "invalid_code", "{name}");
    }
    // What was not handed over is given back.
    house.provider.wait_for("revocation", 2);
}

#[tokio::test]
async fn logins_that_cannot_be_meant_do_not_begin() {
    let house = house();
    let mut app = App::new();
    let good = app.login();
    let jkt = app.key.thumbprint().to_owned();
    for bad in [
        good.replace("app.example.com", "evil.example"),
        good.replace("signed-in", "signed-in%2F"),
        good.replace(&jkt, "short"),
        good.replace(&sha256(VERIFIER), VERIFIER),
        good.replace("state=s1", "state=a%0Ab"),
        format!("{good}&redirect=https%3A%2F%2Fevil.example"),
        "/auth/device/login".to_owned(),
    ] {
        let refusal = app.go(&house, &bad).await.unwrap_err();
        assert_eq!((refusal.status, refusal.code), (400, "invalid_parameters"), "{bad}");
    }
    let fetched = request("GET", &good, &[("sec-fetch-mode", "cors")], "");
    let refusal = house.perimeter.answer(&fetched.inbound(), Bytes::new()).await.unwrap_err();
    assert_eq!((refusal.status, refusal.code), (403, "cross_site_request"));
    for (method, path, status) in [
        ("POST", "/auth/device/login", 405),
        ("GET", "/auth/device/session", 405),
        ("GET", "/auth/device/x", 404),
    ] {
        let request = request(method, path, &[], "");
        assert_eq!(
            house.perimeter.answer(&request.inbound(), Bytes::new()).await.unwrap_err().status,
            status
        );
    }
}

#[tokio::test]
async fn a_callback_belongs_to_the_browser_that_left_and_the_app_hears_of_a_no() {
    let house = house();
    let (mut app, mut other) = (App::new(), App::new());
    let left = app.go(&house, &app.login()).await.unwrap();
    let back = Person::default().sign_in(&location(&left), "ada");
    let target = back.strip_prefix(ORIGIN).unwrap().to_owned();
    let stolen = other.go(&house, &target).await.unwrap();
    assert_eq!(stolen.status(), 400);
    assert!(parameter(&app.come_back(&house, &back).await, "code").is_some());
    let replayed = app.go(&house, &target).await.unwrap();
    assert_eq!(replayed.status(), 400, "a state is used once");

    let left = app.go(&house, &app.login()).await.unwrap();
    let back = Person::default().cancel(&location(&left));
    let address = app.come_back(&house, &back).await;
    assert_eq!(parameter(&address, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&address, "state").as_deref(), Some("s1"));
    assert_eq!(parameter(&address, "code"), None);
}

#[tokio::test]
async fn the_token_is_useless_without_the_key_of_the_device() {
    let house = house();
    let mut app = App::signed_in(&house).await;
    let token = app.token.clone();
    let bearer = format!("Bearer {token}");
    let plain = request("POST", "/transfers", &[("authorization", &bearer)], "");
    assert_eq!(refused(house.admit(&plain, false).await), (401, "invalid_token"));
    let dpop = format!("DPoP {token}");
    let alone = request("POST", "/transfers", &[("authorization", &dpop)], "");
    assert_eq!(refused(house.admit(&alone, false).await), (401, "invalid_dpop_proof"));
    app.ask(&house).await.unwrap();
    let thief = SigningKey::generate_es256().unwrap();
    let stolen = app.proof_by(&thief, &house, "POST", "/transfers", Some(&token));
    let with = |proof: &str| request("POST", "/transfers", &[("authorization", &dpop), ("dpop", proof)], "");
    assert_eq!(refused(house.admit(&with(&stolen), false).await), (401, "invalid_dpop_proof"));
    let good = app.proof(&house, "POST", "/transfers", Some(&token));
    assert!(house.admit(&with(&good), false).await.is_ok());
    assert_eq!(refused(house.admit(&with(&good), false).await), (401, "invalid_dpop_proof"), "a replay");
    // The parts that find the record are no cookie: nothing but a proof opens an app's session.
    let cookie = format!("__Host-Http-fd-ios={}", &token[4..49]);
    let as_cookie = request("POST", "/transfers", &[("cookie", &cookie), ("x-frontdesk", "1")], "");
    assert_eq!(refused(house.admit(&as_cookie, false).await), (401, "login_required"));
    for broken in ["fdm_", "fdm_abc", &token[..token.len() - 1], &format!("{token}A")] {
        assert_eq!(refused(app.ask_with(&house, broken, &[]).await), (401, "invalid_token"), "{broken}");
    }
    let nobody = house.admit(&request("POST", "/transfers", &[], ""), false).await.unwrap_err();
    assert_eq!(nobody.code, "login_required");
    assert!(
        nobody
            .headers
            .iter()
            .any(|(name, value)| name == "www-authenticate" && value.as_bytes().starts_with(b"DPoP"))
    );
}

#[tokio::test]
async fn tokens_change_and_lost_answers_do_no_harm() {
    let house = house();
    let mut app = App::signed_in(&house).await;
    let first = app.token.clone();
    house.clock.pass(899);
    assert_eq!(next_token(&app.ask(&house).await.unwrap()), None);
    house.clock.pass(1);
    // The answer with the new token is lost, again and again; it is always the same.
    let second = next_token(&app.ask(&house).await.unwrap()).unwrap();
    for _ in 0..3 {
        assert_eq!(next_token(&app.ask(&house).await.unwrap()).as_ref(), Some(&second));
        house.clock.pass(3600);
    }
    assert_eq!(next_token(&app.ask(&house).await.unwrap()).as_ref(), Some(&second));
    assert_ne!(first, second);
    // It came at last, and is due for a change itself by now.
    app.token.clone_from(&second);
    let third = next_token(&app.ask(&house).await.unwrap()).unwrap();
    app.token = third;
    assert_eq!(next_token(&app.ask(&house).await.unwrap()), None);
    // Requests overtake each other: the one before is good for ten minutes and gets the same again.
    house.clock.pass(599);
    let overtaken = app.ask_with(&house, &second, &[]).await.unwrap();
    assert_eq!(next_token(&overtaken).as_ref(), Some(&app.token));
}

#[tokio::test]
async fn an_old_token_ends_the_session() {
    let house = house();
    let mut app = App::signed_in(&house).await;
    let first = app.token.clone();
    house.clock.pass(900);
    app.token = next_token(&app.ask(&house).await.unwrap()).unwrap();
    app.ask(&house).await.unwrap();
    house.clock.pass(601);
    // Without the device's key an old token does nothing.
    let thief = SigningKey::generate_es256().unwrap();
    let key = std::mem::replace(&mut app.key, thief);
    assert_eq!(refused(app.ask_with(&house, &first, &[]).await), (401, "invalid_dpop_proof"));
    app.key = key;
    assert!(app.ask(&house).await.is_ok());
    // With it there are two of the same device.
    assert_eq!(refused(app.ask_with(&house, &first, &[]).await), (401, "invalid_token"));
    assert_eq!(refused(app.ask(&house).await), (401, "invalid_token"));
    house.provider.wait_for("revocation", 1);
}

#[tokio::test]
async fn of_requests_at_once_all_get_the_same_token() {
    let house = house();
    let mut app = App::signed_in(&house).await;
    app.ask(&house).await.unwrap();
    house.clock.pass(900);
    let token = app.token.clone();
    // A nonce is known: nothing is repeated.
    app.ask_with(&house, &token, &[]).await.unwrap();
    let proofs: Vec<String> =
        (0..20).map(|_| app.proof(&house, "POST", "/transfers", Some(&token))).collect();
    let requests: Vec<Request> = proofs
        .iter()
        .map(|proof| {
            request("POST", "/transfers", &[("authorization", &format!("DPoP {token}")), ("dpop", proof)], "")
        })
        .collect();
    let all =
        futures_util::future::join_all(requests.iter().map(|request| house.admit(request, false))).await;
    let mut tokens: Vec<_> = all.into_iter().map(|admitted| next_token(&admitted.unwrap())).collect();
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    assert!(tokens[0].is_some());
}

#[tokio::test]
async fn signing_out_ends_it_at_once() {
    let house = house();
    let mut app = App::signed_in(&house).await;
    app.ask(&house).await.unwrap();
    let response = app.post(&house, "/auth/device/logout", &json!({})).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(refused(app.ask(&house).await), (401, "invalid_token"));
    house.provider.wait_for("revocation", 1);
}

#[tokio::test]
async fn the_provider_ends_sessions_of_apps_too() {
    let house = house();
    let mut app = App::signed_in(&house).await;
    app.ask(&house).await.unwrap();
    let tell = async |token: &str| {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let body = format!("logout_token={token}");
        let request = request("POST", "/auth/device/backchannel", &form, &body);
        house.perimeter.answer(&request.inbound(), request.body.clone()).await.unwrap().status().as_u16()
    };
    assert_eq!(tell("made-up").await, 400);
    assert!(app.ask(&house).await.is_ok());
    let wish = json!({ "base": "logout", "client": CLIENT, "sub": "ada", "sid": null, "remove": ["sid"] });
    assert_eq!(tell(&house.provider.sign(&wish)).await, 200);
    assert_eq!(refused(app.ask(&house).await), (401, "invalid_token"));
    let long = house.perimeter.largest_body("/auth/device/backchannel");
    assert!(long > house.perimeter.largest_body("/auth/device/session"));
    assert!(house.perimeter.unreadable("/auth/device/backchannel").is_some());
}

/// An approval with changes to its claims.
fn approval(by: &SigningKey, challenge: &str, body: &str, changes: Value) -> String {
    let mut claims = members(json!({
        "challenge": challenge, "htm": "POST", "htu": format!("{ORIGIN}/transfers"), "qsh": sha256("to=bob"),
        "bsh": sha256(body),
    }));
    claims.extend(members(changes));
    by.sign(&[("typ", json!("frontdesk-approval+jwt"))], &claims).unwrap()
}

#[tokio::test]
async fn an_approval_is_for_one_request_of_one_device() {
    let house = house();
    let mut app = App::signed_in(&house).await;
    app.ask(&house).await.unwrap();
    let token = app.token.clone();
    let body = r#"{"amount":100}"#;

    let without = request(
        "POST",
        "/transfers?to=bob",
        &[
            ("authorization", &format!("DPoP {token}")),
            ("dpop", &app.proof(&house, "POST", "/transfers", Some(&token))),
        ],
        body,
    );
    assert_eq!(refused(house.admit(&without, true).await), (403, "approval_required"));

    let challenge = app.challenge(&house).await;
    let good = approval(&app.approval, &challenge, body, json!({}));
    let admitted = app.ask_with(&house, &token, &[("frontdesk-approval", &good)]).await.unwrap();
    assert!(admitted.identity.unwrap().approved);
    let approved = admitted.approved_body.unwrap();
    let is_met = |body: &str| {
        let mut check = approved.check();
        check.see(body.as_bytes());
        check.is_met()
    };
    assert!(is_met(body) && !is_met("") && !is_met(r#"{"amount":900}"#));
    let again = app.ask_with(&house, &token, &[("frontdesk-approval", &good)]).await;
    assert_eq!(refused(again), (403, "approval_required"), "a challenge is used once");

    for (name, changes) in [
        ("another method", json!({ "htm": "PUT" })),
        ("another path", json!({ "htu": format!("{ORIGIN}/transfers/7") })),
        ("another host", json!({ "htu": "https://evil.example/transfers" })),
        ("another query", json!({ "qsh": sha256("to=eve") })),
        ("no query", json!({ "qsh": null })),
        ("no body", json!({ "bsh": null })),
        ("a short hash", json!({ "bsh": "AAAA" })),
        ("a challenge of nobody's", json!({ "challenge": "made-up" })),
    ] {
        let challenge = app.challenge(&house).await;
        let bad = approval(&app.approval, &challenge, body, changes);
        let answer = app.ask_with(&house, &token, &[("frontdesk-approval", &bad)]).await;
        assert_eq!(refused(answer), (403, "approval_required"), "{name}");
        // What was refused before its challenge was looked at has not used it up.
    }
    let challenge = app.challenge(&house).await;
    let by_the_other_key = approval(&app.key, &challenge, body, json!({}));
    let answer = app.ask_with(&house, &token, &[("frontdesk-approval", &by_the_other_key)]).await;
    assert_eq!(refused(answer), (403, "approval_required"), "the key that needs nobody's presence");
    let typ = {
        let claims =
            members(json!({ "challenge": challenge, "htm": "POST", "htu": format!("{ORIGIN}/transfers"),
            "qsh": sha256("to=bob"), "bsh": sha256(body) }));
        app.approval.sign(&[("typ", json!("JWT"))], &claims).unwrap()
    };
    let answer = app.ask_with(&house, &token, &[("frontdesk-approval", &typ)]).await;
    assert_eq!(refused(answer), (403, "approval_required"), "another type");

    // A challenge of another device of the same user.
    let mut other = App::signed_in(&house).await;
    other.nonce.clone_from(&app.nonce);
    let theirs = other.challenge(&house).await;
    let crossed = approval(&app.approval, &theirs, body, json!({}));
    let answer = app.ask_with(&house, &token, &[("frontdesk-approval", &crossed)]).await;
    assert_eq!(refused(answer), (403, "approval_required"), "another device's challenge");
    // After two minutes.
    let challenge = app.challenge(&house).await;
    house.clock.pass(121);
    let late = approval(&app.approval, &challenge, body, json!({}));
    let answer = app.ask_with(&house, &token, &[("frontdesk-approval", &late)]).await;
    assert_eq!(refused(answer), (403, "approval_required"), "too late");
}
