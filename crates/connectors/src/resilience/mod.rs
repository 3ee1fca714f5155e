//! What stands between a call and the service it is for, whatever protocol is spoken: written once, kept per core.
//!
//! A call passes the breakers of its service and its operation (`breaker`), takes its place among those in flight
//! (`bound`, whose size `limit` finds out), and is then attempted: once, beside a second attempt if it hedges, and again
//! after a pause if it may be repeated and the budget allows it (`attempts`, `budget`, `retry_after`). Each attempt tells
//! how long it took (`latency`) and what it says of the service (`verdict`) and of the endpoint (`outliers`).
//!
//! Nothing here reads a socket: a protocol is an [`Exchange`]. The pieces take the time as an argument, so that
//! simulations drive them.

mod attempts;
mod bound;
mod breaker;
mod budget;
mod latency;
mod limit;
mod outliers;
pub(crate) mod policy;
pub(crate) mod retry_after;
#[cfg(test)]
mod simulation;
mod verdict;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use frontdesk_adapter::{Answer, Deadline, Fault, Priority, ServiceCall, TraceContext, now};
use tokio::time::Instant;

use self::attempts::Attempt;
pub use self::bound::{Bound, Place};
pub use self::breaker::BreakerState;
use self::breaker::{Breaker, Pass};
use self::budget::RetryBudget;
use self::latency::Latency;
use self::limit::Usual;
pub(crate) use self::outliers::{Outliers, Standing};
use self::policy::Policy;
use self::retry_after::Pushback;
pub(crate) use self::verdict::Verdict;
use crate::balance::{Balance, Question, Site, Tried};
use crate::faults::{Harm, Injection};

/// Operations beyond this many share what is known of the first one.
const MOST_OPERATIONS: usize = 4096;

/// One protocol towards one service: a single attempt of a call.
pub(crate) trait Exchange {
    /// Asks the endpoint that `trying` [chooses](Trying::choose).
    async fn exchange(
        &self,
        call: &ServiceCall,
        deadline: Deadline,
        trying: &Trying<'_>,
    ) -> Result<Answer, Fault>;
}

/// What the attempts of one call know of each other.
#[derive(Default)]
pub(crate) struct Course<'a> {
    /// The endpoints that were asked.
    pub(crate) tried: Cell<Tried>,
    pushback: Cell<Option<Pushback>>,
    /// When the last one ended.
    ended: Cell<Option<Instant>>,
    /// Takes the `DPoP-Nonce` of an answer to a call that is made once.
    pub(crate) nonce: Option<&'a Cell<Option<String>>>,
}

impl<'a> Course<'a> {
    /// Of a call that is made once, whatever comes of it.
    pub(crate) fn once(nonce: &'a Cell<Option<String>>) -> Self {
        Self { nonce: Some(nonce), ..Self::default() }
    }
}

/// One attempt, as the protocol sees it.
pub(crate) struct Trying<'a> {
    pub(crate) course: &'a Course<'a>,
    endpoint: RefCell<Option<Rc<Standing>>>,
}

impl<'a> Trying<'a> {
    pub(crate) fn new(course: &'a Course<'a>) -> Self {
        Self { course, endpoint: RefCell::default() }
    }

    /// Before an attempt: endpoints that this call has asked come last.
    pub(crate) fn again<P>(&self, sites: &Balance<P>, question: Question<'_>) {
        let mut tried = self.course.tried.get();
        sites.again(&mut tried, question);
        self.course.tried.set(tried);
    }

    /// The endpoint to ask; `None` once all were. To what the attempt comes will be to its credit; one that was chosen
    /// before could not be reached.
    pub(crate) fn choose<P>(&self, sites: &Balance<P>) -> Option<Rc<Site<P>>> {
        let mut tried = self.course.tried.get();
        let site = sites.choose(&mut tried)?;
        self.course.tried.set(tried);
        if let Some(unreachable) = self.endpoint.replace(Some(Rc::clone(&site.standing))) {
            unreachable.outcome(now(), false);
        }
        Some(site)
    }

    /// The endpoint that was chosen has not looked at the call.
    pub(crate) fn was_not_seen(&self) {
        self.endpoint.replace(None);
    }

