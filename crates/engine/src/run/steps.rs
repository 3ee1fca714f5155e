//! One request on its way through the steps of its plan.

use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use bumpalo::Bump;
use frontdesk_adapter::{
    CallPolicy, Caller, ClientHeaders, Deadline, Fault, Hedge, Priority, ServiceCall, TraceContext,
};
use frontdesk_cache::Detail;
use frontdesk_lang::model::{self, EndpointKind};
use frontdesk_plan::{CallStep, OnFailure, Step, StepId, StepKind};
use smallvec::SmallVec;
use tokio::time::Instant;

use super::calls::{Arrival, Asked, CallId, Calls, Held, LandedOrFault, Site, Wanted};
use super::each::EachRun;
use super::kept::{self, Keeping};
use super::protocol::Operation;
use super::{Connectors, Endpoint, Request};
use crate::convert;
use crate::eval::{Evaluator, Interrupt};
use crate::outcome::{CallRecord, Cause, Degraded, mapped};
use crate::value::Value;

pub(super) struct Steps<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) arena: &'a Bump,
    pub(super) evaluator: Evaluator<'a>,
    pub(super) calls: Calls<'a>,
    /// The each-steps that have been started.
    pub(super) eaches: Vec<EachRun<'a>>,
    trace: TraceContext,
    /// Whom calls are made for.
    caller: Option<Rc<dyn Caller>>,
    client_headers: Option<ClientHeaders>,
    /// For each step, how many of its needs are not done.
    needs: SmallVec<[u32; 16]>,
    /// Steps whose needs are met, in the order that happened; those before `next` have been started.
    ready: SmallVec<[u32; 16]>,
    next: usize,
    /// How many steps the answer still waits for.
    awaited: usize,
    degraded: Vec<Degraded>,
}

enum Event {
    Landed,
    Alarm,
}

impl<'a> Steps<'a> {
    pub fn new(
        endpoint: &'a Endpoint,
        connectors: &'a Connectors,
        deadline: Deadline,
        trace: TraceContext,
        started: Instant,
        arena: &'a Bump,
        held: &'a Held,
    ) -> Self {
        let plan = endpoint.plan();
        let needs: SmallVec<[u32; 16]> = endpoint.steps.iter().map(|step| step.needs).collect();
        let ready = (0u32..).zip(&needs).filter(|(_, needs)| **needs == 0).map(|(at, _)| at).collect();
        Self {
            endpoint,
            arena,
            evaluator: Evaluator::new(&plan.program, &endpoint.prepared, plan.frame, arena),
            calls: Calls::new(connectors, held, deadline, started, endpoint.calls()),
            eaches: Vec::new(),
            trace,
            caller: None,
            client_headers: None,
            needs,
            ready,
            next: 0,
            awaited: endpoint.awaited,
            degraded: Vec::new(),
        }
    }

    /// Reads what the client sent into the frame.
    pub fn admit<'r: 'a>(&mut self, request: &'a Request<'r>) -> Result<(), Cause> {
        let plan = self.endpoint.plan();
        self.caller = request.caller.cloned();
        self.client_headers = request.client_headers.cloned();
        self.evaluator.client_version = request.client_version;
        let input = self.endpoint.inputs.read(request, self.arena)?;
        if let Some(slot) = plan.input {
            self.evaluator.set(slot, input);
        }
        if let Some(slot) = plan.context {
            self.evaluator.set(slot, self.endpoint.context(request.session, self.arena));
        }
        Ok(())
    }

    /// Runs every step and writes the answer.
    pub async fn drive(&mut self, out: &mut Vec<u8>) -> Result<(), Cause> {
        let mut alarm = pin!(tokio::time::sleep_until(self.calls.alarm()));
        loop {
            self.work()?;
            if self.awaited == 0 {
                break;
            }
            if self.calls.is_idle() {
                return Err(Cause::Internal("no step can be started".to_owned()));
            }
            let wanted = self.calls.alarm();
            if alarm.deadline() != wanted {
                alarm.as_mut().reset(wanted);
            }
            let event = poll_fn(|context| {
                if self.calls.poll_landing(context).is_ready() {
                    return Poll::Ready(Event::Landed);
                }
                alarm.as_mut().poll(context).map(|()| Event::Alarm)
            });
            match event.await {
                Event::Landed => {}
                Event::Alarm => {
                    for (site, id) in self.calls.tick() {
                        self.failed(site, id, Fault::TimedOut)?;
                    }
                }
            }
        }
        self.evaluator.emit(self.endpoint.plan().answer, out).map_err(|interrupt| self.interrupted(interrupt))
    }

