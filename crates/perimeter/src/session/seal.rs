//! Sealing: what leaves this process for a store or a browser can neither be read nor changed there.
//!
//! XChaCha20-Poly1305 under a key of HKDF-SHA-256 (RFC 5869): the ring's key is the input, and a secret that only the
//! cookie holds is the salt. So neither a stolen store nor a stolen ring alone opens a session.
//!
//! ```text
//! 1 | length of kid | kid | not_before of the key, 8 bytes | nonce, 24 bytes | ciphertext and tag
//! ```

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::ring::Ring;
use super::secret::{NoRandomness, random};

const FORMAT: u8 = 1;
const NONCE: usize = 24;

/// What is sealed: one kind is never taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A session's record, under the ring and the cookie's secret.
    Session,
    /// A session's refresh token under the ring alone.
    Background,
    /// Where a session with a new id has gone.
    Successor,
    /// A login that is under way.
    Login,
    /// A device's handover code.
    Handover,
}

impl Purpose {
    fn label(self) -> &'static str {
        match self {
            Self::Session => "frontdesk session",
            Self::Background => "frontdesk background",
            Self::Successor => "frontdesk successor",
            Self::Login => "frontdesk login",
            Self::Handover => "frontdesk handover",
        }
    }
}

/// Why something sealed does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenFault {
    /// The secret is another, or a bit was changed, or its key was removed from the ring.
    #[error("it was not sealed with these keys")]
    Refused,
    /// It was sealed with a key newer than the ring has: the ring's file has changed and was not read yet.
    #[error("it was sealed with a key newer than the ring's")]
    Behind,
}

