//! Nonces of DPoP (RFC 9449 §8 and §9): those we hand out, and those that others hand to us.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use url::Url;
use zeroize::Zeroizing;

use super::encode;

/// Seconds that one nonce is handed out; it is accepted for as long again.
pub const STEP: u64 = 300;
/// The most servers whose nonces are remembered.
const MAX_ORIGINS: usize = 256;
/// The longest nonce of a server that is remembered.
const MAX_NONCE: usize = 1024;

/// Makes and recognises nonces without remembering them: each is a keyed hash of a stretch of time, so that all
/// instances with the same key agree.
pub struct Nonces {
    key: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for Nonces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Nonces").finish_non_exhaustive()
    }
}

impl Nonces {
    pub fn new(key: [u8; 32]) -> Self {
        Self { key: Zeroizing::new(key) }
    }

    /// The nonce of `now` (Unix seconds): `DPoP-Nonce`.
    pub fn issue(&self, now: u64) -> String {
        self.of(now / STEP)
    }

    /// Whether it was handed out now or in the stretch before.
    pub fn accepts(&self, nonce: &str, now: u64) -> bool {
        let previous = (now / STEP).saturating_sub(1);
        self.is_current(nonce, now) || bool::from(self.of(previous).as_bytes().ct_eq(nonce.as_bytes()))
    }

    /// Whether it is the one that is handed out now.
    pub fn is_current(&self, nonce: &str, now: u64) -> bool {
        bool::from(self.of(now / STEP).as_bytes().ct_eq(nonce.as_bytes()))
    }

    fn of(&self, step: u64) -> String {
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&*self.key) else { return String::new() };
        mac.update(b"frontdesk dpop nonce");
        mac.update(&step.to_be_bytes());
        let whole = mac.finalize().into_bytes();
        encode(whole.get(..16).unwrap_or_default())
    }
}

/// The newest nonce of each server we send proofs to (RFC 9449 §8.2: also from successful answers).
#[derive(Debug, Default)]
pub struct NonceMemory {
    newest: Mutex<HashMap<String, Arc<str>, foldhash::fast::RandomState>>,
}

impl NonceMemory {
    /// The newest that the server of `url` has given.
    pub fn newest(&self, url: &str) -> Option<Arc<str>> {
        let origin = origin(url)?;
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).get(&origin).cloned()
    }

    /// Remembers the `DPoP-Nonce` of an answer from `url`. What is not a nonce (RFC 9449 §8.1) is not remembered.
    pub fn learn(&self, url: &str, nonce: &str) {
        let is_nonce = |byte: &u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if nonce.is_empty() || nonce.len() > MAX_NONCE || !nonce.as_bytes().iter().all(is_nonce) {
            return;
        }
        let Some(origin) = origin(url) else { return };
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.get(&origin).is_some_and(|known| **known == *nonce) {
            return;
        }
        // Servers come from configuration; this many means that something else is wrong.
        if newest.len() >= MAX_ORIGINS && !newest.contains_key(&origin) {
            newest.clear();
        }
        newest.insert(origin, nonce.into());
    }
}

fn origin(url: &str) -> Option<String> {
    let origin = Url::parse(url).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}
