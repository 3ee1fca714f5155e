//! Signing in, against the real provider: what works, and what an attacker, a reload or an outage makes of it.

use std::sync::atomic::Ordering;

use frontdesk_lang::model::Because;
use frontdesk_perimeter::routes::Routes;
use serde_json::json;

use crate::bff::{Bff, Browser, ORIGIN, location, provider_settings, text};
use crate::http::Person;
use crate::provider_process::ProviderProcess;

/// A page of ours, with its policy, that repeats nothing.
fn assert_page(response: &http::Response<bytes::Bytes>, status: u16) {
    let told = response.extensions().get::<frontdesk_perimeter::routes::Told>();
    assert_eq!(response.status(), status, "{told:?}: {}", text(response));
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(response.headers()["referrer-policy"], "no-referrer");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let policy = response.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(text(response).contains("href=\"/auth/login"), "{}", text(response));
}

#[tokio::test]
async fn somebody_signs_in_and_the_page_knows_who() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    let mut browser = Browser::default();
    let nobody = browser.session(&bff).await;
    assert_eq!(nobody, json!({ "authenticated": false, "login_url": "/auth/login" }));

    let address = browser.leave(&bff, "?return_to=%2Forders%3Fpage%3D2").await;
    assert!(browser.session_cookie().is_none(), "no session before the callback");
    let back = Person::default().sign_in(&address, "ada");
    let response = browser.come_back(&bff, &back).await;
    assert_eq!((response.status().as_u16(), location(&response).as_str()), (303, "/orders?page=2"));
    assert_eq!(response.headers()["referrer-policy"], "no-referrer");
    assert!(!browser.jar.0.contains_key("__Host-Http-fd-web-login"), "the transaction is over");

    let session = browser.session(&bff).await;
    assert_eq!(session["authenticated"], true);
    assert_eq!(session["subject"], "ada");
    assert_eq!(session["claims"], json!({ "tier": "gold" }), "declared claims and no others");
    assert_eq!(session["logout_url"], "/auth/logout");
    assert_eq!(session["provider"], "first");
    for member in ["authenticated_at", "expires_at", "idle_expires_at"] {
        assert!(session[member].is_u64(), "{session}");
    }
    let said = session.to_string();
    assert!(!said.contains("token") && !said.contains("planted"), "{said}");
}

#[tokio::test]
async fn who_signed_in_nobody_knows_when_has_not_done_so_recently() {
    let mut settings = provider_settings();
    settings["clients"][0]["require_auth_time"] = json!(false);
    let provider = ProviderProcess::start(&settings);
    let bff = Bff::new(&[&provider]);
    let mut browser = Browser::default();
    // It may have been long ago: the provider knows its user and asks nothing.
    let address = browser.leave(&bff, "").await;
    browser.come_back(&bff, &Person::default().sign_in(&address, "ada")).await;
    let session = browser.session(&bff).await;
    assert_eq!((&session["authenticated"], &session["authenticated_at"]), (&json!(true), &json!(null)));
    // Asked for, it says so.
    let address = browser.leave(&bff, "?max_age=60").await;
    browser.come_back(&bff, &Person::default().sign_in(&address, "ada")).await;
    assert!(browser.session(&bff).await["authenticated_at"].is_u64());
}

#[tokio::test]
async fn the_session_check_does_not_keep_a_session_alive() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    let mut browser = Browser::default();
    let address = browser.leave(&bff, "").await;
    browser.come_back(&bff, &Person::default().sign_in(&address, "ada")).await;
    for _ in 0..3 {
        bff.clock.pass(590);
        assert_eq!(browser.session(&bff).await["authenticated"], true);
    }
    bff.clock.pass(31);
    assert_eq!(browser.session(&bff).await["authenticated"], false);
}

