//! All sessions of one BFF: found, begun, replaced.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Created, SessionRecord, Swapped};

use super::cache::{Cache, Moment};
use super::content::{Content, LARGEST, LONGEST_ID_TOKEN};
use super::ending::{Ending, TOMBSTONE};
use super::fault::{CreateFault, Unavailable};
use super::flight::Flights;
use super::record::{Records, Seen, subject_hash};
use super::refresh::Flown;
use super::ring::Ring;
use super::seal::{Purpose, open, seal};
use super::secret::{hex, random};
use super::settings::{Holder, Parts, SessionProvider, Settings};
use super::tally::{Event, Tally};
use super::{Open, SessionId};

/// `last_seen` is written at most this often, in seconds.
const TOUCH_EVERY: u64 = 60;
/// How long an id that has changed still leads to its successor: as long as requests that were sent with it may be
/// under way.
const SUCCESSOR: Duration = Duration::from_secs(30);
/// How many changes of an id in a row are followed.
const MOST_HOPS: usize = 3;
/// How often a write that others came before is tried.
pub(super) const MOST_WRITES: usize = 8;

/// A handle to the sessions of one BFF, for any thread; clones share it.
#[derive(Clone)]
pub struct Sessions(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) parts: Parts,
    pub(super) cache: Cache,
    pub(super) flights: Flights<[u8; 32], Flown>,
    pub(super) tally: Tally,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("settings", &self.0.parts.settings).finish_non_exhaustive()
    }
}

