//! Between what a session holds and what a store keeps of it.
//!
//! ```text
//! length of issuer, 2 bytes | issuer | length, 4 bytes | sealed content | sealed refresh token, or nothing
//! ```
//!
//! Both seals are bound to `v1|bff|issuer|store key|record version`: a record that is moved to another key, put under
//! another BFF, or replaced by an older one of its own does not open.

use bytes::Bytes;
use frontdesk_adapter::SessionRecord;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::content::{Content, SCHEMA};
use super::fault::Unavailable;
use super::ring::Ring;
use super::seal::{OpenFault, Purpose, open, seal};
use super::secret::NoRandomness;
use super::{Secret, SessionId};

/// What is not sealed with the rest of a record but can change with each write.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub last_seen: u64,
    pub idle_expires: u64,
}

/// What is needed to revoke a session's tokens without its browser.
#[derive(Serialize, Deserialize)]
pub(super) struct Background {
    pub provider: String,
    pub refresh: Secret,
    /// The user agreed that it outlives them being signed in (`offline_access`).
    pub offline: bool,
}

/// Hashes for the indexes of stores: keyed, so that nobody can find a subject in them by guessing.
pub(super) fn subject_hash(ring: &Ring, bff: &str, issuer: &str, subject: &str) -> String {
    ring.hash_text("subject", &[bff, issuer, subject])
}

pub(super) fn sid_hash(ring: &Ring, bff: &str, issuer: &str, sid: &str) -> String {
    ring.hash_text("sid", &[bff, issuer, sid])
}

/// One BFF's records under one ring.
#[derive(Clone, Copy)]
pub(super) struct Records<'r> {
    pub ring: &'r Ring,
    pub bff: &'r str,
    pub background: bool,
}

impl Records<'_> {
    /// Seals `content` as version `version` of the record under `key`.
    pub(super) fn write(
        &self,
        id: &SessionId,
        key: &str,
        version: u64,
        content: &Content,
        seen: Seen,
        now: u64,
    ) -> Result<SessionRecord, NoRandomness> {
        let bound = bound(self.bff, &content.issuer, key, version);
        let plain = content.to_bytes();
        let inner = seal(self.ring, now, Purpose::Session, id.secret(), &bound, &plain)?;
        let background = match &content.refresh {
            Some(refresh) if self.background => {
                let kept = Background {
                    provider: content.provider.to_string(),
                    refresh: refresh.token.clone(),
                    offline: content.scopes.iter().any(|scope| &**scope == "offline_access"),
                };
                let plain = Zeroizing::new(serde_json::to_vec(&kept).unwrap_or_default());
                seal(self.ring, now, Purpose::Background, &[], &bound, &plain)?
            }
            _ => Vec::new(),
        };
        let issuer = content.issuer.as_bytes();
        let mut sealed = Vec::with_capacity(6 + issuer.len() + inner.len() + background.len());
        sealed.extend_from_slice(&(issuer.len() as u16).to_be_bytes());
        sealed.extend_from_slice(issuer);
        sealed.extend_from_slice(&(inner.len() as u32).to_be_bytes());
        sealed.extend_from_slice(&inner);
        sealed.extend_from_slice(&background);
        let sid = content.sid.as_deref();
        Ok(SessionRecord {
            version,
            schema: SCHEMA,
            subject: subject_hash(self.ring, self.bff, &content.issuer, &content.subject),
            sid: sid.map(|sid| sid_hash(self.ring, self.bff, &content.issuer, sid)),
            created: content.created,
            last_seen: seen.last_seen,
            idle_expires: seen.idle_expires,
            absolute_expires: content.ends,
            label: content.label.clone(),
            sealed: Bytes::from(sealed),
        })
    }

    /// Opens a record. `None`: it is not this cookie's, or not what we wrote.
    pub(super) fn read(
        &self,
        id: &SessionId,
        key: &str,
        record: &SessionRecord,
    ) -> Result<Option<Content>, Unavailable> {
        if record.schema > SCHEMA {
            return Err(Unavailable::NewerSchema(record.schema));
        }
        // There is none older than the first.
        let Some(sealed) = Sealed::of(&record.sealed).filter(|_| record.schema == SCHEMA) else {
            return Ok(None);
        };
        let bound = bound(self.bff, sealed.issuer, key, record.version);
        let plain = match open(self.ring, Purpose::Session, id.secret(), &bound, sealed.content) {
            Ok(plain) => plain,
            Err(OpenFault::Behind) => return Err(Unavailable::RingBehind),
            Err(OpenFault::Refused) => return Ok(None),
        };
        let content = Content::from_bytes(&plain).ok_or(Unavailable::Unreadable)?;
        let subject = subject_hash(self.ring, self.bff, &content.issuer, &content.subject);
        let is_same = bool::from(subject.as_bytes().ct_eq(record.subject.as_bytes()));
        Ok(Some(content).filter(|content| is_same && *content.issuer == *sealed.issuer))
    }

    /// The refresh token of a record whose browser is not here.
    pub(super) fn background(&self, key: &str, record: &SessionRecord) -> Option<Background> {
        let sealed = Sealed::of(&record.sealed)?;
        let bound = bound(self.bff, sealed.issuer, key, record.version);
        let plain = open(self.ring, Purpose::Background, &[], &bound, sealed.background).ok()?;
        serde_json::from_slice(&plain).ok()
    }
}

