//! From the first address to the last token, with each way to authenticate the client.

use frontdesk_lang::model::Demand;
use frontdesk_perimeter::provider::{IdTokenChecks, OAuthError, ProviderFault, TokenHint};
use serde_json::{Value, json};
use url::Url;

use super::{Party, REDIRECT, SECRET, parameter, settings, soon};
use crate::http::Person;
use crate::provider_process::ProviderProcess;

#[tokio::test]
async fn a_code_becomes_tokens_and_tokens_become_new_ones() {
    let process = ProviderProcess::start(&settings());
    for client in ["keyed", "basic", "post"] {
        let party = Party::new(&process, client, |_| {});
        let url = party.authorization_url(None).await.unwrap();
        let query: Vec<String> =
            Url::parse(&url).unwrap().query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(query, ["client_id", "request_uri"], "everything else was pushed");

        let callback = Person::default().sign_in(&url, "ada");
        assert_eq!(parameter(&callback, "state").as_deref(), Some("the-state"));
        let iss = parameter(&callback, "iss");
        let metadata = party.at_desk(async |provider, desk| provider.metadata(&desk, soon()).await).await;
        let metadata = metadata.unwrap();
        party.provider.check_issuer_parameter(&metadata, iss.as_deref()).unwrap();
        for wrong in [None, Some("https://evil.example"), Some("")] {
            assert!(party.provider.check_issuer_parameter(&metadata, wrong).is_err(), "{wrong:?}");
        }

        let code = parameter(&callback, "code").unwrap();
        let set = party.redeem(code.clone(), None).await.unwrap();
        let again = party.redeem(code, None).await;
        assert_eq!(again, Err(ProviderFault::Refused { error: OAuthError::InvalidGrant }), "used up");
        check_id_token(&party, set.id_token.as_deref().unwrap(), &set.access_token).await;
    }
    // Redeeming a code twice has revoked what it gave; a new login has tokens that live.
    let party = Party::new(&process, "keyed", |_| {});
    let set = party.log_in(None).await.unwrap();
    let first = set.refresh_token.unwrap();
    let second = party.refresh(&first, None).await.unwrap();
    let latest = second.refresh_token.unwrap();
    assert_ne!(first, latest, "the provider rotates");
    assert!(is_active(&party, &second.access_token).await);
    assert!(revoke(&party, &latest).await);
    let dead = party.refresh(&latest, None).await;
    assert!(dead.unwrap_err().ends_session());
    assert!(!is_active(&party, &second.access_token).await, "the grant went with it");
    captured_assertions(&process);
    nothing_secret_is_in_an_address(&process);
}

async fn check_id_token(party: &Party, token: &str, access_token: &str) {
    let checks = IdTokenChecks {
        nonce: Some("the-nonce"),
        access_token: Some(access_token),
        max_age: Some(3600),
        ..IdTokenChecks::default()
    };
    let id = party.provider.verify_id_token(token, &checks, soon()).await.unwrap();
    assert_eq!((&*id.subject, id.auth_time.is_some(), id.sid.is_some()), ("ada", true, true));
    assert!(!format!("{id:?}").contains("ada"));
    let other_login = IdTokenChecks { nonce: Some("another"), ..checks };
    let strong = ["urn:frontdesk:mfa".into()];
    let step_up = IdTokenChecks { acr: &strong, ..checks };
    let refused = party.provider.verify_id_token(token, &other_login, soon()).await;
    assert!(matches!(refused, Err(ProviderFault::Untrusted(_))), "{refused:?}");
    let weak = party.provider.verify_id_token(token, &step_up, soon()).await;
    let unmet = ProviderFault::Refused { error: OAuthError::UnmetAuthenticationRequirements };
    assert_eq!(weak, Err(unmet));
}

async fn is_active(party: &Party, token: &str) -> bool {
    let token = token.to_owned();
    let job = async move |provider: std::sync::Arc<frontdesk_perimeter::provider::Provider>, desk| {
        provider.introspect(&desk, &token, soon()).await
    };
    let answer = party.at_desk(job).await.unwrap();
    assert!(!format!("{answer:?}").contains("ada"));
    answer.active
}

async fn revoke(party: &Party, token: &str) -> bool {
    let token = token.to_owned();
    party
        .at_desk(async move |provider, desk| provider.revoke(&desk, &token, TokenHint::Refresh, soon()).await)
        .await
        .unwrap()
}

