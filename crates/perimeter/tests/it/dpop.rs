//! Proofs of possession: those we make are those we accept, and nothing else is.

use std::sync::Arc;

use frontdesk_perimeter::jose::dpop::{ExpectedProof, Proof, ProofFault, check, prove, use_once};
use frontdesk_perimeter::jose::nonce::{NonceMemory, Nonces};
use frontdesk_perimeter::jose::{self, Algorithm, SigningKey, sha256};
use frontdesk_stores::memory::MemoryStore;
use serde_json::{Map, Value, json};

use crate::clock::StandingClock;
use crate::jose::{key, members};

const NOW: u64 = 1_700_000_000;
const ALGORITHMS: [Algorithm; 2] = [Algorithm::Es256, Algorithm::EdDsa];

fn judged(
    proof: &str,
    token: Option<&str>,
    jkt: Option<&str>,
    nonces: Option<&Nonces>,
) -> Result<Proof, ProofFault> {
    let urls = ["http://127.0.0.1:7002/cart".to_owned(), "https://shop.example.com/cart".to_owned()];
    let expected = ExpectedProof { method: "POST", urls: &urls, token, jkt, nonces, algorithms: &ALGORITHMS };
    check(proof, &expected, NOW)
}

/// A proof with changes to its header and claims.
fn altered(by: &SigningKey, header: Value, claims: Value) -> String {
    let mut head = members(json!({ "typ": "dpop+jwt", "jwk": by.public_jwk() }));
    let mut body =
        members(json!({ "jti": "j1", "htm": "POST", "htu": "https://shop.example.com/cart", "iat": NOW }));
    for (into, changes) in [(&mut head, header), (&mut body, claims)] {
        for (name, value) in members(changes) {
            match value {
                Value::Null => drop(into.remove(&name)),
                value => drop(into.insert(name, value)),
            }
        }
    }
    let head: Vec<(&str, Value)> = head.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    by.sign(&head, &body).unwrap()
}

fn read(part: &str) -> Map<String, Value> {
    jose::object(&jose::decode(part).unwrap()).unwrap()
}

#[test]
fn what_we_make_is_what_the_standard_asks_for() {
    for name in ["p256", "ed25519"] {
        let key = key(name);
        let url = "https://shop.example.com:443/cart?item=7#top";
        let proof = prove(&key, "POST", url, Some("token"), Some("n1"), NOW).unwrap();
        let parts: Vec<&str> = proof.split('.').collect();
        let (header, claims) = (read(parts[0]), read(parts[1]));
        assert_eq!(header["typ"], "dpop+jwt");
        assert_eq!(header["jwk"], key.public_jwk());
        assert!(header["jwk"].get("d").is_none() && header.len() == 3);
        assert_eq!(claims["htm"], "POST");
        assert_eq!(claims["htu"], "https://shop.example.com/cart");
        assert_eq!((&claims["iat"], &claims["nonce"]), (&json!(NOW), &json!("n1")));
        assert_eq!(claims["ath"], sha256("token"));
        assert!(claims["jti"].as_str().unwrap().len() >= 22);
        let good = judged(&proof, Some("token"), Some(key.thumbprint()), None).unwrap();
        assert_eq!(good.jkt, key.thumbprint());
        let again = prove(&key, "POST", url, Some("token"), Some("n1"), NOW).unwrap();
        assert_ne!(read(again.split('.').nth(1).unwrap())["jti"], claims["jti"]);
    }
    assert!(prove(&key("p256"), "GET", "not a url", None, None, NOW).is_err());
}

