//! Metadata that lie.

use frontdesk_perimeter::provider::{IdTokenChecks, ProviderFault};
use serde_json::{Value, json};

use super::{Party, settings, soon};
use crate::provider_process::ProviderProcess;

#[tokio::test]
async fn a_provider_that_lies_about_itself_is_not_used() {
    let process = ProviderProcess::start(&settings());
    let issuer = &process.issuer;
    let lies = [
        json!({ "issuer": "https://evil.example" }),
        json!({ "issuer": format!("{issuer}/") }),
        json!({ "issuer": null }),
        json!({ "token_endpoint": "http://evil.example/token" }),
        json!({ "token_endpoint": "http://169.254.169.254/latest" }),
        json!({ "authorization_endpoint": "javascript:alert(1)" }),
        json!({ "jwks_uri": "file:///etc/passwd" }),
        json!({ "end_session_endpoint": "https://user:pass@evil.example/" }),
        json!({ "token_endpoint": 7 }),
    ];
    for lie in lies {
        let party = Party::new(&process, "basic", |_| {});
        process.fault("discovery", "patch", json!({ "set": lie }));
        let fault = party.authorization_url(None).await.unwrap_err();
        assert!(matches!(fault, ProviderFault::Untrusted(_)), "{lie}: {fault:?}");
        // It stands for a while: the provider is not asked again by each browser.
        process.test("DELETE", "calls", &Value::Null);
        assert!(party.authorization_url(None).await.is_err());
        assert_eq!(process.count("discovery"), 0);
    }
    assert_eq!(process.count("token"), 0);
}

#[tokio::test]
async fn a_provider_that_is_away_is_asked_again() {
    let process = ProviderProcess::start(&settings());
    let party = Party::new(&process, "basic", |_| {});
    for kind in ["status", "429", "html"] {
        process.fault("discovery", kind, json!({}));
        let fault = party.authorization_url(None).await.unwrap_err();
        assert!(matches!(fault, ProviderFault::Away { .. }), "{kind}: {fault:?}");
    }
    party.authorization_url(None).await.unwrap();
    // Many at once read the metadata once.
    process.test("DELETE", "calls", &Value::Null);
    let other = Party::new(&process, "basic", |_| {});
    let many = (0..20).map(|_| other.authorization_url(None));
    assert!(futures_util::future::join_all(many).await.iter().all(Result::is_ok));
    assert_eq!(process.count("discovery"), 1);
    assert_eq!(process.count("par"), 20);
}

#[tokio::test]
async fn an_endpoint_elsewhere_is_reached_only_where_it_may_be() {
    let process = ProviderProcess::start(&settings());
    // Another origin on this machine, as the provider's own is: it may be named, and nobody is there.
    let party = Party::new(&process, "basic", |_| {});
    let elsewhere = json!({ "pushed_authorization_request_endpoint": "http://127.0.0.1:9/request" });
    process.fault("discovery", "patch", json!({ "set": elsewhere }));
    let fault = party.authorization_url(None).await.unwrap_err();
    let ProviderFault::Away { maybe_done, .. } = fault else { panic!("{fault:?}") };
    assert!(!maybe_done);
}

#[tokio::test]
async fn keys_that_cannot_be_had_are_no_reason_to_believe() {
    let process = ProviderProcess::start(&settings());
    let party = Party::new(&process, "basic", |_| {});
    let set = party.log_in(None).await.unwrap();
    process.fault("jwks", "status", json!({}));
    let checks = IdTokenChecks { nonce: Some("the-nonce"), ..IdTokenChecks::default() };
    let token = set.id_token.unwrap();
    let fault = party.provider.verify_id_token(&token, &checks, soon()).await.unwrap_err();
    assert!(matches!(fault, ProviderFault::Away { .. }), "{fault:?}");
}