/// RFC 7523bis: the issuer is the only audience, a string; a minute at most; never the same twice.
fn captured_assertions(process: &ProviderProcess) {
    let calls = process.test("GET", "calls", &Value::Null)["calls"].clone();
    let assertions: Vec<&Value> =
        calls.as_array().unwrap().iter().map(|call| &call["assertion"]).filter(|it| !it.is_null()).collect();
    assert!(assertions.len() > 5);
    let mut seen = std::collections::BTreeSet::new();
    for assertion in assertions {
        let claims = &assertion["claims"];
        assert_eq!(claims["aud"], json!(process.issuer));
        assert_eq!((&claims["iss"], &claims["sub"]), (&json!("keyed"), &json!("keyed")));
        assert!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap() <= 60);
        assert_eq!(assertion["header"]["typ"], json!("client-authentication+jwt"));
        assert!(seen.insert(claims["jti"].as_str().unwrap().to_owned()), "a `jti` was used twice");
    }
}

fn nothing_secret_is_in_an_address(process: &ProviderProcess) {
    let calls = process.test("GET", "calls", &Value::Null)["calls"].clone();
    for call in calls.as_array().unwrap() {
        for name in call["query"].as_array().unwrap() {
            assert!(["client_id", "request_uri"].contains(&name.as_str().unwrap()), "{call}");
        }
    }
    assert!(!calls.to_string().contains(SECRET));
}

#[tokio::test]
async fn what_is_required_is_never_left_out() {
    let mut without = settings();
    without["par"] = json!(false);
    let plain = ProviderProcess::start(&without);
    let party = Party::new(&plain, "basic", |settings| {
        settings.extra = vec![
            ("prompt".into(), "consent".into()),
            ("response_mode".into(), "form_post".into()),
            ("state".into(), "planted".into()),
            ("redirect_uri".into(), "https://evil.example".into()),
        ];
    });
    let url = party.authorization_url(None).await.unwrap();
    let said = |name: &str| parameter(&url, name);
    assert_eq!(said("scope").as_deref(), Some("openid profile offline_access"));
    assert_eq!(said("code_challenge_method").as_deref(), Some("S256"));
    assert_eq!(said("prompt").as_deref(), Some("consent"));
    assert_eq!((said("state").as_deref(), said("response_mode")), (Some("the-state"), None));
    assert_eq!(said("redirect_uri").as_deref(), Some(REDIRECT));
    assert!(parameter(&Person::default().sign_in(&url, "ada"), "code").is_some());
    // The configuration insists, and the provider does not have it.
    let insisting = Party::new(&plain, "basic", |settings| settings.par = Demand::Required);
    assert!(matches!(insisting.authorization_url(None).await, Err(ProviderFault::Unsupported(_))));

    let mut required = settings();
    required["par"] = json!("required");
    let strict = ProviderProcess::start(&required);
    let pushing = Party::new(&strict, "basic", |_| {});
    pushing.log_in(None).await.unwrap();
    // The provider insists, and the configuration forbids it.
    let silent = Party::new(&strict, "basic", |settings| settings.par = Demand::Off);
    assert!(matches!(silent.authorization_url(None).await, Err(ProviderFault::Unsupported(_))));
    // The endpoint is away: no login, rather than one in the open.
    strict.fault("par", "status", json!({ "status": 503 }));
    assert!(matches!(pushing.authorization_url(None).await, Err(ProviderFault::Away { .. })));
    // It refuses us.
    let mistaken = Party::new(&strict, "basic", |settings| {
        settings.client_auth = frontdesk_perimeter::provider::ClientCredential::SecretBasic("wrong".into());
    });
    let refused = mistaken.authorization_url(None).await;
    assert_eq!(refused, Err(ProviderFault::Refused { error: OAuthError::InvalidClient }));
}

#[tokio::test]
async fn signing_out_at_the_provider_leaves_out_hints_that_are_too_long() {
    let process = ProviderProcess::start(&settings());
    let party = Party::new(&process, "basic", |_| {});
    for (hint, is_sent) in [(None, false), (Some("h".repeat(4096)), true), (Some("h".repeat(4097)), false)] {
        let url = party.at_desk(async move |provider, desk| {
            let back = "http://127.0.0.1:7002/";
            provider.end_session_url(&desk, hint.as_deref(), back, Some("s"), soon()).await
        });
        let url = url.await.unwrap().unwrap();
        assert_eq!(parameter(&url, "id_token_hint").is_some(), is_sent);
        assert_eq!(parameter(&url, "client_id").as_deref(), Some("basic"));
        assert_eq!(parameter(&url, "post_logout_redirect_uri").as_deref(), Some("http://127.0.0.1:7002/"));
    }
}
