//! What the tests of sessions are made of: a strict provider that rotates, instances over one store, a store that can
//! be away, a clock that can be moved on.

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{
    AccessToken, CallerKey, Clock, Created, Deadline, EntryStore, Exchange, Fault, HttpClient,
    HttpClientFactory, SessionRecord, SessionStore, StoreFault, StoreFuture, Swapped, SystemClock,
    TokenFuture, now,
};
use frontdesk_perimeter::session::ring::{Ring, SharedRing};
use frontdesk_perimeter::session::{
    Content, GrantFault, GrantFuture, Granted, Grants, HeldToken, Parts, RefreshToken, Secret, SessionId,
    SessionProvider, Sessions, Settings,
};
use frontdesk_perimeter::{Desk, Office};
use frontdesk_stores::memory::MemoryStore;
use tokio::sync::Semaphore;

pub const ISSUER: &str = "https://login.example.com";
pub const HOUR: u64 = 3600;
/// How long the provider's access tokens live, in seconds.
pub const TOKEN_LIFE: u64 = 300;

/// The machine's clock, moved on by hand: what waits really waits, what carries a date can be aged.
#[derive(Clone, Default)]
pub struct MovedClock(Arc<AtomicU64>);

impl MovedClock {
    pub fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    /// No further than it was moved on.
    pub fn set_back(&self, seconds: u64) {
        self.0.fetch_sub(seconds * 1_000_000, Ordering::Relaxed);
    }
}

impl Clock for MovedClock {
    fn unix_micros(&self) -> u64 {
        SystemClock.unix_micros() + self.0.load(Ordering::Relaxed)
    }
}

/// What the provider does with one request for tokens, instead of what it should.
#[derive(Clone, Debug)]
pub enum Step {
    /// Takes that long, then as ever.
    Slow(Duration),
    /// Takes until [`Strict::goes_on`], then as ever.
    Held,
    /// Is not there.
    Away { retry_after: Option<u64> },
    /// Does what it was asked and its answer gets lost.
    Lost,
    /// Nothing was done, but nobody can know.
    Silent,
    /// The instance dies in the middle.
    Dies,
}

#[derive(Default)]
pub struct Family {
    /// The only refresh token that is good.
    pub current: String,
    /// One was used twice: none is good any more.
    pub is_dead: bool,
    /// An old token is accepted once more: with it comes what its first use gave.
    pub has_grace: bool,
    pub made: u32,
    /// Requests for tokens.
    pub calls: u32,
    pub rejected: u32,
    pub revoked: Vec<String>,
    pub script: VecDeque<Step>,
    pub rotates: bool,
    /// What it says that new tokens are good for.
    pub scopes: Option<Vec<Arc<str>>>,
}

/// A provider that rotates refresh tokens and takes the second use of one for theft.
pub struct Strict {
    pub family: Mutex<Family>,
    clock: MovedClock,
    held: Semaphore,
}

impl Strict {
    pub fn tell(&self, steps: impl IntoIterator<Item = Step>) {
        self.family.lock().unwrap().script.extend(steps);
    }

    /// Ends one [`Step::Held`].
    pub fn goes_on(&self) {
        self.held.add_permits(1);
    }

    pub fn calls(&self) -> u32 {
        self.family.lock().unwrap().calls
    }

    fn grant(&self, used: &str) -> Result<Granted, GrantFault> {
        let mut family = self.family.lock().unwrap();
        let family = &mut *family;
        let is_previous = family.has_grace && used == format!("rt{}", family.made.saturating_sub(1));
        if family.is_dead || (used != family.current && !is_previous) {
            family.is_dead = true;
            family.rejected += 1;
            return Err(GrantFault::Rejected);
        }
        if family.rotates {
            family.made += 1;
            family.current = format!("rt{}", family.made);
        }
        Ok(Granted {
            access: AccessToken {
                secret: format!("at{}", family.calls).into(),
                expires: self.clock.unix() + TOKEN_LIFE,
                is_dpop: false,
            },
            refresh: family.rotates.then(|| Secret::new(family.current.as_str())),
            refresh_expires_in: None,
            scopes: family.scopes.clone(),
        })
    }
}

