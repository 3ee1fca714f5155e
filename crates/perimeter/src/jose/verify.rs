//! What a token must satisfy before its claims are believed (RFC 7515 §5.2, RFC 7519 §7.2, RFC 8725).

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Algorithm, PublicKey, PublicKeys, algorithm, decode, object};

/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN: usize = 16 * 1024;

/// Why a token is not believed. Nothing of the token is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    #[error("the token is malformed")]
    Malformed,
    #[error("the token's signature algorithm is not accepted")]
    Algorithm,
    #[error("the token's key is not known")]
    UnknownKey,
    #[error("the token's signature is wrong")]
    Signature,
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid yet")]
    NotYet,
    #[error("the token is of another issuer")]
    Issuer,
    #[error("the token is meant for another audience")]
    Audience,
    #[error("the token is of another type")]
    Type,
    /// The name is ours: one that is expected, not one that the token has.
    #[error("the token lacks the claim `{0}`, or it is of the wrong kind")]
    Claim(&'static str),
}

impl TokenFault {
    /// As [`Display`](std::fmt::Display) says it, for problems that take fixed texts.
    pub fn text(self) -> &'static str {
        match self {
            Self::Malformed => "the token is malformed",
            Self::Algorithm => "the token's signature algorithm is not accepted",
            Self::UnknownKey => "the token's key is not known",
            Self::Signature => "the token's signature is wrong",
            Self::Expired => "the token has expired",
            Self::NotYet => "the token is not valid yet",
            Self::Issuer => "the token is of another issuer",
            Self::Audience => "the token is meant for another audience",
            Self::Type => "the token is of another type",
            Self::Claim(_) => "the token lacks a claim, or it is of the wrong kind",
        }
    }
}

/// What a token must be. `exp`, `iss` and `aud` are always required.
#[derive(Clone, Debug)]
pub struct Expectations {
    /// Equal to `iss`, character by character.
    pub issuer: Arc<str>,
    /// At least one of them is in `aud`.
    pub audiences: Vec<Arc<str>>,
    /// `typ` headers that are accepted, whatever their case, with or without `application/`.
    pub types: Vec<Arc<str>>,
    /// A token without `typ` is accepted too, as ID tokens commonly are.
    pub untyped: bool,
    pub algorithms: Vec<Algorithm>,
    /// How far clocks may differ, in seconds.
    pub leeway: u64,
    /// Further claims that must be there and not null.
    pub require: Vec<&'static str>,
    /// The oldest that it may be by its `iat` (which then is required), in seconds.
    pub max_age: Option<u64>,
}

/// A token whose signature and claims were found good.
#[derive(Clone)]
pub struct Verified {
    pub header: Map<String, Value>,
    pub claims: Map<String, Value>,
    pub algorithm: Algorithm,
}

impl std::fmt::Debug for Verified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verified").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl Verified {
    /// A claim that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// A claim that is a date, in whole Unix seconds.
    pub fn date(&self, name: &str) -> Option<u64> {
        date(self.claims.get(name)?)
    }
}

/// A token taken apart. Nothing in it is to be believed: it says which key to look for, and nothing else.
pub struct Peeked<'t> {
    pub algorithm: Algorithm,
    pub header: Map<String, Value>,
    claims: &'t str,
    message: &'t str,
    signature: &'t str,
}

impl std::fmt::Debug for Peeked<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Peeked").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl Peeked<'_> {
    pub fn kid(&self) -> Option<&str> {
        self.header.get("kid")?.as_str()
    }

    /// The issuer that the token claims to be from, to choose between several whose keys are known.
    pub fn unverified_issuer(&self) -> Option<String> {
        Some(object(&decode(self.claims)?)?.get("iss")?.as_str()?.to_owned())
    }

    /// The claims, if `key` has signed them.
    pub(crate) fn signed_by(&self, key: &PublicKey) -> Result<Map<String, Value>, TokenFault> {
        if !key.has_signed(self.algorithm, self.message.as_bytes(), self.signature) {
            return Err(TokenFault::Signature);
        }
        decode(self.claims).and_then(|text| object(&text)).ok_or(TokenFault::Malformed)
    }

    /// Whether `typ` is one of these.
    pub(crate) fn is_of_type(&self, types: &[impl AsRef<str>], untyped: bool) -> bool {
        match self.header.get("typ") {
            None => untyped,
            Some(Value::String(typ)) => types.iter().any(|known| same_type(typ, known.as_ref())),
            Some(_) => false,
        }
    }
}

/// RFC 7515 §4.1.9: media types, whose case does not matter, without `application/` if nothing else has a slash.
fn same_type(left: &str, right: &str) -> bool {
    fn short(whole: &str) -> &str {
        match whole.split_at_checked("application/".len()) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") && !rest.contains('/') => {
                rest
            }
            _ => whole,
        }
    }
    short(left).eq_ignore_ascii_case(short(right))
}

