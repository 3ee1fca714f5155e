//! The provider ends sessions (OpenID Connect Back-Channel Logout): which logout tokens are believed, and what of it.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use frontdesk_perimeter::routes::Routes;
use http::Response;
use serde_json::{Value, json};

use crate::bff::{Bff, Browser, provider_settings, text};
use crate::http::Person;
use crate::provider_process::ProviderProcess;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn tell(bff: &Bff, token: &str) -> Response<Bytes> {
    bff.ask("POST", "/auth/backchannel", &[FORM], format!("logout_token={token}").as_bytes()).await.unwrap()
}

#[track_caller]
fn assert_refused(response: &Response<Bytes>, error: &str, what: &str) {
    assert_eq!(response.status(), 400, "{what}: {}", text(response));
    assert_eq!(response.headers()["cache-control"], "no-store", "{what}");
    assert_eq!(
        serde_json::from_slice::<Value>(response.body()).unwrap(),
        json!({ "error": error }),
        "{what}"
    );
}

#[track_caller]
fn assert_done(response: &Response<Bytes>) {
    assert_eq!((response.status().as_u16(), text(response).as_str()), (200, ""));
    assert_eq!(response.headers()["cache-control"], "no-store");
}

/// The wish for a logout token with more or other members.
fn wish(sub: Option<&str>, sid: Option<&str>, more: &Value) -> Value {
    let mut wish = json!({ "base": "logout", "client": "web-bff", "sub": sub, "sid": sid });
    if sub.is_none() {
        wish["remove"] = json!(["sub"]);
    }
    if sid.is_none() {
        wish["remove"] = json!(["sid"]);
    }
    for (name, value) in more.as_object().into_iter().flatten() {
        wish[name] = value.clone();
    }
    wish
}

/// The provider's own sessions of that person, with us.
fn sids(provider: &ProviderProcess, name: &str) -> Vec<String> {
    let all = provider.test("GET", "sessions", &Value::Null);
    let own = all.as_array().unwrap().iter().filter(|session| session["account"] == name);
    own.filter_map(|session| session["authorizations"]["web-bff"]["sid"].as_str().map(str::to_owned))
        .collect()
}

async fn signed_in(bff: &Bff, name: &str) -> Browser {
    let mut browser = Browser::default();
    let address = browser.leave(bff, "").await;
    let back = Person::default().sign_in(&address, name);
    assert_eq!(browser.come_back(bff, &back).await.status(), 303);
    browser
}

#[tokio::test]
async fn only_logout_tokens_for_us_are_believed() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    let mut ada = signed_in(&bff, "ada").await;
    let [sid] = <[String; 1]>::try_from(sids(&provider, "ada")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(include_str!("../../testdata/logout_tokens.json")).unwrap();
    for case in &cases {
        let token = provider.sign(&wish(Some("ada"), Some(&sid), &case["sign"]));
        assert_refused(&tell(&bff, &token).await, "invalid_request", case["name"].as_str().unwrap());
    }
    // Not only the token, but the request too.
    let good = provider.sign(&wish(Some("ada"), Some(&sid), &Value::Null));
    let form = format!("logout_token={good}");
    let huge = format!("logout_token={}", "x".repeat(1 << 20));
    for (what, content_type, body) in [
        ("JSON", "application/json", json!({ "logout_token": good }).to_string()),
        ("no type", "", form.clone()),
        ("text", "text/plain", form.clone()),
        ("multipart", "multipart/form-data; boundary=x", form.clone()),
        ("empty", FORM.1, String::new()),
        ("two tokens", FORM.1, format!("{form}&{form}")),
        ("another name", FORM.1, format!("id_token={good}")),
        ("no JWT", FORM.1, "logout_token=x.y.z".to_owned()),
        ("a megabyte", FORM.1, huge),
    ] {
        let headers = [("content-type", content_type)];
        let headers = if content_type.is_empty() { &headers[..0] } else { &headers[..] };
        let response = bff.ask("POST", "/auth/backchannel", headers, body.as_bytes()).await.unwrap();
        assert_refused(&response, "invalid_request", what);
    }
    // As the server answers a body that it did not read to its end.
    assert_refused(&Routes::unreadable("/auth/backchannel").unwrap(), "invalid_request", "unreadable");
    assert!(Routes::unreadable("/auth/logout").is_none());
    let refusal = bff.ask("GET", &format!("/auth/backchannel?{form}"), &[], b"").await.unwrap_err();
    assert_eq!(refusal.status, 405);
    assert_eq!(ada.session(&bff).await["authenticated"], true, "after all that");

    let form_type = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    let body = format!("unknown=1&{form}");
    assert_done(&bff.ask("POST", "/auth/backchannel", &[form_type], body.as_bytes()).await.unwrap());
    assert_eq!(ada.session(&bff).await["authenticated"], false);
    assert_refused(&tell(&bff, &good).await, "invalid_request", "the same token again");
}

