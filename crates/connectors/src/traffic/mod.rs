//! Which version of a service answers a call, and which calls are made a second time for the sake of comparing.
//!
//! [`Shaped`] stands around the connectors of a service and of its versions, each of which has pools, bounds and
//! breakers of its own. `routes` decides, `mirror` repeats, `compare` looks for the first difference of two answers,
//! `book` counts what came of it.

mod book;
mod compare;
mod mirror;
mod routes;

use std::cell::Cell;
use std::rc::Rc;

use frontdesk_adapter::{Answer, CallFuture, Connector, Deadline, Fault, ServiceCall};

pub use self::book::{Book, Counts, Difference};
pub use self::compare::Comparison;
pub use self::mirror::{Mirror, Mirroring};
pub use self::routes::{Choice, Route, Routes, Who};

/// A service with its versions, called from one thread.
pub struct Shaped {
    routes: Rc<Routes>,
    service: Rc<dyn Connector>,
    versions: Box<[Rc<dyn Connector>]>,
    mirror: Option<Mirror>,
}

impl Shaped {
    /// `versions` by the numbers that `routes` say.
    pub fn new(
        routes: Rc<Routes>,
        service: Rc<dyn Connector>,
        versions: Vec<Rc<dyn Connector>>,
        mirror: Option<Mirror>,
    ) -> Self {
        Self { routes, service, versions: versions.into(), mirror }
    }

    fn choose(&self, call: &ServiceCall) -> Choice {
        self.routes.choose(&call.trace, call.caller.as_deref(), call.client_headers.as_deref())
    }

    fn at(&self, choice: Choice) -> &Rc<dyn Connector> {
        choice.version.and_then(|at| self.versions.get(at)).unwrap_or(&self.service)
    }

    async fn answer(&self, call: &ServiceCall, choice: Choice, deadline: Deadline) -> Result<Answer, Fault> {
        let answered = self.at(choice).call(call, deadline).await;
        match answered {
            Err(fault) if choice.may_fall_back() && was_never_made(&fault) && !deadline.passed() => {
                self.service.call(call, deadline).await
            }
            answered => answered,
        }
    }
}

impl Connector for Shaped {
    fn call<'a>(&'a self, call: &'a ServiceCall, deadline: Deadline) -> CallFuture<'a> {
        let choice = self.choose(call);
        let mirror = self.mirror.as_ref().filter(|mirror| mirror.takes(call, choice.version));
        if mirror.is_none() && !choice.may_fall_back() {
            return self.at(choice).call(call, deadline);
        }
        Box::pin(async move {
            let answered = self.answer(call, choice, deadline).await;
            if let Some(mirror) = mirror {
                mirror.repeat(call, &answered);
            }
            answered
        })
    }

    fn call_with_proof<'a>(
        &'a self,
        call: &'a ServiceCall,
        deadline: Deadline,
        nonce: &'a Cell<Option<String>>,
    ) -> CallFuture<'a> {
        // A proof names one address: it is of no use at another.
        self.at(self.choose(call)).call_with_proof(call, deadline, nonce)
    }

    fn variant(&self, call: &ServiceCall) -> u32 {
        self.choose(call).variant()
    }
}

/// Nothing of the call can have reached a service, so that another may get it, whatever it does.
fn was_never_made(fault: &Fault) -> bool {
    matches!(fault, Fault::Connect(_) | Fault::BreakerOpen)
}
