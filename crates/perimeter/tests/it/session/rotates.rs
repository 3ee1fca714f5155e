//! Ids that change every so often.

use std::sync::atomic::Ordering;
use std::time::Duration;

use frontdesk_adapter::Fault;
use frontdesk_perimeter::session::{Ending, Event, SessionId, Sessions};

use super::house::{House, ISSUER, Step, TOKEN_LIFE, soon, token};

fn house() -> House {
    House::with(|settings| settings.rotate = Some(Duration::from_secs(900)))
}

async fn rotated(sessions: &Sessions, id: &SessionId) -> Option<SessionId> {
    let open = sessions.open(id).await.unwrap().unwrap();
    sessions.rotate_if_due(&open).await.map(|open| open.id().clone())
}

#[tokio::test]
async fn requests_with_the_old_id_reach_the_new_one_for_a_while() {
    let house = house();
    let old = house.signed_in().await;
    let before = house.sessions.open(&old).await.unwrap().unwrap();
    assert!(rotated(&house.sessions, &old).await.is_none(), "not yet");
    house.clock.pass(900);
    let new = rotated(&house.sessions, &old).await.expect("due");
    assert_ne!(new, old);
    for sessions in [house.sessions.clone(), house.instance()] {
        let open = sessions.open(&old).await.unwrap().unwrap();
        assert_eq!(open.id(), &new);
        assert_eq!(open.identity().key, before.identity().key);
        assert_eq!(open.absolute_expires(), before.absolute_expires());
        assert!(sessions.rotate_if_due(&open).await.is_none(), "it has just changed");
    }
    // The old first half with another secret leads nowhere.
    let stranger = SessionId::generate().unwrap().cookie_value();
    let forged = format!("{}.{}", &old.cookie_value()[..22], &stranger[23..]);
    let forged = SessionId::parse(forged.as_bytes()).unwrap();
    assert!(house.instance().open(&forged).await.unwrap().is_none());
    house.clock.pass(31);
    assert!(house.sessions.open(&old).await.unwrap().is_none());
    assert!(house.sessions.open(&new).await.unwrap().is_some());
    assert_eq!(house.sessions.list(&before).await.unwrap().len(), 1);
}

#[tokio::test]
async fn of_many_requests_one_changes_the_id() {
    let house = house();
    let old = house.signed_in().await;
    house.clock.pass(900);
    let other = house.instance();
    let all = (0..20).map(|n| {
        let (sessions, old) = (if n % 2 == 0 { &house.sessions } else { &other }, &old);
        async move {
            let open = sessions.open(old).await.unwrap().unwrap();
            sessions.rotate_if_due(&open).await
        }
    });
    let changed = futures_util::future::join_all(all).await.into_iter().flatten().count();
    assert_eq!(changed, 1);
    let counted = house.sessions.tally().of(Event::IdChanged) + other.tally().of(Event::IdChanged);
    assert_eq!(counted, 1);
    let open = house.sessions.open(&old).await.unwrap().unwrap();
    assert_eq!(house.sessions.list(&open).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_id_does_not_change_while_tokens_are_refreshed() {
    let house = house();
    let old = house.signed_in().await;
    house.clock.pass(900);
    house.provider.tell([Step::Held]);
    let request = token(&house.sessions, &old, soon());
    let other = house.instance();
    let change = async {
        house.settled(|family| family.calls == 1).await;
        assert!(rotated(&other, &old).await.is_none());
        house.provider.goes_on();
    };
    let (answer, ()) = tokio::join!(request, change);
    assert_eq!(answer.as_deref(), Ok("at1"));
    let new = rotated(&other, &old).await.expect("now it can");
    assert_eq!(token(&house.sessions, &old, soon()).await.as_deref(), Ok("at1"));
    // And with the new one refreshes go on.
    house.clock.pass(TOKEN_LIFE + 1);
    assert_eq!(token(&house.sessions, &new, soon()).await.as_deref(), Ok("at2"));
}

#[tokio::test]
async fn whoever_ends_the_old_one_ends_the_new_one() {
    let house = house();
    let old = house.signed_in().await;
    let stale = house.sessions.open(&old).await.unwrap().unwrap();
    house.clock.pass(900);
    let new = rotated(&house.instance(), &old).await.unwrap();
    house.sessions.end(&stale, Ending::SignedOut).await.unwrap();
    assert!(house.sessions.open(&new).await.unwrap().is_none());
    assert!(house.sessions.open(&old).await.unwrap().is_none());
    assert_eq!(token(&house.instance(), &new, soon()).await, Err(Fault::LoginRequired));
}

#[tokio::test]
async fn a_logout_at_the_provider_finds_it_under_its_new_id() {
    let house = house();
    let old = house.signed_in().await;
    house.clock.pass(900);
    let new = rotated(&house.sessions, &old).await.unwrap();
    assert_eq!(house.sessions.end_by_sid(ISSUER, "sid of ada").await.unwrap(), 1);
    assert!(house.sessions.open(&new).await.unwrap().is_none());
    // Nor does it come back by changing its id once more.
    assert!(house.sessions.open(&old).await.unwrap().is_none());
}

#[tokio::test]
async fn a_store_that_is_away_changes_no_id() {
    let house = house();
    let old = house.signed_in().await;
    house.clock.pass(900);
    let open = house.sessions.open(&old).await.unwrap().unwrap();
    house.leave(true);
    assert!(house.sessions.rotate_if_due(&open).await.is_none());
    house.leave(false);
    assert!(rotated(&house.sessions, &old).await.is_some());
}

#[tokio::test]
async fn an_id_that_cannot_lead_to_its_successor_does_not_change() {
    let house = house();
    let old = house.signed_in().await;
    house.clock.pass(900);
    house.store.has_no_room.store(true, Ordering::SeqCst);
    assert!(rotated(&house.sessions, &old).await.is_none());
    let open = house.sessions.open(&old).await.unwrap().expect("as good as before");
    assert_eq!((open.id(), house.sessions.list(&open).await.unwrap().len()), (&old, 1));
    house.store.has_no_room.store(false, Ordering::SeqCst);
    assert!(rotated(&house.sessions, &old).await.is_some());
}
