//! Proofs of possession (RFC 9449): made for the tokens we hold, checked for the tokens that are shown to us.

use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{EntryStore, StoreFault};
use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq;
use url::Url;

use super::nonce::Nonces;
use super::sign::random;
use super::{Algorithm, PublicKey, SignFault, SigningKey, TokenFault, peek, sha256};

/// Seconds that a proof without a nonce is accepted after it was made.
pub const MAX_AGE: u64 = 60;
/// Seconds that a client's clock may differ if a nonce shows that the proof is new: clocks of phones do.
pub const NONCED_AGE: u64 = 300;
/// Seconds that a proof may seem to come from the future.
const AHEAD: u64 = 5;
/// The longest proof that is looked at, in bytes.
const MAX_PROOF: usize = 8 * 1024;
/// The longest `jti`.
const MAX_JTI: usize = 256;

/// Makes a proof for one request; a retry needs another one.
///
/// `url` may have a query and a fragment: they are left out of `htu`. `token` is the access token it is sent with.
///
/// # Errors
/// `url` is no URL, or nothing can be signed.
pub fn prove(
    key: &SigningKey,
    method: &str,
    url: &str,
    token: Option<&str>,
    nonce: Option<&str>,
    now: u64,
) -> Result<String, SignFault> {
    let mut claims = Map::new();
    claims.insert("jti".to_owned(), json!(random::<16>()?));
    claims.insert("htm".to_owned(), json!(method));
    claims.insert("htu".to_owned(), json!(target(url).ok_or(SignFault)?));
    claims.insert("iat".to_owned(), json!(now));
    if let Some(token) = token {
        claims.insert("ath".to_owned(), json!(sha256(token)));
    }
    if let Some(nonce) = nonce {
        claims.insert("nonce".to_owned(), json!(nonce));
    }
    key.sign(&[("typ", json!("dpop+jwt")), ("jwk", key.public_jwk())], &claims)
}

/// `htu`: without query and fragment, normalised as RFC 3986 §6.2 has it (RFC 9449 §4.3).
pub(crate) fn target(url: &str) -> Option<String> {
    let mut url = Url::parse(url).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url.into())
}

/// What a proof must be for.
#[derive(Clone, Copy, Debug)]
pub struct ExpectedProof<'e> {
    /// Of the request, upper case.
    pub method: &'e str,
    /// Where the request may have been sent to: our origins with its path. Queries do not matter.
    pub urls: &'e [String],
    /// The token that came with it, whose hash the proof must contain.
    pub token: Option<&'e str>,
    /// The thumbprint of the key that the token is bound to.
    pub jkt: Option<&'e str>,
    /// A nonce of these is required.
    pub nonces: Option<&'e Nonces>,
    pub algorithms: &'e [Algorithm],
}

/// What a good proof said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The thumbprint of the key that made it.
    pub jkt: String,
    pub jti: String,
    pub iat: u64,
    /// Its nonce is good but not the newest: the client should get that one.
    pub nonce_is_ending: bool,
    /// For how long it must not be accepted again.
    pub remember: Duration,
}

/// Why a proof is not accepted. Nothing of the proof is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofFault {
    #[error("the request carries no proof")]
    Missing,
    #[error("the proof is malformed")]
    Malformed,
    #[error("the proof's signature algorithm is not accepted")]
    Algorithm,
    #[error("the proof's key cannot be used")]
    Key,
    #[error("the proof's signature is wrong")]
    Signature,
    #[error("the proof is for another method")]
    Method,
    #[error("the proof is for another address")]
    Url,
    #[error("the proof is for another token")]
    Token,
    #[error("the token is bound to another key")]
    Binding,
    #[error("the proof was made too long ago, or in the future")]
    Stale,
    /// Ask again with the nonce of `DPoP-Nonce`: `use_dpop_nonce`.
    #[error("the proof has no current nonce")]
    Nonce,
    #[error("the proof was used before")]
    Replayed,
}

impl ProofFault {
    /// As [`Display`](std::fmt::Display) says it, for problems that take fixed texts.
    pub fn text(self) -> &'static str {
        match self {
            Self::Missing => "the request carries no proof",
            Self::Malformed => "the proof is malformed",
            Self::Algorithm => "the proof's signature algorithm is not accepted",
            Self::Key => "the proof's key cannot be used",
            Self::Signature => "the proof's signature is wrong",
            Self::Method => "the proof is for another method",
            Self::Url => "the proof is for another address",
            Self::Token => "the proof is for another token",
            Self::Binding => "the token is bound to another key",
            Self::Stale => "the proof was made too long ago, or in the future",
            Self::Nonce => "the proof has no current nonce",
            Self::Replayed => "the proof was used before",
        }
    }
}

