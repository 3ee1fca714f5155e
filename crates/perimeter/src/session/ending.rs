//! How sessions end: by their user, by the provider, by an administrator. An ended session stays ended: its key is
//! buried, and so is whatever the provider signed out.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Deadline, SessionRecord, now};

use super::fault::Unavailable;
use super::grants::{GrantFault, Grants};
use super::record::{sid_hash, subject_hash};
use super::sessions::Sessions;
use super::tally::Event;
use super::{Content, Open, Secret, SessionId};

/// Longer than any write or callback can be under way.
pub(super) const TOMBSTONE: Duration = Duration::from_secs(600);
/// Between tries to revoke a token, in seconds; then it is left to end by itself.
const REVOKE_AGAIN: [u64; 3] = [1, 5, 30];

/// Why a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Its user said so, here or in another of their sessions.
    SignedOut,
    /// The same user has signed in again in the same browser.
    Replaced,
    /// Its user has begun too many others since.
    Evicted,
    /// The provider said `invalid_grant`.
    RefreshRejected,
    /// The provider's own session has ended.
    ProviderLogout,
    /// An administrator said so.
    Admin,
    /// A token of its device was used that had been replaced long ago: somebody else has it.
    Theft,
}

impl Ending {
    pub fn name(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Replaced => "replaced",
            Self::Evicted => "evicted",
            Self::RefreshRejected => "refresh_rejected",
            Self::ProviderLogout => "provider_logout",
            Self::Admin => "admin",
            Self::Theft => "theft",
        }
    }

    /// Whether the refresh token is given back. `offline`: its user agreed that it outlives them being signed in,
    /// which a logout at the provider should respect (OpenID Connect Back-Channel Logout §2.7).
    fn revokes(self, offline: bool) -> bool {
        match self {
            Self::Replaced | Self::RefreshRejected => false,
            Self::ProviderLogout => !offline,
            Self::SignedOut | Self::Evicted | Self::Admin | Self::Theft => true,
        }
    }
}

/// One session in the list of its user's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// To end it by; finds nothing by itself.
    pub handle: String,
    pub label: String,
    /// Unix seconds.
    pub created: u64,
    /// Unix seconds, a minute or so behind.
    pub last_seen: u64,
    /// It is the one that asks.
    pub is_current: bool,
}

impl Sessions {
    /// Ends a session. Its refresh token is revoked in the background. Whether it was still there.
    pub async fn end(&self, open: &Open, why: Ending) -> Result<bool, Unavailable> {
        // What was opened may be behind the record: its id has changed, or another instance has refreshed. It is the
        // newest token that is to be given back. Ending goes on if the record cannot be read.
        let newest = self.read(&open.id).await.ok().flatten();
        let last = newest.as_deref().unwrap_or(open);
        let was_there = self.end_key(&last.key).await?;
        let offline = last.content.scopes.iter().any(|scope| &**scope == "offline_access");
        if why.revokes(offline)
            && let Some(refresh) = &last.content.refresh
            && let Some(provider) = self.provider(&last.content)
        {
            self.revoke(Arc::clone(&provider.grants), refresh.token.clone());
        }
        Ok(was_there)
    }

    /// Ends the sessions here of one session at the provider (OpenID Connect Back-Channel Logout §2.7), and none can
    /// begin any more: a callback that is under way is too late. How many there were.
    pub async fn end_by_sid(&self, issuer: &str, sid: &str) -> Result<usize, Unavailable> {
        let ring = self.0.parts.ring.load();
        let hash = sid_hash(&ring, &self.settings().bff, issuer, sid);
        self.0.parts.store.bury(&hash, TOMBSTONE).await?;
        let all = self.0.parts.store.by_sid(&hash).await?;
        self.end_all(all, Ending::ProviderLogout).await
    }

    /// Ends all sessions of one user, and those whose login has begun before now. How many there were.
    pub async fn end_by_subject(
        &self,
        issuer: &str,
        subject: &str,
        why: Ending,
    ) -> Result<usize, Unavailable> {
        let ring = self.0.parts.ring.load();
        let hash = subject_hash(&ring, &self.settings().bff, issuer, subject);
        self.0.parts.store.bury(&hash, TOMBSTONE).await?;
        let all = self.0.parts.store.by_subject(&hash).await?;
        self.end_all(all, why).await
    }

