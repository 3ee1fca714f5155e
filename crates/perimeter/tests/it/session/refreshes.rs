//! Refreshes: one request to the provider, nobody signed out, whatever goes wrong.

use std::sync::atomic::Ordering;
use std::time::Duration;

use frontdesk_adapter::{Caller, Clock, Deadline, Exchange, Fault, now};
use frontdesk_perimeter::session::{Ending, Event};

use super::house::{HOUR, House, Step, TOKEN_LIFE, crowd, soon, token};

fn all_good(answers: &[Result<String, Fault>], wanted: &str) {
    for answer in answers {
        assert_eq!(answer.as_deref(), Ok(wanted));
    }
}

#[tokio::test]
async fn a_hundred_and_fifty_requests_with_an_expired_token_ask_once() {
    let house = House::new();
    let id = house.signed_in().await;
    for round in 1..4 {
        house.clock.pass(TOKEN_LIFE + 1);
        house.provider.tell([Step::Slow(Duration::from_millis(30))]);
        let workers = [house.sessions.clone(), house.sessions.clone(), house.sessions.clone()];
        let answers = crowd(&workers, &id, 50, soon()).await;
        assert_eq!(answers.len(), 150);
        all_good(&answers, &format!("at{round}"));
        assert_eq!(house.provider.calls(), round);
    }
    assert_eq!(house.provider.family.lock().unwrap().rejected, 0);
}

#[tokio::test]
async fn three_instances_ask_once() {
    let house = House::new();
    let id = house.signed_in().await;
    for knows_changes in [true, false] {
        house.store.knows_changes.store(knows_changes, Ordering::SeqCst);
        let calls = house.provider.calls();
        house.clock.pass(TOKEN_LIFE + 1);
        house.provider.tell([Step::Slow(Duration::from_millis(60))]);
        let instances = [house.sessions.clone(), house.instance(), house.instance()];
        let answers = crowd(&instances, &id, 50, soon()).await;
        all_good(&answers, &format!("at{}", calls + 1));
        assert_eq!(house.provider.calls(), calls + 1);
    }
    assert_eq!(house.provider.family.lock().unwrap().rejected, 0);
}

#[tokio::test]
async fn a_provider_slower_than_the_lease_is_asked_once() {
    // Long enough for a machine that has other things to do.
    let house = House::with(|settings| settings.lease = Duration::from_secs(1));
    let id = house.signed_in().await;
    house.clock.pass(TOKEN_LIFE + 1);
    house.provider.tell([Step::Slow(Duration::from_secs(3))]);
    let answers = crowd(&[house.sessions.clone(), house.instance()], &id, 20, soon()).await;
    all_good(&answers, "at1");
    assert_eq!(house.provider.calls(), 1);
}

#[tokio::test]
async fn an_instance_that_dies_in_the_middle_is_relieved() {
    let house = House::with(|settings| settings.lease = Duration::from_millis(200));
    let id = house.signed_in().await;
    house.clock.pass(TOKEN_LIFE + 1);
    house.provider.tell([Step::Dies]);
    let doomed = house.instance();
    let fault = token(&doomed, &id, soon()).await.unwrap_err();
    assert!(matches!(fault, Fault::Credential(_)), "{fault}");
    drop(doomed);
    // The other one waits for the lease to end.
    assert_eq!(token(&house.sessions, &id, soon()).await.as_deref(), Ok("at2"));
    assert_eq!(house.provider.calls(), 2);
}