#[test]
fn each_proof_is_judged_by_its_rules() {
    let key = key("p256");
    let rsa = crate::jose::key("rsa");
    let other = SigningKey::generate_es256().unwrap();
    let private = {
        let mut jwk = key.public_jwk();
        jwk["d"] = json!("AAAA");
        jwk
    };
    use ProofFault::*;
    let cases = [
        ("good", json!({}), json!({}), None),
        ("typ", json!({ "typ": "JWT" }), json!({}), Some(Malformed)),
        ("no typ", json!({ "typ": null }), json!({}), Some(Malformed)),
        ("no key", json!({ "jwk": null }), json!({}), Some(Malformed)),
        ("key is text", json!({ "jwk": "kid" }), json!({}), Some(Malformed)),
        ("a private key", json!({ "jwk": private }), json!({}), Some(Key)),
        ("a symmetric key", json!({ "jwk": { "kty": "oct", "k": "AAAA" } }), json!({}), Some(Key)),
        ("a key of another kind", json!({ "jwk": rsa.public_jwk() }), json!({}), Some(Key)),
        ("another key", json!({ "jwk": other.public_jwk() }), json!({}), Some(Signature)),
        ("another algorithm", json!({ "alg": "EdDSA" }), json!({}), Some(Key)),
        ("a symmetric algorithm", json!({ "alg": "HS256" }), json!({}), Some(Algorithm)),
        ("an algorithm not listed", json!({ "alg": "ES384" }), json!({}), Some(Algorithm)),
        ("crit", json!({ "crit": ["x"] }), json!({}), Some(Malformed)),
        ("another method", json!({}), json!({ "htm": "GET" }), Some(Method)),
        ("the method in small letters", json!({}), json!({ "htm": "post" }), Some(Method)),
        ("no method", json!({}), json!({ "htm": null }), Some(Malformed)),
        ("another path", json!({}), json!({ "htu": "https://shop.example.com/cart/7" }), Some(Url)),
        ("another host", json!({}), json!({ "htu": "https://evil.example/cart" }), Some(Url)),
        ("another scheme", json!({}), json!({ "htu": "http://shop.example.com/cart" }), Some(Url)),
        ("with a query", json!({}), json!({ "htu": "https://shop.example.com/cart?a=b#c" }), None),
        ("with the usual port", json!({}), json!({ "htu": "HTTPS://SHOP.example.com:443/cart" }), None),
        ("the other of our names", json!({}), json!({ "htu": "http://127.0.0.1:7002/cart" }), None),
        ("no URL", json!({}), json!({ "htu": null }), Some(Malformed)),
        ("a path only", json!({}), json!({ "htu": "/cart" }), Some(Malformed)),
        ("no jti", json!({}), json!({ "jti": null }), Some(Malformed)),
        ("an empty jti", json!({}), json!({ "jti": "" }), Some(Malformed)),
        ("a huge jti", json!({}), json!({ "jti": "j".repeat(300) }), Some(Malformed)),
        ("no iat", json!({}), json!({ "iat": null }), Some(Malformed)),
        ("iat is text", json!({}), json!({ "iat": "now" }), Some(Malformed)),
        ("a minute old", json!({}), json!({ "iat": NOW - 60 }), None),
        ("too old", json!({}), json!({ "iat": NOW - 61 }), Some(Stale)),
        ("a little early", json!({}), json!({ "iat": NOW + 5 }), None),
        ("from the future", json!({}), json!({ "iat": NOW + 6 }), Some(Stale)),
        ("huge", json!({}), json!({ "fat": "x".repeat(9000) }), Some(Malformed)),
    ];
    for (name, header, claims, fault) in cases {
        let got = judged(&altered(&key, header, claims), None, None, None);
        assert_eq!(got.err(), fault, "{name}");
    }
    assert_eq!(judged(&altered(&rsa, json!({}), json!({})), None, None, None), Err(Algorithm));
    assert_eq!(judged("", None, None, None), Err(Malformed));
}

#[test]
fn proofs_are_tied_to_tokens_and_keys() {
    let key = key("p256");
    let with = |claims| altered(&key, json!({}), claims);
    let hash = sha256("token");
    assert!(judged(&with(json!({ "ath": hash })), Some("token"), None, None).is_ok());
    assert_eq!(judged(&with(json!({})), Some("token"), None, None), Err(ProofFault::Token));
    assert_eq!(
        judged(&with(json!({ "ath": sha256("other") })), Some("token"), None, None),
        Err(ProofFault::Token)
    );
    assert_eq!(judged(&with(json!({ "ath": 7 })), Some("token"), None, None), Err(ProofFault::Token));
    let bound = judged(&with(json!({})), None, Some("another thumbprint"), None);
    assert_eq!(bound, Err(ProofFault::Binding));
}

