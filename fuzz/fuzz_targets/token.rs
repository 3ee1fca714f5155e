//! Tokens: whatever text comes is refused, and what carries our signature is believed only if it says all it must.
//!
//! With a NUL in it the input is a header and claims, which are signed here, so that the rules behind the signature are
//! reached too.

#![no_main]

use std::sync::LazyLock;

use frontdesk_perimeter::jose::{
    self, Algorithm, Expectations, PublicKey, PublicKeys, SigningKey, TokenFault, peek, verify,
};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const NOW: u64 = 1_700_000_000;

static KEYS: LazyLock<(jsonwebtoken::EncodingKey, PublicKeys)> = LazyLock::new(|| {
    let key = SigningKey::generate_es256().expect("the machine has random numbers");
    let secret = key.to_secret();
    let der = secret.split_once('.').and_then(|(_, der)| jose::decode(der)).expect("our own form");
    let Value::Object(jwk) = key.public_jwk() else { panic!("a JWK is an object") };
    let public = PublicKey::from_jwk(&jwk).expect("our own key");
    (jsonwebtoken::EncodingKey::from_ec_der(&der), PublicKeys::one(public))
});

fuzz_target!(|text: &str| {
    let (signer, keys) = &*KEYS;
    let expect = Expectations {
        issuer: "https://login.example.com".into(),
        audiences: vec!["shop".into()],
        types: vec!["at+jwt".into()],
        untyped: false,
        algorithms: vec![Algorithm::Es256],
        leeway: 5,
        require: vec!["sub"],
        max_age: None,
    };
    let Some((header, claims)) = text.split_once('\0') else {
        assert!(verify(text, keys, &expect, NOW).is_err());
        if let Ok(peeked) = peek(text) {
            let _ = (peeked.kid(), peeked.unverified_issuer());
        }
        let _ = (PublicKeys::parse(text.as_bytes()), SigningKey::from_pem_or_jwk(text));
        return;
    };
    let message = format!("{}.{}", jose::encode(header), jose::encode(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), signer, jsonwebtoken::Algorithm::ES256);
    let token = format!("{message}.{}", signature.expect("the key signs"));
    match verify(&token, keys, &expect, NOW) {
        Err(fault) => assert_ne!(fault, TokenFault::Signature),
        Ok(verified) => {
            assert_eq!(verified.text("iss"), Some("https://login.example.com"));
            assert!(verified.date("exp").is_some_and(|at| at + 5 > NOW));
            let audience = verified.claims.get("aud").expect("it is required");
            let named = audience == "shop"
                || audience.as_array().is_some_and(|all| all.iter().any(|one| one == "shop"));
            assert!(named && verified.claims.contains_key("sub"));
            assert!(!verified.header.contains_key("crit"));
        }
    }
});
