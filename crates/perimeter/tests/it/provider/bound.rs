//! Tokens bound to a key (RFC 9449), with providers that want nonces, once or for ever.

use frontdesk_lang::model::Demand;
use frontdesk_perimeter::jose::SigningKey;
use frontdesk_perimeter::provider::{OAuthError, ProviderFault};
use serde_json::{Value, json};

use super::{Party, settings};
use crate::provider_process::ProviderProcess;

fn proofs(process: &ProviderProcess) -> Vec<Value> {
    let calls = process.test("GET", "calls", &Value::Null)["calls"].clone();
    let token = calls.as_array().unwrap().iter().filter(|call| call["endpoint"] == json!("token"));
    token.map(|call| call["dpop"].clone()).collect()
}

#[tokio::test]
async fn a_nonce_costs_one_retry_and_is_remembered() {
    let mut strict = settings();
    strict["dpopNonce"] = json!(true);
    let process = ProviderProcess::start(&strict);
    let party = Party::new(&process, "keyed", |settings| settings.dpop = Demand::Required);
    let key = SigningKey::generate_es256().unwrap();
    let set = party.log_in(Some(key.clone())).await.unwrap();
    assert!(set.is_dpop);
    let sent = proofs(&process);
    assert_eq!(sent.len(), 2, "refused for want of a nonce, then accepted");
    assert!(sent[0]["claims"]["nonce"].is_null() && sent[1]["claims"]["nonce"].is_string());
    for proof in &sent {
        assert_eq!(proof["header"]["typ"], json!("dpop+jwt"));
        assert_eq!(proof["header"]["jwk"], key.public_jwk());
        assert_eq!(proof["claims"]["htm"], json!("POST"));
        assert_eq!(proof["claims"]["htu"], json!(format!("{}/token", process.issuer)));
        assert!(proof["claims"]["ath"].is_null(), "there is no access token yet");
    }
    assert_ne!(sent[0]["claims"]["jti"], sent[1]["claims"]["jti"], "a fresh proof for every attempt");

    let second = party.refresh(set.refresh_token.as_deref().unwrap(), Some(key.clone())).await.unwrap();
    assert!(second.is_dpop);
    assert_eq!(proofs(&process).len(), 3, "the nonce is known now");

    // A provider that is never content.
    process.fault("token", "dpop-nonce", json!({ "times": 99 }));
    let endless = party.refresh(second.refresh_token.as_deref().unwrap(), Some(key.clone())).await;
    assert_eq!(endless, Err(ProviderFault::Refused { error: OAuthError::UseDpopNonce }));
    assert_eq!(proofs(&process).len(), 5);
    process.test("DELETE", "faults", &Value::Null);
    assert!(party.refresh(second.refresh_token.as_deref().unwrap(), Some(key)).await.is_ok());
}

#[tokio::test]
async fn a_token_that_is_not_bound_although_it_must_be_is_thrown_away() {
    let process = ProviderProcess::start(&settings());
    let key = || Some(SigningKey::generate_es256().unwrap());
    let unbound = json!({ "set": { "token_type": "Bearer" } });
    let insisting = Party::new(&process, "basic", |settings| settings.dpop = Demand::Required);
    process.fault("token", "patch", unbound.clone());
    let discarded = insisting.log_in(key()).await;
    assert!(matches!(discarded, Err(ProviderFault::Untrusted(_))), "{discarded:?}");
    let content = Party::new(&process, "basic", |_| {});
    process.fault("token", "patch", unbound);
    assert!(!content.log_in(key()).await.unwrap().is_dpop);
    // Bound although no key was shown.
    process.fault("token", "patch", json!({ "set": { "token_type": "DPoP" } }));
    assert!(matches!(content.log_in(None).await, Err(ProviderFault::Untrusted(_))));
}

#[tokio::test]
async fn a_code_is_bound_to_the_key_it_was_asked_for_with() {
    let process = ProviderProcess::start(&settings());
    let party = Party::new(&process, "basic", |_| {});
    let (own, other) = (SigningKey::generate_es256().unwrap(), SigningKey::generate_es256().unwrap());
    let url = party.authorization_url(Some(own.thumbprint().to_owned())).await.unwrap();
    let callback = crate::http::Person::default().sign_in(&url, "ada");
    let code = super::parameter(&callback, "code").unwrap();
    assert!(party.redeem(code, Some(other)).await.unwrap_err().ends_session());
}
