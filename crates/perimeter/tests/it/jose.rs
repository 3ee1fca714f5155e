//! Tokens and keys: `testdata/jose/tokens.json` says what becomes of each kind of token.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::hmac;
use frontdesk_perimeter::jose::{
    self, Algorithm, Expectations, KeyError, PublicKey, PublicKeys, SigningKey, TokenFault, verify,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/jose")
}

fn text(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub fn key(name: &str) -> SigningKey {
    SigningKey::from_pem_or_jwk(&text(&format!("keys/{name}.jwk.json"))).unwrap()
}

pub fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

fn public(name: &str, kid: &str, further: Value) -> Value {
    let private = jose::object(text(&format!("keys/{name}.jwk.json")).as_bytes()).unwrap();
    let mut jwk: Map<String, Value> = private
        .into_iter()
        .filter(|(name, _)| ["kty", "crv", "x", "y", "n", "e"].contains(&name.as_str()))
        .collect();
    jwk.insert("kid".to_owned(), kid.into());
    jwk.extend(members(further));
    Value::Object(jwk)
}

/// What the provider publishes.
pub fn key_set() -> Value {
    let mut off_curve = public("p256", "off-curve", json!({}));
    off_curve["y"] = off_curve["x"].clone();
    json!({ "keys": [
        { "kty": "oct", "kid": "p256", "k": "c2VjcmV0c2VjcmV0c2VjcmV0" },
        { "kty": "of the future", "kid": "later" },
        "not even an object",
        public("rsa1024", "rsa1024", json!({})),
        off_curve,
        public("p521", "p521", json!({})),
        public("p256", "enc", json!({ "use": "enc" })),
        public("p256", "p256", json!({ "use": "sig", "alg": "ES256", "x5c": ["ignored"] })),
        public("p384", "p384", json!({})),
        public("ed25519", "ed25519", json!({ "alg": "EdDSA" })),
        public("rsa", "rsa", json!({ "key_ops": ["verify"] })),
        public("rsa", "rs256-only", json!({ "alg": "RS256" })),
    ]})
}

pub fn keys() -> PublicKeys {
    PublicKeys::parse(key_set().to_string().as_bytes()).unwrap()
}

pub fn expectations() -> Expectations {
    Expectations {
        issuer: "https://login.example.com".into(),
        audiences: vec!["shop".into(), "shop-api".into()],
        types: vec!["at+jwt".into()],
        untyped: false,
        algorithms: Algorithm::ALL.to_vec(),
        leeway: 5,
        require: vec!["sub"],
        max_age: None,
    }
}

fn merge(into: &mut Map<String, Value>, changes: Option<&Value>, now: u64) {
    for (name, value) in changes.and_then(Value::as_object).into_iter().flatten() {
        let relative = value.as_str().and_then(|text| {
            let (sign, seconds) = text.split_at_checked(1)?;
            let seconds: u64 = seconds.parse().ok()?;
            match sign {
                "+" => Some(now + seconds),
                "-" => Some(now - seconds),
                _ => None,
            }
        });
        match value {
            Value::Null => drop(into.remove(name)),
            _ if relative.is_some() => drop(into.insert(name.clone(), json!(relative))),
            _ if name == "fat" => drop(into.insert(name.clone(), "x".repeat(16 * 1024).into())),
            _ => drop(into.insert(name.clone(), value.clone())),
        }
    }
}

/// A token of any header and claims, signed by the library, whatever they say.
fn signed(by: &SigningKey, header: &str, claims: &str) -> String {
    // The signature of one text is that of any other token with the same two parts.
    let message = format!("{}.{}", jose::encode(header), jose::encode(claims));
    let native = match by.algorithm() {
        Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
        Algorithm::Ps256 => jsonwebtoken::Algorithm::PS256,
        Algorithm::Ps512 => jsonwebtoken::Algorithm::PS512,
        Algorithm::Es384 => jsonwebtoken::Algorithm::ES384,
        Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
        _ => jsonwebtoken::Algorithm::ES256,
    };
    let secret = by.to_secret();
    let der = jose::decode(secret.split_once('.').unwrap().1).unwrap();
    let encoding = match by.algorithm() {
        Algorithm::Es256 | Algorithm::Es384 => jsonwebtoken::EncodingKey::from_ec_der(&der),
        Algorithm::EdDsa => jsonwebtoken::EncodingKey::from_ed_der(&der),
        _ => jsonwebtoken::EncodingKey::from_rsa_der(&der),
    };
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &encoding, native).unwrap();
    format!("{message}.{signature}")
}

