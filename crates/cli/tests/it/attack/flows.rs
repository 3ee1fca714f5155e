//! Attacks of several steps: callbacks replayed and swapped, sessions fixed and planted, a provider that breaks.

use serde_json::{Value, json};

use super::house::{Browser, COOKIE, House, NAVIGATION, PAGE};

/// Asks for what needs a session, with this value of its cookie.
fn status_with(house: &House, value: &str) -> u16 {
    let host = house.origin.strip_prefix("http://").unwrap();
    let request = format!(
        "GET /account/1 HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncookie: {COOKIE}={value}\r\n\
         sec-fetch-site: same-origin\r\nx-frontdesk: 1\r\n\r\n"
    );
    house.ask("web", request.as_bytes()).status
}

fn state_of(address: &str) -> String {
    let url = url::Url::parse(address).unwrap();
    url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

/// A callback is good once, in the browser that left; whoever else has its address has nothing.
pub fn callbacks_cannot_be_replayed_or_moved(house: &House) {
    let mut ada = Browser::default();
    let address = ada.leave(house, "?return_to=/orders");
    let back = ada.person.sign_in(&address, "ada");
    let redeemed = house.provider.count("authorization_code");

    // The address in another browser: without a login of its own, with one, and with somebody's session.
    let mut empty = Browser::default();
    let mut leaving = Browser::default();
    leaving.leave(house, "");
    let mut bob = Browser::default();
    bob.sign_in(house, "bob");
    let before = bob.session().unwrap().to_owned();
    let own = house.provider.count("authorization_code") - redeemed;
    for browser in [&mut empty, &mut leaving] {
        let answer = browser.come_back(house, &back);
        // A page that comes back from our own origin, or the refusal at once.
        assert!(matches!(answer.status, 200 | 400), "{answer:?}");
        let answer = browser.send(house, "GET", back.strip_prefix(&house.origin).unwrap(), NAVIGATION);
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(browser.session().is_none());
    }
    let answer = bob.come_back(house, &back);
    assert!(matches!(answer.status, 200 | 303), "{answer:?}");
    assert_eq!(bob.session(), Some(before.as_str()), "he is who he was");
    assert_eq!(bob.who(house)["subject"], "bob");
    assert_eq!(house.provider.count("authorization_code") - redeemed, own, "nobody redeemed the code");

    // In its own browser it works, once.
    let answer = ada.come_back(house, &back);
    assert_eq!((answer.status, answer.header("location")), (303, Some("/orders")), "{answer:?}");
    let session = ada.session().unwrap().to_owned();
    let redeemed = house.provider.count("authorization_code");
    let again = ada.come_back(house, &back);
    assert!(matches!(again.status, 200 | 303), "{again:?}");
    assert_eq!(house.provider.count("authorization_code"), redeemed, "it is not redeemed twice");
    assert_eq!(ada.session(), Some(session.as_str()));
    assert_eq!(ada.who(house)["subject"], "ada");
}

/// The attacker's code with the victim's state, and the victim's code with the attacker's.
pub fn codes_belong_to_their_own_login(house: &House) {
    let (mut victim, mut attacker) = (Browser::default(), Browser::default());
    let leaving = victim.leave(house, "");
    let own = victim.person.sign_in(&leaving, "ada");
    let leaving = attacker.leave(house, "");
    let theirs = attacker.person.sign_in(&leaving, "mallory");
    for (browser, code_of, state) in
        [(&mut victim, &theirs, state_of(&own)), (&mut attacker, &own, state_of(&theirs))]
    {
        let swapped = code_of.replace(&state_of(code_of), &state);
        let answer = browser.send(house, "GET", swapped.strip_prefix(&house.origin).unwrap(), NAVIGATION);
        assert!(answer.status >= 400, "{answer:?}");
        assert!(browser.session().is_none(), "nobody is signed in");
    }
}

/// A sibling on the same host can write cookies beside ours: the attacker's login beside the victim's is neither's.
pub fn logins_are_not_tossed(house: &House) {
    let (mut victim, mut attacker) = (Browser::default(), Browser::default());
    let leaving = attacker.leave(house, "");
    let theirs = attacker.person.sign_in(&leaving, "mallory");
    let leaving = victim.leave(house, "");
    let own = victim.person.sign_in(&leaving, "ada");
    let (name, tossed) = attacker.jar.0.iter().next().unwrap();
    let kept = &victim.jar.0[name];
    let redeemed = house.provider.count("authorization_code");
    for cookies in [format!("{name}={tossed}; {name}={kept}"), format!("{name}={kept}; {name}={tossed}")] {
        for back in [&theirs, &own] {
            let mut browser = Browser::default();
            let target = back.strip_prefix(&house.origin).unwrap();
            let headers = [NAVIGATION, &[("cookie", cookies.as_str())]].concat();
            let answer = browser.send(house, "GET", target, &headers);
            assert_eq!(answer.status, 400, "{answer:?}");
            assert!(browser.session().is_none(), "{answer:?}");
        }
    }
    assert_eq!(house.provider.count("authorization_code"), redeemed, "no code was redeemed");
    assert_eq!(victim.come_back(house, &own).status, 303, "and her own login goes on");
    assert_eq!(victim.who(house)["subject"], "ada");
}

/// Each login gives a new id, and what was planted before is worth nothing after.
pub fn sessions_are_neither_fixed_nor_planted(house: &House) {
    let mut attacker = Browser::default();
    attacker.sign_in(house, "mallory");
    let planted = attacker.session().unwrap().to_owned();

    let mut victim = Browser::default();
    victim.jar.0.insert(COOKIE.to_owned(), planted.clone());
    assert_eq!(victim.who(house)["subject"], "mallory", "the page says whose session it is");
    victim.sign_in(house, "ada");
    assert_ne!(victim.session(), Some(planted.as_str()));
    assert_eq!(victim.who(house)["subject"], "ada");
    assert_eq!(status_with(house, &planted), 401, "what was planted is over");

    // A made-up id before the login is not what the login makes a session of.
    let mut victim = Browser::default();
    let made_up = "AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA".to_owned();
    victim.jar.0.insert(COOKIE.to_owned(), made_up.clone());
    victim.sign_in(house, "ada");
    assert_ne!(victim.session(), Some(made_up.as_str()));
    assert_eq!(status_with(house, &made_up), 401);

    // Signed out: no copy of the cookie is good for anything.
    let copy = victim.session().unwrap().to_owned();
    assert_eq!(status_with(house, &copy), 200);
    let answer = victim.send(house, "POST", "/auth/logout", PAGE);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(victim.session().is_none(), "{answer:?}");
    assert_eq!(status_with(house, &copy), 401);
    assert!(answer.body.contains("post_logout_redirect_uri"), "{answer:?}");
    assert!(!answer.body.contains("evil"), "{answer:?}");
}

/// Whatever the provider does, nobody is signed in by it, and nothing of it is shown.
pub fn a_provider_that_breaks_signs_nobody_in(house: &House) {
    let faults = [
        json!({ "kind": "status", "status": 500, "body": "{\"error\":\"planted-by-the-provider\"}" }),
        json!({ "kind": "status", "status": 401, "body": "{\"error\":\"invalid_client\",\"error_description\":\"planted-by-the-provider\"}" }),
        json!({ "kind": "429", "retryAfter": 1 }),
        json!({ "kind": "html" }),
        json!({ "kind": "drop" }),
        json!({ "kind": "redirect", "location": "http://169.254.169.254/" }),
        json!({ "kind": "huge", "bytes": 5_000_000 }),
        json!({ "kind": "patch", "set": { "id_token": null } }),
        json!({ "kind": "patch", "set": { "id_token": "planted-by-the-provider" } }),
        json!({ "kind": "patch", "set": { "access_token": null } }),
        json!({ "kind": "patch", "set": { "access_token": "a\r\nx-admin: true" } }),
        json!({ "kind": "patch", "set": { "token_type": "planted-by-the-provider" } }),
        json!({ "kind": "patch", "set": { "error": "access_denied", "access_token": null } }),
    ];
    for fault in faults {
        let mut browser = Browser::default();
        let address = browser.leave(house, "");
        let back = browser.person.sign_in(&address, "ada");
        house.provider.fault("token", fault["kind"].as_str().unwrap(), fault.clone());
        let answer = browser.come_back(house, &back);
        assert!(answer.status >= 400, "{fault}: {answer:?}");
        assert!(browser.session().is_none(), "{fault}");
        assert!(!format!("{answer:?}").contains("planted-by-the-provider"), "{fault}: {answer:?}");
        house.provider.test("DELETE", "faults", &Value::Null);
    }
    forged_id_tokens(house);
}

/// ID tokens that are not what our login asked for.
fn forged_id_tokens(house: &House) {
    let id = |changes: Value| {
        let mut wanted = json!({ "base": "id", "client": "web", "sub": "ada", "set": { "name": "Ada" } });
        for (name, value) in changes.as_object().unwrap() {
            wanted[name] = value.clone();
        }
        house.provider.sign(&wanted)
    };
    let forged = [
        ("no nonce", id(json!({}))),
        ("of another login", id(json!({ "set": { "name": "Ada", "nonce": "chosen" } }))),
        ("not signed", id(json!({ "key": "none" }))),
        ("HS256 with the public key", id(json!({ "key": "hmac-public" }))),
        (
            "HS256 with the client's secret",
            id(json!({ "key": "hmac-secret", "secret": super::house::CLIENT_SECRET })),
        ),
        ("signed by somebody else", id(json!({ "key": "foreign" }))),
        ("for another client", id(json!({ "client": "other" }))),
        ("an access token", house.tokens["good"].clone()),
        ("a logout token", house.tokens["logout-token"].clone()),
    ];
    for (what, token) in forged {
        let mut browser = Browser::default();
        let address = browser.leave(house, "");
        let back = browser.person.sign_in(&address, "ada");
        house.provider.fault("token", "patch", json!({ "set": { "id_token": token } }));
        let answer = browser.come_back(house, &back);
        assert!(answer.status >= 400, "{what}: {answer:?}");
        assert!(browser.session().is_none(), "{what}");
    }
}

/// Signing in and out of one tab does not change who another browser is.
pub fn users_do_not_mix(house: &House) {
    let (mut ada, mut bob) = (Browser::default(), Browser::default());
    ada.sign_in(house, "ada");
    bob.sign_in(house, "bob");
    for _ in 0..5 {
        for (browser, name) in [(&mut ada, "ada"), (&mut bob, "bob")] {
            let answer = browser.send(house, "GET", "/account/1", PAGE);
            let body: Value = serde_json::from_str(&answer.body).unwrap();
            assert_eq!(body["subject"], name, "{answer:?}");
        }
    }
    // A rate of users counts the user, from whatever address and session.
    let mut other = Browser::default();
    other.sign_in(house, "bob");
    let mut codes = Vec::new();
    for _ in 0..2 {
        codes.extend([&mut bob, &mut other].map(|browser| browser.send(house, "GET", "/mine", PAGE).status));
    }
    assert_eq!(codes, [200, 200, 200, 429]);
    assert_eq!(ada.send(house, "GET", "/mine", PAGE).status, 200, "hers is not his");
    // Nobody ends somebody else's session.
    let answer = ada.send(house, "GET", "/auth/sessions", PAGE);
    let listed: Value = serde_json::from_str(&answer.body).unwrap();
    let handles = listed["sessions"].as_array().unwrap();
    assert!(handles.len() >= 2, "{listed}");
    for session in handles {
        let target = format!("/auth/sessions/{}", session["handle"].as_str().unwrap());
        let answer = bob.send(house, "DELETE", &target, PAGE);
        assert_eq!(answer.status, 404, "{answer:?}");
    }
    assert_eq!(ada.send(house, "GET", "/me", PAGE).status, 200);
}

/// Who guesses is told to wait, and gets in again with a good credential meanwhile.
pub fn guesses_are_counted(house: &House) {
    let from = house.somewhere();
    let host = house.origin.strip_prefix("http://").unwrap();
    let guess = |value: &str| {
        let request = format!(
            "GET /me HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncookie: {COOKIE}={value}\r\n\
             sec-fetch-site: same-origin\r\nx-frontdesk: 1\r\n\r\n"
        );
        house.ask_from(from, "web", request.as_bytes()).status
    };
    let codes: Vec<u16> =
        (0..400).map(|n| guess(&format!("AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAA{n:03}"))).collect();
    assert!(codes[..150].iter().all(|code| *code == 401), "{codes:?}");
    assert_eq!(codes.last(), Some(&429), "{codes:?}");
    assert_eq!(guess(&house.cookies["ada"]), 200, "whoever has a good one is let in");
    let elsewhere = status_with(house, "AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(elsewhere, 401, "it is this address that waits");
}

/// Beginning logins makes no sessions, and is bounded.
pub fn logins_in_a_loop_are_bounded(house: &House) {
    let from = house.somewhere();
    let host = house.origin.strip_prefix("http://").unwrap();
    let request = format!(
        "GET /auth/login HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\nsec-fetch-site: none\r\n\
         sec-fetch-mode: navigate\r\nsec-fetch-dest: document\r\n\r\n"
    );
    let answers: Vec<_> = (0..90).map(|_| house.ask_from(from, "web", request.as_bytes())).collect();
    let last = answers.last().unwrap();
    assert_eq!(last.status, 429, "{last:?}");
    assert!(last.header("retry-after").is_some() && last.header("set-cookie").is_none(), "{last:?}");
    let mut browser = Browser::default();
    assert!(browser.leave(house, "").starts_with(&house.provider.issuer), "others are not held up");
}

/// One request with a token to the mobile BFF.
fn status_of(house: &House, token: &str) -> u16 {
    let request = format!(
        "GET /me HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\r\n",
        house.address("mobile")
    );
    house.ask("mobile", request.as_bytes()).status
}

/// Keys that nobody has are not asked for again and again, and keys that are known outlive their provider's bad days.
pub fn made_up_keys_are_no_storm(house: &House) {
    assert_eq!(status_of(house, &house.tokens["good"]), 200);
    let before = house.provider.count("jwks");
    for number in 0..60 {
        let kid = format!("made-up-{number}");
        let wanted = json!({ "base": "access", "alg": "ES256", "client": "app", "sub": "ada", "key": "foreign",
            "header": { "kid": kid } });
        assert_eq!(status_of(house, &house.provider.sign(&wanted)), 401);
    }
    let asked = house.provider.count("jwks") - before;
    assert!(asked <= 2, "the provider was asked {asked} times");

    let fault = json!({ "endpoint": "jwks", "kind": "status", "status": 500, "times": 1000 });
    house.provider.test("POST", "faults", &fault);
    let fresh = json!({ "base": "access", "alg": "ES256", "client": "app", "sub": "bob" });
    assert_eq!(status_of(house, &house.provider.sign(&fresh)), 200, "a key that is known is still good");
    assert!(matches!(status_of(house, &house.tokens["unknown-kid"]), 401 | 503));
    house.provider.test("DELETE", "faults", &Value::Null);
}

/// The matrix of forged logout tokens, as a provider would send them; then a good one, once.
pub fn only_the_provider_ends_sessions(house: &House) {
    let mut browser = Browser::default();
    browser.sign_in(house, "bob");
    let tell = |token: &str| {
        let body = format!("logout_token={token}");
        let request = format!(
            "POST /auth/backchannel HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            house.address("web"),
            body.len()
        );
        house.ask("web", request.as_bytes())
    };
    let wish = |changes: &Value| {
        let mut wanted = json!({ "base": "logout", "client": "web", "sub": "bob" });
        for (name, value) in changes.as_object().into_iter().flatten() {
            wanted[name] = value.clone();
        }
        house.provider.sign(&wanted)
    };
    let forged = include_str!("../../../../perimeter/testdata/logout_tokens.json");
    let forged: Vec<Value> = serde_json::from_str(forged).unwrap();
    assert!(forged.len() > 20);
    for case in &forged {
        // A case that takes `sub` away, or says nothing of `sid`, is judged with both there.
        let mut changes = json!({ "sid": "a-session" });
        for (name, value) in case["sign"].as_object().unwrap() {
            changes[name] = value.clone();
        }
        let answer = tell(&wish(&changes));
        assert_eq!(answer.status, 400, "{}: {answer:?}", case["name"]);
        assert!(answer.header("cache-control").is_some_and(|said| said.contains("no-store")), "{answer:?}");
        assert!(answer.header("set-cookie").is_none());
    }
    assert_eq!(browser.who(house)["subject"], "bob", "after all that");
    // Of somebody who is not here: done, and nobody else is touched.
    assert_eq!(tell(&wish(&json!({ "sub": "nobody" }))).status, 200);
    assert_eq!(tell(&wish(&json!({ "sub": "Bob" }))).status, 200, "names are compared as they are");
    assert_eq!(browser.who(house)["subject"], "bob");
    let good = wish(&Value::Null);
    assert_eq!(tell(&good).status, 200);
    assert_eq!(browser.who(house)["authenticated"], false);
    assert_eq!(tell(&good).status, 400, "once");
}

/// A provider that says nothing good of itself any more does not make sessions out of errors, and ends none.
pub fn sessions_outlive_a_provider_that_is_gone(house: &House) {
    let mut browser = Browser::default();
    browser.sign_in(house, "ada");
    let everything = json!({ "endpoint": "*", "kind": "status", "status": 500, "times": 1000,
        "body": "planted-by-the-provider" });
    house.provider.test("POST", "faults", &everything);
    assert_eq!(browser.send(house, "GET", "/me", PAGE).status, 200);
    let mut other = Browser::default();
    let answer = other.send(house, "GET", "/auth/login", NAVIGATION);
    assert!(answer.status >= 500, "{answer:?}");
    assert!(answer.header("set-cookie").is_none() && !answer.body.contains("planted"), "{answer:?}");
    assert_eq!(browser.send(house, "GET", "/me", PAGE).status, 200);
    assert_eq!(other.who(house)["authenticated"], false);
    house.provider.test("DELETE", "faults", &Value::Null);
}
