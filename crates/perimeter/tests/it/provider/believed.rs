//! Which ID tokens and logout tokens are believed: tables of forgeries, signed by the provider as the tables say.

use std::path::Path;

use frontdesk_perimeter::provider::{IdTokenChecks, ProviderFault};
use serde_json::{Value, json};

use super::{Party, settings, soon};
use crate::provider_process::ProviderProcess;

fn table(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/provider").join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    let Value::Array(rows) = serde_json::from_str(&text).unwrap() else { panic!("{}", path.display()) };
    assert!(!rows.is_empty());
    rows
}

fn token(process: &ProviderProcess, base: &str, row: &Value) -> String {
    if let Some(text) = row["text"].as_str() {
        return text.to_owned();
    }
    let mut wanted =
        json!({ "base": base, "client": "basic", "sub": "ada", "sid": "sid-1", "secret": super::SECRET });
    for (name, value) in row["sign"].as_object().unwrap() {
        wanted[name] = value.clone();
    }
    process.sign(&wanted)
}

#[tokio::test]
async fn logout_tokens() {
    let process = ProviderProcess::start(&settings());
    let strict = Party::new(&process, "basic", |_| {});
    let relaxed = Party::new(&process, "basic", |settings| settings.logout_typ = false);
    for row in table("logout_tokens.json") {
        let token = token(&process, "logout", &row);
        for (party, member) in [(&strict, "strict"), (&relaxed, "relaxed")] {
            let believed = party.provider.verify_logout_token(&token, soon()).await;
            let expected = row[member].as_bool().unwrap_or(row["good"] == json!(true));
            assert_eq!(believed.is_ok(), expected, "{member}: {}: {believed:?}", row["name"]);
            match believed {
                Ok(believed) => assert!(believed.sid.is_some() || believed.subject.is_some()),
                Err(fault) => {
                    assert!(matches!(fault, ProviderFault::Untrusted(_)), "{}: {fault:?}", row["name"]);
                }
            }
        }
    }
}

#[tokio::test]
async fn id_tokens() {
    let process = ProviderProcess::start(&settings());
    let party = Party::new(&process, "basic", |_| {});
    for row in table("id_tokens.json") {
        let token = token(&process, "id", &row);
        let checks = IdTokenChecks {
            nonce: Some("n-1"),
            access_token: Some("the-access-token"),
            max_age: row["max_age"].as_u64(),
            ..IdTokenChecks::default()
        };
        let believed = party.provider.verify_id_token(&token, &checks, soon()).await;
        assert_eq!(believed.is_ok(), row["good"] == json!(true), "{}: {believed:?}", row["name"]);
    }
}
