//! An endpoint made ready to run.

use std::sync::Arc;

use bumpalo::Bump;
use frontdesk_catalog::Catalog;
use frontdesk_lang::model::EndpointKind;
use frontdesk_plan::{CallStep, EndpointPlan, NameId, Program, SelectId, StepKind};

use super::Session;
use super::protocol::Operation;
use crate::input::InputReader;
use crate::object::ObjectBuilder;
use crate::prepared::Prepared;
use crate::select::Selectors;
use crate::text::classified;
use crate::value::{Object, Record, Value};
use crate::verbatim;

/// An endpoint made ready to run: selections, encoders and patterns compiled. Shared by all threads.
#[derive(Debug)]
pub struct Endpoint {
    plan: Arc<EndpointPlan>,
    pub(super) prepared: Prepared,
    /// Shared with fetches that outlive the request they were begun by.
    pub(super) selectors: Arc<Selectors>,
    pub(super) inputs: InputReader,
    names: ContextNames,
    /// Along with the plan's steps.
    pub(super) steps: Vec<StepReady>,
    /// How many of `steps` must be done before the answer is written.
    pub(super) awaited: usize,
}

/// What is known of a step beside its plan.
#[derive(Debug)]
pub(super) struct StepReady {
    /// How many steps it needs.
    pub needs: u32,
    /// The steps that need it.
    pub waiting: Box<[u32]>,
    /// The answer waits for it.
    pub awaited: bool,
    pub call: Option<Arc<Operation>>,
    /// The batch twin.
    pub twin: Option<Arc<Operation>>,
}

/// The names of the context's members, if the program mentions them.
#[derive(Debug)]
struct ContextNames {
    session: Option<NameId>,
    client: Option<NameId>,
    auth: Option<NameId>,
    locale: Option<NameId>,
    currency: Option<NameId>,
    name: Option<NameId>,
}

/// Why an endpoint cannot be made ready: its plan does not fit its catalogue, or a pattern is no regular expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{bff}/{endpoint}: {why}")]
pub struct ProvisionError {
    pub bff: Arc<str>,
    pub endpoint: Arc<str>,
    pub why: String,
}

impl Endpoint {
    pub fn provision(plan: Arc<EndpointPlan>, catalog: &Catalog) -> Result<Self, ProvisionError> {
        let failed = |why| ProvisionError { bff: plan.bff.clone(), endpoint: plan.name.clone(), why };
        let inputs = InputReader::new(&plan.inputs, &plan.program).map_err(failed)?;
        let steps = steps(&plan, catalog).map_err(failed)?;
        Ok(Self {
            prepared: Prepared::new(&plan.program),
            selectors: Arc::new(Selectors::new(&plan.selections, &plan.program)),
            names: ContextNames::new(&plan.program),
            awaited: steps.iter().filter(|step| step.awaited).count(),
            inputs,
            steps,
            plan,
        })
    }

    pub fn plan(&self) -> &Arc<EndpointPlan> {
        &self.plan
    }

    /// Whether anything of what it takes is in the body.
    pub fn takes_body(&self) -> bool {
        self.inputs.has_body
    }

    /// How many steps make calls.
    pub(super) fn calls(&self) -> usize {
        self.steps.iter().filter(|step| step.call.is_some()).count()
    }

