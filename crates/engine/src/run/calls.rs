//! Calls in flight.
//!
//! A call is made once per request and encoded form, however many sites ask for it; each site reads the shared body
//! with its own selection, and waits no longer than its own deadline. Bodies and requests are kept until the request
//! ends, because values borrow from the ones and futures from the others.

use std::collections::VecDeque;
use std::future::Future;
use std::hash::BuildHasher;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Answer, CallFuture, CallerKey, Deadline, Fault, ServiceCall, now};
use frontdesk_cache::call::{self, Given};
use frontdesk_cache::{Cache, State as UseState, Use};
use frontdesk_catalog::ServiceId;
use frontdesk_plan::StepId;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hashbrown::HashTable;
use smallvec::SmallVec;
use tokio::time::Instant;

use super::Connectors;
use super::kept::Keeping;
use super::protocol::Landed;
use crate::outcome::CallRecord;

/// What calls leave behind that must outlive the values made of it.
pub(super) struct Held {
    bodies: typed_arena::Arena<Bytes>,
    requests: typed_arena::Arena<ServiceCall>,
    keepings: typed_arena::Arena<Keeping>,
}

impl Held {
    pub fn new(calls: usize) -> Self {
        Self {
            bodies: typed_arena::Arena::with_capacity(calls),
            requests: typed_arena::Arena::with_capacity(calls),
            // Nothing is allocated for those who keep nothing.
            keepings: typed_arena::Arena::with_capacity(0),
        }
    }
}

/// Who asked for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Site {
    /// A [`frontdesk_plan::StepKind::Call`].
    Step(u32),
    /// An element of a running each-step.
    Element { each: u32, element: u32 },
    /// A chunk of ids of a running each-step with a batch twin.
    Chunk { each: u32, chunk: u32 },
}

/// A call by its position in [`Calls::made`].
pub(super) type CallId = u32;

pub(super) type LandedOrFault<'a> = Result<Landed<'a>, Fault>;

/// What is asked for.
pub(super) struct Wanted {
    pub site: Site,
    pub step: StepId,
    pub service: ServiceId,
    pub call: ServiceCall,
    pub timeout: Duration,
    /// The call may be one that was made already.
    pub shared: bool,
    /// The each-step whose concurrency it counts for.
    pub each: Option<u32>,
    /// If its answers are kept.
    pub keeping: Option<Keeping>,
}

/// What became of a [`Wanted`] call.
pub(super) enum Asked<'a> {
    /// It has to be launched, now or when its turn comes.
    New(CallId),
    /// Another site has asked for the same; the answer will come.
    Joined,
    /// The answer is there already.
    Known(CallId, LandedOrFault<'a>),
}

pub(super) struct Calls<'a> {
    connectors: &'a Connectors,
    held: &'a Held,
    deadline: Deadline,
    started: Instant,
    made: Vec<Made<'a>>,
    /// Shared calls by what they are, with their hashes.
    index: HashTable<(u64, CallId)>,
    hasher: foldhash::fast::RandomState,
    /// Calls that go out as soon as no step can be started any more: until then sites may still join them.
    leaving: Vec<CallId>,
    flights: FuturesUnordered<Flight<'a>>,
    /// Calls whose answers wait to be given to their sites.
    arrived: VecDeque<(CallId, LandedOrFault<'a>)>,
    /// When the last of them did.
    landed_at: Instant,
    /// Sites that joined a call that may take longer than they can wait.
    impatient: Vec<(Deadline, CallId, Site)>,
    pub records: Vec<CallRecord>,
    /// How many calls that write went out, less those that cannot have reached their service.
    writes: u32,
}

struct Made<'a> {
    service: ServiceId,
    call: &'a ServiceCall,
    step: StepId,
    timeout: Duration,
    each: Option<u32>,
    state: State<'a>,
    waiting: SmallVec<[(Site, Duration); 1]>,
    /// Its place in `records`, once it has landed.
    record: Option<u32>,
    keeping: Option<&'a Keeping>,
    /// It is made because what was kept is of no use to its sites.
    is_anew: bool,
    /// The call that is made in its place for those who cannot read its answer.
    again: Option<CallId>,
}

enum State<'a> {
    Queued,
    Flying { since: Instant, deadline: Deadline },
    Landed(LandedOrFault<'a>),
}

struct Flight<'a> {
    id: CallId,
    way: Way<'a>,
}