#[tokio::test]
async fn several_tabs_sign_in_at_once() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    let (mut browser, mut ada) = (Browser::default(), Person::default());
    let one = browser.leave(&bff, "?return_to=/one").await;
    let two = browser.leave(&bff, "?return_to=/two").await;
    let three = browser.leave(&bff, "?return_to=/three").await;
    let back_two = ada.sign_in(&two, "ada");
    let back_one = ada.sign_in(&one, "ada");
    let mut seen = Vec::new();
    for (back, page) in [(back_two, "/two"), (back_one, "/one")] {
        assert_eq!(location(&browser.come_back(&bff, &back).await), page);
        seen.push(browser.session_cookie().unwrap().to_owned());
        assert_eq!(browser.session(&bff).await["authenticated"], true);
    }
    assert_ne!(seen[0], seen[1]);
    // The first tab's session ended when the second began: one browser has one.
    let mut old = Browser::default();
    old.jar.0.insert("__Host-Http-fd-web".to_owned(), seen[0].clone());
    assert_eq!(old.session(&bff).await["authenticated"], false);
    let back = ada.sign_in(&three, "ada");
    assert_eq!(location(&browser.come_back(&bff, &back).await), "/three");
}

#[tokio::test]
async fn a_callback_is_good_for_once() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    let mut browser = Browser::default();
    let address = browser.leave(&bff, "?return_to=/orders").await;
    let before = browser.clone();
    let back = Person::default().sign_in(&address, "ada");
    browser.come_back(&bff, &back).await;
    assert_eq!(provider.count("authorization_code"), 1);

    // Reloaded in the same browser: to the app, still signed in.
    let again = browser.come_back(&bff, &back).await;
    assert_eq!((again.status().as_u16(), location(&again).as_str()), (303, "/"));
    assert_eq!(browser.session(&bff).await["authenticated"], true);
    // By somebody who has even the transaction's cookie.
    let mut thief = before;
    assert_page(&thief.come_back(&bff, &back).await, 400);
    assert!(thief.session_cookie().is_none());
    assert_eq!(provider.count("authorization_code"), 1, "the provider is not asked again");
}

#[tokio::test]
async fn two_callbacks_at_once_are_one_sign_in() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    let mut browser = Browser::default();
    let address = browser.leave(&bff, "?return_to=/orders").await;
    let back = Person::default().sign_in(&address, "ada");
    let (mut one, mut two) = (browser.clone(), browser.clone());
    let (first, second) = tokio::join!(one.come_back(&bff, &back), two.come_back(&bff, &back));
    let mut statuses = [first.status().as_u16(), second.status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 400]);
    assert_eq!(provider.count("authorization_code"), 1);

    // Clicked twice at the provider: the second comes without the `Strict` cookie that the first has brought.
    let mut signed_in = if first.status() == 303 { one } else { two };
    let strict = signed_in.jar.0.remove("__Host-Http-fd-web").unwrap();
    let target = back.strip_prefix(ORIGIN).unwrap();
    let cookies = signed_in.jar.line();
    let elsewhere = [("cookie", cookies.as_str()), ("sec-fetch-site", "cross-site")];
    let response = bff.ask("GET", target, &elsewhere, b"").await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(text(&response).contains("<meta http-equiv=\"refresh\" content=\"0; url=/auth/callback\">"));
    signed_in.jar.0.insert("__Host-Http-fd-web".to_owned(), strict);
    assert_eq!(location(&signed_in.get(&bff, "/auth/callback").await), "/");
    // Nobody is signed in: the page leads to one that says so, and not in circles.
    let own = [("sec-fetch-site", "same-origin")];
    assert_page(&bff.ask("GET", "/auth/callback", &own, b"").await.unwrap(), 400);
}