/// Takes a token apart: exactly three parts, each strict base64url, a header without repetitions and without anything
/// that would change what is signed.
///
/// # Errors
/// [`TokenFault::Malformed`], or [`TokenFault::Algorithm`] for what is not one of [`Algorithm`].
pub fn peek(token: &str) -> Result<Peeked<'_>, TokenFault> {
    if token.len() > MAX_TOKEN {
        return Err(TokenFault::Malformed);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(TokenFault::Malformed)?;
    let (header, claims) = message.split_once('.').ok_or(TokenFault::Malformed)?;
    if claims.contains('.') || claims.is_empty() || decode(claims).is_none() {
        return Err(TokenFault::Malformed);
    }
    let header = decode(header).and_then(|text| object(&text)).ok_or(TokenFault::Malformed)?;
    let algorithm = match header.get("alg") {
        Some(Value::String(name)) => algorithm(name).ok_or(TokenFault::Algorithm)?,
        _ => return Err(TokenFault::Malformed),
    };
    // RFC 7515 §4.1.11: of what `crit` may name, nothing is understood here; `b64` (RFC 7797) and `zip` change what the
    // signature is over, and are refused even if a careless signer does not call them critical.
    if ["crit", "b64", "zip", "enc"].iter().any(|name| header.contains_key(*name)) {
        return Err(TokenFault::Malformed);
    }
    if signature.is_empty()
        || decode(signature).is_none()
        || header.get("kid").is_some_and(|kid| !kid.is_string())
    {
        return Err(TokenFault::Malformed);
    }
    Ok(Peeked { algorithm, header, claims, message, signature })
}

/// The token's claims, if one of `keys` has signed it and it is what is expected at `now` (Unix seconds).
///
/// # Errors
/// See [`TokenFault`]; nothing is said of the claims before the signature was found good.
pub fn verify(
    token: &str,
    keys: &PublicKeys,
    expect: &Expectations,
    now: u64,
) -> Result<Verified, TokenFault> {
    let peeked = peek(token)?;
    if !expect.algorithms.contains(&peeked.algorithm) {
        return Err(TokenFault::Algorithm);
    }
    let key = keys.find(peeked.kid(), peeked.algorithm).ok_or(TokenFault::UnknownKey)?;
    let claims = peeked.signed_by(key)?;
    if !peeked.is_of_type(&expect.types, expect.untyped) {
        return Err(TokenFault::Type);
    }
    check_claims(&claims, expect, now)?;
    Ok(Verified { algorithm: peeked.algorithm, header: peeked.header, claims })
}

/// Whether claims that are to be believed are what is expected.
pub(crate) fn check_claims(
    claims: &Map<String, Value>,
    expect: &Expectations,
    now: u64,
) -> Result<(), TokenFault> {
    match claims.get("iss") {
        Some(Value::String(issuer)) if **issuer == *expect.issuer => {}
        Some(Value::String(_)) => return Err(TokenFault::Issuer),
        _ => return Err(TokenFault::Claim("iss")),
    }
    if !audiences(claims)?.iter().any(|one| expect.audiences.iter().any(|known| **known == **one)) {
        return Err(TokenFault::Audience);
    }
    check_dates(claims, expect.leeway, expect.max_age, now)?;
    match expect.require.iter().find(|name| claims.get(**name).is_none_or(Value::is_null)) {
        Some(missing) => Err(TokenFault::Claim(missing)),
        None => Ok(()),
    }
}

/// `aud` as a list; it may be a single text (RFC 7519 §4.1.3).
fn audiences(claims: &Map<String, Value>) -> Result<Vec<&str>, TokenFault> {
    match claims.get("aud") {
        Some(Value::String(one)) => Ok(vec![one]),
        Some(Value::Array(all)) if !all.is_empty() => {
            all.iter().map(|one| one.as_str().ok_or(TokenFault::Claim("aud"))).collect()
        }
        _ => Err(TokenFault::Claim("aud")),
    }
}

fn check_dates(
    claims: &Map<String, Value>,
    leeway: u64,
    max_age: Option<u64>,
    now: u64,
) -> Result<(), TokenFault> {
    let read = |name: &'static str| match claims.get(name) {
        None => Ok(None),
        Some(value) => date(value).map(Some).ok_or(TokenFault::Claim(name)),
    };
    let expires = read("exp")?.ok_or(TokenFault::Claim("exp"))?;
    if now >= expires.saturating_add(leeway) {
        return Err(TokenFault::Expired);
    }
    let soon = now.saturating_add(leeway);
    if read("nbf")?.is_some_and(|begins| begins > soon) {
        return Err(TokenFault::NotYet);
    }
    let issued = read("iat")?;
    if issued.is_some_and(|at| at > soon) {
        return Err(TokenFault::NotYet);
    }
    match (max_age, issued) {
        (Some(_), None) => Err(TokenFault::Claim("iat")),
        (Some(most), Some(at)) if now > at.saturating_add(most).saturating_add(leeway) => {
            Err(TokenFault::Expired)
        }
        _ => Ok(()),
    }
}

/// A NumericDate (RFC 7519 §2): seconds, possibly with a fraction, which is dropped. Never negative.
fn date(value: &Value) -> Option<u64> {
    if let Some(whole) = value.as_u64() {
        return Some(whole);
    }
    let seconds = value.as_f64()?;
    // Beyond this, whole numbers have gaps; no clock will ever be there.
    (0.0..9.0e15).contains(&seconds).then_some(seconds as u64)
}