enum Way<'a> {
    /// To the service.
    Call(CallFuture<'a>),
    /// Through the cache.
    Kept(Pin<Box<dyn Future<Output = Given> + 'a>>),
}

impl Future for Flight<'_> {
    type Output = (CallId, Result<Answer, Fault>, Option<Use>);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let id = self.id;
        match &mut self.way {
            Way::Call(future) => future.as_mut().poll(context).map(|result| (id, result, None)),
            Way::Kept(future) => future.as_mut().poll(context).map(|(result, used)| (id, result, Some(used))),
        }
    }
}

/// A call that has landed.
pub(super) struct Arrival<'a> {
    pub id: CallId,
    pub result: LandedOrFault<'a>,
    pub sites: SmallVec<[Site; 1]>,
    pub each: Option<u32>,
}

impl<'a> Calls<'a> {
    pub fn new(
        connectors: &'a Connectors,
        held: &'a Held,
        deadline: Deadline,
        started: Instant,
        room: usize,
    ) -> Self {
        Self {
            connectors,
            held,
            deadline,
            started,
            made: Vec::with_capacity(room),
            index: HashTable::new(),
            hasher: foldhash::fast::RandomState::default(),
            leaving: Vec::new(),
            flights: FuturesUnordered::new(),
            arrived: VecDeque::new(),
            landed_at: started,
            impatient: Vec::new(),
            records: Vec::with_capacity(room),
            writes: 0,
        }
    }

