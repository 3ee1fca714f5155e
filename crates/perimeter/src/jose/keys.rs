//! Public keys, as providers publish them (RFC 7517) and as proofs carry them.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value, json};

use super::{Algorithm, algorithm, decode, native, object, sha256};

/// The most keys of one set that are looked at.
const MAX_KEYS: usize = 100;

/// What is wrong with a key. Fixed texts: they may be shown to an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("it is neither a PEM private key without a passphrase nor a JWK")]
    Form,
    #[error("its type or curve is not supported; use RSA, P-256, P-384 or Ed25519")]
    Kind,
    #[error("it is a symmetric key; only public-key algorithms are used")]
    Symmetric,
    #[error("it is not meant for signatures (`use`, `key_ops`)")]
    Use,
    #[error("its `alg` does not fit its type")]
    Algorithm,
    #[error("an RSA key needs at least 2048 and at most 8192 bits")]
    Size,
    #[error("its numbers do not form a key")]
    Invalid,
    #[error("a private key stands where a public one belongs")]
    Private,
    #[error("it is a public key; the private one is needed")]
    Public,
}

/// What a key can do, whatever its `alg` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyKind {
    Rsa,
    P256,
    P384,
    Ed25519,
}

impl KeyKind {
    pub(super) fn fits(self, algorithm: Algorithm) -> bool {
        matches!(
            (self, algorithm),
            (
                Self::Rsa,
                Algorithm::Rs256
                    | Algorithm::Rs384
                    | Algorithm::Rs512
                    | Algorithm::Ps256
                    | Algorithm::Ps384
                    | Algorithm::Ps512
            ) | (Self::P256, Algorithm::Es256)
                | (Self::P384, Algorithm::Es384)
                | (Self::Ed25519, Algorithm::EdDsa)
        )
    }
}

/// One key that signatures are checked with.
#[derive(Clone)]
pub struct PublicKey {
    kid: Option<Arc<str>>,
    kind: KeyKind,
    /// The only one it may be used with.
    algorithm: Option<Algorithm>,
    thumbprint: Arc<str>,
    key: DecodingKey,
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").field("kid", &self.kid).field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl PublicKey {
    /// Reads a JWK. Members that are not known are ignored.
    ///
    /// # Errors
    /// Private and symmetric keys, keys for other uses, RSA below 2048 bits, points that are not on their curve.
    pub fn from_jwk(jwk: &Map<String, Value>) -> Result<Self, KeyError> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        if ["d", "p", "q", "dp", "dq", "qi", "oth"].iter().any(|name| jwk.contains_key(*name)) {
            return Err(KeyError::Private);
        }
        if text("kty") == Some("oct") || jwk.contains_key("k") {
            return Err(KeyError::Symmetric);
        }
        for_signatures(jwk, "verify")?;
        let bytes = |name: &str| text(name).and_then(decode).ok_or(KeyError::Invalid);
        let (kind, key, minimal) = match (text("kty"), text("crv")) {
            (Some("RSA"), _) => {
                let (n, e) = (bytes("n")?, bytes("e")?);
                check_rsa(&n, &e)?;
                let minimal = json!({ "e": text("e"), "kty": "RSA", "n": text("n") });
                (KeyKind::Rsa, DecodingKey::from_rsa_raw_components(&n, &e), minimal)
            }
            (Some("EC"), Some(curve @ ("P-256" | "P-384"))) => {
                let (kind, size, rules): (_, _, &'static dyn VerificationAlgorithm) = match curve {
                    "P-256" => (KeyKind::P256, 32, &ECDSA_P256_SHA256_FIXED),
                    _ => (KeyKind::P384, 48, &ECDSA_P384_SHA384_FIXED),
                };
                let (x, y) = (bytes("x")?, bytes("y")?);
                // RFC 7518 §6.2.1.2: the full size of a coordinate, always.
                if x.len() != size || y.len() != size {
                    return Err(KeyError::Invalid);
                }
                let point = [&[4][..], &x, &y].concat();
                UnparsedPublicKey::new(rules, &point).parse().map_err(|_| KeyError::Invalid)?;
                let minimal = json!({ "crv": curve, "kty": "EC", "x": text("x"), "y": text("y") });
                (kind, DecodingKey::from_ec_der(&point), minimal)
            }
            (Some("OKP"), Some("Ed25519")) => {
                let x = bytes("x")?;
                if x.len() != 32 {
                    return Err(KeyError::Invalid);
                }
                UnparsedPublicKey::new(&ED25519, &x).parse().map_err(|_| KeyError::Invalid)?;
                let minimal = json!({ "crv": "Ed25519", "kty": "OKP", "x": text("x") });
                (KeyKind::Ed25519, DecodingKey::from_ed_der(&x), minimal)
            }
            _ => return Err(KeyError::Kind),
        };
        let algorithm = declared_algorithm(jwk, kind)?;
        // The members above stand in the order that RFC 7638 §3.3 wants, without white space.
        let thumbprint = sha256(minimal.to_string()).into();
        Ok(Self { kid: text("kid").map(Arc::from), kind, algorithm, thumbprint, key })
    }

    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// RFC 7638 with SHA-256: `jkt`.
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// Whether it may check signatures of this algorithm.
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        self.kind.fits(algorithm) && self.algorithm.is_none_or(|only| only == algorithm)
    }

    /// Whether `signature` (base64url) is this key's over `message`.
    pub(super) fn has_signed(&self, algorithm: Algorithm, message: &[u8], signature: &str) -> bool {
        self.fits(algorithm)
            && jsonwebtoken::crypto::verify(signature, message, &self.key, native(algorithm)).unwrap_or(false)
    }
}

