//! Whole answers of public views: given as they are kept, made once for all who wait, and made anew while the old one is
//! still good enough.
//!
//! Whoever gets here was let in, and asks for what anybody may have: cookies and tokens make no difference. What a client
//! says of caching is not heeded (`no-cache` of a reload): it could make us ask services as often as it likes.
//!
//! A flight is a task of its own, so that it ends though whoever asked first has gone. One that fails leaves those who wait
//! to themselves: what they get is bounded by what bounds calls.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_adapter::{Deadline, Fault, TraceContext, now};
use frontdesk_cache::{Cache, Entry, Kept, Key, Landing, Lead, Look, State, Turn};
use frontdesk_engine::outcome::{CallRecord, Cause, Failure};
use frontdesk_plan::StepId;
use frontdesk_types::Version;
use hyper::header::{ACCEPT_LANGUAGE, HeaderMap};
use smallvec::SmallVec;
use tokio::sync::oneshot;

use super::status::{Whole, frontdesk_cache};
use super::{Asked, Caching, Finished, Store, surrogate};
use crate::answered::Answered;
use crate::endpoint::{self, Let, Ran, Reading};
use crate::session;
use crate::snapshot::{Bff, Edition, Loaded};

/// For so long nobody tries again to make anew what could not be made.
const REFRESH_PAUSE: Duration = Duration::from_secs(1);

/// The answer if it is kept, fresh, and made in a form that its client wants whole: what is asked for most, found without
/// waiting for anything.
pub(crate) fn hit(request: &Let<'_>) -> Option<Answered> {
    let caching = request.edition.caching.as_ref()?;
    let store = caching.store.as_ref()?;
    let giving = Giving { request, caching, store };
    let cache = request.loaded.connectors.cache();
    let key = giving.key();
    let Look::Fresh(kept, age) = cache.look(&key) else { return None };
    let finished = giving.form(&kept)?;
    let response = finished.hit(request.inbound.headers, age, store.times.fresh)?;
    if kept.wants_early_refresh(age) {
        giving.refresh(cache, &key, &kept);
    }
    Some(Answered { is_coded: true, cache: Some(State::Hit), ..Answered::new(response) })
}

/// Finds the answer, or makes it.
pub(crate) async fn answer(request: Let<'_>, caching: &Caching, store: &Store) -> Answered {
    let giving = Giving { request: &request, caching, store };
    let cache = request.loaded.connectors.cache();
    let key = giving.key();
    match cache.look(&key) {
        Look::Fresh(kept, age) => {
            if kept.wants_early_refresh(age) {
                giving.refresh(cache, &key, &kept);
            }
            giving.kept(&kept, Whole::Kept { age, is_shared: false }, Vec::new())
        }
        Look::Stale(kept, age) => {
            giving.refresh(cache, &key, &kept);
            giving.kept(&kept, Whole::Kept { age, is_shared: false }, Vec::new())
        }
        Look::Expired(..) | Look::Miss => {
            let made = giving.make(cache, &key).await;
            giving.made(cache, &key, made)
        }
    }
}

/// What came of making an answer.
enum Made {
    /// Nothing is missing from it: others get it too.
    Kept(Arc<Kept>, Vec<CallRecord>),
    /// Somebody else made it.
    Awaited(Arc<Kept>),
    /// It was in the store that instances share.
    Found(Arc<Kept>),
    /// It is for whoever asked only.
    Ran(Ran),
    Failed(Failure),
}

struct Giving<'g> {
    request: &'g Let<'g>,
    caching: &'g Caching,
    store: &'g Store,
}

