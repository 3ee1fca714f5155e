//! Signing out: here, at the provider, everywhere; and the list of one's own sessions.

use serde_json::{Value, json};

use crate::bff::{Bff, Browser, ORIGIN, provider_settings};
use crate::http::{Jar, Person};
use crate::provider_process::ProviderProcess;

async fn signed_in(bff: &Bff, name: &str) -> Browser {
    let mut browser = Browser::default();
    let address = browser.leave(bff, "").await;
    let back = Person::default().sign_in(&address, name);
    assert_eq!(browser.come_back(bff, &back).await.status(), 303);
    browser
}

async fn logout(bff: &Bff, browser: &mut Browser, target: &str, body: &[u8]) -> Value {
    let response = browser.send(bff, "POST", target, body).await.unwrap();
    assert_eq!(response.status(), 200);
    serde_json::from_slice(response.body()).unwrap()
}

#[tokio::test]
async fn signing_out_ends_the_session_and_gives_the_token_back() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    let mut browser = signed_in(&bff, "ada").await;
    let stolen = browser.clone();
    let answer =
        logout(&bff, &mut browser, "/auth/logout?post_logout_redirect_uri=https://evil.example", b"").await;
    let url = answer["end_session_url"].as_str().unwrap();
    assert!(url.starts_with(&provider.issuer), "{url}");
    let query: Vec<(String, String)> = url::Url::parse(url).unwrap().query_pairs().into_owned().collect();
    assert!(query.contains(&("post_logout_redirect_uri".to_owned(), format!("{ORIGIN}/goodbye"))), "{url}");
    assert!(query.iter().any(|(name, _)| name == "id_token_hint"));
    assert!(browser.session_cookie().is_none(), "the cookie is gone");
    assert_eq!(stolen.clone().session(&bff).await["authenticated"], false, "and a copy is worth nothing");
    provider.wait_for("revocation", 1);

    // As often as one likes, also with the dead cookie, also with none.
    for mut again in [browser, stolen, Browser::default()] {
        assert_eq!(logout(&bff, &mut again, "/auth/logout", b"").await, json!({ "end_session_url": null }));
    }
}

#[tokio::test]
async fn signing_out_everywhere_ends_all_of_ones_sessions_and_nobody_elses() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    for (target, body) in [("/auth/logout?everywhere=true", ""), ("/auth/logout", "{\"everywhere\":true}")] {
        let (mut one, mut two, mut bob) =
            (signed_in(&bff, "ada").await, signed_in(&bff, "ada").await, signed_in(&bff, "bob").await);
        logout(&bff, &mut one, target, body.as_bytes()).await;
        assert_eq!(two.session(&bff).await["authenticated"], false);
        assert_eq!(bob.session(&bff).await["authenticated"], true);
        bff.clock.pass(2);
    }
    let mut ada = signed_in(&bff, "ada").await;
    for body in ["[]", "{\"everywhere\":1}", "everywhere=true", "{"] {
        let refusal = ada.send(&bff, "POST", "/auth/logout", body.as_bytes()).await.unwrap_err();
        assert_eq!((refusal.status, refusal.code), (400, "invalid_body"), "{body}");
    }
    assert_eq!(ada.session(&bff).await["authenticated"], true);
    assert_eq!(bff.routes().end_user(&provider.issuer, "ada").await.unwrap(), 1);
    assert_eq!(ada.session(&bff).await["authenticated"], false);
}

#[tokio::test]
async fn a_cookie_that_stands_there_twice_is_nobodys() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    let browser = signed_in(&bff, "ada").await;
    let cookie = browser.jar.line();
    let twice = format!("{cookie}; __Host-Http-fd-web=AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA");
    let response = bff.ask("GET", "/auth/session", &[("cookie", &twice)], b"").await.unwrap();
    assert!(String::from_utf8_lossy(response.body()).contains("\"authenticated\":false"));
    let response = bff.ask("POST", "/auth/logout", &[("cookie", &twice)], b"").await.unwrap();
    assert!(response.headers().get("set-cookie").is_none(), "nothing is removed on somebody else's behalf");
    assert_eq!(browser.clone().session(&bff).await["authenticated"], true);
}

#[tokio::test]
async fn one_sees_and_ends_ones_own_sessions() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    let (mut one, mut two, mut bob) =
        (signed_in(&bff, "ada").await, signed_in(&bff, "ada").await, signed_in(&bff, "bob").await);
    let list = |response: http::Response<bytes::Bytes>| {
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        body["sessions"].as_array().unwrap().clone()
    };
    let mine = list(one.get(&bff, "/auth/sessions").await);
    assert_eq!(mine.len(), 2);
    assert!(mine.iter().all(|session| session["label"] == "Firefox on Linux" && session["created"].is_u64()));
    assert_eq!(mine.iter().filter(|session| session["current"] == true).count(), 1);
    let other = mine.iter().find(|session| session["current"] == false).unwrap()["handle"].as_str().unwrap();
    let target = format!("/auth/sessions/{other}");

    let refusal = bob.send(&bff, "DELETE", &target, b"").await.unwrap_err();
    assert_eq!((refusal.status, refusal.code), (404, "not_found"), "not somebody else's");
    assert_eq!(one.send(&bff, "DELETE", &target, b"").await.unwrap().status(), 200);
    assert_eq!(two.session(&bff).await["authenticated"], false);
    let mine = list(one.get(&bff, "/auth/sessions").await);
    let own = format!("/auth/sessions/{}", mine[0]["handle"].as_str().unwrap());
    one.send(&bff, "DELETE", &own, b"").await.unwrap();
    assert!(one.session_cookie().is_none());
    let refusal = Browser { jar: Jar::default() }.send(&bff, "GET", "/auth/sessions", b"").await.unwrap_err();
    assert_eq!((refusal.status, refusal.code), (401, "login_required"));
    assert_eq!(refusal.login_url.as_deref(), Some("/auth/login"));
}