#[tokio::test]
async fn nobody_waits_for_a_token_that_is_still_good() {
    let house = House::new();
    let id = house.signed_in().await;
    house.clock.pass(TOKEN_LIFE - 20);
    house.provider.tell([Step::Held]);
    let answers = crowd(&[house.sessions.clone(), house.sessions.clone()], &id, 20, soon()).await;
    all_good(&answers, "at0");
    house.provider.goes_on();
    house.settled(|family| family.made == 1).await;
    let deadline = soon();
    while token(&house.sessions, &id, soon()).await.as_deref() != Ok("at1") {
        assert!(!deadline.passed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(house.provider.calls(), 1);
}

#[tokio::test]
async fn a_fresh_token_asks_nobody_anything() {
    let house = House::new();
    let id = house.signed_in().await;
    assert_eq!(token(&house.sessions, &id, soon()).await.as_deref(), Ok("at0"));
    let reads = house.store.reads.load(Ordering::SeqCst);
    for _ in 0..20 {
        assert_eq!(token(&house.sessions, &id, soon()).await.as_deref(), Ok("at0"));
    }
    assert_eq!((house.store.reads.load(Ordering::SeqCst), house.provider.calls()), (reads, 0));
}

#[tokio::test]
async fn a_request_waits_no_longer_than_it_may_and_the_refresh_goes_on() {
    let house = House::new();
    let id = house.signed_in().await;
    house.clock.pass(TOKEN_LIFE + 1);
    house.provider.tell([Step::Held]);
    let short = Deadline::after(now(), Duration::from_millis(30));
    let fault = token(&house.sessions, &id, short).await.unwrap_err();
    assert!(matches!(fault, Fault::Credential(_)), "{fault}");
    house.provider.goes_on();
    // The same flight, not another.
    assert_eq!(token(&house.sessions, &id, soon()).await.as_deref(), Ok("at1"));
    assert_eq!(house.provider.calls(), 1);
}

#[tokio::test]
async fn a_provider_that_is_away_signs_nobody_out_and_is_left_alone() {
    let house = House::new();
    let id = house.signed_in().await;
    house.clock.pass(TOKEN_LIFE + 1);
    house.provider.tell([Step::Away { retry_after: None }]);
    for _ in 0..30 {
        let fault = token(&house.sessions, &id, soon()).await.unwrap_err();
        assert!(matches!(fault, Fault::Credential(_)), "{fault}");
    }
    assert_eq!(house.provider.calls(), 1, "one try, then a pause");
    let open = house.sessions.open(&id).await.unwrap().expect("views without calls are served");
    assert_eq!(&*open.identity().subject, "ada");
    // What the pause is, `flight` tests; another instance has none and finds the provider there again.
    assert_eq!(token(&house.instance(), &id, soon()).await.as_deref(), Ok("at2"));
    assert_eq!(token(&house.sessions, &id, soon()).await.as_deref(), Ok("at2"));
}

#[tokio::test]
async fn a_provider_that_is_away_is_no_matter_while_the_token_is_good() {
    let house = House::new();
    let id = house.signed_in().await;
    house.clock.pass(TOKEN_LIFE - 20);
    house.provider.tell([Step::Away { retry_after: Some(20) }]);
    for _ in 0..10 {
        assert_eq!(token(&house.sessions, &id, soon()).await.as_deref(), Ok("at0"));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(house.provider.calls(), 1);
}

#[tokio::test]
async fn only_invalid_grant_ends_a_session() {
    let house = House::new();
    let id = house.signed_in().await;
    house.provider.family.lock().unwrap().is_dead = true;
    house.clock.pass(TOKEN_LIFE + 1);
    let answers = crowd(&[house.sessions.clone(), house.instance()], &id, 20, soon()).await;
    assert!(answers.iter().all(|answer| *answer == Err(Fault::LoginRequired)), "{answers:?}");
    assert_eq!(house.provider.calls(), 1);
    assert!(house.sessions.open(&id).await.unwrap().is_none());
    assert!(house.provider.family.lock().unwrap().revoked.is_empty(), "it is dead already");
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_once_more() {
    // A provider that allows for lost answers.
    let house = House::new();
    let id = house.signed_in().await;
    house.provider.family.lock().unwrap().has_grace = true;
    house.clock.pass(TOKEN_LIFE + 1);
    house.provider.tell([Step::Lost]);
    all_good(&crowd(&[house.sessions.clone(), house.instance()], &id, 20, soon()).await, "at2");
    assert_eq!((house.provider.calls(), house.sessions.tally().of(Event::RefreshRepeated) <= 1), (2, true));

    // One where nothing had happened.
    house.clock.pass(TOKEN_LIFE + 1);
    house.provider.tell([Step::Silent]);
    assert_eq!(token(&house.sessions, &id, soon()).await.as_deref(), Ok("at4"));

    // A strict one: the session ends cleanly, in no loop.
    house.provider.family.lock().unwrap().has_grace = false;
    house.clock.pass(TOKEN_LIFE + 1);
    house.provider.tell([Step::Lost]);
    assert_eq!(token(&house.sessions, &id, soon()).await, Err(Fault::LoginRequired));
    assert_eq!(house.provider.calls(), 6);
    assert_eq!(token(&house.sessions, &id, soon()).await, Err(Fault::LoginRequired));
    assert_eq!(house.provider.calls(), 6);

    // Silence twice is no answer: the session stays.
    let house = House::new();
    let id = house.signed_in().await;
    house.clock.pass(TOKEN_LIFE + 1);
    house.provider.tell([Step::Silent, Step::Silent]);
    assert!(matches!(token(&house.sessions, &id, soon()).await, Err(Fault::Credential(_))));
    assert_eq!(house.provider.calls(), 2);
    assert!(house.sessions.open(&id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_logout_during_a_refresh_wins_and_what_came_is_revoked() {
    let house = House::new();
    let id = house.signed_in().await;
    house.clock.pass(TOKEN_LIFE + 1);
    house.provider.tell([Step::Held]);
    let open = house.sessions.open(&id).await.unwrap().unwrap();
    let other = house.instance();
    let workers = [house.sessions.clone()];
    let requests = crowd(&workers, &id, 50, soon());
    let logout = async {
        house.settled(|family| family.calls == 1).await;
        assert!(other.end(&open, Ending::SignedOut).await.unwrap());
        house.provider.goes_on();
    };
    let (answers, ()) = tokio::join!(requests, logout);
    assert!(answers.iter().all(|answer| *answer == Err(Fault::LoginRequired)), "{answers:?}");
    house.settled(|family| family.revoked.contains(&"rt0".to_owned()) && family.revoked.len() == 2).await;
    assert_eq!(house.provider.family.lock().unwrap().revoked.iter().max().unwrap(), "rt1");
    for sessions in [&house.sessions, &other, &house.instance()] {
        assert!(sessions.open(&id).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_step_up_during_a_refresh_revokes_nothing() {
    let house = House::new();
    let id = house.signed_in().await;
    house.clock.pass(TOKEN_LIFE + 1);
    house.provider.tell([Step::Held]);
    let open = house.sessions.open(&id).await.unwrap().unwrap();
    let workers = [house.sessions.clone()];
    let requests = crowd(&workers, &id, 5, soon());
    let step_up = async {
        house.settled(|family| family.calls == 1).await;
        let new = house.sessions.replace(&open, house.login("ada")).await.unwrap();
        house.provider.goes_on();
        new
    };
    let (answers, new) = tokio::join!(requests, step_up);
    assert!(answers.iter().all(|answer| *answer == Err(Fault::LoginRequired)), "{answers:?}");
    assert_eq!(house.sessions.tally().of(Event::RefreshDiscarded), 1);
    assert!(house.sessions.open(&new).await.unwrap().is_some());
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(house.provider.family.lock().unwrap().revoked.is_empty());
}

#[tokio::test]
async fn what_came_is_kept_until_the_store_is_there_again() {
    let house = House::new();
    let id = house.signed_in().await;
    house.clock.pass(TOKEN_LIFE + 1);
    house.provider.tell([Step::Held]);
    let request = token(&house.sessions, &id, soon());
    let outage = async {
        house.settled(|family| family.calls == 1).await;
        house.leave(true);
        house.provider.goes_on();
        house.settled(|family| family.made == 1).await;
        tokio::time::sleep(Duration::from_millis(150)).await;
        house.leave(false);
    };
    let (answer, ()) = tokio::join!(request, outage);
    assert_eq!((answer.as_deref(), house.provider.calls()), (Ok("at1"), 1));
    assert_eq!(token(&house.instance(), &id, soon()).await.as_deref(), Ok("at1"));
}

#[tokio::test]
async fn something_else_that_is_written_meanwhile_does_not_lose_the_tokens() {
    let house = House::new();
    let id = house.signed_in().await;
    house.clock.pass(TOKEN_LIFE + 1);
    house.provider.tell([Step::Held]);
    let other = house.instance();
    let request = token(&house.sessions, &id, soon());
    let change = async {
        house.settled(|family| family.calls == 1).await;
        other.update(&id, |content| content.label = "changed".to_owned()).await.unwrap().unwrap();
        house.provider.goes_on();
    };
    let (answer, ()) = tokio::join!(request, change);
    assert_eq!(answer.as_deref(), Ok("at1"));
    let open = house.instance().open(&id).await.unwrap().unwrap();
    assert_eq!(open.content().label, "changed");
    assert_eq!(open.content().refresh.as_ref().unwrap().token.expose(), "rt1");
}

#[tokio::test]
async fn a_store_that_is_away_is_503_and_nobody_is_signed_out() {
    let house = House::new();
    let id = house.signed_in().await;
    house.clock.pass(TOKEN_LIFE + 1);
    let open = house.sessions.open(&id).await.unwrap().unwrap();
    house.leave(true);
    let refusal: frontdesk_perimeter::Refusal = house.instance().open(&id).await.unwrap_err().into();
    assert_eq!((refusal.status, refusal.retry_after.is_some()), (503, true));
    assert!(refusal.headers.is_empty() && refusal.login_url.is_none());
    let caller = house.sessions.caller(open.clone());
    assert!(matches!(caller.access_token(soon()).await, Err(Fault::Credential(_))));
    assert_eq!(house.provider.calls(), 0);
    assert!(house.sessions.create(house.login("ada")).await.is_err());
    assert!(house.sessions.end(&open, Ending::SignedOut).await.is_err());
    house.leave(false);
    assert_eq!(token(&house.instance(), &id, soon()).await.as_deref(), Ok("at1"));
}

#[tokio::test]
async fn a_provider_that_does_not_rotate_is_as_well() {
    let house = House::new();
    house.provider.family.lock().unwrap().rotates = false;
    let id = house.signed_in().await;
    for round in 1..4 {
        house.clock.pass(TOKEN_LIFE + 1);
        let answers = crowd(&[house.sessions.clone(), house.instance()], &id, 10, soon()).await;
        all_good(&answers, &format!("at{round}"));
    }
    assert_eq!(house.provider.calls(), 3);
}

#[tokio::test]
async fn without_a_refresh_token_the_token_just_ends() {
    let house = House::new();
    let mut content = house.login("ada");
    content.refresh = None;
    let id = house.sessions.create(content).await.unwrap();
    house.clock.pass(TOKEN_LIFE - 20);
    assert_eq!(token(&house.sessions, &id, soon()).await.as_deref(), Ok("at0"));
    house.clock.pass(21);
    assert_eq!(token(&house.sessions, &id, soon()).await, Err(Fault::LoginRequired));
    assert!(house.sessions.open(&id).await.unwrap().is_some());
    assert_eq!(house.provider.calls(), 0);
}

#[tokio::test]
async fn exchanged_tokens_end_with_the_token_they_came_from() {
    let house = House::new();
    let id = house.signed_in().await;
    let open = house.sessions.open(&id).await.unwrap().unwrap();
    let caller = house.sessions.caller(open);
    let wanted = Exchange { audience: Some("cart".into()), ..Exchange::default() };
    let token = caller.exchanged(&wanted, soon()).await.unwrap();
    assert_eq!((&*token.secret, token.expires <= house.clock.unix() + TOKEN_LIFE), ("at0 for cart", true));
    house.clock.pass(TOKEN_LIFE + 1);
    let token = caller.exchanged(&wanted, soon()).await.unwrap();
    assert_eq!(&*token.secret, "at1 for cart", "refreshed first");
}

#[tokio::test]
async fn a_refresh_does_not_make_a_session_live_longer() {
    let house = House::new();
    let id = house.signed_in().await;
    let before = house.sessions.open(&id).await.unwrap().unwrap();
    house.clock.pass(TOKEN_LIFE + 1);
    assert!(token(&house.sessions, &id, soon()).await.is_ok());
    let after = house.sessions.open(&id).await.unwrap().unwrap();
    assert_eq!(after.absolute_expires(), before.absolute_expires());
    assert_eq!(after.idle_expires(), before.idle_expires());
    house.clock.pass(HOUR);
    assert!(house.sessions.open(&id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_refresh_gives_no_more_than_the_login_did() {
    let house = House::new();
    let mut content = house.login("ada");
    content.scopes = ["openid", "cart", "orders", "offline_access"].map(Into::into).to_vec();
    let id = house.sessions.create(content).await.unwrap();
    let said = ["cart", "openid", "admin"].map(Into::into).to_vec();
    house.provider.family.lock().unwrap().scopes = Some(said);
    house.clock.pass(TOKEN_LIFE + 1);
    assert!(token(&house.sessions, &id, soon()).await.is_ok());
    let open = house.sessions.open(&id).await.unwrap().unwrap();
    let scopes: Vec<&str> = open.identity().scopes.iter().map(|scope| &**scope).collect();
    assert_eq!(scopes, ["openid", "cart", "offline_access"]);
}