fn token(row: &Value, now: u64) -> String {
    let sign = row["sign"].as_str().unwrap_or("p256 ES256");
    let (key_name, algorithm) = sign.split_once(' ').unwrap_or((sign, "ES256"));
    let by = match key_name {
        "none" | "hs256" => key("p256"),
        "foreign" => SigningKey::generate_es256().unwrap(),
        name => key(name).with_algorithm(jose::algorithm(algorithm).unwrap()).unwrap(),
    };
    let kid = if key_name == "foreign" { "p256" } else { key_name };
    let mut header = members(json!({ "alg": algorithm, "typ": "at+jwt", "kid": kid }));
    let mut claims = members(json!({
        "iss": "https://login.example.com", "aud": "shop", "sub": "u1", "exp": now + 300, "iat": now, "scope": "cart"
    }));
    match sign {
        "none" => header.insert("alg".to_owned(), "none".into()),
        _ if key_name == "hs256" => header.insert("alg".to_owned(), "HS256".into()),
        _ => None,
    };
    merge(&mut header, row.get("header"), now);
    merge(&mut claims, row.get("claims"), now);
    let (header, claims) = (Value::Object(header).to_string(), Value::Object(claims).to_string());
    let message = format!("{}.{}", jose::encode(&header), jose::encode(&claims));
    if key_name == "none" {
        return format!("{message}.");
    }
    if key_name == "hs256" {
        let secret = if algorithm == "secret" { "client secret".into() } else { text("keys/rsa.pkcs8.pem") };
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), message.as_bytes());
        return format!("{message}.{}", jose::encode(tag));
    }
    let token = signed(&by, &header, &claims);
    let Some(tamper) = row.get("tamper").and_then(Value::as_str) else { return token };
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (verb, rest) = tamper.split_once(' ').unwrap_or((tamper, ""));
    match (verb, rest) {
        ("append", text) => format!("{token}{text}"),
        ("prepend", text) => format!("{text}{token}"),
        ("sign", claims) => signed(&by, &header, claims),
        ("header", header) => signed(&by, header, &claims),
        ("drop", "signature") => format!("{message}."),
        ("drop", _) => message.to_owned(),
        ("unused", _) => {
            // 64 bytes leave four unused bits in the last character.
            let (start, last) = token.split_at(token.len() - 1);
            let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            let at = alphabet.find(last).unwrap();
            format!("{start}{}", alphabet.get(at + 1..=at + 1).unwrap())
        }
        ("der", _) => {
            let raw = jose::decode(signature).unwrap();
            let integer = |bytes: &[u8]| [&[2, 33, 0][..], bytes].concat();
            let body = [integer(&raw[..32]), integer(&raw[32..])].concat();
            format!("{message}.{}", jose::encode([&[0x30, body.len() as u8][..], &body].concat()))
        }
        ("cut", _) => format!("{message}.{}", jose::encode(&jose::decode(signature).unwrap()[..63])),
        ("zero", _) => format!("{message}.{}", jose::encode([0; 64])),
        ("claims", _) => {
            let altered = claims.replace("\"u1\"", "\"admin\"");
            let header = message.split_once('.').unwrap().0;
            format!("{header}.{}.{signature}", jose::encode(altered))
        }
        _ => panic!("no such way to tamper: {tamper}"),
    }
}

