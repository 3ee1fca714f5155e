//! One call, as often as it takes: the first attempt, the one beside it, and those after it.
//!
//! The common case, one attempt that succeeds, is one future with nothing boxed; all others are boxed on their way.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use frontdesk_adapter::{Answer, Deadline, Fault, Hedge, ServiceCall, now};
use tokio::time::Instant;

use super::bound::Place;
use super::breaker::Breaker;
use super::retry_after::Pushback;
use super::verdict::Verdict;
use super::{Course, Exchange, Operation, Passage, Resilience, Trying};

/// The header that makes a call that writes one that may be sent twice
/// (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>).
const KEY: &[u8] = b"idempotency-key";

impl Resilience {
    /// Makes `call` under all policies.
    ///
    /// # Errors
    /// That of the last attempt; [`Fault::BreakerOpen`] and [`Fault::Shed`] if none was made.
    #[expect(clippy::manual_async_fn, reason = "an async function carries its arguments twice")]
    pub(crate) fn run<'a>(
        &'a self,
        protocol: &'a impl Exchange,
        call: &'a ServiceCall,
        deadline: Deadline,
        course: Course<'a>,
    ) -> impl Future<Output = Result<Answer, Fault>> {
        async move {
            let mut passage = self.admit(self.operation(call.operation), deadline)?;
            let place = passage.place(call.policy.priority).await?;
            self.budget.earn();
            let answered = match self.hedge_after(call, &passage.operation, &course) {
                None => {
                    let trying = Trying::new(&course);
                    let attempt = passage.attempt(place, &trying);
                    attempt.make(protocol, call, deadline).await
                }
                Some(delay) => {
                    Box::pin(self.hedged(&mut passage, protocol, call, deadline, &course, place, delay)).await
                }
            };
            let answered = match answered {
                Err(fault) if course.nonce.is_none() && may_repeat(call) => {
                    Box::pin(self.again(&passage, protocol, call, deadline, &course, fault)).await
                }
                answered => answered,
            };
            passage.end(Verdict::of(&answered), course.ended.get().unwrap_or_else(now));
            answered
        }
    }

    /// Further attempts after one that ended in `fault`, while they may help.
    async fn again(
        &self,
        passage: &Passage<'_>,
        protocol: &impl Exchange,
        call: &ServiceCall,
        deadline: Deadline,
        course: &Course<'_>,
        mut fault: Fault,
    ) -> Result<Answer, Fault> {
        let most = call.policy.retries.unwrap_or(self.policy.retries.most);
        for attempt in 1..=most {
            let Some(pause) = self.pause(&fault, course.pushback.take(), attempt, deadline) else { break };
            // No place is held meanwhile: whoever waits for one can use it.
            tokio::time::sleep(pause).await;
            if self.is_recovering(&passage.operation) {
                break;
            }
            let Ok(place) = passage.place(call.policy.priority).await else { break };
            let trying = Trying::new(course);
            let attempt = Attempt::new(self, &passage.operation, deadline, place, &trying);
            match attempt.make(protocol, call, deadline).await {
                Ok(answer) => return Ok(answer),
                Err(next) => fault = next,
            }
        }
        Err(fault)
    }

    /// The pause before retry number `attempt`, which is paid for; `None` to give up: the fault would come again, or the
    /// budget or the time are spent, or the service wants to be left alone for longer.
    fn pause(
        &self,
        fault: &Fault,
        pushback: Option<Pushback>,
        attempt: u32,
        deadline: Deadline,
    ) -> Option<Duration> {
        let pause = match pushback {
            Some(Pushback::Never) => return None,
            // A little later than asked: not everybody who was sent away comes back in the same moment.
            Some(Pushback::After(wait)) if is_pushback(fault) => {
                wait.checked_add(self.budget.pause(attempt))?
            }
            _ if fault.is_transient() => self.budget.pause(attempt),
            _ => return None,
        };
        (pause < deadline.remaining() && self.budget.spend(now())).then_some(pause)
    }

    /// A breaker is not closed: no attempt is made beyond those it lets through.
    fn is_recovering(&self, operation: &Operation) -> bool {
        let is_closed = |breaker: &Option<Breaker>| breaker.as_ref().is_none_or(Breaker::is_closed);
        !(is_closed(&self.breaker) && is_closed(&operation.breaker))
    }

    fn hedge_after(
        &self,
        call: &ServiceCall,
        operation: &Operation,
        course: &Course<'_>,
    ) -> Option<Duration> {
        let delay = match call.policy.hedge.unwrap_or(self.policy.hedge) {
            Hedge::Never => return None,
            Hedge::After(delay) => delay,
            Hedge::AfterPercentile(percent) => operation.latency.percentile(percent)?,
        };
        (call.safe && course.nonce.is_none()).then_some(delay)
    }

    /// One attempt, and after `delay` another one beside it. The first success wins, and the other is cancelled; a
    /// failure waits for what the other comes to (Dean and Barroso, *The Tail at Scale*, CACM 56(2), 2013).
    #[expect(clippy::too_many_arguments, reason = "what one attempt needs, and the delay")]
    async fn hedged(
        &self,
        passage: &mut Passage<'_>,
        protocol: &impl Exchange,
        call: &ServiceCall,
        deadline: Deadline,
        course: &Course<'_>,
        place: Place,
        delay: Duration,
    ) -> Result<Answer, Fault> {
        let (trying, beside) = (Trying::new(course), Trying::new(course));
        let mut first = pin!(passage.attempt(place, &trying).make(protocol, call, deadline));
        tokio::select! {
            biased;
            answered = &mut first => return answered,
            () = tokio::time::sleep(delay) => {}
        }
        let operation = &passage.operation;
        // Not while places are short: a hedge is a luxury.
        let place = if self.is_recovering(operation) { None } else { self.bound.try_enter() };
        let place = place.filter(|_| !deadline.passed() && self.budget.spend(now()));
        let Some(place) = place else { return first.await };
        let second = Attempt::new(self, operation, deadline, place, &beside);
        let second = pin!(second.make(protocol, call, deadline));
        first_success(first, second).await
    }
}