    /// The sessions of the same user, the oldest first.
    pub async fn list(&self, open: &Open) -> Result<Vec<Listed>, Unavailable> {
        let listed = |(key, record): (String, SessionRecord)| Listed {
            handle: self.handle(&key),
            label: record.label,
            created: record.created,
            last_seen: record.last_seen,
            is_current: *key == *open.key,
        };
        Ok(self.of_same_user(open).await?.into_iter().map(listed).collect())
    }

    /// Ends one of the same user's sessions by its [`Listed::handle`]. Whether there was one.
    pub async fn end_listed(&self, open: &Open, handle: &str) -> Result<bool, Unavailable> {
        for (key, record) in self.of_same_user(open).await? {
            if self.handle(&key) == handle {
                return self.end_record(&key, &record, Ending::SignedOut).await;
            }
        }
        Ok(false)
    }

    /// Ends a session whose browser is not here: its tokens can be revoked only if they were kept for that.
    pub(super) async fn end_record(
        &self,
        key: &str,
        record: &SessionRecord,
        why: Ending,
    ) -> Result<bool, Unavailable> {
        let was_there = self.end_key(key).await?;
        let ring = self.0.parts.ring.load();
        if was_there
            && let Some(kept) = self.records(&ring).background(key, record)
            && why.revokes(kept.offline)
        {
            let provider = self.0.parts.providers.iter().find(|provider| *provider.name == *kept.provider);
            if let Some(provider) = provider {
                self.revoke(Arc::clone(&provider.grants), kept.refresh);
            }
        }
        Ok(was_there)
    }

    /// Whatever is under way for this session, its tokens are not to be revoked: its user goes on with those of
    /// another one, which would be revoked with them.
    pub(super) async fn spare_tokens(&self, id: &SessionId) -> Result<(), Unavailable> {
        let key = id.key(&self.settings().bff, 'k');
        Ok(self.0.parts.entries.put(&key, Bytes::from_static(b"1"), TOMBSTONE).await?)
    }

    pub(super) async fn are_tokens_spared(&self, id: &SessionId) -> Result<bool, Unavailable> {
        let key = id.key(&self.settings().bff, 'k');
        Ok(self.0.parts.entries.get(&key).await?.is_some())
    }

    /// Gives back the tokens of a login that became no session.
    pub(crate) fn give_back(&self, content: &Content) {
        if let (Some(refresh), Some(provider)) = (&content.refresh, self.provider(content)) {
            self.revoke(Arc::clone(&provider.grants), refresh.token.clone());
        }
    }

    /// Gives a refresh token back, some time soon, if the provider can be reached.
    pub(super) fn revoke(&self, grants: Arc<dyn Grants>, refresh: Secret) {
        let timeout = self.settings().provider_timeout;
        self.0.parts.office.post(move |desk| async move {
            for pause in REVOKE_AGAIN {
                let deadline = Deadline::after(now(), timeout);
                match grants.revoke(&desk, &refresh, deadline).await {
                    Ok(()) | Err(GrantFault::Rejected) => return,
                    Err(GrantFault::Away { .. }) => tokio::time::sleep(Duration::from_secs(pause)).await,
                }
            }
        });
    }

    async fn end_all(&self, all: Vec<(String, SessionRecord)>, why: Ending) -> Result<usize, Unavailable> {
        let mut ended = 0;
        for (key, record) in all {
            ended += usize::from(self.end_record(&key, &record, why).await?);
        }
        Ok(ended)
    }

    pub(super) async fn end_key(&self, key: &str) -> Result<bool, Unavailable> {
        let was_there = self.0.parts.store.end(key, TOMBSTONE).await?;
        self.0.cache.end(key);
        if was_there {
            self.0.tally.count(Event::Ended);
        }
        Ok(was_there)
    }

    async fn of_same_user(&self, open: &Open) -> Result<Vec<(String, SessionRecord)>, Unavailable> {
        let ring = self.0.parts.ring.load();
        let content = &open.content;
        let hash = subject_hash(&ring, &self.settings().bff, &content.issuer, &content.subject);
        Ok(self.0.parts.store.by_subject(&hash).await?)
    }

    fn handle(&self, key: &str) -> String {
        let mut handle = self.0.parts.ring.load().hash_text("listed", &[key]);
        handle.truncate(24);
        handle
    }
}
