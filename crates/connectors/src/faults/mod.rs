//! Faults that are made on purpose: delays, refusals, broken answers, for a share of the calls to a service.
//!
//! Rules live in [`Rules`], which all cores share and an administrator changes. The connector of a service, or of one of its
//! versions, is given an [`Injection`] if the configuration allows it, and asks it before each attempt what is to be done to it:
//! retries, hedging, breakers and bounds see what the service seems to do.

mod rule;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use frontdesk_adapter::{Answer, Deadline, Fault, TraceContext, now};

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

    /// What is to be done to an attempt of a call, or to a request that passes through (which is of no operation).
    pub(crate) fn harm(&self, operation: Option<u32>, trace: &TraceContext) -> Option<Harm> {
        let name = || self.place.operations.get(operation? as usize);
        let (rule, harm) = self.rules.draw(&self.place, name)?;
        self.harmed.note(trace.span_id, rule);
        Some(harm)
    }
}

impl Harm {
    /// Does it to an attempt.
    ///
    /// # Errors
    /// What it is to end with, or the attempt's own.
    pub(crate) async fn to_call(
        self,
        deadline: Deadline,
        attempt: impl Future<Output = Result<Answer, Fault>>,
    ) -> Result<Answer, Fault> {
        self.before(deadline).await?;
        self.after(attempt.await?)
    }

    /// Does it to a request that passes through: the status that the service is to have answered, or `None` if it is to be
    /// asked. What it answers is not spoilt.
    ///
    /// # Errors
    /// What the request is to end with.
    pub(crate) async fn to_passing(self, deadline: Deadline) -> Result<Option<u16>, Fault> {
        let Some(Abort::Status(status)) = self.abort else {
            return self.before(deadline).await.map(|()| None);
        };
        Self { abort: None, ..self }.before(deadline).await?;
        Ok(Some(status))
    }

    /// A wait, and perhaps the end.
    async fn before(&self, deadline: Deadline) -> Result<(), Fault> {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use frontdesk_adapter::{Deadline, Fault, TraceContext, now};
    use tokio::runtime::{Builder, LocalOptions};

    use super::{Abort, Harm, Harmed, Injection, Place, Rule, Rules};

    fn run_paused<T>(test: impl Future<Output = T>) -> T {
        let mut runtime = Builder::new_current_thread();
        runtime.enable_time().start_paused(true);
        runtime.build_local(LocalOptions::default()).unwrap().block_on(test)
    }

    fn of(rules: &Arc<Rules>, version: Option<&str>) -> Injection {
        let operations = Arc::new(["getThing".into(), "putThing".into()]);
        let place = Place { service: "things".into(), operations, version: version.map(Into::into) };
        Injection::new(Arc::clone(rules), place, Harmed::default())
    }

    fn is_harmed(injection: &Injection, operation: u32) -> bool {
        let trace = TraceContext { trace_id: [7; 16], span_id: [7; 8], sampled: false };
        injection.harm(Some(operation), &trace).is_some()
    }

    #[test]
    fn a_rule_is_for_what_it_names_for_its_share_and_for_its_time() {
        run_paused(async {
            let rules = Arc::new(Rules::default());
            let (main, v2) = (of(&rules, None), of(&rules, Some("v2")));
            let reset = || Rule {
                service: "things".into(),
                operation: None,
                version: None,
                share: 10_000,
                harm: Harm { abort: Some(Abort::Reset), ..Harm::default() },
                until: now() + Duration::from_mins(5),
            };
            rules.add(Rule { operation: Some("putThing".into()), ..reset() });
            assert!(!is_harmed(&main, 0) && is_harmed(&main, 1) && is_harmed(&v2, 1));
            rules.clear();
            rules.add(Rule { version: Some("v2".into()), ..reset() });
            assert!(!is_harmed(&main, 0) && is_harmed(&v2, 0));
            rules.clear();
            rules.add(Rule { service: "others".into(), ..reset() });
            assert!(!is_harmed(&main, 0));
            rules.clear();

            fastrand::seed(5);
            let id = rules.add(Rule { share: 3000, ..reset() });
            let harmed = (0..1000).filter(|_| is_harmed(&main, 0)).count();
            assert!((240..360).contains(&harmed), "{harmed} of 1,000 at 30 %");
            assert!(rules.remove(id) && !rules.remove(id));
            assert!(!is_harmed(&main, 0));

            rules.add(reset());
            tokio::time::sleep(Duration::from_secs(299)).await;
            assert!(is_harmed(&main, 0) && rules.in_force().len() == 1);
            tokio::time::sleep(Duration::from_secs(2)).await;
            assert!(!is_harmed(&main, 0) && rules.in_force().is_empty(), "it has ended by itself");
        });
    }

    #[test]
    fn a_delay_beyond_the_deadline_is_a_timeout_at_the_deadline() {
        run_paused(async {
            let harm = Harm { delay: Some(Duration::from_mins(1)), ..Harm::default() };
            let (before, deadline) = (now(), Deadline::after(now(), Duration::from_secs(5)));
            let attempt = async { unreachable!("its time is over") };
            assert_eq!(harm.to_call(deadline, attempt).await.err(), Some(Fault::TimedOut));
            assert_eq!(now() - before, Duration::from_secs(5));
        });
    }
}
