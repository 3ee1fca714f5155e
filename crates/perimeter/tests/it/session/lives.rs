//! How sessions begin and how long they last.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_adapter::{Caller, Clock, SessionStore};
use frontdesk_perimeter::jose::SigningKey;
use frontdesk_perimeter::session::ring::Ring;
use frontdesk_perimeter::session::{
    CreateFault, Device, Ending, Event, Holder, RefreshToken, Secret, SessionId,
};
use frontdesk_perimeter::{Kind, Refusal};
use frontdesk_stores::embedded::EmbeddedStore;

use super::house::{HOUR, House, ISSUER, soon, token};

#[tokio::test]
async fn what_was_begun_is_found_with_its_cookie() {
    let house = House::new();
    let mut content = house.login("lovelace");
    content.claims.insert("tier".to_owned(), "gold".into());
    content.acr = Some("urn:mfa".into());
    let id = house.sessions.create(content).await.unwrap();
    for sessions in [house.sessions.clone(), house.instance()] {
        let open = sessions.open(&id).await.unwrap().unwrap();
        let identity = open.identity();
        assert_eq!(
            (identity.kind, &*identity.issuer, &*identity.subject),
            (Kind::Session, ISSUER, "lovelace")
        );
        assert_eq!(open.session_json(), r#"{"tier":"gold","subject":"lovelace"}"#);
        assert_eq!(identity.acr.as_deref(), Some("urn:mfa"));
        assert_eq!(open.id(), &id);
        let shown = format!("{open:?} {sessions:?} {:?} {identity:?}", sessions.caller(open.clone()));
        for secret in ["lovelace", "\"at0", "\"rt0", "gold", &id.cookie_value()] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

#[tokio::test]
async fn two_sessions_are_never_taken_for_each_other() {
    let house = House::new();
    let one = house.sessions.create(house.login("ada")).await.unwrap();
    let two = house.sessions.create(house.login("ada")).await.unwrap();
    let other = house.sessions.create(house.login("bob")).await.unwrap();
    let mut keys = Vec::new();
    for id in [&one, &two, &other] {
        let open = house.sessions.open(id).await.unwrap().unwrap();
        keys.push((open.identity().key, open.identity().handle.clone()));
    }
    assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2]);
    // The id of one with the secret of another, from the store and from memory.
    let (first, second) = (one.cookie_value(), two.cookie_value());
    let mixed = format!("{}.{}", &first[..22], &second[23..]);
    let mixed = SessionId::parse(mixed.as_bytes()).unwrap();
    assert!(house.instance().open(&mixed).await.unwrap().is_none());
    assert!(house.sessions.open(&mixed).await.unwrap().is_none());
    assert_eq!(house.sessions.tally().of(Event::WrongSecret), 1);
    assert!(house.sessions.open(&one).await.unwrap().is_some());
    assert!(house.sessions.open(&SessionId::generate().unwrap()).await.unwrap().is_none());
}

#[tokio::test]
async fn another_bffs_session_is_none_here() {
    let house = House::new();
    let id = house.signed_in().await;
    let mut other = House::with(|settings| settings.bff = "ios".into());
    (other.store, other.ring) = (house.store.clone(), house.ring.clone());
    let ios = other.instance();
    assert!(ios.open(&id).await.unwrap().is_none());
}

#[tokio::test]
async fn an_hour_without_a_request_ends_it() {
    let house = House::new();
    let id = house.signed_in().await;
    house.clock.pass(HOUR - 1);
    let open = house.sessions.open(&id).await.unwrap().unwrap();
    // Looking does not make it live longer.
    house.clock.pass(1);
    assert!(house.sessions.open(&id).await.unwrap().is_none());
    assert!(house.instance().open(&id).await.unwrap().is_none());
    // A touch that comes too late changes nothing.
    house.sessions.touch(&open);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(house.instance().open(&id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_clock_that_is_set_back_signs_nobody_out_and_keeps_nobody_for_ever() {
    let house = House::new();
    house.clock.pass(3 * HOUR);
    let before = house.signed_in().await;
    house.clock.set_back(3 * HOUR);
    let after = house.signed_in().await;
    let opens = async |id| house.instance().open(id).await.unwrap();
    for id in [&before, &after] {
        house.sessions.touch(&opens(id).await.expect("a session"));
    }
    house.clock.pass(HOUR);
    assert!(opens(&after).await.is_none(), "an hour by the clock as it is now");
    assert!(opens(&before).await.is_some());
    house.clock.pass(3 * HOUR);
    assert!(opens(&before).await.is_none(), "no longer than the clock was set back, and an hour");
}

#[tokio::test]
async fn requests_keep_it_alive_for_twelve_hours_and_no_longer() {
    let house = House::new();
    let id = house.signed_in().await;
    let mut served = 0;
    for _ in 0..40 {
        house.clock.pass(HOUR / 2);
        let Some(open) = house.sessions.open(&id).await.unwrap() else { break };
        served += 1;
        house.sessions.touch(&open);
        // The store has it soon.
        let (key, until) = (id.store_key("web"), open.idle_expires());
        let deadline = soon();
        loop {
            let record = SessionStore::get(&*house.store, &key).await.unwrap();
            let Some(record) = record else { break };
            if record.idle_expires.min(record.absolute_expires) >= until {
                break;
            }
            assert!(!deadline.passed());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    assert_eq!(served, 23);
}

#[tokio::test]
async fn being_seen_is_written_once_a_minute() {
    let house = House::new();
    let id = house.signed_in().await;
    let open = house.sessions.open(&id).await.unwrap().unwrap();
    let before = open.idle_expires();
    house.clock.pass(59);
    house.sessions.touch(&open);
    assert_eq!(open.idle_expires(), before);
    house.clock.pass(1);
    for _ in 0..10 {
        house.sessions.touch(&open);
    }
    assert!(open.idle_expires() >= before + 60);
    // A store that is away keeps nobody waiting.
    house.leave(true);
    house.clock.pass(60);
    house.sessions.touch(&open);
    house.leave(false);
}

#[tokio::test]
async fn a_refresh_token_that_ends_sooner_ends_the_session() {
    let house = House::new();
    let mut content = house.login("ada");
    let expires = house.clock.unix() + 600;
    content.refresh = Some(RefreshToken { token: Secret::new("rt0"), expires: Some(expires) });
    let id = house.sessions.create(content).await.unwrap();
    assert_eq!(house.sessions.open(&id).await.unwrap().unwrap().absolute_expires(), expires);
    house.clock.pass(600);
    assert!(house.sessions.open(&id).await.unwrap().is_none());
}

#[tokio::test]
async fn the_oldest_of_too_many_ends() {
    let house = House::with(|settings| {
        settings.same_user_limit = Some(2);
        settings.background = true;
    });
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(house.sessions.create(house.login("ada")).await.unwrap());
        house.clock.pass(1);
    }
    let other = house.sessions.create(house.login("bob")).await.unwrap();
    let mut alive = Vec::new();
    for id in all.iter().chain([&other]) {
        alive.push(house.instance().open(id).await.unwrap().is_some());
    }
    assert_eq!(alive, [false, false, true, true, true]);
    house.settled(|family| family.revoked.len() == 2).await;

    // Signing in once more is not one more.
    let mine = house.sessions.open(&all[3]).await.unwrap().unwrap();
    let new = house.sessions.replace(&mine, house.login("ada")).await.unwrap();
    assert!(house.sessions.open(&all[2]).await.unwrap().is_some());
    assert!(house.sessions.open(&new).await.unwrap().is_some());
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(house.provider.family.lock().unwrap().revoked.len(), 2);
}

#[tokio::test]
async fn a_session_that_is_too_large_is_refused_with_the_reason() {
    let house = House::new();
    let mut content = house.login("ada");
    content.claims.insert("groups".to_owned(), vec!["planted-group"; 8000].into());
    let fault = house.sessions.create(content).await.unwrap_err();
    assert!(matches!(&fault, CreateFault::TooLarge { fattest, .. } if fattest[0].0 == "claim groups"));
    assert!(!fault.to_string().contains("planted"));
    let refusal: Refusal = fault.into();
    assert_eq!((refusal.status, refusal.code), (500, "session_too_large"));
}

#[tokio::test]
async fn a_long_id_token_is_left_out() {
    let house = House::new();
    for (length, is_kept) in [(4096, true), (4097, false)] {
        let mut content = house.login("ada");
        content.id_token = Some(Secret::new("x".repeat(length)));
        let id = house.sessions.create(content).await.unwrap();
        let open = house.sessions.open(&id).await.unwrap().unwrap();
        assert_eq!(open.content().id_token.is_some(), is_kept);
    }
}

#[tokio::test]
async fn keys_change_and_nobody_is_signed_out() {
    let house = House::new();
    let id = house.signed_in().await;
    assert!(house.sessions.open(&id).await.unwrap().is_some());
    let now = house.clock.unix();
    let file = Ring::rotate(&house.ring.load().to_text(), now).unwrap();
    let behind = house.instance();
    house.ring.replace(Ring::parse(&file, now).unwrap()).unwrap();
    let before = house.sessions.open(&id).await.unwrap().unwrap();
    // The new key seals by now; the next write is with it.
    house.clock.pass(301);
    assert_eq!(token(&house.sessions, &id, soon()).await.as_deref(), Ok("at1"));
    let after = house.sessions.open(&id).await.unwrap().unwrap();
    assert_eq!(after.identity().key, before.identity().key);
    // An instance that has not read the file yet says 503.
    let refusal: Refusal = behind.open(&id).await.unwrap_err().into();
    assert_eq!(refusal.status, 503);
    // The old key may go: everything was sealed anew.
    let mut old: serde_json::Value = serde_json::from_str(&file).unwrap();
    old["keys"].as_array_mut().unwrap().remove(0);
    house.ring.replace(Ring::parse(&old.to_string(), house.clock.unix()).unwrap()).unwrap();
    assert!(house.sessions.open(&id).await.unwrap().is_some());
    // The list and the logout at the provider still find it.
    assert_eq!(house.sessions.list(&after).await.unwrap().len(), 1);
    assert_eq!(house.sessions.end_by_sid(ISSUER, "sid of ada").await.unwrap(), 1);
}

#[tokio::test]
async fn a_key_that_is_taken_away_signs_out_at_once() {
    let house = House::new();
    let id = house.signed_in().await;
    assert!(house.sessions.open(&id).await.unwrap().is_some());
    let now = house.clock.unix();
    let file = Ring::rotate(&house.ring.load().to_text(), now).unwrap();
    house.clock.pass(300);
    let mut stolen: serde_json::Value = serde_json::from_str(&file).unwrap();
    stolen["keys"].as_array_mut().unwrap().remove(0);
    house.ring.replace(Ring::parse(&stolen.to_string(), house.clock.unix()).unwrap()).unwrap();
    assert!(house.sessions.open(&id).await.unwrap().is_none(), "not even from memory");
}

#[tokio::test]
async fn a_record_of_a_newer_release_is_503() {
    let house = House::new();
    let id = house.signed_in().await;
    let key = id.store_key("web");
    let mut record = SessionStore::get(&*house.store, &key).await.unwrap().unwrap();
    record.schema += 1;
    record.version += 1;
    house.store.compare_and_set(&key, 1, record).await.unwrap();
    let refusal: Refusal = house.sessions.open(&id).await.unwrap_err().into();
    assert_eq!((refusal.status, refusal.code), (503, "identity_unavailable"));
}

#[tokio::test]
async fn a_record_that_is_put_back_does_not_open() {
    let house = House::new();
    let id = house.signed_in().await;
    let key = id.store_key("web");
    let first = SessionStore::get(&*house.store, &key).await.unwrap().unwrap();
    house.sessions.update(&id, |content| content.label = "second".to_owned()).await.unwrap().unwrap();
    // The old one under the next version: what was sealed says another.
    house.store.compare_and_set(&key, 2, first).await.unwrap();
    assert!(house.sessions.open(&id).await.unwrap().is_none());
}

#[tokio::test]
async fn what_is_remembered_is_void_when_others_write() {
    let house = House::new();
    let id = house.signed_in().await;
    let other = house.instance();
    assert!(house.sessions.open(&id).await.unwrap().is_some());
    other.update(&id, |content| content.label = "theirs".to_owned()).await.unwrap().unwrap();
    assert_eq!(house.sessions.open(&id).await.unwrap().unwrap().content().label, "theirs");

    // A store that cannot tell is believed for a moment, and not asked.
    house.store.knows_changes.store(false, Ordering::SeqCst);
    assert!(house.sessions.open(&id).await.unwrap().is_some());
    let reads = house.store.reads.load(Ordering::SeqCst);
    for _ in 0..5 {
        assert!(house.sessions.open(&id).await.unwrap().is_some());
    }
    assert_eq!(house.store.reads.load(Ordering::SeqCst), reads);
}

#[tokio::test]
async fn a_devices_id_opens_nothing_as_a_cookie_nor_the_other_way_round() {
    let browsers = House::new();
    let mut devices = House::with(|settings| settings.holder = Holder::Device);
    (devices.store, devices.ring) = (browsers.store.clone(), browsers.ring.clone());
    let devices = devices.instance();
    let mut content = browsers.login("ada");
    content.device = Some(Device {
        id: "d1".into(),
        thumbprint: "t".into(),
        approval_key: None,
        platform: None,
        token: "h".into(),
        previous: None,
        is_used: true,
        rotated: 0,
    });
    let phone = devices.create(content).await.unwrap();
    let browser = browsers.signed_in().await;
    let open = devices.open(&phone).await.unwrap().unwrap();
    assert_eq!(open.identity().kind, Kind::Device);
    assert!(browsers.sessions.open(&phone).await.unwrap().is_none());
    assert!(devices.open(&browser).await.unwrap().is_none());
    // Each user sees both, and a logout at the provider ends both.
    assert_eq!(devices.list(&open).await.unwrap().len(), 2);
    assert_eq!(browsers.sessions.end_by_sid(ISSUER, "sid of ada").await.unwrap(), 2);
    assert!(devices.open(&phone).await.unwrap().is_none());
}

#[tokio::test]
async fn a_session_proves_its_own_key_and_only_that() {
    let house = House::new();
    let key = SigningKey::generate_es256().unwrap();
    let mut content = house.login("ada");
    content.dpop_key = Some(Secret::new(key.to_secret().as_str()));
    let id = house.sessions.create(content).await.unwrap();
    let caller = house.sessions.caller(house.sessions.open(&id).await.unwrap().unwrap());
    let token = caller.access_token(soon()).await.unwrap();
    let proof = caller.proof("GET", "https://cart.example.com/lines?x=1#y", &token, Some("n")).unwrap();
    let mut parts = proof.split('.');
    let mut part = || -> serde_json::Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts.next().unwrap()).unwrap()).unwrap()
    };
    let (header, claims) = (part(), part());
    assert_eq!((&header["typ"], &header["jwk"]), (&"dpop+jwt".into(), &key.public_jwk()));
    assert_eq!((&claims["htm"], &claims["nonce"]), (&"GET".into(), &"n".into()));
    assert_eq!(claims["htu"], "https://cart.example.com/lines");
    let again = caller.proof("GET", "https://cart.example.com/lines", &token, None).unwrap();
    assert_ne!(again, proof);

    let other = house.signed_in().await;
    let caller = house.sessions.caller(house.sessions.open(&other).await.unwrap().unwrap());
    assert!(caller.proof("GET", "https://cart.example.com/lines", &token, None).is_none());
}

#[tokio::test]
async fn a_restart_signs_nobody_out() {
    let folder = std::env::temp_dir().join(format!("frontdesk-sessions-{}", fastrand::u64(..)));
    std::fs::create_dir_all(&folder).unwrap();
    let house = House::new();
    let open = || {
        let store = EmbeddedStore::open(folder.join("sessions.redb"), Arc::new(house.clock.clone()));
        let store = Arc::new(store.unwrap());
        house.over(store.clone(), store)
    };
    let first = open();
    let id = first.create(house.login("ada")).await.unwrap();
    let ended = first.create(house.login("ada")).await.unwrap();
    let gone = first.open(&ended).await.unwrap().unwrap();
    first.end(&gone, Ending::SignedOut).await.unwrap();
    drop((first, gone));
    let second = open();
    assert_eq!(token(&second, &id, soon()).await.as_deref(), Ok("at0"));
    assert!(second.open(&ended).await.unwrap().is_none());
    drop(second);
    std::fs::remove_dir_all(&folder).unwrap();
}