    /// Finds the call if it was asked for before, else makes it ready to be launched.
    pub fn ask(&mut self, wanted: Wanted) -> Asked<'a> {
        let hash = wanted.shared.then(|| self.hash(wanted.service, &wanted.call));
        let known = hash.and_then(|hash| {
            let same = |(other, id): &(u64, CallId)| {
                *other == hash
                    && self.made.get(*id as usize).is_some_and(|made| {
                        made.service == wanted.service
                            && is_same(made.call, &wanted.call)
                            && is_kept_alike(made.keeping, wanted.keeping.as_ref())
                    })
            };
            self.index.find(hash, same).map(|(_, id)| *id)
        });
        match known.and_then(|id| Some((id, self.made.get_mut(id as usize)?))) {
            Some((id, Made { state: State::Landed(result), timeout, .. }))
                if wanted.timeout <= *timeout || !matches!(result, Err(Fault::TimedOut)) =>
            {
                return Asked::Known(id, result.clone());
            }
            // It timed out, and this site would have waited longer.
            Some((_, Made { state: State::Landed(_), .. })) | None => {}
            Some((id, made)) => {
                made.waiting.push((wanted.site, wanted.timeout));
                match made.state {
                    State::Flying { deadline, .. } => {
                        let until = self.deadline.tightened(now(), wanted.timeout);
                        if until < deadline {
                            self.impatient.push((until, id, wanted.site));
                        }
                    }
                    _ => made.timeout = made.timeout.max(wanted.timeout),
                }
                return Asked::Joined;
            }
        }
        let id = self.made.len() as CallId;
        self.made.push(Made {
            service: wanted.service,
            call: self.held.requests.alloc(wanted.call),
            step: wanted.step,
            timeout: wanted.timeout,
            each: wanted.each,
            state: State::Queued,
            waiting: smallvec::smallvec![(wanted.site, wanted.timeout)],
            record: None,
            keeping: wanted.keeping.map(|keeping| &*self.held.keepings.alloc(keeping)),
            is_anew: false,
            again: None,
        });
        if let Some(hash) = hash {
            self.index.insert_unique(hash, (hash, id), |(hash, _)| *hash);
        }
        Asked::New(id)
    }

    fn hash(&self, service: ServiceId, call: &ServiceCall) -> u64 {
        hash_of(&self.hasher, service, call)
    }

    /// Which version of the service would answer.
    pub fn variant(&self, service: ServiceId, call: &ServiceCall) -> u32 {
        self.connectors.get(service).map_or(0, |connector| connector.variant(call))
    }

    /// Lets a call that was asked for go out with the next departure.
    pub fn launch(&mut self, id: CallId) {
        self.leaving.push(id);
    }

    /// Starts the calls that are leaving; whether there were any.
    pub fn depart(&mut self) -> bool {
        if self.leaving.is_empty() {
            return false;
        }
        let since = now();
        let mut leaving = std::mem::take(&mut self.leaving);
        for id in leaving.drain(..) {
            let Some(made) = self.made.get(id as usize) else { continue };
            let deadline = self.deadline.tightened(since, made.timeout);
            for (site, timeout) in made.waiting.iter().filter(|(_, timeout)| *timeout < made.timeout) {
                self.impatient.push((self.deadline.tightened(since, *timeout), id, *site));
            }
            self.fly(id, since, deadline);
        }
        self.leaving = leaving;
        true
    }

    /// Starts a call. If there is no time left it has timed out.
    fn fly(&mut self, id: CallId, since: Instant, deadline: Deadline) {
        let Some(made) = self.made.get_mut(id as usize) else { return };
        made.state = State::Flying { since, deadline };
        if since >= deadline.instant() {
            self.arrived.push_back((id, Err(Fault::TimedOut)));
            return;
        }
        self.writes += u32::from(!made.call.safe);
        let Some(connector) = self.connectors.get(made.service) else {
            let why = format!("service {} has no connector", made.service.0);
            self.arrived.push_back((id, Err(Fault::Connect(why))));
            return;
        };
        let way = match made.keeping {
            None => Way::Call(connector.call(made.call, deadline)),
            Some(keeping) if !keeping.is_cached() => {
                keeping.begins(self.connectors.cache());
                Way::Call(connector.call(made.call, deadline))
            }
            Some(keeping) => {
                let (cache, call, is_anew) = (self.connectors.cache(), made.call, made.is_anew);
                let fetch = move |purpose| keeping.fetch(connector, call, purpose);
                let known = if is_anew { None } else { call::at_once(cache, &keeping.asked, fetch) };
                if let Some((result, used)) = known {
                    keeping.used.set(Some(used));
                    let result = result.map(|answer| self.landed(answer));
                    self.arrived.push_back((id, result));
                    return;
                }
                Way::Kept(Box::pin(call::answer(cache, &keeping.asked, is_anew, deadline, fetch)))
            }
        };
        self.flights.push(Flight { id, way });
    }

    fn landed(&self, answer: Answer) -> Landed<'a> {
        Landed {
            status: answer.status,
            is_expected_type: answer.is_expected_type,
            body: self.held.bodies.alloc(answer.body),
        }
    }

    /// The next call whose answer is there.
    pub fn next_arrival(&mut self) -> Option<Arrival<'a>> {
        let (id, result) = self.arrived.pop_front()?;
        let made = self.made.get_mut(id as usize)?;
        let since = match made.state {
            State::Flying { since, .. } => since,
            _ => self.started,
        };
        if let State::Flying { .. } = made.state {
            made.record = Some(self.records.len() as u32);
            self.records.push(CallRecord {
                step: made.step,
                start: since.saturating_duration_since(self.started),
                duration: self.landed_at.saturating_duration_since(since),
                bytes: result.as_ref().map_or(0, |landed| landed.body.len() as u32),
                fault: result.as_ref().err().cloned(),
                cache: made.keeping.and_then(|keeping| keeping.used.get()),
            });
        }
        if !made.call.safe && matches!(&result, Err(fault) if was_not_sent(fault)) {
            self.writes = self.writes.saturating_sub(1);
        }
        let each = made.each;
        let waiting = std::mem::take(&mut made.waiting);
        let timed_out = matches!(result, Err(Fault::TimedOut)) && !self.deadline.passed();
        let own = made.timeout;
        made.state = State::Landed(result.clone());
        let sites = waiting
            .iter()
            .filter(|(_, timeout)| !timed_out || *timeout <= own)
            .map(|(site, _)| *site)
            .collect();
        if timed_out {
            self.ask_again(id, since, &waiting);
        }
        Some(Arrival { id, result, sites, each })
    }

    /// Sites that joined a call that has timed out, and that would have waited longer, get a call of their own.
    ///
    /// `since` is when the call went out: nobody's patience begins anew.
    fn ask_again(&mut self, id: CallId, since: Instant, waiting: &[(Site, Duration)]) {
        let Some(made) = self.made.get(id as usize) else { return };
        let patient: SmallVec<[(Site, Duration); 1]> =
            waiting.iter().filter(|(_, timeout)| *timeout > made.timeout).copied().collect();
        let Some(timeout) = patient.iter().map(|(_, timeout)| *timeout).max() else { return };
        let is_anew = made.is_anew;
        self.make_again(id, since, timeout, is_anew, patient);
    }

    /// Makes a call that was made already. `since` is when it went out for the first time.
    fn make_again(
        &mut self,
        id: CallId,
        since: Instant,
        timeout: Duration,
        is_anew: bool,
        waiting: SmallVec<[(Site, Duration); 1]>,
    ) -> Option<CallId> {
        let made = self.made.get(id as usize)?;
        let again = self.made.len() as CallId;
        self.made.push(Made {
            service: made.service,
            call: made.call,
            step: made.step,
            timeout,
            each: None,
            state: State::Queued,
            waiting,
            record: None,
            keeping: made.keeping,
            is_anew,
            again: None,
        });
        self.fly(again, now(), self.deadline.tightened(since, timeout));
        Some(again)
    }

    /// The site cannot read the answer of `id`. If that was kept, or fetched for somebody else who could, it is fetched
    /// once more, for this one; else there is nothing to be done.
    pub fn fetch_instead(&mut self, id: CallId, site: Site) -> Option<Asked<'a>> {
        let made = self.made.get(id as usize)?;
        let keeping = made.keeping.filter(|keeping| keeping.is_cached() && !made.is_anew)?;
        let is_own = keeping.used.get().is_none_or(|used| used.state == UseState::Miss);
        if is_own && made.again.is_none() {
            return None;
        }
        let timeout = made.timeout;
        match made.again.and_then(|again| Some((again, self.made.get_mut(again as usize)?))) {
            Some((again, Made { state: State::Landed(result), .. })) => {
                return Some(Asked::Known(again, result.clone()));
            }
            Some((_, again)) => again.waiting.push((site, timeout)),
            None => {
                self.connectors.cache().remove(&keeping.asked.key);
                let waiting = smallvec::smallvec![(site, timeout)];
                let again = self.make_again(id, now(), timeout, true, waiting);
                self.made.get_mut(id as usize)?.again = again;
            }
        }
        Some(Asked::Joined)
    }

    /// What of the call's answers is kept, and in what.
    pub fn keeping(&self, id: CallId) -> Option<(&'a Keeping, &'a Cache)> {
        let keeping = self.made.get(id as usize)?.keeping?;
        Some((keeping, self.connectors.cache()))
    }

    /// The tags of all answers that are kept, each once.
    pub fn tags(&self) -> Vec<Arc<str>> {
        let mut tags: Vec<Arc<str>> = Vec::new();
        for keeping in self.made.iter().filter_map(|made| made.keeping) {
            tags.extend_from_slice(&keeping.asked.tags);
        }
        tags.sort_unstable();
        tags.dedup();
        tags
    }

    /// What stood in for a call that failed, as if it had landed.
    pub fn stood_in(&mut self, id: CallId, answer: Answer, used: Use) -> Landed<'a> {
        let record = self.made.get(id as usize).and_then(|made| made.record);
        if let Some(record) = record.and_then(|at| self.records.get_mut(at as usize)) {
            record.cache = Some(used);
        }
        self.landed(answer)
    }

    /// Notes that the answer of `id` does not fit its view.
    pub fn misfit(&mut self, id: CallId, fault: &Fault) {
        let record = self.made.get(id as usize).and_then(|made| made.record);
        if let Some(record) = record.and_then(|at| self.records.get_mut(at as usize)) {
            record.fault = Some(fault.clone());
        }
    }

    /// Whether something may have been changed: calls that were given up on their way count.
    pub fn has_written(&self) -> bool {
        self.writes > 0
    }

    /// No call is in flight.
    pub fn is_idle(&self) -> bool {
        self.flights.is_empty()
    }

    /// When [`Calls::tick`] has something to do, if no call lands before.
    pub fn alarm(&self) -> Instant {
        let waits = self.impatient.iter().map(|(until, _, _)| until.instant());
        waits.fold(self.deadline.instant(), Instant::min)
    }

    /// Waits for calls to land.
    pub fn poll_landing(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut landed = Poll::Pending;
        while let Poll::Ready(Some((id, result, used))) = self.flights.poll_next_unpin(context) {
            if let (Some(used), Some((keeping, _))) = (used, self.keeping(id)) {
                keeping.used.set(Some(used));
            }
            let result = result.map(|answer| self.landed(answer));
            self.arrived.push_back((id, result));
            landed = Poll::Ready(());
        }
        if landed.is_ready() {
            self.landed_at = now();
        }
        landed
    }

    /// To be called when the alarm has gone off: once the deadline has passed every call that has not landed is
    /// cancelled and has timed out. Before that, gives the sites that have waited long enough.
    pub fn tick(&mut self) -> SmallVec<[(Site, CallId); 1]> {
        let now = now();
        if now >= self.deadline.instant() {
            self.landed_at = now;
            self.flights.clear();
            self.impatient.clear();
            // Calls that wait for their turn find that there is no time left when it comes.
            for (id, made) in self.made.iter().enumerate() {
                if matches!(made.state, State::Flying { .. }) {
                    self.arrived.push_back((id as CallId, Err(Fault::TimedOut)));
                }
            }
            return SmallVec::new();
        }
        let made = &mut self.made;
        let mut late = SmallVec::new();
        self.impatient.retain(|(until, id, site)| {
            if until.instant() > now {
                return true;
            }
            if let Some(made) = made.get_mut(*id as usize) {
                let before = made.waiting.len();
                made.waiting.retain(|(other, _)| other != site);
                if made.waiting.len() < before {
                    late.push((*site, *id));
                }
            }
            false
        });
        late
    }
}

