//! How sessions end, and that they stay ended.

use std::sync::atomic::Ordering;
use std::time::Duration;

use frontdesk_adapter::Clock;
use frontdesk_perimeter::session::{CreateFault, Ending};

use super::house::{House, ISSUER, TOKEN_LIFE, soon, token};

#[tokio::test]
async fn a_session_that_was_ended_is_gone_everywhere_at_once() {
    let house = House::new();
    let id = house.signed_in().await;
    let other = house.instance();
    let open = house.sessions.open(&id).await.unwrap().unwrap();
    assert!(other.open(&id).await.unwrap().is_some());
    assert!(house.sessions.end(&open, Ending::SignedOut).await.unwrap());
    assert!(!house.sessions.end(&open, Ending::SignedOut).await.unwrap(), "a second time is no error");
    assert!(house.sessions.open(&id).await.unwrap().is_none());
    assert!(other.open(&id).await.unwrap().is_none());
    house.settled(|family| family.revoked.contains(&"rt0".to_owned())).await;
}

#[tokio::test]
async fn the_process_that_ended_it_believes_nothing_it_read_before() {
    let house = House::new();
    let id = house.signed_in().await;
    house.store.knows_changes.store(false, Ordering::SeqCst);
    let open = house.sessions.open(&id).await.unwrap().unwrap();
    house.sessions.end(&open, Ending::SignedOut).await.unwrap();
    assert!(house.sessions.open(&id).await.unwrap().is_none());
}

#[tokio::test]
async fn nobody_writes_what_was_ended() {
    let house = House::new();
    let id = house.signed_in().await;
    let open = house.sessions.open(&id).await.unwrap().unwrap();
    house.sessions.end(&open, Ending::SignedOut).await.unwrap();
    let changed = house.instance().update(&id, |content| content.label.clear()).await.unwrap();
    assert!(changed.is_none());
}

#[tokio::test]
async fn a_logout_at_the_provider_ends_that_session() {
    let house = House::with(|settings| settings.background = true);
    let one = house.sessions.create(house.login("ada")).await.unwrap();
    let two = house.sessions.create(house.login("bob")).await.unwrap();
    assert_eq!(house.instance().end_by_sid(ISSUER, "sid of ada").await.unwrap(), 1);
    assert_eq!(house.sessions.end_by_sid(ISSUER, "sid of ada").await.unwrap(), 0);
    assert_eq!(house.sessions.end_by_sid("https://other.example.com", "sid of bob").await.unwrap(), 0);
    assert!(house.sessions.open(&one).await.unwrap().is_none());
    assert!(house.sessions.open(&two).await.unwrap().is_some());
    // Nobody is here to open it, and still its token is given back.
    house.settled(|family| family.revoked == ["rt0"]).await;
}

#[tokio::test]
async fn a_logout_at_the_provider_respects_offline_access() {
    let house = House::with(|settings| settings.background = true);
    let mut content = house.login("ada");
    content.scopes.push("offline_access".into());
    house.sessions.create(content).await.unwrap();
    assert_eq!(house.sessions.end_by_subject(ISSUER, "ada", Ending::ProviderLogout).await.unwrap(), 1);
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert!(house.provider.family.lock().unwrap().revoked.is_empty());
}

#[tokio::test]
async fn a_logout_that_comes_before_the_callback_is_done_wins() {
    let house = House::new();
    let login = house.login("ada");
    house.clock.pass(5);
    house.sessions.end_by_sid(ISSUER, "sid of ada").await.unwrap();
    house.clock.pass(5);
    assert_eq!(house.instance().create(login).await.unwrap_err(), CreateFault::Buried);

    let login = house.login("bob");
    house.clock.pass(5);
    house.sessions.end_by_subject(ISSUER, "bob", Ending::Admin).await.unwrap();
    assert_eq!(house.sessions.create(login).await.unwrap_err(), CreateFault::Buried);
    // A login that begins afterwards is another matter.
    house.clock.pass(1);
    let mut later = house.login("bob");
    later.sid = Some("another".into());
    assert!(house.sessions.create(later).await.is_ok());
}