#[test]
fn nonces_change_every_five_minutes_and_the_one_before_is_good() {
    let nonces = Nonces::new([7; 32]);
    let first = nonces.issue(NOW);
    assert_eq!(first, Nonces::new([7; 32]).issue(NOW), "all instances agree");
    assert_ne!(first, Nonces::new([8; 32]).issue(NOW));
    let step = NOW - NOW % 300;
    assert_eq!(nonces.issue(step + 299), first);
    assert!(nonces.accepts(&first, step + 599) && !nonces.is_current(&first, step + 300));
    assert!(!nonces.accepts(&first, step + 600));
    assert!(!nonces.accepts("", NOW) && !nonces.accepts(&first[1..], NOW));
    assert!(!format!("{nonces:?}").contains('7'));

    let key = key("p256");
    let with = |nonce: Value, iat: u64| altered(&key, json!({}), json!({ "nonce": nonce, "iat": iat }));
    let judge = |proof: String| judged(&proof, None, None, Some(&nonces));
    assert!(!judge(with(json!(first), NOW)).unwrap().nonce_is_ending);
    let older = nonces.issue(NOW - 300);
    assert!(judge(with(json!(older), NOW)).unwrap().nonce_is_ending);
    for stale in
        [json!(null), json!("made up"), json!(nonces.issue(NOW - 600)), json!(nonces.issue(NOW + 300))]
    {
        assert_eq!(judge(with(stale, NOW)), Err(ProofFault::Nonce));
    }
    // A phone whose clock is off by minutes is heard, because the nonce says that the proof is new.
    assert!(judge(with(json!(first), NOW - 290)).is_ok());
    assert!(judge(with(json!(first), NOW + 290)).is_ok());
    assert_eq!(judge(with(json!(first), NOW - 301)), Err(ProofFault::Stale));
    assert_eq!(judge(with(json!(first), NOW + 301)), Err(ProofFault::Stale));
}

#[tokio::test]
async fn a_proof_is_good_once_for_as_long_as_it_would_be_accepted() {
    let clock = StandingClock::at(NOW);
    let store = MemoryStore::new(Arc::new(clock.clone()));
    let key = key("p256");
    let proof = judged(&altered(&key, json!({}), json!({ "iat": NOW + 5 })), None, None, None).unwrap();
    assert_eq!(proof.remember.as_secs(), 66);
    assert!(use_once(&store, "fd:web:", &proof).await.unwrap());
    assert!(!use_once(&store, "fd:web:", &proof).await.unwrap());
    assert!(use_once(&store, "fd:ios:", &proof).await.unwrap(), "another BFF has its own memory");
    let other = Proof { jti: "j2".to_owned(), ..proof.clone() };
    assert!(use_once(&store, "fd:web:", &other).await.unwrap());
    clock.pass(65);
    assert!(!use_once(&store, "fd:web:", &proof).await.unwrap());
}

#[test]
fn the_newest_nonce_of_each_server_is_remembered() {
    let memory = NonceMemory::default();
    memory.learn("https://login.example.com/token", "one");
    memory.learn("https://login.example.com:443/par?x=y", "two");
    memory.learn("https://api.example.com/", "three");
    assert_eq!(memory.newest("https://login.example.com/other").as_deref(), Some("two"));
    assert_eq!(memory.newest("https://api.example.com/x").as_deref(), Some("three"));
    assert_eq!(memory.newest("http://api.example.com/x"), None);
    for bad in ["", "with space", "quo\"te", "back\\slash", "é", "line\nbreak", &"x".repeat(2000)] {
        memory.learn("https://api.example.com/", bad);
    }
    assert_eq!(memory.newest("https://api.example.com/x").as_deref(), Some("three"));
    for n in 0..1000 {
        memory.learn(&format!("https://h{n}.example/"), "n");
    }
    assert_eq!(memory.newest("https://h999.example/").as_deref(), Some("n"));
}