    /// What the service says of another attempt.
    pub(crate) fn push_back(&self, pushback: Option<Pushback>) {
        if pushback.is_some() {
            self.course.pushback.set(pushback);
        }
    }

    fn outcome(&self, now: Instant, is_good: bool) {
        if let Some(endpoint) = &*self.endpoint.borrow() {
            endpoint.outcome(now, is_good);
        }
    }
}

/// Everything that decides on calls of one service, on one core.
pub(crate) struct Resilience {
    policy: Policy,
    breaker: Option<Breaker>,
    bound: Rc<Bound>,
    budget: RetryBudget,
    operations: RefCell<Vec<Rc<Operation>>>,
    /// What passes through is one operation.
    passing: Rc<Operation>,
    pub(crate) outliers: Rc<Outliers>,
    /// Faults that are made on purpose, if that is allowed.
    injection: Option<Injection>,
}

/// What is known of one operation.
struct Operation {
    breaker: Option<Breaker>,
    latency: Latency,
    usual: Usual,
}

impl Operation {
    fn new(policy: &Policy, now: Instant) -> Rc<Self> {
        let breaker = policy.breaker.map(|policy| Breaker::new(policy, now));
        Rc::new(Self { breaker, latency: Latency::default(), usual: Usual::default() })
    }

    /// Whether a call that was not answered in this time could have been: one that had less says nothing.
    fn had_time(&self, waited: Duration) -> bool {
        waited >= self.usual.get().unwrap_or_default()
    }
}

/// How a service does, as one core sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// The whole service's.
    pub breaker: BreakerState,
    /// Operations whose own breaker is not closed.
    pub open_operations: u32,
    /// Calls that may be in flight, are, and wait.
    pub limit: u32,
    pub in_flight: u32,
    pub waiting: u32,
    /// Retries and hedges that could be made at once.
    pub retries: f32,
    /// Endpoints that are left out because they failed.
    pub ejected: u32,
}

impl Resilience {
    pub(crate) fn new(policy: Policy, injection: Option<Injection>) -> Self {
        let now = now();
        Self {
            policy,
            breaker: policy.breaker.map(|policy| Breaker::new(policy, now)),
            bound: Bound::new(policy.bound, now),
            budget: RetryBudget::new(policy.retries, now),
            operations: RefCell::default(),
            passing: Operation::new(&policy, now),
            outliers: Outliers::new(policy.outliers),
            injection,
        }
    }

    pub(crate) fn figures(&self) -> Figures {
        let now = now();
        let state =
            |breaker: &Option<Breaker>| breaker.as_ref().map_or(BreakerState::Closed, |b| b.state(now));
        let operations = self.operations.borrow();
        let all = operations.iter().chain([&self.passing]);
        Figures {
            breaker: state(&self.breaker),
            open_operations: all.filter(|one| state(&one.breaker) != BreakerState::Closed).count() as u32,
            limit: self.bound.limit(),
            in_flight: self.bound.in_flight(),
            waiting: self.bound.waiting(),
            retries: self.budget.saved(),
            ejected: self.outliers.ejected(now) as u32,
        }
    }

    /// What is to be done on purpose to an attempt, or to a request that passes through.
    pub(crate) fn harm(&self, operation: Option<u32>, trace: &TraceContext) -> Option<Harm> {
        self.injection.as_ref()?.harm(operation, trace)
    }

    fn operation(&self, index: u32) -> Rc<Operation> {
        let known = self.operations.borrow().get(index as usize).map(Rc::clone);
        known.unwrap_or_else(|| self.new_operation(index))
    }

    #[cold]
    fn new_operation(&self, index: u32) -> Rc<Operation> {
        let index = if (index as usize) < MOST_OPERATIONS { index as usize } else { 0 };
        let mut operations = self.operations.borrow_mut();
        let now = now();
        while operations.len() <= index {
            operations.push(Operation::new(&self.policy, now));
        }
        operations.get(index).map_or_else(|| Rc::clone(&self.passing), Rc::clone)
    }