#[tokio::test]
async fn only_a_navigation_ends_a_login() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    let mut browser = Browser::default();
    let address = browser.leave(&bff, "").await;
    let back = Person::default().sign_in(&address, "ada");
    let cookies = browser.jar.line();
    for (name, value) in [
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-mode", "no-cors"),
        ("sec-fetch-dest", "iframe"),
        ("sec-fetch-dest", "image"),
        ("sec-purpose", "prefetch"),
    ] {
        let headers = [("cookie", cookies.as_str()), (name, value)];
        let refusal = bff.ask("GET", back.strip_prefix(ORIGIN).unwrap(), &headers, b"").await.unwrap_err();
        assert_eq!((refusal.status, refusal.code), (403, "cross_site_request"), "{name}: {value}");
    }
    assert_eq!(browser.come_back(&bff, &back).await.status(), 303, "nothing was used up");
}

#[tokio::test]
async fn nobody_else_can_finish_a_login() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    let (mut attacker, mut victim) = (Browser::default(), Browser::default());
    let address = attacker.leave(&bff, "").await;
    let back = Person::default().sign_in(&address, "bob");
    // The attacker's link in a browser without, and with, a login of its own under way.
    assert_page(&victim.come_back(&bff, &back).await, 400);
    let own = victim.leave(&bff, "?return_to=/mine").await;
    assert_page(&victim.come_back(&bff, &back).await, 400);
    assert!(victim.session_cookie().is_none());
    assert_eq!(provider.count("authorization_code"), 0);

    // The attacker's code with the victim's state.
    let own_state = state_of(&Person::default().sign_in(&own, "ada"));
    let stolen = back.replace(&state_of(&back), &own_state);
    let response = victim.come_back(&bff, &stolen).await;
    assert!(response.status().is_client_error() || response.status().is_server_error());
    assert!(victim.session_cookie().is_none(), "PKCE: the code is not this transaction's");
    // The attacker's own browser has not lost anything by it.
    assert_eq!(attacker.come_back(&bff, &back).await.status(), 303);
}

fn state_of(address: &str) -> String {
    let address = url::Url::parse(address).unwrap();
    address.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

#[tokio::test]
async fn a_lost_cookie_is_a_page_with_a_way_on() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    let mut browser = Browser::default();
    let address = browser.leave(&bff, "").await;
    let back = Person::default().sign_in(&address, "ada");
    browser.jar.0.clear();
    assert_page(&browser.come_back(&bff, &back).await, 400);
    for target in [
        "/auth/callback",
        "/auth/callback?code=x",
        "/auth/callback?state=x",
        "/auth/callback?state=x&state=y&code=z",
        "/auth/callback?state=%00&code=z",
        "/auth/callback?state=%3Cscript%3E&error=%3Cscript%3E",
    ] {
        let response = browser.get(&bff, target).await;
        assert_page(&response, 400);
        assert!(!text(&response).contains("script>"));
    }
    let long = format!("/auth/callback?state={}", "x".repeat(20_000));
    assert_page(&browser.get(&bff, &long).await, 400);
}

#[tokio::test]
async fn a_callback_names_its_issuer_and_no_other() {
    let first = ProviderProcess::start(&provider_settings());
    let second = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&first, &second]);
    let encoded = |issuer: &str| url::form_urlencoded::byte_serialize(issuer.as_bytes()).collect::<String>();
    let (mine, theirs) = (encoded(&first.issuer), encoded(&second.issuer));
    for (from, to) in [
        // A code of the first provider that seems to be the second's, and one that nobody signs for.
        (format!("iss={mine}"), format!("iss={theirs}")),
        (format!("&iss={mine}"), String::new()),
        (format!("iss={mine}"), format!("iss={mine}&iss={mine}")),
        (format!("iss={mine}"), format!("iss={mine}%2F")),
    ] {
        let mut browser = Browser::default();
        let address = browser.leave(&bff, "?provider=first").await;
        let back = Person::default().sign_in(&address, "ada");
        assert!(back.contains(&from), "{back}");
        let response = browser.come_back(&bff, &back.replace(&from, &to)).await;
        assert!(matches!(response.status().as_u16(), 400 | 502), "{}", response.status());
        assert!(browser.session_cookie().is_none());
    }
    for provider in [&first, &second] {
        assert_eq!(provider.count("authorization_code"), 0, "no code was sent anywhere");
    }
    // Errors are somebody's too.
    let mut browser = Browser::default();
    let address = browser.leave(&bff, "?provider=second").await;
    let back = Person::default().cancel(&address).replace(&theirs, &mine);
    assert_page(&browser.come_back(&bff, &back).await, 502);
    // And both work.
    for name in ["first", "second"] {
        let mut browser = Browser::default();
        let address = browser.leave(&bff, &format!("?provider={name}")).await;
        browser.come_back(&bff, &Person::default().sign_in(&address, "ada")).await;
        assert_eq!(browser.session(&bff).await["provider"], name);
    }
    assert_eq!(browser.send(&bff, "GET", "/auth/login?provider=third", b"").await.unwrap_err().status, 400);
}