async fn first_success<A, B>(mut first: Pin<&mut A>, mut second: Pin<&mut B>) -> Result<Answer, Fault>
where
    A: Future<Output = Result<Answer, Fault>>,
    B: Future<Output = Result<Answer, Fault>>,
{
    let (mut failed, mut failed_too) = (None, None);
    poll_fn(|cx| {
        if failed.is_none()
            && let Poll::Ready(answered) = first.as_mut().poll(cx)
        {
            match answered {
                Ok(answer) => return Poll::Ready(Ok(answer)),
                Err(fault) => failed = Some(fault),
            }
        }
        if failed_too.is_none()
            && let Poll::Ready(answered) = second.as_mut().poll(cx)
        {
            match answered {
                Ok(answer) => return Poll::Ready(Ok(answer)),
                Err(fault) => failed_too = Some(fault),
            }
        }
        match (&failed, &failed_too) {
            // The first one's tells more: it had more time.
            (Some(fault), Some(_)) => Poll::Ready(Err(fault.clone())),
            _ => Poll::Pending,
        }
    })
    .await
}

/// Whether sending it twice does no harm.
fn may_repeat(call: &ServiceCall) -> bool {
    call.safe || call.headers.iter().any(|(name, _)| name == KEY)
}

/// Whether the service may say when it wants to be asked again.
fn is_pushback(fault: &Fault) -> bool {
    fault.is_transient() || matches!(fault, Fault::Rejected { status: 429 })
}

/// One attempt in its place. Tells the bound, the histogram and the endpoint's standing how it ended; one that is
/// dropped was given up, and is late if its time was over.
pub(crate) struct Attempt<'a> {
    resilience: &'a Resilience,
    operation: Rc<Operation>,
    deadline: Deadline,
    trying: &'a Trying<'a>,
    since: Instant,
    /// Until it has ended.
    place: Option<Place>,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(
        resilience: &'a Resilience,
        operation: &Rc<Operation>,
        deadline: Deadline,
        place: Place,
        trying: &'a Trying<'a>,
    ) -> Self {
        let operation = Rc::clone(operation);
        Self { resilience, operation, deadline, trying, since: now(), place: Some(place) }
    }

    pub(super) fn since(&self) -> Instant {
        self.since
    }

    #[expect(clippy::manual_async_fn, reason = "an async function carries its arguments twice")]
    fn make(
        mut self,
        protocol: &'a impl Exchange,
        call: &'a ServiceCall,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Answer, Fault>> {
        async move {
            // Pinned where it is: as an argument all of it would be copied, some hundred bytes, more than once.
            let exchange = pin!(protocol.exchange(call, deadline, self.trying));
            let answered = match self.resilience.harm(Some(call.operation), &call.trace) {
                None => tokio::time::timeout_at(deadline.instant(), exchange).await,
                Some(harm) => {
                    let harmed = Box::pin(harm.to_call(deadline, exchange));
                    tokio::time::timeout_at(deadline.instant(), harmed).await
                }
            };
            let answered = answered.unwrap_or(Err(Fault::TimedOut));
            let now = now();
            self.settle(Verdict::of(&answered), now);
            self.trying.course.ended.set(Some(now));
            answered
        }
    }

    /// What it came to. The place is handed on to what is still to come of the answer.
    pub(crate) fn end(mut self, verdict: Verdict, now: Instant) -> Option<Place> {
        self.note(verdict, now);
        self.place.take()
    }

    fn settle(&mut self, verdict: Verdict, now: Instant) {
        self.note(verdict, now);
        self.place = None;
    }

    /// While the place is still held: it counts among the calls in flight.
    fn note(&self, verdict: Verdict, now: Instant) {
        let (bound, operation) = (&self.resilience.bound, &self.operation);
        let took = now.saturating_duration_since(self.since);
        match verdict {
            Verdict::Good => {
                operation.latency.record(took);
                bound.answered(&operation.usual, took, now);
                self.trying.outcome(now, true);
            }
            Verdict::Busy => {
                bound.refused(now);
                self.trying.outcome(now, true);
            }
            Verdict::Unavailable => {
                bound.refused(now);
                self.trying.outcome(now, false);
            }
            Verdict::Away | Verdict::Failed => self.trying.outcome(now, false),
            Verdict::Late if operation.had_time(took) => {
                operation.latency.record(took);
                bound.late(&operation.usual, took, now);
                self.trying.outcome(now, false);
            }
            Verdict::Late | Verdict::Nothing => {}
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.place.is_none() {
            return;
        }
        let now = now();
        if now >= self.deadline.instant() {
            self.settle(Verdict::Late, now);
        } else {
            // It took longer than this. Without that a hedge would make its operation look quicker than it is.
            let waited = now.saturating_duration_since(self.since);
            if self.operation.had_time(waited) {
                self.operation.latency.record(waited);
            }
        }
    }
}
