//! Signed tokens: which keys count, what is signed, and what a token must satisfy before a word of it is believed.
//!
//! The signatures are `jsonwebtoken`'s work. What is written here is the strictness around them: by themselves such
//! libraries accept a token without `aud` or `iss`, with a `typ` that means something else, with a critical header
//! they do not know, with the same claim twice. Nothing here is cryptography, and nothing here waits, apart from
//! [`jwks`], which keeps the keys of a provider up to date.
//!
//! - [`PublicKeys`] is a parsed JWK set, [`SigningKey`] a private key;
//! - [`verify()`] applies [`Expectations`] to a token;
//! - [`dpop`] makes and checks proofs of possession (RFC 9449);
//! - [`jwks`] fetches and remembers the keys of one issuer.

pub mod dpop;
mod json;
pub mod jwks;
mod keys;
pub mod nonce;
mod sign;
mod verify;

pub use frontdesk_lang::model::Algorithm;
pub use json::object;
pub use keys::{KeyError, PublicKey, PublicKeys};
pub(crate) use sign::random;
pub use sign::{SignFault, SigningKey};
pub(crate) use verify::check_claims;
pub use verify::{Expectations, MAX_TOKEN, Peeked, TokenFault, Verified, peek, verify};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The algorithm a JOSE header names, if it is one of ours. Neither `none` nor a symmetric one ever is.
pub fn algorithm(name: &str) -> Option<Algorithm> {
    // RFC 9864 calls the only EdDSA curve there is here by its own name.
    if name == "Ed25519" {
        return Some(Algorithm::EdDsa);
    }
    Algorithm::ALL.into_iter().find(|known| known.name() == name)
}

/// The library's name of it.
fn native(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    use jsonwebtoken::Algorithm as Native;
    match algorithm {
        Algorithm::Rs256 => Native::RS256,
        Algorithm::Rs384 => Native::RS384,
        Algorithm::Rs512 => Native::RS512,
        Algorithm::Ps256 => Native::PS256,
        Algorithm::Ps384 => Native::PS384,
        Algorithm::Ps512 => Native::PS512,
        Algorithm::Es256 => Native::ES256,
        Algorithm::Es384 => Native::ES384,
        Algorithm::EdDsa => Native::EdDSA,
    }
}

/// base64url without padding.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// base64url as RFC 7515 §2 has it: no padding, no white space, and the unused bits of the last character are zero,
/// so that one value has one form.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// SHA-256 in base64url: `ath`, thumbprints.
pub fn sha256(text: impl AsRef<[u8]>) -> String {
    encode(Sha256::digest(text))
}