/// Seals `plain` under the ring's newest key at `now` and `secret` (which may be empty). Opens again only with the
/// same `purpose`, `secret` and `bound`.
pub fn seal(
    ring: &Ring,
    now: u64,
    purpose: Purpose,
    secret: &[u8],
    bound: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, NoRandomness> {
    let key = ring.sealing(now);
    let nonce = random::<NONCE>()?;
    let mut sealed = Vec::with_capacity(2 + key.kid.len() + 8 + NONCE + plain.len() + 16);
    sealed.push(FORMAT);
    // At most 64 characters.
    sealed.push(key.kid.len() as u8);
    sealed.extend_from_slice(key.kid.as_bytes());
    sealed.extend_from_slice(&key.not_before.to_be_bytes());
    let aad = associated(purpose, &sealed, bound);
    let cipher = cipher(&key.key, purpose, secret);
    let payload = Payload { msg: plain, aad: &aad };
    // Fails only for texts of many gigabytes.
    let text = cipher.encrypt(&XNonce::from(*nonce), payload).map_err(|_| NoRandomness)?;
    sealed.extend_from_slice(nonce.as_slice());
    sealed.extend_from_slice(&text);
    Ok(sealed)
}

/// Opens what [`seal`] gave.
pub fn open(
    ring: &Ring,
    purpose: Purpose,
    secret: &[u8],
    bound: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenFault> {
    let parts = Parts::of(sealed).ok_or(OpenFault::Refused)?;
    let key = match ring.key(parts.kid) {
        Some(key) if key.not_before == parts.not_before => key,
        Some(_) => return Err(OpenFault::Refused),
        None if ring.is_behind(parts.not_before) => return Err(OpenFault::Behind),
        None => return Err(OpenFault::Refused),
    };
    let aad = associated(purpose, parts.head, bound);
    let cipher = cipher(&key.key, purpose, secret);
    let payload = Payload { msg: parts.text, aad: &aad };
    let plain = cipher.decrypt(&XNonce::from(parts.nonce), payload).map_err(|_| OpenFault::Refused)?;
    Ok(Zeroizing::new(plain))
}

struct Parts<'s> {
    head: &'s [u8],
    kid: &'s [u8],
    not_before: u64,
    nonce: [u8; NONCE],
    text: &'s [u8],
}

impl<'s> Parts<'s> {
    fn of(sealed: &'s [u8]) -> Option<Self> {
        let [FORMAT, length, rest @ ..] = sealed else { return None };
        let (kid, rest) = rest.split_at_checked(usize::from(*length))?;
        let (not_before, rest) = rest.split_first_chunk::<8>()?;
        let (nonce, text) = rest.split_first_chunk::<NONCE>()?;
        let head = sealed.get(..2 + kid.len() + 8)?;
        Some(Self { head, kid, not_before: u64::from_be_bytes(*not_before), nonce: *nonce, text })
    }
}

fn cipher(key: &[u8; 32], purpose: Purpose, secret: &[u8]) -> XChaCha20Poly1305 {
    let mut derived = Zeroizing::new([0; 32]);
    let expander = Hkdf::<Sha256>::new(Some(secret), key);
    // 32 bytes are far below what HKDF can give.
    let expanded = expander.expand(purpose.label().as_bytes(), derived.as_mut_slice());
    debug_assert!(expanded.is_ok());
    XChaCha20Poly1305::new(&Key::from(*derived))
}

/// The label and the head have lengths of their own, so the three cannot run into each other.
fn associated(purpose: Purpose, head: &[u8], bound: &[u8]) -> Vec<u8> {
    let label = purpose.label().as_bytes();
    let mut aad = Vec::with_capacity(1 + label.len() + head.len() + bound.len());
    aad.push(label.len() as u8);
    aad.extend_from_slice(label);
    aad.extend_from_slice(head);
    aad.extend_from_slice(bound);
    aad
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{OpenFault, Purpose, open, seal};
    use crate::session::ring::{ROLL_OUT, Ring};

    const NOW: u64 = 1_795_283_100;

    #[test]
    fn opens_with_the_same_keys_and_no_others() {
        let ring = Ring::generate(NOW).unwrap();
        let sealed = seal(&ring, NOW, Purpose::Session, b"secret", b"v1|web|1", b"token").unwrap();
        let opened = |ring: &Ring, purpose, secret: &[u8], bound: &[u8]| {
            open(ring, purpose, secret, bound, &sealed).map(|plain| plain.to_vec())
        };
        assert_eq!(opened(&ring, Purpose::Session, b"secret", b"v1|web|1"), Ok(b"token".to_vec()));
        let refused = Err(OpenFault::Refused);
        assert_eq!(opened(&ring, Purpose::Background, b"secret", b"v1|web|1"), refused);
        assert_eq!(opened(&ring, Purpose::Session, b"secres", b"v1|web|1"), refused);
        assert_eq!(opened(&ring, Purpose::Session, b"", b"v1|web|1"), refused);
        assert_eq!(opened(&ring, Purpose::Session, b"secret", b"v1|web|2"), refused);
        assert_eq!(opened(&ring, Purpose::Session, b"secret", b""), refused);
        // Another server's ring, whose key is as old.
        assert_eq!(opened(&Ring::generate(NOW).unwrap(), Purpose::Session, b"secret", b"v1|web|1"), refused);
        assert!(!sealed.windows(5).any(|window| window == b"token"));
        let again = seal(&ring, NOW, Purpose::Session, b"secret", b"v1|web|1", b"token").unwrap();
        assert_ne!(again, sealed, "no nonce twice");
    }

    #[test]
    fn a_ring_that_was_not_reloaded_yet_says_so() {
        let old = Ring::generate(NOW).unwrap();
        let both = Ring::parse(&Ring::rotate(&old.to_text(), NOW).unwrap(), NOW).unwrap();
        let later = NOW + ROLL_OUT;
        let by_old = seal(&both, NOW, Purpose::Session, b"s", b"b", b"x").unwrap();
        let by_new = seal(&both, later, Purpose::Session, b"s", b"b", b"x").unwrap();
        assert!(open(&both, Purpose::Session, b"s", b"b", &by_old).is_ok());
        assert!(open(&both, Purpose::Session, b"s", b"b", &by_new).is_ok());
        assert!(open(&old, Purpose::Session, b"s", b"b", &by_old).is_ok());
        assert_eq!(open(&old, Purpose::Session, b"s", b"b", &by_new).unwrap_err(), OpenFault::Behind);
    }

    proptest! {
        #[test]
        fn any_bit_that_is_changed_closes_it(
            plain in prop::collection::vec(any::<u8>(), 0..64), place in any::<prop::sample::Index>(), bit in 0_u8..8
        ) {
            let ring = Ring::generate(NOW).unwrap();
            let mut sealed = seal(&ring, NOW, Purpose::Session, b"s", b"b", &plain).unwrap();
            let opened = open(&ring, Purpose::Session, b"s", b"b", &sealed).unwrap();
            prop_assert_eq!(opened.as_slice(), plain.as_slice());
            let place = place.index(sealed.len());
            sealed[place] ^= 1_u8 << bit;
            prop_assert!(open(&ring, Purpose::Session, b"s", b"b", &sealed).is_err());
        }

        #[test]
        fn anything_else_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let ring = Ring::generate(NOW).unwrap();
            prop_assert!(open(&ring, Purpose::Session, b"s", b"b", &bytes).is_err());
        }
    }
}