impl Giving<'_> {
    fn key(&self) -> Key {
        let Let { bff, inbound, client_version, .. } = *self.request;
        self.store.key(&Asked {
            path: inbound.uri.path(),
            query: inbound.uri.query().unwrap_or_default(),
            locale: session::locale(
                &bff.config,
                None,
                endpoint::header(inbound.headers, ACCEPT_LANGUAGE.as_str()),
            ),
            headers: inbound.headers,
            client_version,
        })
    }

    async fn make(&self, cache: &Arc<Cache>, key: &Key) -> Made {
        let work = Work::of(self.request);
        let Some(tags) = work.tags(self.store) else {
            // It does not fit, which the plan will say.
            return work.run().await.map_or_else(Made::Failed, Made::Ran);
        };
        let deadline = Deadline::after(now(), self.request.edition.endpoint.plan().latency);
        match cache.begin(key, &tags) {
            Turn::Lead(lead) => {
                let (tell, told) = oneshot::channel();
                tokio::task::spawn_local(async move {
                    let _ = tell.send(fly(work, lead, 0).await);
                });
                told.await.unwrap_or_else(|_| given_up())
            }
            Turn::Join(flight) => match flight.wait(deadline).await {
                Landing::Kept(kept) if Self::is_for_joiners(cache, key, &kept, &tags) => Made::Awaited(kept),
                Landing::Found(kept) => Made::Found(kept),
                Landing::TimedOut => {
                    let cause = Cause::Call { step: StepId(0), fault: Fault::TimedOut, problem: None };
                    Made::Failed(Failure { cause, calls: Vec::new(), wrote: false })
                }
                Landing::Kept(_) | Landing::Failed(_) | Landing::Abandoned => {
                    work.run().await.map_or_else(Made::Failed, Made::Ran)
                }
            },
        }
    }

    /// Tags of its calls are known only now: one of them may have been purged after the flight began and before it was
    /// joined. Then the answer is no longer there.
    fn is_for_joiners(cache: &Cache, key: &Key, kept: &Kept, tags: &[Arc<str>]) -> bool {
        kept.tags.len() == tags.len() || matches!(cache.look(key), Look::Fresh(..) | Look::Stale(..))
    }

    fn made(&self, cache: &Cache, key: &Key, made: Made) -> Answered {
        let Let { bff, edition, arrival, .. } = *self.request;
        match made {
            Made::Kept(kept, calls) => self.kept(&kept, Whole::Made { is_kept: true }, calls),
            Made::Awaited(kept) => self.kept(&kept, Whole::Awaited, Vec::new()),
            Made::Found(kept) => {
                let age = kept.age(now());
                self.kept(&kept, Whole::Kept { age, is_shared: true }, Vec::new())
            }
            Made::Ran(ran) => self.ran(ran),
            Made::Failed(failure) => match stand_in(cache, key, &failure) {
                Some((kept, age)) => self.kept(&kept, Whole::StoodIn { age }, failure.calls),
                None => endpoint::failed(failure, bff, &edition.endpoint, arrival),
            },
        }
    }

    /// An answer that is kept.
    fn kept(&self, kept: &Kept, whole: Whole, calls: Vec<CallRecord>) -> Answered {
        match self.form(kept) {
            Some(finished) => self.finished(finished, true, whole, calls),
            // Nobody else attaches anything to whole answers.
            None => self.finished(&self.form_anew(kept), true, whole, calls),
        }
    }

    fn form<'k>(&self, kept: &'k Kept) -> Option<&'k Arc<Finished>> {
        kept.attached(|| self.form_anew(kept))
    }

    fn form_anew(&self, kept: &Kept) -> Arc<Finished> {
        Arc::new(Finished::new(self.caching, kept.body.clone(), kept.headers.as_deref()))
    }

    /// An answer that was made for whoever asked.
    fn ran(&self, ran: Ran) -> Answered {
        let whole = Whole::Made { is_kept: false };
        if ran.is_whole() {
            let finished = Arc::new(Finished::new(self.caching, ran.body, None));
            return self.finished(&finished, false, whole, ran.outcome.calls);
        }
        let Let { bff, edition, .. } = *self.request;
        let mut answered = endpoint::ran_short(bff, &edition.endpoint, ran.body, &ran.outcome.degraded);
        self.say(&mut answered, whole, ran.outcome.calls);
        answered
    }

    fn finished(&self, it: &Arc<Finished>, is_kept: bool, whole: Whole, calls: Vec<CallRecord>) -> Answered {
        let response = it.answer(self.request.inbound.headers, is_kept);
        let mut answered = Answered { is_coded: true, ..Answered::new(response) };
        self.say(&mut answered, whole, calls);
        answered
    }

    fn say(&self, answered: &mut Answered, whole: Whole, calls: Vec<CallRecord>) {
        let (plan, fresh) = (self.request.edition.endpoint.plan(), self.store.times.fresh);
        let headers = answered.response.headers_mut();
        whole.write(fresh, headers);
        frontdesk_cache(Some((whole, fresh)), plan, &calls, headers);
        answered.calls = calls;
        answered.cache = whole.state(fresh);
        answered.plan = Some(plan.clone());
    }

    /// Has the answer made anew, if nobody is at it or just failed at it.
    fn refresh(&self, cache: &Arc<Cache>, key: &Key, kept: &Kept) {
        if !kept.try_refresh(now(), REFRESH_PAUSE) {
            return;
        }
        let work = Work::of(self.request);
        if let Some(tags) = work.tags(self.store)
            && let Turn::Lead(lead) = cache.begin(key, &tags)
        {
            let newer_than = kept.stored;
            tokio::task::spawn_local(async move {
                fly(work, lead, newer_than).await;
            });
        }
    }
}