/// Checks a proof (RFC 9449 §4.3), but for its having been used before: see [`use_once`].
///
/// # Errors
/// See [`ProofFault`].
pub fn check(proof: &str, expected: &ExpectedProof<'_>, now: u64) -> Result<Proof, ProofFault> {
    if proof.len() > MAX_PROOF {
        return Err(ProofFault::Malformed);
    }
    let peeked = peek(proof).map_err(|fault| match fault {
        TokenFault::Algorithm => ProofFault::Algorithm,
        _ => ProofFault::Malformed,
    })?;
    if !peeked.is_of_type(&["dpop+jwt"], false) {
        return Err(ProofFault::Malformed);
    }
    if !expected.algorithms.contains(&peeked.algorithm) {
        return Err(ProofFault::Algorithm);
    }
    let jwk = peeked.header.get("jwk").and_then(Value::as_object).ok_or(ProofFault::Malformed)?;
    let key = PublicKey::from_jwk(jwk).map_err(|_| ProofFault::Key)?;
    if !key.fits(peeked.algorithm) {
        return Err(ProofFault::Key);
    }
    let claims = peeked.signed_by(&key).map_err(|fault| match fault {
        TokenFault::Signature => ProofFault::Signature,
        _ => ProofFault::Malformed,
    })?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("htm").ok_or(ProofFault::Malformed)? != expected.method {
        return Err(ProofFault::Method);
    }
    let htu = text("htu").and_then(target).ok_or(ProofFault::Malformed)?;
    if !expected.urls.iter().filter_map(|url| target(url)).any(|url| url == htu) {
        return Err(ProofFault::Url);
    }
    check_token(text("ath"), expected.token)?;
    if expected.jkt.is_some_and(|jkt| !bool::from(jkt.as_bytes().ct_eq(key.thumbprint().as_bytes()))) {
        return Err(ProofFault::Binding);
    }
    let jti =
        text("jti").filter(|jti| !jti.is_empty() && jti.len() <= MAX_JTI).ok_or(ProofFault::Malformed)?;
    let iat = claims.get("iat").and_then(Value::as_u64).ok_or(ProofFault::Malformed)?;
    let (behind, ahead, nonce_is_ending) = match expected.nonces {
        Some(nonces) => {
            let nonce = text("nonce").filter(|nonce| nonces.accepts(nonce, now)).ok_or(ProofFault::Nonce)?;
            (NONCED_AGE, NONCED_AGE, !nonces.is_current(nonce, now))
        }
        None => (MAX_AGE, AHEAD, false),
    };
    let end = iat.saturating_add(behind);
    if now > end || iat > now.saturating_add(ahead) {
        return Err(ProofFault::Stale);
    }
    let remember = Duration::from_secs(end - now + 1);
    Ok(Proof { jkt: key.thumbprint().to_owned(), jti: jti.to_owned(), iat, nonce_is_ending, remember })
}

/// RFC 9449 §4.3, point 12: with a token the proof must contain its hash.
fn check_token(ath: Option<&str>, token: Option<&str>) -> Result<(), ProofFault> {
    let Some(token) = token else { return Ok(()) };
    let is_equal = ath.is_some_and(|ath| bool::from(ath.as_bytes().ct_eq(sha256(token).as_bytes())));
    if is_equal { Ok(()) } else { Err(ProofFault::Token) }
}

/// Whether this proof comes for the first time; it is remembered for as long as [`check`] would accept it.
/// `prefix` begins the key in the store: `fd:<bff>:`.
///
/// # Errors
/// The store is away: then nobody knows.
pub async fn use_once(entries: &dyn EntryStore, prefix: &str, proof: &Proof) -> Result<bool, StoreFault> {
    // The thumbprint has no dot, so that no two pairs make one text.
    let key = format!("{prefix}proof:{}", sha256(format!("{}.{}", proof.jkt, proof.jti)));
    entries.put_new(&key, Bytes::new(), proof.remember).await
}