#[tokio::test]
async fn a_sid_ends_one_session_and_a_subject_all_of_them() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    let mut one = signed_in(&bff, "ada").await;
    let [sid] = <[String; 1]>::try_from(sids(&provider, "ada")).unwrap();
    let (mut two, mut three, mut bob) =
        (signed_in(&bff, "ada").await, signed_in(&bff, "ada").await, signed_in(&bff, "bob").await);
    assert_done(&tell(&bff, &provider.sign(&wish(None, Some(&sid), &Value::Null))).await);
    assert_eq!(one.session(&bff).await["authenticated"], false);
    assert_eq!(two.session(&bff).await["authenticated"], true);
    assert_done(&tell(&bff, &provider.sign(&wish(Some("ada"), None, &Value::Null))).await);
    assert_eq!(two.session(&bff).await["authenticated"], false);
    assert_eq!(three.session(&bff).await["authenticated"], false);
    assert_eq!(bob.session(&bff).await["authenticated"], true);
    // Nobody is left, which is as good.
    assert_done(&tell(&bff, &provider.sign(&wish(Some("ada"), None, &Value::Null))).await);
    assert_done(&tell(&bff, &provider.sign(&wish(None, Some("nobodys"), &Value::Null))).await);
}

#[tokio::test]
async fn a_logout_that_comes_before_the_callback_wins() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    for by_sid in [true, false] {
        let (mut browser, mut ada) = (Browser::default(), Person::default());
        let address = browser.leave(&bff, "").await;
        let back = ada.sign_in(&address, "ada");
        // Whatever is buried holds for logins that began before it.
        bff.clock.pass(1);
        let sid = sids(&provider, "ada").pop().unwrap();
        let wish =
            if by_sid { wish(None, Some(&sid), &Value::Null) } else { wish(Some("ada"), None, &Value::Null) };
        let token = provider.sign(&wish);
        assert_done(&tell(&bff, &token).await);
        let response = browser.come_back(&bff, &back).await;
        assert_eq!(response.status(), 403, "{}", text(&response));
        assert!(text(&response).contains("You were signed out"), "{}", text(&response));
        assert!(browser.session_cookie().is_none());
        provider.test("POST", "logout", &json!({ "account": "ada" }));
        bff.clock.pass(1);
    }
    // One that begins later is another one.
    let mut later = signed_in(&bff, "ada").await;
    assert_eq!(later.session(&bff).await["authenticated"], true);
}

#[tokio::test]
async fn a_logout_that_cannot_be_carried_out_may_be_tried_again() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    let mut ada = signed_in(&bff, "ada").await;
    let token = provider.sign(&wish(Some("ada"), None, &Value::Null));
    bff.is_store_away.store(true, Ordering::SeqCst);
    assert_refused(&tell(&bff, &token).await, "temporarily_unavailable", "store away");
    bff.is_store_away.store(false, Ordering::SeqCst);
    assert_eq!(ada.session(&bff).await["authenticated"], true);
    assert_done(&tell(&bff, &token).await);
    assert_eq!(ada.session(&bff).await["authenticated"], false);
}