impl Grants for Strict {
    fn refresh<'a>(
        &'a self,
        _: &'a Desk,
        refresh: &'a Secret,
        _: Option<&'a Secret>,
        _: Deadline,
    ) -> GrantFuture<'a, Granted> {
        Box::pin(async move {
            let step = {
                let mut family = self.family.lock().unwrap();
                family.calls += 1;
                family.script.pop_front()
            };
            let lost = || GrantFault::Away { why: "lost".to_owned(), maybe_done: true, retry_after: None };
            match step {
                None => self.grant(refresh.expose()),
                Some(Step::Slow(time)) => {
                    tokio::time::sleep(time).await;
                    self.grant(refresh.expose())
                }
                Some(Step::Held) => {
                    self.held.acquire().await.unwrap().forget();
                    self.grant(refresh.expose())
                }
                Some(Step::Away { retry_after }) => Err(GrantFault::Away {
                    why: "away".to_owned(),
                    maybe_done: false,
                    retry_after: retry_after.map(Duration::from_secs),
                }),
                Some(Step::Lost) => {
                    let _ = self.grant(refresh.expose());
                    Err(lost())
                }
                Some(Step::Silent) => Err(lost()),
                Some(Step::Dies) => panic!("the instance dies (on purpose)"),
            }
        })
    }

    fn revoke<'a>(&'a self, _: &'a Desk, refresh: &'a Secret, _: Deadline) -> GrantFuture<'a, ()> {
        Box::pin(async move {
            self.family.lock().unwrap().revoked.push(refresh.expose().to_owned());
            Ok(())
        })
    }

    fn exchange<'a>(
        &'a self,
        _: CallerKey,
        subject: &'a AccessToken,
        _: Option<&'a Secret>,
        wanted: &'a Exchange,
        _: Deadline,
    ) -> TokenFuture<'a> {
        let audience = wanted.audience.as_deref().unwrap_or("none");
        let secret = format!("{} for {audience}", subject.secret).into();
        Box::pin(async move { Ok(AccessToken { secret, expires: u64::MAX, is_dpop: false }) })
    }
}

/// The memory store, away when it is told to be.
pub struct Shaky {
    store: MemoryStore,
    pub is_away: AtomicBool,
    /// Whether it can tell that a record has changed, as Redis cannot.
    pub knows_changes: AtomicBool,
    /// New entries are refused.
    pub has_no_room: AtomicBool,
    pub reads: AtomicU64,
}

impl Shaky {
    fn there<'a, T>(&'a self, answer: StoreFuture<'a, T>) -> StoreFuture<'a, T>
    where
        T: Send + 'a,
    {
        if self.is_away.load(Ordering::SeqCst) {
            return Box::pin(std::future::ready(Err(StoreFault("on purpose".to_owned()))));
        }
        answer
    }
}

