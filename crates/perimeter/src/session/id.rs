//! What a browser holds of its session: 16 bytes that find the record and 16 that open it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::secret::{NoRandomness, hex, random};

/// 16 bytes in base64url without padding.
const HALF: usize = 22;

/// The value of a session cookie. `Debug` shows nothing of it; `==` takes the same time whatever differs.
#[derive(Clone)]
pub struct SessionId {
    id: Zeroizing<[u8; 16]>,
    secret: Zeroizing<[u8; 16]>,
}

impl SessionId {
    /// A new one, both halves of the operating system's generator.
    pub fn generate() -> Result<Self, NoRandomness> {
        Ok(Self { id: random()?, secret: random()? })
    }

    /// Reads a cookie's value: exactly `<22 characters>.<22 characters>`, each the one canonical base64url form of
    /// its 16 bytes. Anything else is nobody's session.
    pub fn parse(value: &[u8]) -> Option<Self> {
        if value.len() != HALF * 2 + 1 || value.get(HALF) != Some(&b'.') {
            return None;
        }
        Some(Self { id: half(value.get(..HALF)?)?, secret: half(value.get(HALF + 1..)?)? })
    }

    /// As the cookie has it.
    pub fn cookie_value(&self) -> String {
        let mut value = URL_SAFE_NO_PAD.encode(*self.id);
        value.push('.');
        URL_SAFE_NO_PAD.encode_string(*self.secret, &mut value);
        value
    }

    /// Under which the store keeps the record: `fd:<bff>:s:<hex of SHA-256 of the first half>`. Who sees the store's
    /// keys has no cookie.
    pub fn store_key(&self, bff: &str) -> String {
        self.key(bff, 's')
    }

    /// Of entries that belong to the session: `fd:<bff>:<kind>:<hex>`.
    pub(super) fn key(&self, bff: &str, kind: char) -> String {
        format!("fd:{bff}:{kind}:{}", hex(&self.digest()))
    }

    /// SHA-256 of the first half: knows the session apart from others, opens nothing.
    pub(super) fn digest(&self) -> [u8; 32] {
        Sha256::digest(*self.id).into()
    }

    /// The digest that a store's key of a session ends with.
    pub(super) fn digest_of(key: &str) -> Option<[u8; 32]> {
        let text = key.rsplit(':').next()?.as_bytes();
        let mut digest = [0; 32];
        if text.len() != digest.len() * 2 {
            return None;
        }
        for (byte, pair) in digest.iter_mut().zip(text.chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(digest)
    }

    /// The second half.
    pub(super) fn secret(&self) -> &[u8; 16] {
        &self.secret
    }

    pub(super) fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        let mut bytes = Zeroizing::new([0; 32]);
        bytes[..16].copy_from_slice(self.id.as_slice());
        bytes[16..].copy_from_slice(self.secret.as_slice());
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (id, secret) = bytes.split_at_checked(16)?;
        let id = Zeroizing::new(<[u8; 16]>::try_from(id).ok()?);
        let secret = Zeroizing::new(<[u8; 16]>::try_from(secret).ok()?);
        Some(Self { id, secret })
    }
}

fn half(text: &[u8]) -> Option<Zeroizing<[u8; 16]>> {
    // The engine wants room for its estimate of the length; it refuses padding, and bits of the last character that
    // belong to no byte.
    let mut room = Zeroizing::new([0; 32]);
    let written = URL_SAFE_NO_PAD.decode_slice(text, room.as_mut_slice()).ok()?;
    <[u8; 16]>::try_from(room.get(..written)?).ok().map(Zeroizing::new)
}

impl PartialEq for SessionId {
    fn eq(&self, other: &Self) -> bool {
        (self.id.ct_eq(other.id.as_slice()) & self.secret.ct_eq(other.secret.as_slice())).into()
    }
}

impl Eq for SessionId {}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::SessionId;

    #[test]
    fn goes_into_a_cookie_and_comes_back() {
        let id = SessionId::generate().unwrap();
        let value = id.cookie_value();
        assert_eq!(value.len(), 45);
        assert_eq!(SessionId::parse(value.as_bytes()), Some(id.clone()));
        assert_eq!(SessionId::from_bytes(id.to_bytes().as_slice()), Some(id.clone()));
        let key = id.store_key("web");
        assert!(key.starts_with("fd:web:s:") && key.len() == 9 + 64, "{key}");
        assert_eq!(SessionId::digest_of(&key), Some(id.digest()));
        assert_eq!(SessionId::digest_of("fd:web:s:ab"), None);
        assert_eq!(format!("{id:?}"), "SessionId(…)");
    }

    #[test]
    fn only_the_one_way_to_write_it_is_read() {
        let good = "AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAQ";
        assert!(SessionId::parse(good.as_bytes()).is_some());
        for bad in [
            "",
            ".",
            "AAAAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAAA.",
            "AAAAAAAAAAAAAAAAAAAAAA-AAAAAAAAAAAAAAAAAAAAAQ",
            // Bits that belong to no byte.
            "AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAR",
            "AAAAAAAAAAAAAAAAAAAAAB.AAAAAAAAAAAAAAAAAAAAAQ",
            "AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAA=",
            "AAAAAAAAAAAAAAAAAAAA==.AAAAAAAAAAAAAAAAAAAAAQ",
            "AAAAAAAAAAAAAAAAAAAAA+.AAAAAAAAAAAAAAAAAAAAAQ",
            "AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAQ ",
            "\"AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAQ\"",
            "AAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAQ",
        ] {
            assert!(SessionId::parse(bad.as_bytes()).is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_written_the_same(value in prop::collection::vec(any::<u8>(), 40..50)) {
            if let Some(id) = SessionId::parse(&value) {
                prop_assert_eq!(id.cookie_value().into_bytes(), value);
            }
        }

        #[test]
        fn every_other_character_makes_another_id_or_none(place in 0_usize..45, byte in any::<u8>()) {
            let id = SessionId::generate().unwrap();
            let mut value = id.cookie_value().into_bytes();
            let was = std::mem::replace(&mut value[place], byte);
            let read = SessionId::parse(&value);
            prop_assert_eq!(read == Some(id), was == byte);
        }
    }
}