struct Sealed<'s> {
    issuer: &'s str,
    content: &'s [u8],
    background: &'s [u8],
}

impl<'s> Sealed<'s> {
    fn of(bytes: &'s [u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let (issuer, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (content, background) = rest.split_at_checked(length)?;
        Some(Self { issuer: std::str::from_utf8(issuer).ok()?, content, background })
    }
}

/// Read from its end there is one way to take it apart: neither a version nor a key holds a `|`.
fn bound(bff: &str, issuer: &str, key: &str, version: u64) -> Vec<u8> {
    format!("v1|{bff}|{issuer}|{key}|{version}").into_bytes()
}

#[cfg(test)]
mod tests {
    use frontdesk_adapter::SessionRecord;
    use proptest::prelude::*;

    use super::{Records, Seen};
    use crate::session::content::{Content, RefreshToken, SCHEMA};
    use crate::session::fault::Unavailable;
    use crate::session::ring::{ROLL_OUT, Ring};
    use crate::session::{Secret, SessionId};

    const NOW: u64 = 1_795_283_100;
    const SEEN: Seen = Seen { last_seen: NOW, idle_expires: NOW + 60 };

    fn content() -> Content {
        let mut content = Content::new("harbor", "https://login.example.com", "alice", NOW);
        content.refresh = Some(RefreshToken { token: Secret::new("planted-rt"), expires: None });
        content.sid = Some("planted-sid".into());
        content.ends = NOW + 600;
        content
    }

