//! A session that was found and opened.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use frontdesk_adapter::{CallerKey, SessionRecord};

use super::ring::Ring;
use super::{Content, SessionId};
use crate::jose::SigningKey;
use crate::{Identity, identity::Kind};

/// One version of a session's record, opened with its cookie. Shared by the requests that come with it; `Debug` shows
/// only its handle.
pub struct Open {
    pub(super) id: SessionId,
    pub(super) key: Arc<str>,
    pub(super) version: u64,
    pub(super) content: Content,
    identity: Arc<Identity>,
    session_json: Bytes,
    auth_json: Bytes,
    pub(super) last_seen: AtomicU64,
    pub(super) idle_expires: AtomicU64,
    signing_key: OnceLock<Option<Arc<SigningKey>>>,
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Open").field("handle", &self.identity.handle).finish_non_exhaustive()
    }
}

impl Open {
    pub(super) fn new(
        ring: &Ring,
        bff: &str,
        id: SessionId,
        key: Arc<str>,
        record: &SessionRecord,
        content: Content,
    ) -> Self {
        let identity = identity(ring, bff, &content);
        Self {
            id,
            key,
            version: record.version,
            session_json: identity.session_json(),
            auth_json: identity.auth_json(),
            identity: Arc::new(identity),
            last_seen: AtomicU64::new(record.last_seen),
            idle_expires: AtomicU64::new(record.idle_expires),
            signing_key: OnceLock::new(),
            content,
        }
    }

    /// The id that the session has now. If it is not the one that the request came with, the answer must set its
    /// cookie: the id has changed meanwhile.
    pub fn id(&self) -> &SessionId {
        &self.id
    }

    pub fn content(&self) -> &Content {
        &self.content
    }

    /// Whose session it is, made once for each version of the record.
    pub fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// [`Identity::session_json`], made once.
    pub fn session_json(&self) -> Bytes {
        self.session_json.clone()
    }

    /// [`Identity::auth_json`], made once.
    pub fn auth_json(&self) -> Bytes {
        self.auth_json.clone()
    }

    /// Unix seconds: the end of the session if nothing more is asked of it.
    pub fn idle_expires(&self) -> u64 {
        self.idle_expires.load(Ordering::Relaxed).min(self.content.ends)
    }

    /// Unix seconds: the end of the session whatever happens.
    pub fn absolute_expires(&self) -> u64 {
        self.content.ends
    }

    pub(super) fn has_ended(&self, now: u64) -> bool {
        now >= self.idle_expires()
    }

    /// The key that the session's tokens are bound to.
    pub(super) fn signing_key(&self) -> Option<&Arc<SigningKey>> {
        let read = || {
            let secret = self.content.dpop_key.as_ref()?;
            SigningKey::from_secret(secret.expose()).ok().map(Arc::new)
        };
        self.signing_key.get_or_init(read).as_ref()
    }
}

fn identity(ring: &Ring, bff: &str, content: &Content) -> Identity {
    let of = |purpose: &str| {
        ring.hash(purpose, &[bff, &content.issuer, &content.subject, &content.provider, &content.serial])
    };
    let handle = super::secret::hex(&of("handle")[..8]);
    Identity {
        kind: if content.device.is_some() { Kind::Device } else { Kind::Session },
        issuer: Arc::clone(&content.issuer),
        subject: Arc::clone(&content.subject),
        scopes: content.scopes.clone(),
        acr: content.acr.clone(),
        amr: content.amr.clone(),
        authenticated_at: Some(content.auth_time).filter(|at| *at > 0),
        client: None,
        claims: content.claims.clone(),
        handle: handle.into(),
        key: CallerKey(of("caller")),
        approved: false,
        pinned_version: None,
        own_rate: None,
    }
}