    /// Lets a request through that is passed on as it stands.
    ///
    /// # Errors
    /// [`Fault::BreakerOpen`].
    pub(crate) fn admit_passing(&self, deadline: Deadline) -> Result<Passage<'_>, Fault> {
        self.admit(Rc::clone(&self.passing), deadline)
    }

    fn admit(&self, operation: Rc<Operation>, deadline: Deadline) -> Result<Passage<'_>, Fault> {
        let (mut of_service, mut of_operation) = (Pass::Free, Pass::Free);
        let is_closed = |breaker: &Option<Breaker>| breaker.as_ref().is_none_or(Breaker::is_closed);
        if !(is_closed(&self.breaker) && is_closed(&operation.breaker)) {
            let now = now();
            let admit = |breaker: &Option<Breaker>| match breaker {
                Some(breaker) => breaker.admit(now).ok_or(Fault::BreakerOpen),
                None => Ok(Pass::Free),
            };
            of_service = admit(&self.breaker)?;
            of_operation = match admit(&operation.breaker) {
                Ok(pass) => pass,
                Err(fault) => {
                    if let Some(breaker) = &self.breaker {
                        breaker.settle(of_service, now, None);
                    }
                    return Err(fault);
                }
            };
        }
        Ok(Passage {
            resilience: self,
            operation,
            deadline,
            of_service,
            of_operation,
            since: None,
            is_over: false,
        })
    }
}

/// A call that the breakers have let through: tells them what it came to. One that is dropped was given up, and is late
/// if its time was over.
pub(crate) struct Passage<'a> {
    resilience: &'a Resilience,
    operation: Rc<Operation>,
    deadline: Deadline,
    of_service: Pass,
    of_operation: Pass,
    /// When it was first sent.
    since: Option<Instant>,
    is_over: bool,
}

impl<'a> Passage<'a> {
    /// A place among the calls in flight.
    ///
    /// # Errors
    /// [`Fault::Shed`] if there is none, and none in time.
    pub(crate) async fn place(&self, priority: Priority) -> Result<Place, Fault> {
        let bound = &self.resilience.bound;
        match bound.try_enter() {
            Some(place) => Ok(place),
            None => Box::pin(bound.enter(priority, self.deadline, Some(&self.operation.usual))).await,
        }
    }

    /// The first attempt begins.
    pub(crate) fn attempt<'t>(&mut self, place: Place, trying: &'t Trying<'t>) -> Attempt<'t>
    where
        'a: 't,
    {
        let attempt = Attempt::new(self.resilience, &self.operation, self.deadline, place, trying);
        self.since = Some(attempt.since());
        attempt
    }

    /// What the call came to.
    pub(crate) fn end(mut self, verdict: Verdict, now: Instant) {
        self.settle(verdict, now);
    }

    fn settle(&mut self, verdict: Verdict, now: Instant) {
        self.is_over = true;
        let (verdict, took) = match self.since {
            Some(since) => (verdict, now.saturating_duration_since(since)),
            None => (Verdict::Nothing, Duration::ZERO),
        };
        if let Some(breaker) = &self.operation.breaker {
            let is_good = match verdict {
                Verdict::Good => Some(!breaker.is_slow(took)),
                Verdict::Busy => Some(true),
                Verdict::Away | Verdict::Unavailable | Verdict::Failed => Some(false),
                Verdict::Late => self.operation.had_time(took).then_some(false),
                Verdict::Nothing => None,
            };
            breaker.settle(self.of_operation, now, is_good);
        }
        if let Some(breaker) = &self.resilience.breaker {
            // What one operation does wrong or slowly is no reason to keep from the others.
            let is_good = match verdict {
                Verdict::Good | Verdict::Busy | Verdict::Failed => Some(true),
                Verdict::Away | Verdict::Unavailable => Some(false),
                Verdict::Late | Verdict::Nothing => None,
            };
            breaker.settle(self.of_service, now, is_good);
        }
    }
}

impl Drop for Passage<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            let now = now();
            let is_late = now >= self.deadline.instant();
            self.settle(if is_late { Verdict::Late } else { Verdict::Nothing }, now);
        }
    }
}
