//! Calls whose answers are kept beyond the request: by `cache`, or as the last good ones.
//!
//! What is kept is what was sent for, byte by byte; each site still reads it with its own selection. Who fetches looks
//! whether its own site can read the answer before anybody keeps it. An answer that another site cannot read is fetched
//! once more for that one.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use bumpalo::Bump;
use frontdesk_adapter::{Answer, CallerKey, Connector, Deadline, Fault, Priority, ServiceCall, now};
use frontdesk_cache::call::{self, Asked, Beginning, CallPolicy, Fetch, Purpose, Question};
use frontdesk_cache::{Cache, Use};
use frontdesk_catalog::Effect;
use frontdesk_lang::model::Lifetime;
use frontdesk_plan::{CallStep, OnFailure};

use super::arena::Recycled;
use super::protocol::{Landed, Operation};
use crate::select::Selectors;

/// What there is to know of a call whose answers are kept.
pub(super) struct Keeping {
    pub asked: Asked,
    operation: Arc<Operation>,
    selectors: Arc<Selectors>,
    /// When the call went out, if whoever made it keeps the answer.
    began: Cell<Option<Beginning>>,
    /// How the answer was come by.
    pub used: Cell<Option<Use>>,
}

const NOT_MODIFIED: u16 = 304;

/// How the step's answers are kept, if they are. Writes never are.
pub(super) fn policy(step: &CallStep) -> Option<CallPolicy> {
    let last_good = matches!(step.on_failure, OnFailure::LastGood(_));
    if step.effect != Effect::Reads {
        return None;
    }
    let Some(cache) = &step.cache else {
        return last_good.then(|| CallPolicy { last_good, ..CallPolicy::default() });
    };
    let lifetime = match cache.lifetime {
        Lifetime::For(fresh) => call::Lifetime::For(fresh),
        Lifetime::Http => call::Lifetime::Http,
    };
    Some(CallPolicy {
        lifetime,
        stale: cache.stale,
        stale_if_error: cache.stale_if_error,
        negative: cache.negative,
        last_good,
    })
}

impl Keeping {
    /// `tags` in any order, with repetitions.
    pub fn new(
        call: &ServiceCall,
        variant: u32,
        step: &CallStep,
        policy: CallPolicy,
        mut tags: Vec<Arc<str>>,
        operation: &Arc<Operation>,
        selectors: &Arc<Selectors>,
    ) -> Self {
        tags.sort_unstable();
        tags.dedup();
        let caller = || call.caller.as_ref().map_or(CallerKey::NOBODY, |caller| caller.key());
        let caller = step.by_caller.then(caller);
        let question = if policy.lifetime == call::Lifetime::Http { Question::of(call) } else { None };
        let key = call::key(&operation.service_name, variant, call, caller, &policy, &tags);
        Self {
            asked: Asked { key, policy, tags: tags.into(), question },
            operation: operation.clone(),
            selectors: selectors.clone(),
            began: Cell::new(None),
            used: Cell::new(None),
        }
    }

    /// Whether others may be given what is fetched for one.
    pub fn is_cached(&self) -> bool {
        self.asked.policy.lifetime != call::Lifetime::None
    }

    /// A fetch that needs nothing of the request it is made in: it may outlive it.
    pub fn fetch(&self, connector: &Rc<dyn Connector>, call: &ServiceCall, purpose: Purpose) -> Fetch {
        let (connector, mut call) = (connector.clone(), call.clone());
        let (operation, selectors) = (self.operation.clone(), self.selectors.clone());
        if purpose.is_refresh {
            call.policy.priority = Priority::Background;
        }
        for (name, value) in purpose.conditions {
            call.headers.push((name.as_str().as_bytes().to_vec(), value.as_bytes().to_vec()));
        }
        Box::pin(async move {
            // The service's own patience, not that of whoever asked first: others may have more.
            let deadline = Deadline::after(now(), operation.timeout);
            // Held to it here too: everybody who asks for the same would wait for a connector that hangs.
            let called = tokio::time::timeout_at(deadline.instant(), connector.call(&call, deadline));
            let answer = called.await.unwrap_or(Err(Fault::TimedOut))?;
            // What is the same as before fitted before.
            if answer.status == NOT_MODIFIED {
                return Ok(answer);
            }
            fits(&answer, &operation, &selectors, &Recycled::take())?;
            Ok(answer)
        })
    }

    /// The call goes out, and whoever makes it keeps the answer.
    pub fn begins(&self, cache: &Cache) {
        self.began.set(Some(call::beginning(cache)));
    }

    /// The answer can be read where it was asked for.
    pub fn is_good(&self, cache: &Cache, landed: Landed<'_>) {
        if let Some(began) = self.began.take() {
            call::remember(cache, &self.asked, began, landed.status, landed.body, landed.is_expected_type);
        }
    }

    /// What stands in for a call that failed.
    pub fn stand_in(&self, cache: &Cache, fault: &Fault) -> Option<(Answer, Use)> {
        if !self.is_cached() {
            call::failed(cache, &self.asked, fault);
        }
        call::stand_in(cache, &self.asked, fault)
    }
}

/// Whether the site that fetches an answer can read it.
fn fits(answer: &Answer, operation: &Operation, selectors: &Selectors, arena: &Bump) -> Result<(), Fault> {
    let landed =
        Landed { status: answer.status, body: &answer.body, is_expected_type: answer.is_expected_type };
    operation.decode(landed, selectors, arena).map(drop)
}