/// Whether neither gets what the other would not have: an answer kept for an hour where it is to be of now.
fn is_kept_alike(a: Option<&Keeping>, b: Option<&Keeping>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => a.asked.key == b.asked.key,
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// Whether the service cannot have seen the call.
fn was_not_sent(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Connect(_)
            | Fault::Shed
            | Fault::BreakerOpen
            | Fault::Unsendable { .. }
            | Fault::LoginRequired
            | Fault::Credential(_)
    )
}

/// Whether one answer serves both: the same bytes, asked for the same caller.
fn is_same(a: &ServiceCall, b: &ServiceCall) -> bool {
    caller(a) == caller(b)
        && a.method == b.method
        && a.target == b.target
        && a.headers == b.headers
        && a.body == b.body
}

fn caller(call: &ServiceCall) -> CallerKey {
    call.caller.as_ref().map_or(CallerKey::NOBODY, |caller| caller.key())
}

fn hash_of(hasher: &foldhash::fast::RandomState, service: ServiceId, call: &ServiceCall) -> u64 {
    hasher.hash_one((service, caller(call), call.method, &call.target, &call.headers, &call.body))
}

#[cfg(test)]
mod tests {
    use std::hash::Hash;
    use std::rc::Rc;

    use frontdesk_adapter::{AccessToken, Caller, Exchange, TokenFuture, TraceContext};
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug)]
    struct Known(CallerKey);

    impl Caller for Known {
        fn key(&self) -> CallerKey {
            self.0
        }

        fn access_token(&self, _deadline: Deadline) -> TokenFuture<'_> {
            Box::pin(async { Err(Fault::LoginRequired) })
        }

        fn exchanged<'a>(&'a self, _wanted: &'a Exchange, _deadline: Deadline) -> TokenFuture<'a> {
            Box::pin(async { Err(Fault::LoginRequired) })
        }

        fn proof(&self, _: &str, _: &str, _: &AccessToken, _: Option<&str>) -> Option<String> {
            None
        }
    }

    /// What tells calls apart, as plain data: the oracle.
    #[derive(Clone, Debug, PartialEq, Hash)]
    struct Asked {
        caller: Option<u8>,
        post: bool,
        target: String,
        header: Option<String>,
        body: String,
    }

    fn asked() -> impl Strategy<Value = Asked> {
        // Few values, so that equal ones come up.
        (prop::option::of(0..3_u8), any::<bool>(), "/[ab]", prop::option::of("[xy]"), "[01]?")
            .prop_map(|(caller, post, target, header, body)| Asked { caller, post, target, header, body })
    }

    fn call(asked: &Asked) -> ServiceCall {
        let key = |caller: u8| CallerKey([caller + 1; 32]);
        ServiceCall {
            method: if asked.post { "POST" } else { "GET" },
            target: asked.target.clone().into_bytes(),
            headers: asked.header.iter().map(|value| (b"x".to_vec(), value.clone().into_bytes())).collect(),
            body: asked.body.clone().into_bytes(),
            safe: true,
            trace: TraceContext::default(),
            caller: asked.caller.map(|caller| Rc::new(Known(key(caller))) as Rc<dyn Caller>),
            ..ServiceCall::default()
        }
    }

    proptest! {
        #[test]
        fn an_answer_is_shared_only_by_the_same_request_of_the_same_caller(one in asked(), other in asked()) {
            let (a, b) = (call(&one), call(&other));
            prop_assert_eq!(is_same(&a, &b), one == other);
            let hasher = foldhash::fast::RandomState::default();
            if one == other {
                prop_assert_eq!(hash_of(&hasher, ServiceId(0), &a), hash_of(&hasher, ServiceId(0), &b));
            } else {
                prop_assert_ne!(hash_of(&hasher, ServiceId(0), &a), hash_of(&hasher, ServiceId(0), &b));
            }
        }
    }
}