impl SessionStore for Shaky {
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<SessionRecord>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.there(SessionStore::get(&self.store, key))
    }

    fn create<'a>(&'a self, key: &'a str, record: SessionRecord) -> StoreFuture<'a, Created> {
        self.there(self.store.create(key, record))
    }

    fn compare_and_set<'a>(
        &'a self,
        key: &'a str,
        expected: u64,
        record: SessionRecord,
    ) -> StoreFuture<'a, Swapped> {
        if self.is_away.load(Ordering::SeqCst) {
            return Box::pin(std::future::ready(Err(StoreFault("on purpose".to_owned()))));
        }
        self.store.compare_and_set(key, expected, record)
    }

    fn touch<'a>(&'a self, key: &'a str, last_seen: u64, idle_expires: u64) -> StoreFuture<'a, bool> {
        self.there(self.store.touch(key, last_seen, idle_expires))
    }

    fn end<'a>(&'a self, key: &'a str, tombstone: Duration) -> StoreFuture<'a, bool> {
        if self.is_away.load(Ordering::SeqCst) {
            return Box::pin(std::future::ready(Err(StoreFault("on purpose".to_owned()))));
        }
        self.store.end(key, tombstone)
    }

    fn by_subject<'a>(&'a self, subject: &'a str) -> StoreFuture<'a, Vec<(String, SessionRecord)>> {
        self.there(self.store.by_subject(subject))
    }

    fn by_sid<'a>(&'a self, sid: &'a str) -> StoreFuture<'a, Vec<(String, SessionRecord)>> {
        self.there(self.store.by_sid(sid))
    }

    fn bury<'a>(&'a self, index: &'a str, time: Duration) -> StoreFuture<'a, ()> {
        self.there(self.store.bury(index, time))
    }

    fn lease<'a>(&'a self, name: &'a str, holder: &'a str, time: Duration) -> StoreFuture<'a, bool> {
        if self.is_away.load(Ordering::SeqCst) {
            return Box::pin(std::future::ready(Err(StoreFault("on purpose".to_owned()))));
        }
        self.store.lease(name, holder, time)
    }

    fn renew<'a>(&'a self, name: &'a str, holder: &'a str, time: Duration) -> StoreFuture<'a, bool> {
        self.there(self.store.renew(name, holder, time))
    }

    fn release<'a>(&'a self, name: &'a str, holder: &'a str) -> StoreFuture<'a, ()> {
        self.there(self.store.release(name, holder))
    }

    fn generation(&self, key: &str) -> Option<u64> {
        self.store.generation(key).filter(|_| self.knows_changes.load(Ordering::SeqCst))
    }

    fn probe(&self) -> StoreFuture<'_, ()> {
        self.there(self.store.probe())
    }
}

impl EntryStore for Shaky {
    fn put_new<'a>(&'a self, key: &'a str, value: Bytes, time: Duration) -> StoreFuture<'a, bool> {
        if self.has_no_room.load(Ordering::SeqCst) {
            return Box::pin(std::future::ready(Err(StoreFault("on purpose".to_owned()))));
        }
        self.there(self.store.put_new(key, value, time))
    }

    fn put<'a>(&'a self, key: &'a str, value: Bytes, time: Duration) -> StoreFuture<'a, ()> {
        self.there(self.store.put(key, value, time))
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        self.there(EntryStore::get(&self.store, key))
    }

    fn take<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        self.there(self.store.take(key))
    }
}

/// No test of sessions talks to anybody.
struct NoHttp;

impl HttpClientFactory for NoHttp {
    fn client(&self) -> Rc<dyn HttpClient> {
        Rc::new(NoClient)
    }
}

struct NoClient;

impl HttpClient for NoClient {
    fn send<'a>(
        &'a self,
        _: &'a frontdesk_adapter::HttpRequest,
        _: Deadline,
    ) -> frontdesk_adapter::HttpFuture<'a> {
        Box::pin(std::future::ready(Err(Fault::Connect("nobody is there".to_owned()))))
    }
}

pub struct House {
    pub clock: MovedClock,
    pub store: Arc<Shaky>,
    pub provider: Arc<Strict>,
    pub ring: Arc<SharedRing>,
    pub settings: Settings,
    pub sessions: Sessions,
}