#[tokio::test]
async fn a_provider_that_does_not_name_itself_has_an_address_of_its_own() {
    let first = ProviderProcess::start(&provider_settings());
    let mut silent = provider_settings();
    silent["metadata"] = json!({ "authorization_response_iss_parameter_supported": null });
    let second = ProviderProcess::start(&silent);
    let bff = Bff::new(&[&first, &second]);
    let without = |back: &str| back.split("&iss=").next().unwrap().to_owned();

    let mut browser = Browser::default();
    let address = browser.leave(&bff, "?provider=second").await;
    let back = without(&Person::default().sign_in(&address, "ada"));
    assert!(back.starts_with(&format!("{ORIGIN}/auth/callback/second?")), "{back}");
    let mut elsewhere = browser.clone();
    assert_eq!(browser.come_back(&bff, &back).await.status(), 303);
    // The same answer at the address that all share.
    let address = elsewhere.leave(&bff, "?provider=second").await;
    let back = without(&Person::default().sign_in(&address, "ada")).replace("/second?", "?");
    assert_page(&elsewhere.come_back(&bff, &back).await, 502);
}

#[tokio::test]
async fn what_the_provider_says_no_to_is_told_in_our_words() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    let mut browser = Browser::default();
    let address = browser.leave(&bff, "?return_to=/orders%3Fa%3D1").await;
    let back = Person::default().cancel(&address);
    assert!(back.contains("error=access_denied"), "{back}");
    let back =
        format!("{back}&error_description=%3Cscript%3Ealert(1)%3C/script%3E&error_uri=https://evil.example");
    let response = browser.come_back(&bff, &back).await;
    assert_page(&response, 403);
    assert!(!text(&response).contains("alert") && !text(&response).contains("evil"), "{}", text(&response));
    assert!(text(&response).contains("/auth/login?return_to=%2Forders%3Fa%3D1&amp;provider=first"));

    // Silently: the app gets its user back as they were.
    let address = browser.leave(&bff, "?prompt=none&return_to=/quiet").await;
    let back = Person::default().sign_in(&address, "ada");
    assert!(back.contains("error=login_required"), "{back}");
    assert_eq!(location(&browser.come_back(&bff, &back).await), "/quiet");
    assert!(browser.session_cookie().is_none());
    // And signed in, if they are so at the provider.
    let mut ada = Person::default();
    ada.sign_in(&Browser::default().leave(&bff, "").await, "ada");
    let address = browser.leave(&bff, "?prompt=none&return_to=/quiet").await;
    let back = ada.sign_in(&address, "nobody");
    assert_eq!(location(&browser.come_back(&bff, &back).await), "/quiet");
    assert_eq!(browser.session(&bff).await["subject"], "ada");
}