/// What stands in for an answer that could not be made (RFC 5861 §4): if a service or we ourselves are to blame, not if the
/// request was refused. It is looked for now: what was purged meanwhile stands in for nothing.
fn stand_in(cache: &Cache, key: &Key, failure: &Failure) -> Option<(Arc<Kept>, Duration)> {
    let is_ours = matches!(failure.cause, Cause::Call { .. } | Cause::Internal(_));
    if !is_ours || failure.problem().status < 500 {
        return None;
    }
    match cache.look(key) {
        Look::Fresh(kept, age) | Look::Stale(kept, age) | Look::Expired(kept, age) => {
            kept.may_stand_in(age).then_some((kept, age))
        }
        Look::Miss => None,
    }
}

/// The thread that it was on is on its way out, or its task panicked.
fn given_up() -> Made {
    let cause = Cause::Internal("the flight was given up".to_owned());
    Made::Failed(Failure { cause, calls: Vec::new(), wrote: false })
}

/// One flight. `newer_than`: an answer of the shared store that is no newer is of no use (Unix microseconds).
async fn fly(work: Work, mut lead: Lead, newer_than: u64) -> Made {
    if let Some((kept, _)) = lead.shared(newer_than).await {
        lead.found(kept.clone());
        return Made::Found(kept);
    }
    match work.run().await {
        Ok(ran) if may_be_kept(&ran) => {
            let entry = work.entry(&ran, lead.tags());
            Made::Kept(lead.finish(entry), ran.outcome.calls)
        }
        Ok(ran) => Made::Ran(ran),
        Err(failure) => {
            if failure.problem().status < 500 {
                // There is no such answer any more.
                work.loaded.connectors.cache().remove(lead.key());
            }
            Made::Failed(failure)
        }
    }
}

/// What was made of old answers of calls would make them last longer still.
fn may_be_kept(ran: &Ran) -> bool {
    let is_old = |call: &CallRecord| call.cache.is_some_and(|used| used.state == State::Stale);
    ran.is_whole() && !ran.outcome.calls.iter().any(is_old)
}

/// A request with all that its plan reads, so that it can be answered though the client has gone.
struct Work {
    loaded: Rc<Loaded>,
    edition: Arc<Edition>,
    params: SmallVec<[Box<str>; 4]>,
    query: Box<str>,
    headers: HeaderMap,
    trace: TraceContext,
    client_version: Option<Version>,
}

impl Work {
    fn of(request: &Let<'_>) -> Self {
        Self {
            loaded: request.loaded.clone(),
            edition: request.edition.clone(),
            params: request.params.iter().map(|text| Box::from(*text)).collect(),
            query: request.inbound.uri.query().unwrap_or_default().into(),
            headers: request.inbound.headers.clone(),
            trace: request.arrival.trace,
            client_version: request.client_version,
        }
    }

    fn bff(&self) -> Option<&Bff> {
        self.loaded.snapshot.bffs.get(&self.edition.endpoint.plan().bff)
    }

    fn reading<'w>(&'w self, bff: &'w Bff, params: &'w [&'w str]) -> Reading<'w> {
        Reading {
            loaded: &self.loaded,
            bff,
            endpoint: &self.edition.endpoint,
            params,
            query: &self.query,
            headers: &self.headers,
            body: &[],
            known: None,
            caller: None,
            trace: self.trace,
            client_version: self.client_version,
        }
    }

    /// `None` if the request does not fit the inputs.
    fn tags(&self, store: &Store) -> Option<Vec<Arc<str>>> {
        let params: SmallVec<[&str; 4]> = self.params.iter().map(|text| &**text).collect();
        let mut tags = self.reading(self.bff()?, &params).tags()?;
        tags.push(store.tag.clone());
        Some(tags)
    }

    async fn run(&self) -> Result<Ran, Failure> {
        let params: SmallVec<[&str; 4]> = self.params.iter().map(|text| &**text).collect();
        match self.bff() {
            Some(bff) => self.reading(bff, &params).run().await,
            None => {
                let cause = Cause::Internal("the BFF has gone".to_owned());
                Err(Failure { cause, calls: Vec::new(), wrote: false })
            }
        }
    }

    fn entry(&self, ran: &Ran, own: &[Arc<str>]) -> Entry {
        let mut tags = own.to_vec();
        for tag in &ran.outcome.tags {
            if !tags.contains(tag) {
                tags.push(tag.clone());
            }
        }
        let caching = self.edition.caching.as_ref();
        let times = caching.and_then(|caching| caching.store.as_ref()).map(|store| store.times);
        let headers = caching.filter(|caching| caching.is_tagged).map(|_| Box::new(surrogate::headers(own)));
        Entry {
            status: 200,
            headers,
            body: ran.body.clone(),
            is_expected_type: true,
            times: times.unwrap_or_default(),
            tags: tags.into(),
            ..Entry::default()
        }
    }
}