fn check_rsa(n: &[u8], e: &[u8]) -> Result<(), KeyError> {
    // RFC 7518 §6.3.1: the minimum number of bytes.
    let (Some(first), Some(last)) = (n.first(), e.last()) else { return Err(KeyError::Invalid) };
    if *first == 0 || e.first() == Some(&0) || last % 2 == 0 || e == [1] {
        return Err(KeyError::Invalid);
    }
    let bits = n.len() * 8 - first.leading_zeros() as usize;
    if !(2048..=8192).contains(&bits) {
        return Err(KeyError::Size);
    }
    RsaPublicKeyComponents { n, e }
        .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
        .map(drop)
        .map_err(|_| KeyError::Invalid)
}

/// `use` and `key_ops`, where they stand, must speak of signatures.
pub(super) fn for_signatures(jwk: &Map<String, Value>, operation: &str) -> Result<(), KeyError> {
    if jwk.get("use").is_some_and(|what| what != "sig") {
        return Err(KeyError::Use);
    }
    match jwk.get("key_ops") {
        None => Ok(()),
        Some(Value::Array(all)) if all.iter().any(|known| known == operation) => Ok(()),
        Some(_) => Err(KeyError::Use),
    }
}

/// `alg`, where it stands, must be one that the key can do.
pub(super) fn declared_algorithm(
    jwk: &Map<String, Value>,
    kind: KeyKind,
) -> Result<Option<Algorithm>, KeyError> {
    let Some(declared) = jwk.get("alg") else { return Ok(None) };
    match declared.as_str().and_then(algorithm) {
        Some(known) if kind.fits(known) => Ok(Some(known)),
        _ => Err(KeyError::Algorithm),
    }
}

/// A JWK set, without the keys of it that are of no use here.
#[derive(Clone, Debug, Default)]
pub struct PublicKeys {
    keys: Vec<PublicKey>,
    skipped: usize,
}

impl PublicKeys {
    /// Reads `{ "keys": [ … ] }`. Keys that cannot be used (see [`PublicKey::from_jwk`]) are skipped: providers publish
    /// keys for encryption and of kinds to come beside those that sign.
    ///
    /// # Errors
    /// The text is no JWK set at all.
    pub fn parse(text: &[u8]) -> Result<Self, KeyError> {
        Self::from_set(&object(text).ok_or(KeyError::Form)?)
    }

    /// As [`parse`](Self::parse), of a set that was read already.
    pub fn from_set(set: &Map<String, Value>) -> Result<Self, KeyError> {
        let all = set.get("keys").and_then(Value::as_array).ok_or(KeyError::Form)?;
        let keys: Vec<PublicKey> = all
            .iter()
            .take(MAX_KEYS)
            .filter_map(Value::as_object)
            .filter_map(|jwk| PublicKey::from_jwk(jwk).ok())
            .collect();
        let skipped = all.len() - keys.len();
        Ok(Self { keys, skipped })
    }

    pub fn one(key: PublicKey) -> Self {
        Self { keys: vec![key], skipped: 0 }
    }

    /// The key of that id which may be used with this algorithm; without an id, the only one that may.
    pub fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<&PublicKey> {
        let mut fitting = self.keys.iter().filter(|key| key.fits(algorithm));
        match kid {
            Some(kid) => fitting.find(|key| key.kid() == Some(kid)),
            None => {
                let first = fitting.next();
                first.filter(|_| fitting.next().is_none())
            }
        }
    }

    /// Whether there is a key of that id, whatever it can do.
    pub fn has(&self, kid: &str) -> bool {
        self.keys.iter().any(|key| key.kid() == Some(kid))
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }

    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many keys of the set cannot be used.
    pub fn skipped(&self) -> usize {
        self.skipped
    }
}