#[tokio::test]
async fn a_cookie_is_laxer_or_outlives_the_browser_only_where_it_is_written_so() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::with(&[&provider], |auth| {
        auth.remember = true;
        auth.lax = Some(Because("links in mails lead into pages that the server renders".into()));
    });
    let begun = bff.ask("GET", "/auth/login", &[], b"").await.unwrap();
    let cookie = begun.headers()["set-cookie"].to_str().unwrap();
    let back = Person::default().sign_in(&location(&begun), "ada");
    let headers = [("cookie", cookie.split(';').next().unwrap())];
    let done = bff.ask("GET", back.strip_prefix(ORIGIN).unwrap(), &headers, b"").await.unwrap();
    let set: Vec<&str> =
        done.headers().get_all("set-cookie").iter().map(|set| set.to_str().unwrap()).collect();
    let session = set.iter().find(|set| set.starts_with("__Host-Http-fd-web=")).unwrap();
    assert!(session.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=43200"), "{session}");
}

#[tokio::test]
async fn an_old_session_is_dead_once_its_user_signed_in_anew() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    let (mut browser, mut ada) = (Browser::default(), Person::default());
    let address = browser.leave(&bff, "").await;
    browser.come_back(&bff, &ada.sign_in(&address, "ada")).await;
    let old = browser.session_cookie().unwrap().to_owned();
    let address = browser.leave(&bff, "?acr=urn:frontdesk:mfa").await;
    // The session's cookie is Strict: it does not come along from the provider.
    let strict = browser.jar.0.remove("__Host-Http-fd-web").unwrap();
    assert_eq!(strict, old);
    assert_eq!(browser.come_back(&bff, &ada.sign_in(&address, "ada")).await.status(), 303);
    assert_ne!(browser.session_cookie().unwrap(), old);
    assert_eq!(browser.session(&bff).await["acr"], "urn:frontdesk:mfa");
    let mut fixed = Browser::default();
    fixed.jar.0.insert("__Host-Http-fd-web".to_owned(), old);
    assert_eq!(fixed.session(&bff).await["authenticated"], false);

    // A session that somebody planted is replaced as well, although the login began without it.
    let (mut victim, mut attacker) = (Browser::default(), Browser::default());
    let address = attacker.leave(&bff, "").await;
    attacker.come_back(&bff, &Person::default().sign_in(&address, "bob")).await;
    let planted = attacker.session_cookie().unwrap().to_owned();
    let address = victim.leave(&bff, "").await;
    victim.jar.0.insert("__Host-Http-fd-web".to_owned(), planted);
    victim.come_back(&bff, &Person::default().sign_in(&address, "ada")).await;
    assert_eq!(victim.session(&bff).await["subject"], "ada");
    assert_eq!(attacker.session(&bff).await["authenticated"], false);
}

#[tokio::test]
async fn what_does_not_fit_is_no_session_and_its_tokens_are_given_back() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    let mut browser = Browser::default();
    // A claim of another type than the BFF declares.
    let address = browser.leave(&bff, "").await;
    assert_page(&browser.come_back(&bff, &Person::default().sign_in(&address, "eve")).await, 502);
    assert!(browser.session_cookie().is_none());
    provider.wait_for("revocation", 1);
    // Weaker than what was asked for: once more, and again as strong.
    let address = browser.leave(&bff, "?acr=urn:frontdesk:face&max_age=60").await;
    let response = browser.come_back(&bff, &Person::default().sign_in(&address, "ada")).await;
    assert_page(&response, 403);
    assert!(
        text(&response).contains("/auth/login?provider=first&amp;acr=urn%3Afrontdesk%3Aface&amp;max_age=60")
    );
    assert!(browser.session_cookie().is_none());
    provider.wait_for("revocation", 2);
}

#[tokio::test]
async fn more_than_a_session_can_hold_is_said_at_once() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    let mut browser = Browser::default();
    let address = browser.leave(&bff, "").await;
    let back = Person::default().sign_in(&address, "ada");
    provider.fault("token", "patch", json!({ "set": { "refresh_token": "x".repeat(65_500) } }));
    let response = browser.come_back(&bff, &back).await;
    assert_page(&response, 500);
    let told = response.extensions().get::<frontdesk_perimeter::routes::Told>().unwrap();
    assert_eq!(told.code, "session_too_large");
    let cause = told.cause.as_deref().unwrap();
    assert!(cause.contains("(\"refresh token\", 65500)") && cause.len() < 300, "{cause}");
    assert!(browser.session_cookie().is_none());
    provider.wait_for("revocation", 1);
    // So many claims that the ID token is too long to be read at all.
    let address = browser.leave(&bff, "").await;
    assert_page(&browser.come_back(&bff, &Person::default().sign_in(&address, "max")).await, 500);
    provider.wait_for("revocation", 2);
}

