//! The server's keys: what sessions are sealed with at rest, and how keys change without anybody being signed out.
//!
//! The file is JSON:
//! ```json
//! { "index": "<32 bytes, base64url>",
//!   "keys": [{ "kid": "k-6742f1c0-9b1d", "not_before": 1795283100, "key": "<32 bytes, base64url>" }] }
//! ```
//! The newest key whose `not_before` has come seals, all open. The `index` key hashes whom a session belongs to, so
//! that it can be found: it stays when keys change, or nobody's sessions would be found any more.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::secret::{NoRandomness, hex, random};

/// How long after a rotation the new key begins to seal: until then every instance has read the new file.
pub const ROLL_OUT: u64 = 300;
const LARGEST_FILE: usize = 64 * 1024;
const MOST_KEYS: usize = 64;
const LONGEST_KID: usize = 64;

type Key = Zeroizing<[u8; 32]>;

/// All keys of one server, checked. `Debug` shows their names only.
#[derive(Clone)]
pub struct Ring {
    /// The oldest `not_before` first. Never empty.
    keys: Vec<RingKey>,
    index: Key,
}

#[derive(Clone)]
pub(super) struct RingKey {
    pub(super) kid: String,
    /// Unix seconds.
    pub(super) not_before: u64,
    pub(super) key: Key,
}

/// What is wrong with a ring file. Says nothing of what stands in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RingError {
    #[error("the key ring is larger than {LARGEST_FILE} bytes")]
    TooLarge,
    #[error(
        "the key ring is not `{{\"index\": …, \"keys\": [{{\"kid\", \"not_before\", \"key\"}}]}}`: line {line}, column {column}"
    )]
    Shape { line: usize, column: usize },
    #[error("the key ring has no keys; `frontdesk keys rotate` makes one")]
    Empty,
    #[error("the key ring has more than {MOST_KEYS} keys; remove the oldest")]
    TooMany,
    #[error("the `kid` of key {0} of the ring is not 1 to {LONGEST_KID} of A-Z a-z 0-9 . _ -")]
    Kid(usize),
    #[error("two keys of the ring have the `kid` `{0}`")]
    Twice(String),
    #[error("key `{0}` of the ring is not 32 bytes in base64url without padding")]
    Key(String),
    #[error("the `index` key of the ring is not 32 bytes in base64url without padding")]
    Index,
    #[error("key `{0}` of the ring stands there a second time under another name, or is the `index` key")]
    SameKey(String),
    #[error("no key of the ring may be used yet: the earliest `not_before` is {0}")]
    NotYet(u64),
    #[error(
        "the `index` key of the ring has changed: existing sessions would not be found; restart to accept this"
    )]
    IndexChanged,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RingFile {
    index: KeyText,
    keys: Vec<KeyEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyEntry {
    kid: String,
    not_before: u64,
    key: KeyText,
}

/// A key as the file writes it, overwritten when it is no longer needed.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct KeyText(super::Secret);

impl KeyText {
    fn of(key: &[u8; 32]) -> Self {
        Self(super::Secret::new(URL_SAFE_NO_PAD.encode(key)))
    }

    fn key(&self) -> Option<Key> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(self.0.expose()).ok()?);
        <[u8; 32]>::try_from(bytes.as_slice()).ok().map(Zeroizing::new)
    }
}

impl Ring {
    /// A new ring with one key that seals from `now` (Unix seconds) on.
    pub fn generate(now: u64) -> Result<Self, NoRandomness> {
        Ok(Self { keys: vec![RingKey::generate(now, now)?], index: random()? })
    }

    /// Reads a ring file. At least one key must be usable at `now` (Unix seconds).
    pub fn parse(text: &str, now: u64) -> Result<Self, RingError> {
        if text.len() > LARGEST_FILE {
            return Err(RingError::TooLarge);
        }
        // The parser's own words may quote what stands there.
        let file: RingFile = serde_json::from_str(text)
            .map_err(|error| RingError::Shape { line: error.line(), column: error.column() })?;
        let index = file.index.key().ok_or(RingError::Index)?;
        let mut keys: Vec<RingKey> = Vec::with_capacity(file.keys.len());
        for (place, entry) in file.keys.into_iter().enumerate() {
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            if !(1..=LONGEST_KID).contains(&entry.kid.len()) || !entry.kid.bytes().all(is_name) {
                return Err(RingError::Kid(place + 1));
            }
            if keys.iter().any(|known| known.kid == entry.kid) {
                return Err(RingError::Twice(entry.kid));
            }
            let Some(key) = entry.key.key() else { return Err(RingError::Key(entry.kid)) };
            if *key == *index || keys.iter().any(|known| *known.key == *key) {
                return Err(RingError::SameKey(entry.kid));
            }
            keys.push(RingKey { kid: entry.kid, not_before: entry.not_before, key });
        }
        if keys.len() > MOST_KEYS {
            return Err(RingError::TooMany);
        }
        keys.sort_by(|a, b| (a.not_before, &a.kid).cmp(&(b.not_before, &b.kid)));
        match keys.first() {
            None => Err(RingError::Empty),
            Some(first) if first.not_before > now => Err(RingError::NotYet(first.not_before)),
            Some(_) => Ok(Self { keys, index }),
        }
    }

