//! Proofs of possession: whatever text comes is refused, and what is signed by the key it carries is accepted only for
//! the request it names.
//!
//! With a NUL in it the input is a header and claims, which are signed here; `"$"` in the header is the key.

#![no_main]

use std::sync::LazyLock;

use frontdesk_perimeter::jose::dpop::{ExpectedProof, ProofFault, check};
use frontdesk_perimeter::jose::{self, Algorithm, SigningKey, sha256};
use libfuzzer_sys::fuzz_target;

const NOW: u64 = 1_700_000_000;

static KEY: LazyLock<(jsonwebtoken::EncodingKey, SigningKey)> = LazyLock::new(|| {
    let key = SigningKey::generate_es256().expect("the machine has random numbers");
    let secret = key.to_secret();
    let der = secret.split_once('.').and_then(|(_, der)| jose::decode(der)).expect("our own form");
    (jsonwebtoken::EncodingKey::from_ec_der(&der), key)
});

fuzz_target!(|text: &str| {
    let (signer, key) = &*KEY;
    let urls = ["https://shop.example.com/cart".to_owned()];
    let expected = ExpectedProof {
        method: "POST",
        urls: &urls,
        token: Some("token"),
        jkt: Some(key.thumbprint()),
        nonces: None,
        algorithms: &[Algorithm::Es256],
    };
    let Some((header, claims)) = text.split_once('\0') else {
        assert!(check(text, &expected, NOW).is_err());
        return;
    };
    let header = header.replace("\"$\"", &key.public_jwk().to_string());
    let message = format!("{}.{}", jose::encode(header), jose::encode(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), signer, jsonwebtoken::Algorithm::ES256);
    let proof = format!("{message}.{}", signature.expect("the key signs"));
    match check(&proof, &expected, NOW) {
        Err(fault) => assert_ne!(fault, ProofFault::Replayed),
        Ok(proof) => {
            assert_eq!(proof.jkt, key.thumbprint());
            assert!(proof.iat + 60 >= NOW && proof.iat <= NOW + 5 && !proof.jti.is_empty());
            assert!(claims.contains(&sha256("token")) || claims.contains('\\'));
            assert!(proof.remember.as_secs() >= 1 && proof.remember.as_secs() <= 66);
        }
    }
});