impl Sessions {
    /// Opens nothing and starts nothing.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner { parts, cache: Cache::new(), flights: Flights::new(), tally: Tally::default() }))
    }

    pub fn tally(&self) -> &Tally {
        &self.0.tally
    }

    /// The session of a cookie: from memory if it was read a moment ago, else from the store. `None`: nobody is
    /// signed in with it. Reading does not make a session live longer: see [`touch`](Self::touch).
    ///
    /// Follows an id that has changed to its successor: compare [`Open::id`].
    pub async fn open(&self, id: &SessionId) -> Result<Option<Arc<Open>>, Unavailable> {
        let parts = &self.0.parts;
        if let Some(open) = self.0.cache.get(id, &*parts.store, parts.ring.epoch())
            && !open.has_ended(parts.clock.unix())
        {
            return Ok(Some(open));
        }
        self.read(id).await
    }

    /// The same, from the store in any case.
    pub(crate) async fn read(&self, id: &SessionId) -> Result<Option<Arc<Open>>, Unavailable> {
        let mut next = id.clone();
        for _ in 0..MOST_HOPS {
            if let Some(record) = self.read_one(&next).await? {
                return Ok(record);
            }
            match self.successor(&next).await? {
                Some(successor) => next = successor,
                None => break,
            }
        }
        self.0.tally.count(Event::Unknown);
        Ok(None)
    }

    /// The outer `None`: no record has this id. The inner: there is one, and it is not for this cookie.
    async fn read_one(&self, id: &SessionId) -> Result<Option<Option<Arc<Open>>>, Unavailable> {
        let parts = &self.0.parts;
        let key: Arc<str> = id.store_key(&parts.settings.bff).into();
        // Both before the record, so that nothing older is ever kept as if it were new.
        let moment = Moment::before_reading(&*parts.store, &key, parts.ring.epoch());
        let ring = parts.ring.load();
        let Some(record) = parts.store.get(&key).await? else { return Ok(None) };
        if record.has_ended(parts.clock.unix()) {
            return Ok(None);
        }
        let Some(content) = self.records(&ring).read(id, &key, &record)? else {
            self.0.tally.count(Event::WrongSecret);
            return Ok(Some(None));
        };
        // A provider that bff.ts does not name any more, or names with another issuer, vouches for nobody.
        let holder = if content.device.is_some() { Holder::Device } else { Holder::Browser };
        if self.provider(&content).is_none() || holder != parts.settings.holder {
            return Ok(Some(None));
        }
        let open = Arc::new(Open::new(&ring, &parts.settings.bff, id.clone(), key, &record, content));
        if open.has_ended(parts.clock.unix()) {
            return Ok(Some(None));
        }
        self.0.tally.count(Event::Opened);
        self.0.cache.put(Arc::clone(&open), moment);
        Ok(Some(Some(open)))
    }

    /// A request was served: the session does not become idle. Does not wait, and writes at most once a minute.
    pub fn touch(&self, open: &Arc<Open>) {
        let parts = &self.0.parts;
        let (now, idle) = (parts.clock.unix(), parts.settings.idle.as_secs());
        let seen = open.last_seen.load(Ordering::Relaxed);
        if now < seen.saturating_add(TOUCH_EVERY.min(idle / 4)) {
            return;
        }
        // Of several threads one writes.
        if open.last_seen.compare_exchange(seen, now, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            return;
        }
        let idle_expires = now.saturating_add(idle);
        open.idle_expires.fetch_max(idle_expires, Ordering::Relaxed);
        let (sessions, open) = (self.clone(), Arc::clone(open));
        parts.office.post(move |_| async move {
            // A store that is away is asked again in a minute.
            if let Ok(false) = sessions.0.parts.store.touch(&open.key, now, idle_expires).await {
                sessions.0.cache.forget(&open.id);
            }
        });
    }

    /// Begins a session. What its user holds from now on is the id; see [`Cookie`](super::cookie::Cookie).
    pub async fn create(&self, content: Content) -> Result<SessionId, CreateFault> {
        let id = self.begin(content.clone()).await?;
        self.end_oldest(&content, &id).await?;
        Ok(id)
    }

    /// A session of the same browser after its user has proved once more who they are: a new id, and the old one is
    /// dead when this returns. The refresh token of the old session is revoked only if the user is another one: for
    /// the same user many providers would revoke the new ones with it.
    pub async fn replace(&self, old: &Open, content: Content) -> Result<SessionId, CreateFault> {
        let is_same = (&old.content.issuer, &old.content.subject) == (&content.issuer, &content.subject);
        if is_same {
            // For a refresh of the old session that is under way.
            self.spare_tokens(&old.id).await?;
        }
        let id = self.begin(content.clone()).await?;
        self.end(old, if is_same { Ending::Replaced } else { Ending::SignedOut }).await?;
        // After the old one is gone: it must not be the one too many, whose tokens are revoked.
        self.end_oldest(&content, &id).await?;
        Ok(id)
    }

    async fn begin(&self, mut content: Content) -> Result<SessionId, CreateFault> {
        let now = self.0.parts.clock.unix();
        // Nothing begins in the future, whatever the caller's clock.
        content.created = content.created.min(now);
        content.serial = hex(random::<16>()?.as_slice());
        if content.id_token.as_ref().is_some_and(|token| token.expose().len() > LONGEST_ID_TOKEN) {
            content.id_token = None;
        }
        content.ends = self.ends(&content);
        let id = self.insert(&content, self.seen_now(now)).await?;
        self.0.tally.count(Event::Created);
        Ok(id)
    }

    /// Gives a session another id if its own is older than `bff.ts` wants it to be. Requests that are under way with
    /// the old one reach the new one for half a minute. `None`: nothing has changed. The session is as good as before
    /// then: whatever is in the way, a later request will do.
    pub async fn rotate_if_due(&self, open: &Arc<Open>) -> Option<Arc<Open>> {
        if !self.is_id_old(open) {
            return None;
        }
        // Nobody may refresh meanwhile: the new token would be written to a record that is gone.
        let lease = self.try_lease(&open.id).await.ok()??;
        let rotated = self.rotate(&open.id).await;
        lease.release().await;
        rotated.ok()?
    }

    fn is_id_old(&self, open: &Open) -> bool {
        let since = open.content.id_since.max(open.content.created);
        let is_past = |every: Duration| self.0.parts.clock.unix() >= since.saturating_add(every.as_secs());
        self.settings().rotate.is_some_and(is_past)
    }

    async fn rotate(&self, old: &SessionId) -> Result<Option<Arc<Open>>, CreateFault> {
        let parts = &self.0.parts;
        let current = self.read(old).await?.filter(|open| open.id == *old && self.is_id_old(open));
        let Some(current) = current else { return Ok(None) };
        let mut content = current.content.clone();
        content.id_since = parts.clock.unix();
        // Refused if it was signed out at the provider a moment ago.
        let id = self.insert(&content, self.seen_now(content.id_since)).await?;
        let key = id.store_key(&parts.settings.bff);
        if !matches!(self.point(old, &id).await, Ok(true)) {
            // The old one lives on.
            self.end_key(&key).await?;
            return Ok(None);
        }
        // If nobody knows whether this was done: the old one lives, or leads to the new one.
        if !parts.store.end(&current.key, TOMBSTONE).await? {
            // Whoever ended the old one meanwhile meant this session.
            self.end_key(&key).await?;
            return Ok(None);
        }
        self.0.cache.end(&current.key);
        self.0.tally.count(Event::IdChanged);
        Ok(self.read(&id).await?)
    }

    /// Changes what a session holds, as often as it takes until nobody else writes at the same time. `None`: it has
    /// ended.
    pub async fn update(
        &self,
        id: &SessionId,
        change: impl Fn(&mut Content),
    ) -> Result<Option<Arc<Open>>, Unavailable> {
        for _ in 0..MOST_WRITES {
            let Some(open) = self.read(id).await? else { return Ok(None) };
            let mut content = open.content.clone();
            change(&mut content);
            match self.write(&open, &content).await? {
                Swapped::Yes => return self.read(&open.id).await,
                Swapped::Moved(_) => {}
                Swapped::Gone => return Ok(None),
            }
        }
        Err(Unavailable::Contended)
    }

    /// Writes `content` as the version that follows `open`'s.
    pub(super) async fn write(&self, open: &Open, content: &Content) -> Result<Swapped, Unavailable> {
        let parts = &self.0.parts;
        let ring = parts.ring.load();
        let seen = Seen {
            last_seen: open.last_seen.load(Ordering::Relaxed),
            idle_expires: open.idle_expires.load(Ordering::Relaxed),
        };
        let version = open.version.saturating_add(1);
        let now = parts.clock.unix();
        let record = self.records(&ring).write(&open.id, &open.key, version, content, seen, now)?;
        let swapped = parts.store.compare_and_set(&open.key, open.version, record).await?;
        self.0.cache.forget(&open.id);
        if swapped == Swapped::Gone {
            self.0.cache.end(&open.key);
        }
        Ok(swapped)
    }

    /// Writes `content` under a new id.
    async fn insert(&self, content: &Content, seen: Seen) -> Result<SessionId, CreateFault> {
        let parts = &self.0.parts;
        let ring = parts.ring.load();
        for _ in 0..3 {
            let id = SessionId::generate()?;
            let key = id.store_key(&parts.settings.bff);
            let record: SessionRecord =
                self.records(&ring).write(&id, &key, 1, content, seen, parts.clock.unix())?;
            if record.sealed.len() > LARGEST {
                let bytes = record.sealed.len();
                return Err(CreateFault::TooLarge { bytes, fattest: content.fattest() });
            }
            match parts.store.create(&key, record).await? {
                Created::Yes => return Ok(id),
                // A second 128-bit number like it: the store is not what it should be.
                Created::Taken => {}
                Created::Buried => {
                    self.0.tally.count(Event::Buried);
                    return Err(CreateFault::Buried);
                }
            }
        }
        Err(Unavailable::Contended.into())
    }

    async fn end_oldest(&self, content: &Content, own: &SessionId) -> Result<(), Unavailable> {
        let parts = &self.0.parts;
        let Some(limit) = parts.settings.same_user_limit else { return Ok(()) };
        let ring = parts.ring.load();
        let subject = subject_hash(&ring, &parts.settings.bff, &content.issuer, &content.subject);
        let own = own.store_key(&parts.settings.bff);
        let all = parts.store.by_subject(&subject).await?;
        let too_many = all.len().saturating_sub(usize::try_from(limit.max(1)).unwrap_or(usize::MAX));
        for (key, record) in all.into_iter().filter(|(key, _)| *key != own).take(too_many) {
            self.end_record(&key, &record, Ending::Evicted).await?;
        }
        Ok(())
    }

    /// Where a session whose id has changed is now.
    pub(super) async fn successor(&self, id: &SessionId) -> Result<Option<SessionId>, Unavailable> {
        let parts = &self.0.parts;
        if parts.settings.rotate.is_none() {
            return Ok(None);
        }
        let key = id.key(&parts.settings.bff, 'n');
        let Some(sealed) = parts.entries.get(&key).await? else { return Ok(None) };
        let ring = parts.ring.load();
        let opened = open(&ring, Purpose::Successor, id.secret(), key.as_bytes(), &sealed);
        Ok(opened.ok().and_then(|bytes| SessionId::from_bytes(&bytes)))
    }

    /// Lets `old` lead to `new` for a while. `false` if it leads elsewhere already.
    async fn point(&self, old: &SessionId, new: &SessionId) -> Result<bool, Unavailable> {
        let parts = &self.0.parts;
        let key = old.key(&parts.settings.bff, 'n');
        let ring = parts.ring.load();
        let plain = new.to_bytes();
        let now = parts.clock.unix();
        let sealed = seal(&ring, now, Purpose::Successor, old.secret(), key.as_bytes(), plain.as_slice())?;
        Ok(parts.entries.put_new(&key, Bytes::from(sealed), SUCCESSOR).await?)
    }

    /// The absolute end: the setting's, or the refresh token's if that comes first.
    pub(super) fn ends(&self, content: &Content) -> u64 {
        let absolute = content.created.saturating_add(self.0.parts.settings.absolute.as_secs());
        let refresh = content.refresh.as_ref().and_then(|refresh| refresh.expires);
        refresh.map_or(absolute, |expires| expires.min(absolute))
    }

    fn seen_now(&self, now: u64) -> Seen {
        Seen { last_seen: now, idle_expires: now.saturating_add(self.0.parts.settings.idle.as_secs()) }
    }

    pub(super) fn records<'r>(&'r self, ring: &'r Ring) -> Records<'r> {
        let settings = self.settings();
        Records { ring, bff: &settings.bff, background: settings.background }
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.0.parts.settings
    }

    pub(super) fn provider(&self, content: &Content) -> Option<&SessionProvider> {
        let is_its = |provider: &&SessionProvider| {
            provider.name == content.provider && provider.issuer == content.issuer
        };
        self.0.parts.providers.iter().find(is_its)
    }
}