    /// The text of a ring file with a further key, which begins to seal [`ROLL_OUT`] seconds after `now`. A key may
    /// be removed from the file once it has been followed by another for longer than the absolute lifetime of
    /// sessions; whoever's session it still seals must sign in again.
    pub fn rotate(text: &str, now: u64) -> Result<String, RingError> {
        let mut ring = Self::parse(text, now)?;
        if ring.keys.len() == MOST_KEYS {
            return Err(RingError::TooMany);
        }
        ring.keys.push(RingKey::generate(now, now.saturating_add(ROLL_OUT))?);
        Ok(ring.to_text())
    }

    /// The ring file. Secret from the first byte to the last.
    pub fn to_text(&self) -> String {
        let entry = |key: &RingKey| KeyEntry {
            kid: key.kid.clone(),
            not_before: key.not_before,
            key: KeyText::of(&key.key),
        };
        let file = RingFile { index: KeyText::of(&self.index), keys: self.keys.iter().map(entry).collect() };
        // Texts and numbers always serialize.
        let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The key that seals at `now`. Should the clock have gone back behind all of them, the oldest.
    pub(super) fn sealing(&self, now: u64) -> &RingKey {
        let newest = self.keys.iter().rev().find(|key| key.not_before <= now);
        newest.unwrap_or(&self.keys[0])
    }

    pub(super) fn key(&self, kid: &[u8]) -> Option<&RingKey> {
        self.keys.iter().find(|key| key.kid.as_bytes() == kid)
    }

    /// Another instance has a key newer than all of ours.
    pub(super) fn is_behind(&self, not_before: u64) -> bool {
        self.keys.last().is_none_or(|newest| not_before > newest.not_before)
    }

    /// A keyed hash (HMAC-SHA-256) of `parts` for one `purpose`: stays the same when keys change.
    pub(crate) fn hash(&self, purpose: &str, parts: &[&str]) -> [u8; 32] {
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.index.as_slice()) else { return [0; 32] };
        for part in std::iter::once(&purpose).chain(parts) {
            // With its length first, so that no two lists of parts are the same bytes.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }

    /// [`hash`](Self::hash) as lower-case hexadecimal.
    pub(crate) fn hash_text(&self, purpose: &str, parts: &[&str]) -> String {
        hex(&self.hash(purpose, parts))
    }
}

impl RingKey {
    fn generate(now: u64, not_before: u64) -> Result<Self, NoRandomness> {
        let tail = random::<4>()?;
        Ok(Self { kid: format!("k-{now:x}-{}", hex(tail.as_slice())), not_before, key: random()? })
    }
}

impl fmt::Debug for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kids = self.keys.iter().map(|key| &key.kid);
        f.write_str("Ring")?;
        f.debug_list().entries(kids).finish()
    }
}

/// The ring that is in use: one for the whole process, replaced when its file changes.
#[derive(Debug)]
pub struct SharedRing {
    ring: RwLock<Arc<Ring>>,
    /// Grows with each replacement, so that what was opened with a key that is gone is not used any longer.
    epoch: AtomicU64,
}

impl SharedRing {
    pub fn new(ring: Ring) -> Arc<Self> {
        Arc::new(Self { ring: RwLock::new(Arc::new(ring)), epoch: AtomicU64::new(0) })
    }