#[test]
fn each_token_is_judged_as_the_table_says() {
    let table: Value = serde_json::from_str(&text("tokens.json")).unwrap();
    let now = table["now"].as_u64().unwrap();
    let keys = keys();
    let mut wrong = Vec::new();
    for row in table["rows"].as_array().unwrap() {
        let mut expect = expectations();
        if let Some(changes) = row.get("expect") {
            expect.max_age = changes.get("max_age").and_then(Value::as_u64);
            if let Some(names) = changes.get("algorithms").and_then(Value::as_array) {
                expect.algorithms =
                    names.iter().map(|name| jose::algorithm(name.as_str().unwrap()).unwrap()).collect();
            }
        }
        let got = verify(&token(row, now), &keys, &expect, now).map(drop);
        let got = got.err().map(|fault| format!("{fault:?}"));
        if got.as_deref() != row["fault"].as_str() {
            wrong.push(format!("{}: {got:?} instead of {}", row["name"], row["fault"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_verified_token_gives_its_claims_and_debug_hides_them() {
    let token = token(&json!({}), 1_700_000_000);
    let verified = verify(&token, &keys(), &expectations(), 1_700_000_000).unwrap();
    assert_eq!((verified.text("sub"), verified.date("exp")), (Some("u1"), Some(1_700_000_300)));
    assert!(!format!("{verified:?}").contains("u1"));
}

#[test]
fn keys_that_cannot_be_trusted_are_skipped() {
    let keys = keys();
    assert_eq!((keys.len(), keys.skipped()), (5, 7));
    for kid in ["p256", "p384", "ed25519", "rsa", "rs256-only"] {
        assert!(keys.has(kid), "{kid}");
    }
    let refused = [
        (json!({ "kty": "oct", "k": "AAAA" }), KeyError::Symmetric),
        (json!({ "kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA" }), KeyError::Invalid),
        (json!({ "kty": "EC", "crv": "secp256k1", "x": "AAAA", "y": "AAAA" }), KeyError::Kind),
        (json!({ "kty": "OKP", "crv": "X25519", "x": "AAAA" }), KeyError::Kind),
        (json!({ "kty": "OKP", "crv": "Ed25519", "x": "AAAA" }), KeyError::Invalid),
        (json!({}), KeyError::Kind),
        (public("rsa1024", "x", json!({})), KeyError::Size),
        (public("rsa", "x", json!({ "e": "AQ" })), KeyError::Invalid),
        (public("rsa", "x", json!({ "e": "AQAA" })), KeyError::Invalid),
        (public("rsa", "x", json!({ "n": "AAAA" })), KeyError::Invalid),
        (public("rsa", "x", json!({ "alg": "ES256" })), KeyError::Algorithm),
        (public("rsa", "x", json!({ "alg": "HS256" })), KeyError::Algorithm),
        (public("rsa", "x", json!({ "alg": 7 })), KeyError::Algorithm),
        (public("rsa", "x", json!({ "use": "enc" })), KeyError::Use),
        (public("rsa", "x", json!({ "use": ["sig"] })), KeyError::Use),
        (public("rsa", "x", json!({ "key_ops": ["encrypt"] })), KeyError::Use),
        (public("p256", "x", json!({ "d": "AAAA" })), KeyError::Private),
        (public("p256", "x", json!({ "x": "AAAA" })), KeyError::Invalid),
    ];
    for (jwk, error) in refused {
        assert_eq!(PublicKey::from_jwk(&members(jwk.clone())).unwrap_err(), error, "{jwk}");
    }
    for text in ["", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[],\"keys\":[]}"] {
        assert_eq!(PublicKeys::parse(text.as_bytes()).unwrap_err(), KeyError::Form, "{text}");
    }
}

#[test]
fn private_keys_are_read_in_every_form() {
    for (name, algorithm, forms) in [
        ("rsa", Algorithm::Rs256, &["pkcs1", "pkcs8"][..]),
        ("p256", Algorithm::Es256, &["sec1", "pkcs8"]),
        ("p384", Algorithm::Es384, &["sec1", "pkcs8"]),
        ("ed25519", Algorithm::EdDsa, &["pkcs8"]),
    ] {
        let from_jwk = key(name);
        for form in forms {
            let from_pem = SigningKey::from_pem_or_jwk(&text(&format!("keys/{name}.{form}.pem"))).unwrap();
            assert_eq!(from_pem.thumbprint(), from_jwk.thumbprint(), "{name} {form}");
            assert_eq!(from_pem.algorithm(), algorithm);
            assert_eq!(from_pem.kid(), from_pem.thumbprint());
        }
        let again = SigningKey::from_secret(&from_jwk.to_secret()).unwrap();
        assert_eq!((again.thumbprint(), again.algorithm()), (from_jwk.thumbprint(), algorithm));
        let published = members(from_jwk.published_jwk());
        assert_eq!(PublicKey::from_jwk(&published).unwrap().thumbprint(), from_jwk.thumbprint());
        let secret = from_jwk.to_secret();
        assert!(!format!("{from_jwk:?}").contains(secret.split_once('.').unwrap().1));
        // What it signs is what its public half believes.
        let keys = PublicKeys::one(PublicKey::from_jwk(&published).unwrap());
        let claims = json!({ "iss": "https://login.example.com", "aud": "shop", "sub": "u", "exp": 9 });
        let header = [("typ", json!("at+jwt")), ("kid", json!(from_jwk.kid()))];
        let token = from_jwk.sign(&header, &members(claims)).unwrap();
        assert!(verify(&token, &keys, &expectations(), 1).is_ok(), "{name}");
    }
    let generated = SigningKey::generate_es256().unwrap();
    assert_ne!(generated.thumbprint(), SigningKey::generate_es256().unwrap().thumbprint());
    assert_eq!(SigningKey::from_secret(&generated.to_secret()).unwrap().thumbprint(), generated.thumbprint());
}

#[test]
fn private_keys_that_cannot_be_used_say_why() {
    let jwk = |name: &str, change: Value| {
        let mut jwk = jose::object(text(&format!("keys/{name}.jwk.json")).as_bytes()).unwrap();
        jwk.extend(members(change));
        Value::Object(jwk).to_string()
    };
    let cases = [
        (String::new(), KeyError::Form),
        ("hunter2".to_owned(), KeyError::Form),
        ("{\"kty\":".to_owned(), KeyError::Form),
        (text("keys/rsa1024.pkcs8.pem"), KeyError::Size),
        (text("keys/p521.pkcs8.pem"), KeyError::Kind),
        (jwk("p521", json!({})), KeyError::Kind),
        (jwk("p256", json!({ "alg": "RS256" })), KeyError::Algorithm),
        (jwk("p256", json!({ "use": "enc" })), KeyError::Use),
        (jwk("p256", json!({ "d": "AAAA" })), KeyError::Invalid),
        (jwk("rsa", json!({ "dp": "AAAA" })), KeyError::Invalid),
        (jwk("rsa", json!({ "p": null })), KeyError::Invalid),
        (public("p256", "x", json!({})).to_string(), KeyError::Public),
        (json!({ "kty": "oct", "k": "AAAA" }).to_string(), KeyError::Symmetric),
        (
            "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----"
                .to_owned(),
            KeyError::Form,
        ),
    ];
    for (text, error) in cases {
        assert_eq!(SigningKey::from_pem_or_jwk(&text).unwrap_err(), error, "{error:?}");
    }
    assert_eq!(key("rsa").with_algorithm(Algorithm::Es256).unwrap_err(), KeyError::Algorithm);
    let ps256 = SigningKey::from_pem_or_jwk(&jwk("rsa", json!({ "alg": "PS256", "kid": "k" }))).unwrap();
    assert_eq!((ps256.algorithm(), ps256.kid()), (Algorithm::Ps256, "k"));
    assert_eq!(SigningKey::from_secret(&ps256.to_secret()).unwrap().algorithm(), Algorithm::Ps256);
    for secret in ["", "ES256", "ES256.", "ES256.AAAA", "HS256.AAAA", "RS256.AAAA"] {
        assert!(SigningKey::from_secret(secret).is_err(), "{secret}");
    }
}

/// RFC 7638 §3.1 and RFC 8037 appendix A.3.
#[test]
fn thumbprints_are_those_of_the_standards() {
    let rsa = json!({ "kty": "RSA", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw" });
    let ed = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    for (jwk, thumbprint) in [
        (rsa, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"),
        (ed, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"),
    ] {
        assert_eq!(PublicKey::from_jwk(&members(jwk)).unwrap().thumbprint(), thumbprint);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever byte is changed to whatever other byte, the token is not believed.
    #[test]
    fn no_byte_of_a_token_can_change(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let good = token(&json!({}), 1_700_000_000);
        let mut bytes = good.clone().into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        if let Ok(changed) = String::from_utf8(bytes) {
            let got = verify(&changed, &keys(), &expectations(), 1_700_000_000);
            prop_assert!(got.is_err(), "{changed}");
        }
    }

    #[test]
    fn any_text_is_refused_without_ado(text in "\\PC{0,200}|[A-Za-z0-9_-]{0,80}\\.[A-Za-z0-9_-]{0,80}\\.[A-Za-z0-9_-]{0,80}") {
        prop_assert!(verify(&text, &keys(), &expectations(), 1_700_000_000).is_err());
        prop_assert!(PublicKeys::parse(text.as_bytes()).is_err());
        prop_assert!(SigningKey::from_pem_or_jwk(&text).is_err());
    }
}

#[test]
fn faults_say_nothing_of_the_token() {
    for fault in [TokenFault::Malformed, TokenFault::Signature, TokenFault::Claim("aud")] {
        assert!(fault.to_string().starts_with("the token"));
        assert!(fault.text().starts_with("the token"));
    }
    let audiences: Vec<Arc<str>> = Vec::new();
    let expect = Expectations { audiences, ..expectations() };
    let got = verify(&token(&json!({}), 1_700_000_000), &keys(), &expect, 1_700_000_000);
    assert_eq!(got.map(drop), Err(TokenFault::Audience), "no audience of ours means none is accepted");
}