impl House {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let clock = MovedClock::default();
        let mut settings = Settings::new("web", Duration::from_secs(HOUR), Duration::from_secs(12 * HOUR));
        change(&mut settings);
        let store = Arc::new(Shaky {
            store: MemoryStore::new(Arc::new(clock.clone())),
            is_away: AtomicBool::new(false),
            knows_changes: AtomicBool::new(true),
            has_no_room: AtomicBool::new(false),
            reads: AtomicU64::new(0),
        });
        let family = Family { current: "rt0".to_owned(), rotates: true, ..Family::default() };
        let provider =
            Arc::new(Strict { family: Mutex::new(family), clock: clock.clone(), held: Semaphore::new(0) });
        let ring = SharedRing::new(Ring::generate(clock.unix()).unwrap());
        let sessions = instance(&clock, &store, &provider, &ring, settings.clone());
        Self { clock, store, provider, ring, settings, sessions }
    }

    /// Another process over the same store with the same ring file.
    pub fn instance(&self) -> Sessions {
        let ring = SharedRing::new((*self.ring.load()).clone());
        instance(&self.clock, &self.store, &self.provider, &ring, self.settings.clone())
    }

    /// A process over another store, with the same ring file.
    pub fn over(&self, store: Arc<dyn SessionStore>, entries: Arc<dyn EntryStore>) -> Sessions {
        let ring = SharedRing::new((*self.ring.load()).clone());
        made_of(&self.clock, store, entries, &self.provider, &ring, self.settings.clone())
    }

    /// What a login of `subject` gives, with a token that has its whole life before it.
    pub fn login(&self, subject: &str) -> Content {
        let now = self.clock.unix();
        let mut content = Content::new("harbor", ISSUER, subject, now);
        content.sid = Some(format!("sid of {subject}").into());
        content.scopes = vec!["openid".into(), "cart".into()];
        let access = AccessToken { secret: "at0".into(), expires: now + TOKEN_LIFE, is_dpop: false };
        content.access = Some(HeldToken::new(access, now));
        content.refresh = Some(RefreshToken { token: Secret::new("rt0"), expires: None });
        content
    }

    pub async fn signed_in(&self) -> SessionId {
        self.sessions.create(self.login("ada")).await.unwrap()
    }

    pub fn leave(&self, is_away: bool) {
        self.store.is_away.store(is_away, Ordering::SeqCst);
    }

    /// What the provider does with requests that nobody waits for has been done.
    pub async fn settled(&self, is_settled: impl Fn(&Family) -> bool) {
        let deadline = soon();
        while !is_settled(&self.provider.family.lock().unwrap()) {
            assert!(!deadline.passed(), "it never came to that");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn instance(
    clock: &MovedClock,
    store: &Arc<Shaky>,
    provider: &Arc<Strict>,
    ring: &Arc<SharedRing>,
    settings: Settings,
) -> Sessions {
    made_of(clock, Arc::<Shaky>::clone(store), Arc::<Shaky>::clone(store), provider, ring, settings)
}

fn made_of(
    clock: &MovedClock,
    store: Arc<dyn SessionStore>,
    entries: Arc<dyn EntryStore>,
    provider: &Arc<Strict>,
    ring: &Arc<SharedRing>,
    settings: Settings,
) -> Sessions {
    let (office, _) = Office::open(Arc::new(NoHttp)).unwrap();
    Sessions::new(Parts {
        settings,
        ring: Arc::clone(ring),
        store,
        entries,
        clock: Arc::new(clock.clone()),
        office,
        providers: vec![SessionProvider {
            name: "harbor".into(),
            issuer: ISSUER.into(),
            grants: Arc::<Strict>::clone(provider),
        }],
    })
}

/// Later than anything here takes.
pub fn soon() -> Deadline {
    Deadline::after(now(), Duration::from_secs(30))
}

/// Opens the session and asks for its token, as a request does whose view calls a service with `auth: user`.
pub async fn token(sessions: &Sessions, id: &SessionId, deadline: Deadline) -> Result<String, Fault> {
    use frontdesk_adapter::Caller;

    let open = sessions.open(id).await.map_err(|fault| Fault::Credential(fault.to_string()))?;
    let caller = sessions.caller(open.ok_or(Fault::LoginRequired)?);
    caller.access_token(deadline).await.map(|token| token.secret.to_string())
}

/// So many requests at once, on as many threads as there are instances given, all for one session.
pub async fn crowd(
    instances: &[Sessions],
    id: &SessionId,
    each: usize,
    deadline: Deadline,
) -> Vec<Result<String, Fault>> {
    let threads: Vec<_> = instances
        .iter()
        .map(|sessions| {
            let (sessions, id) = (sessions.clone(), id.clone());
            let run = move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                let all = (0..each).map(|_| token(&sessions, &id, deadline));
                runtime.block_on(futures_util::future::join_all(all))
            };
            tokio::task::spawn_blocking(run)
        })
        .collect();
    let mut answers = Vec::new();
    for thread in threads {
        answers.extend(thread.await.unwrap());
    }
    answers
}