#[tokio::test]
async fn trouble_on_our_side_is_a_page_and_no_cookie_is_touched() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    let mut browser = Browser::default();
    let address = browser.leave(&bff, "?return_to=/a").await;
    let back = Person::default().sign_in(&address, "ada");
    bff.is_store_away.store(true, Ordering::SeqCst);
    for target in ["/auth/login".to_owned(), back.strip_prefix(ORIGIN).unwrap().to_owned()] {
        let response = browser.get(&bff, &target).await;
        assert_page(&response, 503);
        assert!(response.headers().get("set-cookie").is_none());
        assert!(response.headers().contains_key("retry-after"));
    }
    bff.is_store_away.store(false, Ordering::SeqCst);
    // Nothing was lost meanwhile.
    assert_eq!(location(&browser.come_back(&bff, &back).await), "/a");

    provider.fault("token", "status", json!({ "status": 500, "grant": "authorization_code" }));
    let address = browser.leave(&bff, "").await;
    assert_page(&browser.come_back(&bff, &Person::default().sign_in(&address, "ada")).await, 503);
    drop(provider);
    let other = Bff::new(&[&ProviderProcess::start(&provider_settings())]);
    assert_page(&Browser::default().get(&other, "/auth/login").await, 503);
}

#[tokio::test]
async fn beginning_logins_in_a_loop_leaves_nothing_behind() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    let mut refused = 0;
    for _ in 0..70 {
        let response = Browser::default().get(&bff, "/auth/login").await;
        if response.status() == 429 {
            assert_page(&response, 429);
            assert!(response.headers().contains_key("retry-after"));
            refused += 1;
        } else {
            assert_eq!(response.status(), 303);
        }
    }
    assert!((5..=10).contains(&refused), "{refused}");
    bff.clock.pass(60);
    assert_eq!(Browser::default().get(&bff, "/auth/login").await.status(), 303);
}

#[tokio::test]
async fn each_path_has_its_method() {
    let provider = ProviderProcess::start(&provider_settings());
    let bff = Bff::new(&[&provider]);
    for (path, allowed) in [
        ("/auth/login", "GET"),
        ("/auth/callback", "GET"),
        ("/auth/callback/second", "GET"),
        ("/auth/session", "GET"),
        ("/auth/logout", "POST"),
        ("/auth/backchannel", "POST"),
        ("/auth/sessions", "GET"),
        ("/auth/sessions/x", "DELETE"),
    ] {
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            if method == allowed {
                continue;
            }
            let refusal = bff.ask(method, path, &[], b"code=x&state=y").await.unwrap_err();
            assert_eq!((refusal.status, refusal.code), (405, "method_not_allowed"), "{method} {path}");
            let allow = refusal.headers.iter().find(|(name, _)| name == "allow").unwrap();
            assert_eq!(allow.1, format!("{allowed}, OPTIONS"));
            assert_eq!(Routes::allowed(path), Some(allow.1.to_str().unwrap()));
            assert!(
                refusal.headers.iter().any(|(name, value)| name == "cache-control" && value == "no-store")
            );
        }
    }
    for path in ["/auth", "/auth/", "/auth/x", "/auth/login/", "/auth/callback/", "/auth/sessions/"] {
        assert_eq!(bff.ask("GET", path, &[], b"").await.unwrap_err().status, 404, "{path}");
        assert!(Routes::allowed(path).is_none(), "{path}");
    }
}