    /// `{ session, client, auth }`. What the view never reads of it is not there.
    pub(super) fn context<'a>(&'a self, session: Session<'a>, arena: &'a Bump) -> Value<'a> {
        let names = &self.names;
        let used = self.plan.context_use;
        let known = session.identity;
        let who = known.filter(|_| used.identity).map(|identity| identity.session);
        let session = self.session(session, who, arena);
        let client = object(arena, [("name", names.name, classified(&self.plan.client).value())]);
        let session = ("session", names.session, session);
        let client = ("client", names.client, client);
        match known.filter(|_| used.auth) {
            Some(identity) => {
                let auth = verbatim::read(identity.auth, arena);
                object(arena, [session, client, ("auth", names.auth, auth)])
            }
            None => object(arena, [session, client]),
        }
    }

    /// `{ locale, currency, …who }`
    fn session<'a>(&self, session: Session<'a>, who: Option<&'a [u8]>, arena: &'a Bump) -> Value<'a> {
        let locale = classified(session.locale).value();
        let currency = classified(session.currency).value();
        let names = &self.names;
        let Some(who) = who else {
            return object(arena, [("locale", names.locale, locale), ("currency", names.currency, currency)]);
        };
        let mut object = ObjectBuilder::new(arena, 8);
        object.put(b"locale", locale);
        object.put(b"currency", currency);
        if let Value::Object(Object::Map(members)) = verbatim::read(who, arena) {
            // Whatever claims say of the two is in them already.
            let others =
                members.entries.iter().filter(|(name, _)| *name != b"locale" && *name != b"currency");
            for (name, value) in others {
                object.put(name, *value);
            }
        }
        Value::Object(object.finish())
    }
}

impl ContextNames {
    fn new(program: &Program) -> Self {
        let id = |text: &str| {
            program.names.iter().position(|name| *name.text == *text).map(|at| NameId(at as u32))
        };
        Self {
            session: id("session"),
            client: id("client"),
            auth: id("auth"),
            locale: id("locale"),
            currency: id("currency"),
            name: id("name"),
        }
    }
}

/// A record if the program knows all names; nothing but a map can have the others.
fn object<'a, const N: usize>(
    arena: &'a Bump,
    members: [(&'static str, Option<NameId>, Value<'a>); N],
) -> Value<'a> {
    let names: Option<Vec<NameId>> = members.iter().map(|(_, name, _)| *name).collect();
    match names {
        Some(names) => Value::Object(arena.alloc(Object::Record(Record {
            names: arena.alloc_slice_copy(&names),
            values: arena.alloc_slice_fill_iter(members.map(|(_, _, value)| value)),
            sparse: false,
        }))),
        None => {
            let mut object = ObjectBuilder::new(arena, N);
            for (name, _, value) in members {
                object.put(name.as_bytes(), value);
            }
            Value::Object(object.finish())
        }
    }
}

fn steps(plan: &EndpointPlan, catalog: &Catalog) -> Result<Vec<StepReady>, String> {
    let mut waiting = vec![Vec::new(); plan.steps.len()];
    for (at, step) in plan.steps.iter().enumerate() {
        for need in &step.needs {
            match waiting.get_mut(need.0 as usize) {
                Some(waiting) if (need.0 as usize) < at => waiting.push(at as u32),
                _ => return Err(format!("step {at} needs step {}, which does not come before it", need.0)),
            }
        }
    }
    let operation = |call: &CallStep, operation, select: SelectId| {
        Operation::new(catalog, call.service, operation, select, &plan.selections, &plan.program)
            .map(|operation| Some(Arc::new(operation)))
    };
    plan.steps
        .iter()
        .zip(waiting)
        .enumerate()
        .map(|(at, (step, waiting))| {
            let (call, twin) = match &step.kind {
                StepKind::Call(call) => (operation(call, call.operation, call.select)?, None),
                StepKind::Each(each) => {
                    let twin = match &each.batch {
                        Some(batch) => operation(&each.call, batch.operation, batch.select)?,
                        None => None,
                    };
                    (operation(&each.call, each.call.operation, each.call.select)?, twin)
                }
                StepKind::Compute(_) | StepKind::Check { .. } => (None, None),
            };
            // An action is done when all its writes are, whether or not the answer tells of them; and a check that
            // refuses the request must have had its say.
            let awaited = plan.kind == EndpointKind::Action
                || matches!(step.kind, StepKind::Check { .. })
                || plan.answer_needs.iter().any(|need| need.0 as usize == at);
            Ok(StepReady { needs: step.needs.len() as u32, waiting: waiting.into(), awaited, call, twin })
        })
        .collect()
}