#[tokio::test]
async fn users_see_their_sessions_and_end_them() {
    let house = House::new();
    let mut ids = Vec::new();
    for label in ["Firefox on Linux", "Safari on iPhone"] {
        let mut content = house.login("ada");
        content.label = label.to_owned();
        ids.push(house.sessions.create(content).await.unwrap());
        house.clock.pass(10);
    }
    let stranger = house.sessions.create(house.login("bob")).await.unwrap();
    let mine = house.sessions.open(&ids[1]).await.unwrap().unwrap();
    let theirs = house.sessions.open(&stranger).await.unwrap().unwrap();
    let listed = house.sessions.list(&mine).await.unwrap();
    let seen: Vec<(&str, bool)> = listed.iter().map(|one| (one.label.as_str(), one.is_current)).collect();
    assert_eq!(seen, [("Firefox on Linux", false), ("Safari on iPhone", true)]);
    assert!(listed[0].created <= house.clock.unix() - 20);

    assert!(!house.sessions.end_listed(&theirs, &listed[0].handle).await.unwrap(), "not his");
    assert!(house.sessions.open(&ids[0]).await.unwrap().is_some());
    assert!(!house.sessions.end_listed(&mine, "").await.unwrap());
    assert!(house.sessions.end_listed(&mine, &listed[0].handle).await.unwrap());
    assert!(house.sessions.open(&ids[0]).await.unwrap().is_none());
    assert!(house.sessions.open(&ids[1]).await.unwrap().is_some());
    assert_eq!(house.sessions.list(&mine).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_administrator_ends_all_of_a_users() {
    let house = House::with(|settings| settings.background = true);
    let one = house.sessions.create(house.login("ada")).await.unwrap();
    let two = house.sessions.create(house.login("ada")).await.unwrap();
    let other = house.sessions.create(house.login("bob")).await.unwrap();
    assert_eq!(house.instance().end_by_subject(ISSUER, "ada", Ending::Admin).await.unwrap(), 2);
    for (id, is_alive) in [(&one, false), (&two, false), (&other, true)] {
        assert_eq!(house.sessions.open(id).await.unwrap().is_some(), is_alive);
    }
    house.settled(|family| family.revoked.len() == 2).await;
}

#[tokio::test]
async fn signing_in_again_leaves_nothing_of_the_old_id() {
    let house = House::new();
    let old = house.signed_in().await;
    let other = house.instance();
    let open = house.sessions.open(&old).await.unwrap().unwrap();
    assert!(other.open(&old).await.unwrap().is_some());
    let new = house.sessions.replace(&open, house.login("ada")).await.unwrap();
    assert_ne!(new, old);
    for sessions in [&house.sessions, &other] {
        assert!(sessions.open(&old).await.unwrap().is_none());
        assert!(sessions.open(&new).await.unwrap().is_some());
    }
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(house.provider.family.lock().unwrap().revoked.is_empty(), "would take the new ones with it");

    // Somebody else at the same browser.
    let open = house.sessions.open(&new).await.unwrap().unwrap();
    house.sessions.replace(&open, house.login("bob")).await.unwrap();
    house.settled(|family| family.revoked == ["rt0"]).await;
}

#[tokio::test]
async fn a_provider_that_is_no_longer_named_vouches_for_nobody() {
    let house = House::new();
    let mut content = house.login("ada");
    content.issuer = "https://old.example.com".into();
    let id = house.sessions.create(content).await.unwrap();
    assert!(house.sessions.open(&id).await.unwrap().is_none());
}

#[tokio::test]
async fn an_ended_session_ends_its_refreshes_in_other_instances() {
    let house = House::new();
    let id = house.signed_in().await;
    let other = house.instance();
    house.store.knows_changes.store(false, Ordering::SeqCst);
    house.clock.pass(TOKEN_LIFE + 1);
    // The other instance still believes in it, but for nothing that needs the store.
    assert!(other.open(&id).await.unwrap().is_some());
    let open = house.sessions.open(&id).await.unwrap().unwrap();
    house.sessions.end(&open, Ending::SignedOut).await.unwrap();
    assert!(token(&other, &id, soon()).await.is_err());
    assert_eq!(house.provider.calls(), 0);
}
