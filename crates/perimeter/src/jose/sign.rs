//! Private keys: the BFF's own, which prove it to providers, and the sessions' own, which tokens are bound to.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair,
};
use jsonwebtoken::EncodingKey;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::keys::{KeyKind, declared_algorithm, for_signatures};
use super::{Algorithm, KeyError, algorithm, decode, encode, native, object, sha256};

/// Something could not be signed: the random numbers of the machine ran out, or the key is not what it seemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot sign")]
pub struct SignFault;

/// A private key that signs. `Debug` shows its thumbprint.
#[derive(Clone)]
pub struct SigningKey {
    kid: Arc<str>,
    kind: KeyKind,
    algorithm: Algorithm,
    /// The members that make up the public key, in the order of RFC 7638.
    public: Arc<Map<String, Value>>,
    thumbprint: Arc<str>,
    /// Wiped when it is dropped.
    key: EncodingKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .field("thumbprint", &self.thumbprint)
            .finish_non_exhaustive()
    }
}

impl SigningKey {
    /// Reads a private key: a JWK, or PEM of PKCS#8, PKCS#1 or SEC 1. RSA keys sign with RS256 unless the JWK's `alg`
    /// says otherwise. Its `kid` is the JWK's or else its thumbprint.
    ///
    /// # Errors
    /// See [`KeyError`]; nothing of the key is in it.
    pub fn from_pem_or_jwk(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.starts_with('{') {
            return Self::from_jwk(&object(text.as_bytes()).ok_or(KeyError::Form)?);
        }
        match PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| KeyError::Form)? {
            PrivateKeyDer::Pkcs1(der) => Self::rsa(&RsaKeyPair::from_der(der.secret_pkcs1_der())),
            PrivateKeyDer::Sec1(der) => Self::ec_from_der(der.secret_sec1_der()),
            PrivateKeyDer::Pkcs8(der) => Self::from_pkcs8(der.secret_pkcs8_der()),
            _ => Err(KeyError::Form),
        }
    }

    /// A new P-256 key.
    ///
    /// # Errors
    /// The machine has no random numbers.
    pub fn generate_es256() -> Result<Self, SignFault> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| SignFault)?;
        Self::ec(&pair, KeyKind::P256).map_err(|_| SignFault)
    }

    /// The private key as one line of text, to be sealed. See [`from_secret`](Self::from_secret).
    pub fn to_secret(&self) -> Zeroizing<String> {
        let der = Zeroizing::new(encode(self.key.as_bytes()));
        Zeroizing::new(format!("{}.{}", self.algorithm.name(), der.as_str()))
    }

    /// What [`to_secret`](Self::to_secret) wrote. The `kid` is the thumbprint.
    pub fn from_secret(text: &str) -> Result<Self, KeyError> {
        let (name, der) = text.split_once('.').ok_or(KeyError::Form)?;
        let der = Zeroizing::new(decode(der).ok_or(KeyError::Form)?);
        let algorithm = algorithm(name).ok_or(KeyError::Algorithm)?;
        let key = match algorithm {
            Algorithm::Es256 | Algorithm::Es384 | Algorithm::EdDsa => Self::from_pkcs8(&der)?,
            _ => Self::rsa(&RsaKeyPair::from_der(&der))?,
        };
        key.with_algorithm(algorithm)
    }

    /// The same key for another algorithm of its kind: PS256 instead of RS256.
    pub fn with_algorithm(self, algorithm: Algorithm) -> Result<Self, KeyError> {
        if self.kind.fits(algorithm) { Ok(Self { algorithm, ..self }) } else { Err(KeyError::Algorithm) }
    }

    pub fn kid(&self) -> &str {
        &self.kid
    }

    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// RFC 7638 with SHA-256, base64url: `jkt`.
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// The public key and nothing else: `kty` and its numbers, as proofs carry it.
    pub fn public_jwk(&self) -> Value {
        Value::Object((*self.public).clone())
    }

    /// The public key as a set of keys publishes it: with `kid`, `alg` and `use`.
    pub fn published_jwk(&self) -> Value {
        let mut jwk = (*self.public).clone();
        jwk.insert("kid".to_owned(), json!(&*self.kid));
        jwk.insert("alg".to_owned(), json!(self.algorithm.name()));
        jwk.insert("use".to_owned(), json!("sig"));
        Value::Object(jwk)
    }

    /// A JWT (RFC 7515 §7.1) of these claims. `header` is what stands in its header beside `alg`: `typ`, `kid`, `jwk`.
    ///
    /// # Errors
    /// See [`SignFault`].
    pub fn sign(&self, header: &[(&str, Value)], claims: &Map<String, Value>) -> Result<String, SignFault> {
        let mut members = Map::new();
        members.insert("alg".to_owned(), json!(self.algorithm.name()));
        for (name, value) in header {
            members.insert((*name).to_owned(), value.clone());
        }
        let claims = serde_json::to_vec(claims).map_err(|_| SignFault)?;
        let header = Value::Object(members).to_string();
        let message = format!("{}.{}", encode(header), encode(claims));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, native(self.algorithm))
            .map_err(|_| SignFault)?;
        Ok(format!("{message}.{signature}"))
    }

    fn from_jwk(jwk: &Map<String, Value>) -> Result<Self, KeyError> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        if text("kty") == Some("oct") {
            return Err(KeyError::Symmetric);
        }
        if !jwk.contains_key("d") {
            return Err(KeyError::Public);
        }
        for_signatures(jwk, "sign")?;
        let bytes = |name: &str| text(name).and_then(decode).map(Zeroizing::new).ok_or(KeyError::Invalid);
        let key = match (text("kty"), text("crv")) {
            (Some("RSA"), _) => {
                let (n, e) = (bytes("n")?, bytes("e")?);
                let components = KeyPairComponents {
                    public_key: PublicKeyComponents { n: n.as_slice(), e: e.as_slice() },
                    d: bytes("d")?,
                    p: bytes("p")?,
                    q: bytes("q")?,
                    dP: bytes("dp")?,
                    dQ: bytes("dq")?,
                    qInv: bytes("qi")?,
                };
                Self::rsa(&RsaKeyPair::from_components(&components))?
            }
            (Some("EC"), Some(curve @ ("P-256" | "P-384"))) => {
                let (kind, rules) = match curve {
                    "P-256" => (KeyKind::P256, &ECDSA_P256_SHA256_FIXED_SIGNING),
                    _ => (KeyKind::P384, &ECDSA_P384_SHA384_FIXED_SIGNING),
                };
                let point = [&[4][..], &bytes("x")?, &bytes("y")?].concat();
                let pair = EcdsaKeyPair::from_private_key_and_public_key(rules, &bytes("d")?, &point);
                Self::ec(&pair.map_err(|_| KeyError::Invalid)?, kind)?
            }
            (Some("OKP"), Some("Ed25519")) => {
                let pair = Ed25519KeyPair::from_seed_and_public_key(&bytes("d")?, &bytes("x")?);
                Self::ed25519(&pair.map_err(|_| KeyError::Invalid)?)?
            }
            _ => return Err(KeyError::Kind),
        };
        let algorithm = declared_algorithm(jwk, key.kind)?.unwrap_or(key.algorithm);
        let kid = text("kid").map_or_else(|| key.kid.clone(), Arc::from);
        Ok(Self { kid, algorithm, ..key })
    }

    fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
            return Self::ed25519(&pair);
        }
        match RsaKeyPair::from_pkcs8(der) {
            Ok(pair) => Self::rsa(&Ok(pair)),
            // Says of a small RSA key what is wrong with it, of others nothing.
            Err(error) if error.to_string() == "TooSmall" => Err(KeyError::Size),
            Err(_) => Self::ec_from_der(der),
        }
    }

    /// SEC 1 or PKCS#8.
    fn ec_from_der(der: &[u8]) -> Result<Self, KeyError> {
        let curves: [(KeyKind, &'static EcdsaSigningAlgorithm); 2] = [
            (KeyKind::P256, &ECDSA_P256_SHA256_FIXED_SIGNING),
            (KeyKind::P384, &ECDSA_P384_SHA384_FIXED_SIGNING),
        ];
        curves
            .into_iter()
            .find_map(|(kind, rules)| Some((kind, EcdsaKeyPair::from_private_key_der(rules, der).ok()?)))
            .ok_or(KeyError::Kind)
            .and_then(|(kind, pair)| Self::ec(&pair, kind))
    }

    fn ec(pair: &EcdsaKeyPair, kind: KeyKind) -> Result<Self, KeyError> {
        let der = pair.to_pkcs8v1().map_err(|_| KeyError::Invalid)?;
        let (curve, size, algorithm) = match kind {
            KeyKind::P256 => ("P-256", 32, Algorithm::Es256),
            _ => ("P-384", 48, Algorithm::Es384),
        };
        let point = pair.public_key().as_ref();
        let (x, y) = point
            .strip_prefix(&[4])
            .filter(|rest| rest.len() == 2 * size)
            .and_then(|rest| rest.split_at_checked(size))
            .ok_or(KeyError::Invalid)?;
        let public = json!({ "crv": curve, "kty": "EC", "x": encode(x), "y": encode(y) });
        Ok(Self::assembled(kind, algorithm, public, EncodingKey::from_ec_der(der.as_ref())))
    }

    fn ed25519(pair: &Ed25519KeyPair) -> Result<Self, KeyError> {
        let der = pair.to_pkcs8v1().map_err(|_| KeyError::Invalid)?;
        let public = json!({ "crv": "Ed25519", "kty": "OKP", "x": encode(pair.public_key()) });
        let key = EncodingKey::from_ed_der(der.as_ref());
        Ok(Self::assembled(KeyKind::Ed25519, Algorithm::EdDsa, public, key))
    }

    fn rsa(pair: &Result<RsaKeyPair, aws_lc_rs::error::KeyRejected>) -> Result<Self, KeyError> {
        let pair = pair.as_ref().map_err(|error| match error.to_string().as_str() {
            "TooSmall" | "TooLarge" => KeyError::Size,
            _ => KeyError::Invalid,
        })?;
        if pair.public_modulus_len() < 256 {
            return Err(KeyError::Size);
        }
        let public = pair.public_key();
        let public = json!({
            "e": encode(public.exponent().big_endian_without_leading_zero()),
            "kty": "RSA",
            "n": encode(public.modulus().big_endian_without_leading_zero()),
        });
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeyError::Invalid)?;
        let key = EncodingKey::from_rsa_pem(pem(der.as_ref()).as_bytes()).map_err(|_| KeyError::Invalid)?;
        Ok(Self::assembled(KeyKind::Rsa, Algorithm::Rs256, public, key))
    }

    fn assembled(kind: KeyKind, algorithm: Algorithm, public: Value, key: EncodingKey) -> Self {
        let thumbprint: Arc<str> = sha256(public.to_string()).into();
        let public = match public {
            Value::Object(members) => Arc::new(members),
            _ => Arc::default(),
        };
        Self { kid: thumbprint.clone(), kind, algorithm, public, thumbprint, key }
    }
}

/// PKCS#8 as PEM: the library takes RSA keys out of PKCS#8 only in this form.
fn pem(der: &[u8]) -> Zeroizing<String> {
    use base64::Engine;
    let body = Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(der));
    let mut text = Zeroizing::new(String::with_capacity(body.len() + body.len() / 64 + 64));
    text.push_str("-----BEGIN PRIVATE KEY-----\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str("-----END PRIVATE KEY-----\n");
    text
}

/// Random bytes in base64url: `jti`, nonces.
///
/// # Errors
/// The machine has none.
pub(crate) fn random<const BYTES: usize>() -> Result<String, SignFault> {
    use aws_lc_rs::rand::SecureRandom;
    let mut bytes = [0; BYTES];
    SystemRandom::new().fill(&mut bytes).map_err(|_| SignFault)?;
    Ok(encode(bytes))
}
