//! What tells one kept answer from another.
//!
//! A key is the exact bytes of everything that an answer depends on. In memory they are compared whole: no two requests
//! share an answer because of a hash. Parts carry their lengths, so that none can run into the next.

use std::cell::RefCell;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use frontdesk_adapter::CallerKey;
use sha2::{Digest, Sha256};

/// Whose answers these are; answers of different kinds never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Of a service, to one call.
    Call,
    /// Of a view, to a client.
    View,
    /// Of a service, passed on by a proxy route.
    Route,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Key {
    bytes: Arc<[u8]>,
    is_private: bool,
}

/// Puts a [`Key`] together.
pub struct KeyBuilder {
    bytes: Vec<u8>,
    is_private: bool,
}

const VIEW: u8 = b'v';
const PART: u8 = 0;
const CALLER: u8 = 1;

/// Above this a builder's buffer is not used again.
const LARGEST_SPARE: usize = 64 * 1024;

thread_local! {
    static SPARE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl Key {
    pub fn build(kind: Kind) -> KeyBuilder {
        let mut bytes = SPARE.take();
        bytes.clear();
        bytes.push(match kind {
            Kind::Call => b'c',
            Kind::View => VIEW,
            Kind::Route => b'r',
        });
        KeyBuilder { bytes, is_private: false }
    }

    /// Whether the answer is for one caller only: it stays in the memory of this process.
    pub fn is_private(&self) -> bool {
        self.is_private
    }

    pub(crate) fn is_view(&self) -> bool {
        self.bytes.first() == Some(&VIEW)
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 (FIPS 180-4): what the answer is found by in a store.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.bytes).into()
    }
}

impl KeyBuilder {
    #[must_use]
    pub fn part(self, part: &[u8]) -> Self {
        self.tagged(PART, part)
    }

    /// The answer is this caller's alone.
    #[must_use]
    pub fn caller(mut self, caller: CallerKey) -> Self {
        self.is_private = true;
        self.tagged(CALLER, &caller.0)
    }

    #[must_use]
    pub fn number(self, number: u64) -> Self {
        self.part(&number.to_le_bytes())
    }

    fn tagged(mut self, tag: u8, part: &[u8]) -> Self {
        self.bytes.push(tag);
        self.bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        self.bytes.extend_from_slice(part);
        self
    }

    pub fn finish(self) -> Key {
        let key = Key { bytes: Arc::from(&*self.bytes), is_private: self.is_private };
        if self.bytes.capacity() <= LARGEST_SPARE {
            SPARE.set(self.bytes);
        }
        key
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

/// Not its bytes: they are what somebody asked for.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("bytes", &self.bytes.len()).field("is_private", &self.is_private).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(parts: &[Vec<u8>], caller: Option<u8>) -> Key {
        let built = parts.iter().fold(Key::build(Kind::Call), |key, part| key.part(part));
        match caller {
            Some(caller) => built.caller(CallerKey([caller; 32])).finish(),
            None => built.finish(),
        }
    }

    fn parts() -> impl Strategy<Value = Vec<Vec<u8>>> {
        prop::collection::vec(prop::collection::vec(0..3_u8, 0..4), 0..4)
    }

    proptest! {
        #[test]
        fn keys_are_equal_only_for_equal_parts_and_callers(
            a in parts(), b in parts(), one in prop::option::of(0..2_u8), other in prop::option::of(0..2_u8),
        ) {
            let (left, right) = (key(&a, one), key(&b, other));
            prop_assert_eq!(left == right, a == b && one == other);
            prop_assert_eq!(left.digest() == right.digest(), left == right);
            prop_assert_eq!(left.is_private(), one.is_some());
        }
    }

    #[test]
    fn a_caller_is_not_a_part_with_the_same_bytes() {
        let caller = CallerKey([7; 32]);
        let as_part = Key::build(Kind::Call).part(&caller.0).finish();
        assert_ne!(Key::build(Kind::Call).caller(caller).finish(), as_part);
        assert_ne!(Key::build(Kind::View).part(&caller.0).finish(), as_part);
    }
}