    fn records(ring: &Ring) -> Records<'_> {
        Records { ring, bff: "web", background: true }
    }

    fn written(ring: &Ring, id: &SessionId) -> (String, SessionRecord) {
        let key = id.store_key("web");
        let record = records(ring).write(id, &key, 3, &content(), SEEN, NOW).unwrap();
        (key, record)
    }

    #[test]
    fn opens_for_its_cookie_and_nobody_else() {
        let ring = Ring::generate(NOW).unwrap();
        let id = SessionId::generate().unwrap();
        let (key, record) = written(&ring, &id);
        let read = |ring: &Ring, bff: &str, id: &SessionId, key: &str, record: &SessionRecord| {
            Records { ring, bff, background: true }.read(id, key, record).unwrap()
        };
        assert_eq!(read(&ring, "web", &id, &key, &record), Some(content()));
        let background = records(&ring).background(&key, &record).unwrap();
        assert_eq!((background.refresh.expose(), background.offline), ("planted-rt", false));

        // The same first half, another secret.
        let mut bytes = id.to_bytes();
        bytes[31] ^= 1;
        let thief = SessionId::from_bytes(bytes.as_slice()).unwrap();
        assert_eq!(thief.store_key("web"), key);
        assert_eq!(read(&ring, "web", &thief, &key, &record), None);
        // Swapped with another's, moved to another BFF, rolled back, given to somebody else.
        let other = SessionId::generate().unwrap();
        assert_eq!(read(&ring, "web", &id, &other.store_key("web"), &record), None);
        assert_eq!(read(&ring, "ios", &id, &key, &record), None);
        for version in [2, 4] {
            let moved = SessionRecord { version, ..record.clone() };
            assert_eq!(read(&ring, "web", &id, &key, &moved), None);
            assert!(records(&ring).background(&key, &moved).is_none());
        }
        let (_, others) = written(&ring, &other);
        let given = SessionRecord { subject: others.subject.replace('a', "b"), ..record.clone() };
        assert_eq!(read(&ring, "web", &id, &key, &given), None);
        assert_eq!(read(&Ring::generate(NOW).unwrap(), "web", &id, &key, &record), None);
    }

    #[test]
    fn nothing_of_it_can_be_read_in_the_store() {
        let ring = Ring::generate(NOW).unwrap();
        let (key, record) = written(&ring, &SessionId::generate().unwrap());
        let shown = format!("{key} {record:?} {}", String::from_utf8_lossy(&record.sealed));
        assert!(!shown.contains("planted") && !shown.contains("alice"), "{shown}");
    }

    #[test]
    fn a_newer_release_has_not_signed_anybody_out() {
        let ring = Ring::generate(NOW).unwrap();
        let id = SessionId::generate().unwrap();
        let (key, record) = written(&ring, &id);
        let newer = SessionRecord { schema: SCHEMA + 1, ..record.clone() };
        assert_eq!(records(&ring).read(&id, &key, &newer), Err(Unavailable::NewerSchema(SCHEMA + 1)));
        let older = SessionRecord { schema: SCHEMA - 1, ..record };
        assert_eq!(records(&ring).read(&id, &key, &older), Ok(None));
    }

    #[test]
    fn keys_change_and_sessions_stay() {
        let old = Ring::generate(NOW).unwrap();
        let id = SessionId::generate().unwrap();
        let (key, record) = written(&old, &id);
        let later = NOW + ROLL_OUT + 1;
        let new = Ring::parse(&Ring::rotate(&old.to_text(), NOW).unwrap(), NOW).unwrap();
        let read = records(&new).read(&id, &key, &record).unwrap().unwrap();
        let again = records(&new).write(&id, &key, 4, &read, SEEN, later).unwrap();
        assert_eq!((again.subject.clone(), again.sid.clone()), (record.subject, record.sid));
        assert!(records(&new).read(&id, &key, &again).unwrap().is_some());
        // An instance that has not read the new ring yet.
        assert_eq!(records(&old).read(&id, &key, &again), Err(Unavailable::RingBehind));
    }

    proptest! {
        #[test]
        fn any_changed_bit_closes_it(place in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let ring = Ring::generate(NOW).unwrap();
            let id = SessionId::generate().unwrap();
            let without = Records { background: false, ..records(&ring) };
            let key = id.store_key("web");
            let record = without.write(&id, &key, 3, &content(), SEEN, NOW).unwrap();
            let mut sealed = record.sealed.to_vec();
            let place = place.index(sealed.len());
            sealed[place] ^= 1_u8 << bit;
            let changed = SessionRecord { sealed: sealed.into(), ..record };
            let read = without.read(&id, &key, &changed);
            prop_assert!(!matches!(read, Ok(Some(_))), "{:?}", read);
        }

        #[test]
        fn whatever_a_store_says_is_survived(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
            let ring = Ring::generate(NOW).unwrap();
            let id = SessionId::generate().unwrap();
            let (key, record) = written(&ring, &id);
            let changed = SessionRecord { sealed: bytes.into(), ..record };
            prop_assert_eq!(records(&ring).read(&id, &key, &changed), Ok(None));
            prop_assert!(records(&ring).background(&key, &changed).is_none());
        }
    }
}
