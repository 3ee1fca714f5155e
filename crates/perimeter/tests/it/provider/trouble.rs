//! A provider that fails: nothing but `invalid_grant` may end a session, and what may have been done is told apart.

use std::time::Duration;

use frontdesk_adapter::Exchange;
use frontdesk_perimeter::provider::{OAuthError, ProviderFault, TokenSet};
use serde_json::{Value, json};

use super::{Party, settings, soon};
use crate::provider_process::ProviderProcess;

async fn own_token(party: &Party) -> Result<TokenSet, ProviderFault> {
    let wanted = Exchange {
        resource: Some("https://cart.example".into()),
        scopes: vec!["cart".into()],
        ..Exchange::default()
    };
    party
        .at_desk(async move |provider, desk| provider.client_credentials(&desk, &wanted, None, soon()).await)
        .await
}

/// What a fault must be taken for: away (and whether it may have been carried out), or refused.
#[derive(Debug)]
enum Taken {
    Away { maybe_done: bool },
    Refused(OAuthError),
}

#[tokio::test]
async fn each_trouble_is_taken_for_what_it_is() {
    use Taken::{Away, Refused};
    let body = |error: &str| json!({ "error": error, "error_description": "<script>" }).to_string();
    let cases = [
        ("status", json!({ "status": 500 }), Away { maybe_done: true }),
        ("status", json!({ "status": 502, "type": "text/html", "body": "<h1>" }), Away { maybe_done: true }),
        ("status", json!({ "status": 503 }), Away { maybe_done: false }),
        ("429", json!({ "retryAfter": 7 }), Away { maybe_done: false }),
        ("html", json!({}), Away { maybe_done: true }),
        ("html", json!({ "status": 400 }), Away { maybe_done: false }),
        ("status", json!({ "status": 200, "body": "{\"access_token\":" }), Away { maybe_done: true }),
        ("status", json!({ "status": 200, "body": "[]" }), Away { maybe_done: true }),
        ("status", json!({ "status": 404 }), Away { maybe_done: false }),
        ("status", json!({ "status": 403, "body": body("invalid_grant") }), Away { maybe_done: false }),
        ("redirect", json!({}), Away { maybe_done: false }),
        ("huge", json!({}), Away { maybe_done: true }),
        ("drop", json!({}), Away { maybe_done: true }),
        ("lost", json!({}), Away { maybe_done: true }),
        ("timeout", json!({ "ms": 60_000 }), Away { maybe_done: true }),
        (
            "status",
            json!({ "status": 400, "body": body("temporarily_unavailable") }),
            Away { maybe_done: false },
        ),
        (
            "status",
            json!({ "status": 401, "body": body("invalid_client") }),
            Refused(OAuthError::InvalidClient),
        ),
        (
            "status",
            json!({ "status": 400, "body": body("invalid_grant") }),
            Refused(OAuthError::InvalidGrant),
        ),
        ("status", json!({ "status": 400, "body": body("made_up") }), Refused(OAuthError::Unknown)),
    ];
    let process = ProviderProcess::start(&settings());
    let party = Party::new(&process, "basic", |settings| settings.timeout = Duration::from_millis(1500));
    own_token(&party).await.unwrap();
    for (kind, more, taken) in cases {
        process.fault("token", kind, more.clone());
        let fault = own_token(&party).await.unwrap_err();
        match (&fault, &taken) {
            (ProviderFault::Away { maybe_done, retry_after, .. }, Away { maybe_done: expected }) => {
                assert_eq!(maybe_done, expected, "{kind} {more}: {fault}");
                assert_eq!(*retry_after, (kind == "429").then_some(Duration::from_secs(7)), "{kind} {more}");
            }
            (ProviderFault::Refused { error }, Refused(expected)) => assert_eq!(error, expected),
            _ => panic!("{kind} {more}: {fault:?}, not {taken:?}"),
        }
        assert_eq!(fault.ends_session(), matches!(taken, Refused(OAuthError::InvalidGrant)), "{kind} {more}");
        assert!(!fault.to_string().contains("script"), "nothing of the provider's wording: {fault}");
        // The next one is well, and the breaker counts anew.
        own_token(&party).await.unwrap_or_else(|fault| panic!("after {kind} {more}: {fault}"));
    }
}

#[tokio::test]
async fn a_provider_that_keeps_failing_is_left_alone() {
    let process = ProviderProcess::start(&settings());
    let party = Party::new(&process, "basic", |_| {});
    own_token(&party).await.unwrap();
    process.fault("token", "status", json!({ "status": 503, "times": 99 }));
    process.test("DELETE", "calls", &Value::Null);
    for _ in 0..9 {
        assert!(matches!(own_token(&party).await, Err(ProviderFault::Away { .. })));
    }
    assert_eq!(process.count("client_credentials"), 5, "after five failures nothing is sent for a while");
    let Err(ProviderFault::Away { retry_after, .. }) = own_token(&party).await else { panic!("closed") };
    assert!(retry_after.is_some());
}

#[tokio::test]
async fn an_answer_that_was_lost_after_rotation() {
    let process = ProviderProcess::start(&settings());
    let party = Party::new(&process, "keyed", |_| {});
    let set = party.log_in(None).await.unwrap();
    let token = set.refresh_token.unwrap();
    process.fault("token", "lost", json!({}));
    assert!(party.refresh(&token, None).await.unwrap_err().is_maybe_done());
    // This provider is strict: the token was used, and its family is dead. That ends the session, cleanly.
    assert!(party.refresh(&token, None).await.unwrap_err().ends_session());
    assert_eq!(process.count("refresh_token"), 2, "nothing was sent twice of itself");
}