    /// The calls that gave no answer, all calls, the tags of those whose answers are kept, and whether something may have
    /// been changed.
    pub fn report(self) -> (Vec<Degraded>, Vec<CallRecord>, Vec<Arc<str>>, bool) {
        let (tags, wrote) = (self.calls.tags(), self.calls.has_written());
        (self.degraded, self.calls.records, tags, wrote)
    }

    /// Does all that can be done without waiting.
    fn work(&mut self) -> Result<(), Cause> {
        loop {
            if let Some(step) = self.ready.get(self.next).copied() {
                self.next += 1;
                self.start(step)?;
            } else if self.calls.depart() {
            } else if let Some(arrival) = self.calls.next_arrival() {
                self.arrived(arrival)?;
            } else {
                return Ok(());
            }
        }
    }

    fn start(&mut self, at: u32) -> Result<(), Cause> {
        match &self.step(at)?.kind {
            StepKind::Compute(value) => {
                let value = self.evaluate(*value)?;
                self.done(at, value)
            }
            StepKind::Check { condition, problem, detail } => {
                if self.evaluate(*condition)?.truthy() {
                    let detail = match detail {
                        Some(detail) => Some(self.evaluate(*detail)?),
                        None => None,
                    };
                    return Err(self.thrown(*problem, detail));
                }
                self.done(at, Value::Undefined)
            }
            StepKind::Call(call) => self.start_call(at, call),
            StepKind::Each(each) => self.start_each(at, each),
        }
    }

    fn start_call(&mut self, at: u32, call: &'a CallStep) -> Result<(), Cause> {
        if let Some(guard) = call.guard
            && !self.evaluate(guard)?.truthy()
        {
            return self.done(at, Value::Undefined);
        }
        let operation = self.operation(at)?;
        self.ask(Site::Step(at), at, call, operation, call.args, None, None, call.may_repeat)
    }

    /// Encodes a call of `operation` and makes it, now or when its each-step lets it. `tags` are those of its answer, if
    /// they are not what the step says of one call.
    #[expect(clippy::too_many_arguments, reason = "what a call is, and who asks")]
    pub(super) fn ask(
        &mut self,
        site: Site,
        at: u32,
        call: &'a CallStep,
        operation: &'a Arc<Operation>,
        args: frontdesk_plan::ExprId,
        tags: Option<Vec<Arc<str>>>,
        each: Option<u32>,
        may_repeat: bool,
    ) -> Result<(), Cause> {
        let args = self.evaluate(args)?;
        let program = &self.endpoint.plan().program;
        let encoded = match operation.encode(args, program, self.arena, self.trace) {
            Ok(encoded) => encoded,
            Err(fault) => return self.settle(site, Err(fault)),
        };
        let encoded = self.complete(encoded, call, operation);
        let keeping = match kept::policy(call) {
            Some(policy) => {
                let tags = match tags {
                    Some(tags) => tags,
                    None => self.tags(call)?,
                };
                let variant = self.calls.variant(operation.service, &encoded);
                let selectors = &self.endpoint.selectors;
                Some(Keeping::new(&encoded, variant, call, policy, tags, operation, selectors))
            }
            None => None,
        };
        let asked = self.calls.ask(Wanted {
            site,
            step: StepId(at),
            service: operation.service,
            call: encoded,
            timeout: call.timeout,
            shared: may_repeat && call.effect == frontdesk_catalog::Effect::Reads,
            each,
            keeping,
        });
        match asked {
            Asked::New(id) => {
                match each {
                    Some(each) => self.queue(each, id),
                    None => self.calls.launch(id),
                }
                Ok(())
            }
            Asked::Joined => Ok(()),
            Asked::Known(id, result) => self.answer(site, id, &result),
        }
    }

