//! What npm `jose` signs is believed, and what we sign it believes.
//!
//! `FRONTDESK_NODE_MODULES` names the folder with the locked packages (`make test` sets it).

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use frontdesk_perimeter::jose::dpop::{ExpectedProof, check, prove};
use frontdesk_perimeter::jose::nonce::Nonces;
use frontdesk_perimeter::jose::{Algorithm, PublicKeys, SigningKey, sha256, verify};
use serde_json::{Value, json};

use crate::jose::{expectations, key, members};

const NOW: u64 = 1_700_000_000;

fn node(given: &Value) -> Option<Value> {
    let Some(modules) = std::env::var_os("FRONTDESK_NODE_MODULES") else {
        eprintln!("SKIPPED: FRONTDESK_NODE_MODULES names no packages, so nothing was compared with npm jose");
        return None;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/jose.mjs");
    let mut child = Command::new("node")
        .arg(script)
        .arg(modules)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node can be run");
    child.stdin.take().unwrap().write_all(given.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "node failed");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// A client assertion as `private_key_jwt` sends it (RFC 7523).
fn assertion(by: &SigningKey) -> String {
    let claims = json!({ "iss": "web-bff", "sub": "web-bff", "aud": "https://login.example.com", "jti": "j",
        "iat": NOW, "exp": NOW + 60 });
    let header = [("typ", json!("client-authentication+jwt")), ("kid", json!(by.kid()))];
    by.sign(&header, &members(claims)).unwrap()
}

#[test]
fn npm_jose_and_we_believe_each_other() {
    let keys: Vec<SigningKey> = Algorithm::ALL
        .into_iter()
        .map(|algorithm| {
            let name = match algorithm {
                Algorithm::Es256 => "p256",
                Algorithm::Es384 => "p384",
                Algorithm::EdDsa => "ed25519",
                _ => "rsa",
            };
            key(name).with_algorithm(algorithm).unwrap()
        })
        .collect();
    let nonces = Nonces::new([3; 32]);
    let nonce = nonces.issue(NOW);
    let mut tokens: Vec<Value> = keys
        .iter()
        .map(|key| json!({ "kind": "assertion", "token": assertion(key), "jwks": { "keys": [key.published_jwk()] } }))
        .collect();
    let sent = "https://api.example.com/orders?page=2";
    tokens.extend(keys.iter().map(|key| {
        let proof = prove(key, "GET", sent, Some("token"), Some("their nonce"), NOW).unwrap();
        json!({ "kind": "proof", "token": proof })
    }));
    let expect = json!({ "issuer": "web-bff", "audience": "https://login.example.com",
        "typ": "client-authentication+jwt", "requiredClaims": ["jti", "exp", "sub"] });
    let Some(answer) = node(&json!({ "now": NOW, "nonce": nonce, "expect": expect, "tokens": tokens }))
    else {
        return;
    };

    let verified = answer["verified"].as_array().unwrap();
    assert_eq!(verified.len(), 2 * keys.len());
    let (assertions, proofs) = verified.split_at(keys.len());
    for (key, seen) in keys.iter().zip(assertions) {
        assert_eq!(seen["error"], Value::Null, "{}", key.algorithm().name());
        assert_eq!(seen["header"]["alg"], key.algorithm().name());
    }
    for (key, seen) in keys.iter().zip(proofs) {
        assert_eq!(seen["error"], Value::Null, "{}", key.algorithm().name());
        assert_eq!(seen["thumbprint"], key.thumbprint());
        assert_eq!(seen["payload"]["htu"], "https://api.example.com/orders");
        assert_eq!(seen["payload"]["ath"], sha256("token"));
    }

    let theirs = answer["tokens"].as_array().unwrap();
    let set = json!({ "keys": theirs.iter().map(|one| one["jwk"].clone()).collect::<Vec<_>>() });
    let set = PublicKeys::parse(set.to_string().as_bytes()).unwrap();
    assert_eq!((set.len(), set.skipped()), (theirs.len(), 0));
    for one in theirs {
        let verified = verify(one["token"].as_str().unwrap(), &set, &expectations(), NOW)
            .unwrap_or_else(|fault| panic!("{}: {fault}", one["alg"]));
        assert_eq!(verified.text("sub"), Some(&*format!("user of {}", one["alg"].as_str().unwrap())));
        let kid = one["jwk"]["kid"].as_str().unwrap();
        assert_eq!(set.find(Some(kid), verified.algorithm).unwrap().thumbprint(), one["thumbprint"]);
    }
    for one in answer["proofs"].as_array().unwrap() {
        let expected = ExpectedProof {
            method: "POST",
            urls: &["https://shop.example.com/cart".to_owned()],
            token: Some("token"),
            jkt: one["thumbprint"].as_str(),
            nonces: Some(&nonces),
            algorithms: &[Algorithm::Es256, Algorithm::EdDsa],
        };
        check(one["proof"].as_str().unwrap(), &expected, NOW).unwrap();
    }
}
