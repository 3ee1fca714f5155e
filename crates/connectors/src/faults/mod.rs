//! Faults that are made on purpose: delays, refusals, broken answers, for a share of the calls to a service.
//!
//! Rules live in [`Rules`], which all cores share and an administrator changes; [`Faulty`] stands around the connector
//! of a service, or of one of its versions, and does to a call what the rules say. It is only put there if the
//! configuration allows it. It stands outside of retries and breakers: what it does is done to the call as a whole.

mod rule;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use frontdesk_adapter::{Answer, CallFuture, Connector, Deadline, Fault, ServiceCall, TraceContext, now};

pub use self::rule::{Abort, Harm, Rule, RuleId, Rules, Spoil};

/// Requests of one thread whose calls were harmed and that have not been written to the log yet, at most.
const MOST_NOTED: usize = 1024;

/// What was done to the calls of requests that one thread serves, until the log asks for it.
#[derive(Clone, Default)]
pub struct Harmed(Rc<RefCell<HashMap<[u8; 8], Vec<RuleId>>>>);

impl Harmed {
    /// The rules that touched calls of the request with this span, once.
    pub fn take(&self, span: [u8; 8]) -> Vec<RuleId> {
        let mut noted = self.0.borrow_mut();
        if noted.is_empty() { Vec::new() } else { noted.remove(&span).unwrap_or_default() }
    }

    fn note(&self, span: [u8; 8], rule: RuleId) {
        let mut noted = self.0.borrow_mut();
        // Requests that were cancelled are never asked for.
        if noted.len() >= MOST_NOTED {
            noted.clear();
        }
        let rules = noted.entry(span).or_default();
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
}

/// What rules may say of: a service or one of its versions.
#[derive(Clone)]
pub struct Place {
    pub service: Arc<str>,
    /// By [`ServiceCall::operation`].
    pub operations: Arc<[Arc<str>]>,
    pub version: Option<Arc<str>>,
}

/// The faults of one service or version on one thread.
#[derive(Clone)]
pub struct Injection {
    rules: Arc<Rules>,
    place: Place,
    harmed: Harmed,
}

impl Injection {
    pub fn new(rules: Arc<Rules>, place: Place, harmed: Harmed) -> Self {
        Self { rules, place, harmed }
    }

    /// What is to be done to a call, or to a request that passes through (which is of no operation).
    pub fn harm(&self, operation: Option<u32>, trace: &TraceContext) -> Option<Harm> {
        let name = || self.place.operations.get(operation? as usize);
        let (rule, harm) = self.rules.draw(&self.place, name)?;
        self.harmed.note(trace.span_id, rule);
        Some(harm)
    }

    /// `inner`, to whose calls the rules are done.
    pub fn around(self, inner: Rc<dyn Connector>) -> Rc<dyn Connector> {
        Rc::new(Faulty { inner, injection: self })
    }
}

impl Harm {
    /// What happens before the call is made: a wait, and perhaps its end.
    ///
    /// # Errors
    /// What the call is to end with.
    pub async fn before(&self, deadline: Deadline) -> Result<(), Fault> {
        if let Some(delay) = self.delay {
            let until = now() + delay;
            tokio::time::sleep_until(until.min(deadline.instant())).await;
            if until >= deadline.instant() {
                return Err(Fault::TimedOut);
            }
        }
        match self.abort {
            None => Ok(()),
            Some(Abort::Status(status @ 400..=499)) => Err(Fault::Rejected { status }),
            Some(Abort::Status(status)) => Err(Fault::Failed { status }),
            Some(Abort::Refuse) => Err(Fault::Connect("connection refused (injected)".to_owned())),
            Some(Abort::Reset) => Err(Fault::Broken("the connection was reset (injected)".to_owned())),
            Some(Abort::Timeout) => {
                tokio::time::sleep_until(deadline.instant()).await;
                Err(Fault::TimedOut)
            }
        }
    }

    /// What becomes of a good answer.
    ///
    /// # Errors
    /// If it does not come to its end.
    fn after(&self, answer: Answer) -> Result<Answer, Fault> {
        match self.spoil {
            None => Ok(answer),
            Some(Spoil::Truncate) => {
                Err(Fault::Broken("the answer ended in its middle (injected)".to_owned()))
            }
            Some(Spoil::Malformed) => Ok(Answer { body: spoilt(&answer.body), ..answer }),
        }
    }
}

/// Half of the body, behind a byte with which neither begins: a control character in JSON (RFC 8259 §2), and in a
/// protobuf message the tag of a field 0.
fn spoilt(body: &Bytes) -> Bytes {
    let half = body.get(..body.len() / 2).unwrap_or_default();
    [&[1], half].concat().into()
}

struct Faulty {
    inner: Rc<dyn Connector>,
    injection: Injection,
}

impl Faulty {
    async fn harmed(
        &self,
        call: &ServiceCall,
        deadline: Deadline,
        nonce: Option<&Cell<Option<String>>>,
        harm: Harm,
    ) -> Result<Answer, Fault> {
        harm.before(deadline).await?;
        let answered = match nonce {
            Some(nonce) => self.inner.call_with_proof(call, deadline, nonce).await,
            None => self.inner.call(call, deadline).await,
        };
        harm.after(answered?)
    }
}

impl Connector for Faulty {
    fn call<'a>(&'a self, call: &'a ServiceCall, deadline: Deadline) -> CallFuture<'a> {
        match self.injection.harm(Some(call.operation), &call.trace) {
            None => self.inner.call(call, deadline),
            Some(harm) => Box::pin(self.harmed(call, deadline, None, harm)),
        }
    }

    fn call_with_proof<'a>(
        &'a self,
        call: &'a ServiceCall,
        deadline: Deadline,
        nonce: &'a Cell<Option<String>>,
    ) -> CallFuture<'a> {
        match self.injection.harm(Some(call.operation), &call.trace) {
            None => self.inner.call_with_proof(call, deadline, nonce),
            Some(harm) => Box::pin(self.harmed(call, deadline, Some(nonce), harm)),
        }
    }

    fn variant(&self, call: &ServiceCall) -> u32 {
        self.inner.variant(call)
    }
}