    /// What there is to say of a call beside its arguments.
    fn complete(&self, encoded: ServiceCall, call: &CallStep, operation: &Operation) -> ServiceCall {
        let plan = self.endpoint.plan();
        let priority = match plan.kind {
            _ if plan.background => Priority::Background,
            EndpointKind::Action => Priority::Action,
            EndpointKind::View => Priority::View,
        };
        let hedge = call.hedge.map(|hedge| match hedge {
            model::Hedge::Never => Hedge::Never,
            model::Hedge::After(after) => Hedge::After(after),
            model::Hedge::AfterPercentile(percent) => Hedge::AfterPercentile(percent),
        });
        ServiceCall {
            caller: self.caller.clone(),
            client_headers: self.client_headers.clone(),
            operation: operation.id.0,
            wants_headers: call.cache.as_ref().is_some_and(|cache| cache.lifetime == model::Lifetime::Http),
            policy: CallPolicy { priority, retries: call.retries, hedge },
            ..encoded
        }
    }

    /// The tags of one call's answer. The slots are set as for its arguments.
    pub(super) fn tags(&mut self, call: &CallStep) -> Result<Vec<Arc<str>>, Cause> {
        let Some(tags) = call.cache.as_ref().and_then(|cache| cache.tags) else { return Ok(Vec::new()) };
        let Value::Array(tags) = self.evaluate(tags)?.settled(self.arena) else { return Ok(Vec::new()) };
        let text = |tag: &Value<'a>| {
            let bytes = convert::to_text(tag.settled(self.arena), self.arena).bytes();
            Arc::from(String::from_utf8_lossy(bytes))
        };
        Ok(tags.iter().filter(|tag| !tag.is_nullish()).map(text).collect())
    }

    fn arrived(&mut self, arrival: Arrival<'a>) -> Result<(), Cause> {
        if let Some(each) = arrival.each {
            self.landed_of(each);
        }
        for site in arrival.sites {
            self.answer(site, arrival.id, &arrival.result)?;
        }
        Ok(())
    }

    /// Gives a landed call to one of the sites that asked for it.
    fn answer(&mut self, site: Site, id: CallId, result: &LandedOrFault<'a>) -> Result<(), Cause> {
        let landed = match result {
            Ok(landed) => *landed,
            Err(fault) => return self.failed(site, id, fault.clone()),
        };
        let value = self.reader(site)?.decode(landed, &self.endpoint.selectors, self.arena);
        let kept = self.calls.keeping(id);
        match (value, kept) {
            (Ok(value), None) => self.settle(site, Ok(value)),
            (Ok(value), Some((keeping, cache))) => {
                keeping.is_good(cache, landed);
                self.settle(site, Ok(value))
            }
            (Err(fault), None) => {
                self.calls.misfit(id, &fault);
                self.settle(site, Err(fault))
            }
            (Err(fault), Some(_)) => match self.calls.fetch_instead(id, site) {
                Some(Asked::Known(again, result)) => self.answer(site, again, &result),
                Some(_) => Ok(()),
                None => {
                    self.calls.misfit(id, &fault);
                    self.failed(site, id, fault)
                }
            },
        }
    }

    /// The call `id` failed, or took too long for `site`: what is kept of it may stand in.
    fn failed(&mut self, site: Site, id: CallId, fault: Fault) -> Result<(), Cause> {
        let Some((answer, used)) =
            self.calls.keeping(id).and_then(|(keeping, cache)| keeping.stand_in(cache, &fault))
        else {
            return self.settle(site, Err(fault));
        };
        let landed = self.calls.stood_in(id, answer, used);
        let value = self.reader(site)?.decode(landed, &self.endpoint.selectors, self.arena);
        // What stands in may be of another time than what this site reads now.
        let Ok(value) = value else { return self.settle(site, Err(fault)) };
        if used.detail == Some(Detail::LastGood) {
            let step = match site {
                Site::Step(at) => StepId(at),
                Site::Element { each, .. } | Site::Chunk { each, .. } => StepId(self.step_of(each)?),
            };
            self.degraded(Degraded { step, reason: fault.reason(), age: Some(used.age) });
        }
        self.settle(site, Ok(value))
    }

    fn degraded(&mut self, entry: Degraded) {
        let same = |other: &&mut Degraded| {
            other.step == entry.step
                && other.reason == entry.reason
                && other.age.is_some() == entry.age.is_some()
        };
        match self.degraded.iter_mut().find(same) {
            Some(other) => other.age = other.age.max(entry.age),
            None => self.degraded.push(entry),
        }
    }

    /// The operation whose selection reads the answer for `site`.
    fn reader(&self, site: Site) -> Result<&'a Arc<Operation>, Cause> {
        match site {
            Site::Step(at) => self.operation(at),
            Site::Element { each, .. } => self.operation(self.step_of(each)?),
            Site::Chunk { each, .. } => self.twin(self.step_of(each)?),
        }
    }

    fn settle(&mut self, site: Site, result: Result<Value<'a>, Fault>) -> Result<(), Cause> {
        match site {
            Site::Step(at) => {
                let value = match result {
                    Ok(value) => value,
                    Err(fault) => {
                        let StepKind::Call(call) = &self.step(at)?.kind else { return Err(lost("a call")) };
                        self.instead(at, call, fault)?
                    }
                };
                self.done(at, value)
            }
            Site::Element { each, element } => self.settle_element(each, element, result),
            Site::Chunk { each, chunk } => self.settle_chunk(each, chunk, result),
        }
    }

    /// What stands for a call that failed; or the end of the request.
    pub(super) fn instead(&mut self, at: u32, call: &CallStep, fault: Fault) -> Result<Value<'a>, Cause> {
        let step = StepId(at);
        let value = match call.on_failure {
            OnFailure::Fail => {
                let problem = mapped(self.endpoint.plan(), step, &fault);
                return Err(Cause::Call { step, fault, problem });
            }
            OnFailure::Null | OnFailure::LastGood(None) => Value::Null,
            OnFailure::Otherwise(value) | OnFailure::LastGood(Some(value)) => self.evaluate(value)?,
        };
        self.degraded(Degraded { step, reason: fault.reason(), age: None });
        Ok(value)
    }

    pub(super) fn done(&mut self, at: u32, value: Value<'a>) -> Result<(), Cause> {
        self.evaluator.set(self.step(at)?.slot, value);
        let endpoint = self.endpoint;
        let Some(step) = endpoint.steps.get(at as usize) else { return Err(lost("a step")) };
        self.awaited -= usize::from(step.awaited);
        for waiting in &step.waiting {
            if let Some(needs) = self.needs.get_mut(*waiting as usize) {
                *needs -= 1;
                if *needs == 0 {
                    self.ready.push(*waiting);
                }
            }
        }
        Ok(())
    }

    // ---- looking things up; all of it is there, or the plan was not provisioned

    pub(super) fn step(&self, at: u32) -> Result<&'a Step, Cause> {
        self.endpoint.plan().steps.get(at as usize).ok_or_else(|| lost("a step"))
    }

    pub(super) fn operation(&self, at: u32) -> Result<&'a Arc<Operation>, Cause> {
        self.endpoint
            .steps
            .get(at as usize)
            .and_then(|step| step.call.as_ref())
            .ok_or_else(|| lost("an operation"))
    }

    pub(super) fn twin(&self, at: u32) -> Result<&'a Arc<Operation>, Cause> {
        self.endpoint
            .steps
            .get(at as usize)
            .and_then(|step| step.twin.as_ref())
            .ok_or_else(|| lost("a batch twin"))
    }

    // ---- evaluating

    pub(super) fn evaluate(&mut self, id: frontdesk_plan::ExprId) -> Result<Value<'a>, Cause> {
        self.evaluator.eval(id).map_err(|interrupt| self.interrupted(interrupt))
    }

    fn interrupted(&self, interrupt: Interrupt<'a>) -> Cause {
        match interrupt {
            Interrupt::Problem { problem, detail } => self.thrown(problem, detail.copied()),
            Interrupt::TypeError(misuse) => Cause::Internal(misuse.to_string()),
            Interrupt::OutOfBudget => {
                Cause::Internal("the view took too many steps or too much memory".to_owned())
            }
        }
    }

    fn thrown(&self, problem: frontdesk_plan::ProblemId, detail: Option<Value<'a>>) -> Cause {
        let Some(problem) = self.endpoint.plan().program.problems.get(problem.0 as usize) else {
            return lost("a problem");
        };
        let detail = detail
            .filter(|detail| !detail.is_undefined())
            .map(|detail| String::from_utf8_lossy(convert::to_text(detail, self.arena).bytes()).into_owned());
        Cause::Thrown { problem: problem.clone(), detail }
    }
}

/// The plan mentions what is not there.
#[cold]
pub(super) fn lost(what: &str) -> Cause {
    Cause::Internal(format!("the plan has lost {what}"))
}