    pub fn load(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Uses `ring` from now on. [`RingError::IndexChanged`] leaves the old one in use.
    pub fn replace(&self, ring: Ring) -> Result<(), RingError> {
        let mut used = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        if *used.index != *ring.index {
            return Err(RingError::IndexChanged);
        }
        *used = Arc::new(ring);
        self.epoch.fetch_add(1, Ordering::Release);
        Ok(())
    }

    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::{ROLL_OUT, Ring, RingError, SharedRing};

    const NOW: u64 = 1_795_283_100;

    #[test]
    fn what_is_generated_can_be_read_and_says_nothing() {
        let ring = Ring::generate(NOW).unwrap();
        let text = ring.to_text();
        let read = Ring::parse(&text, NOW).unwrap();
        assert_eq!(read.to_text(), text);
        assert_eq!(read.hash("sub", &["a", "b"]), ring.hash("sub", &["a", "b"]));
        assert_ne!(read.hash("sub", &["a", "b"]), ring.hash("sub", &["ab", ""]));
        assert_ne!(read.hash("sub", &["a", "b"]), ring.hash("sid", &["a", "b"]));
        let shown = format!("{ring:?}");
        let key = text.split('"').find(|part| part.len() == 43).unwrap();
        assert!(shown.starts_with("Ring[\"k-") && !shown.contains(key), "{shown}");
    }

    #[test]
    fn a_new_key_seals_once_every_instance_has_it() {
        let old = Ring::generate(NOW).unwrap();
        let text = Ring::rotate(&old.to_text(), NOW + 10).unwrap();
        let new = Ring::parse(&text, NOW + 10).unwrap();
        let first = old.sealing(NOW).kid.clone();
        assert_eq!(new.sealing(NOW + 10).kid, first);
        assert_eq!(new.sealing(NOW + 9 + ROLL_OUT).kid, first);
        let second = new.sealing(NOW + 10 + ROLL_OUT).kid.clone();
        assert_ne!(second, first);
        assert!(new.key(first.as_bytes()).is_some() && new.key(second.as_bytes()).is_some());
        assert!(old.is_behind(NOW + 10 + ROLL_OUT) && !new.is_behind(NOW + 10 + ROLL_OUT));
        assert_eq!(old.hash("x", &[]), new.hash("x", &[]));
        // A clock that went back.
        assert_eq!(new.sealing(5).kid, first);
    }

    #[test]
    fn a_file_that_cannot_be_meant_is_refused_without_quoting_it() {
        let key = |byte: u8| base64::Engine::encode(&super::URL_SAFE_NO_PAD, [byte; 32]);
        let (index, one, two) = (key(1), key(2), key(3));
        let entry = |kid: &str, not_before: u64, key: &str| {
            format!(r#"{{"kid":"{kid}","not_before":{not_before},"key":"{key}"}}"#)
        };
        let file = |keys: &[String]| format!(r#"{{"index":"{index}","keys":[{}]}}"#, keys.join(","));
        let of = |text: &str| Ring::parse(text, NOW).unwrap_err();
        assert!(Ring::parse(&file(&[entry("a", 0, &one), entry("b", 9, &two)]), NOW).is_ok());
        assert_eq!(of(&file(&[])), RingError::Empty);
        assert_eq!(of(&file(&[entry("a", 0, &one), entry("a", 1, &two)])), RingError::Twice("a".to_owned()));
        assert_eq!(of(&file(&[entry("a b", 0, &one)])), RingError::Kid(1));
        assert_eq!(of(&file(&[entry("", 0, &one)])), RingError::Kid(1));
        assert_eq!(of(&file(&[entry("a", 0, "AAAA")])), RingError::Key("a".to_owned()));
        assert_eq!(of(&file(&[entry("a", 0, &format!("{one}="))])), RingError::Key("a".to_owned()));
        assert_eq!(of(&file(&[entry("a", 0, &index)])), RingError::SameKey("a".to_owned()));
        assert_eq!(
            of(&file(&[entry("a", 0, &one), entry("b", 1, &one)])),
            RingError::SameKey("b".to_owned())
        );
        assert_eq!(of(&file(&[entry("a", NOW + 1, &one)])), RingError::NotYet(NOW + 1));
        assert_eq!(of(&format!(r#"{{"index":"x","keys":[{}]}}"#, entry("a", 0, &one))), RingError::Index);
        let many: Vec<String> = (0..65_u8).map(|n| entry(&format!("k{n}"), 0, &key(n + 10))).collect();
        assert_eq!(of(&file(&many)), RingError::TooMany);
        assert_eq!(of(&"x".repeat(70_000)), RingError::TooLarge);
        for text in [
            "",
            "[]",
            "planted-secret",
            r#"{"keys":[]}"#,
            r#"{"index":"planted-secret","keys":"planted-secret"}"#,
            r#"{"index":{"planted-secret":1},"keys":[]}"#,
            &format!(
                r#"{{"index":"{index}","keys":[{{"kid":"a","not_before":"planted-secret","key":"{one}"}}]}}"#
            ),
            &format!(r#"{{"index":"{index}","keys":[],"planted-secret":1}}"#),
        ] {
            let error = of(text);
            assert!(matches!(error, RingError::Shape { .. }), "{text}: {error}");
            assert!(!error.to_string().contains("planted"), "{error}");
        }
    }

    #[test]
    fn the_ring_in_use_is_replaced_but_not_by_anothers() {
        let ring = Ring::generate(NOW).unwrap();
        let shared = SharedRing::new(ring.clone());
        let epoch = shared.epoch();
        assert_eq!(shared.replace(Ring::generate(NOW).unwrap()), Err(RingError::IndexChanged));
        assert_eq!(shared.epoch(), epoch);
        let next = Ring::parse(&Ring::rotate(&ring.to_text(), NOW).unwrap(), NOW).unwrap();
        shared.replace(next.clone()).unwrap();
        assert_eq!(shared.load().to_text(), next.to_text());
        assert_ne!(shared.epoch(), epoch);
    }
}
