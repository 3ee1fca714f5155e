//! What there is to say of each call, gathered once for all forms of `explain`.

use std::collections::{BTreeSet, HashMap};

use frontdesk_catalog::{Catalog, Operation, OperationId, Service, ServiceId};
use frontdesk_types::Types;

use super::fields;
use super::timeline::{Timeline, call, timeline};
use crate::plan::{BatchStep, CallStep, EndpointPlan, StepKind};

pub(crate) struct Overview<'a> {
    pub plan: &'a EndpointPlan,
    pub catalog: &'a Catalog,
    pub timeline: Timeline,
    /// By step; equal labels are numbered.
    pub labels: Vec<String>,
}

impl<'a> Overview<'a> {
    pub fn new(plan: &'a EndpointPlan, catalog: &'a Catalog) -> Self {
        let mut uses: HashMap<&str, usize> = HashMap::new();
        let labels = plan
            .steps
            .iter()
            .map(|step| match (&step.kind, call(step)) {
                (_, Some(call)) => {
                    let n = uses.entry(&call.label).or_default();
                    *n += 1;
                    if *n == 1 { call.label.to_string() } else { format!("{} ({n})", call.label) }
                }
                (StepKind::Check { problem, .. }, None) => plan
                    .program
                    .problems
                    .get(problem.0 as usize)
                    .map_or_else(|| "check".to_owned(), |problem| format!("check {}", problem.code)),
                _ => plan
                    .slot_names
                    .get(step.slot.0 as usize)
                    .and_then(|name| name.as_deref())
                    .map_or_else(|| format!("${}", step.slot.0), str::to_owned),
            })
            .collect();
        Self { plan, catalog, timeline: timeline(plan), labels }
    }

    /// Step numbers of calls, in order.
    pub fn calls(&self) -> impl Iterator<Item = (usize, &'a CallStep)> + use<'a> {
        self.plan.steps.iter().enumerate().filter_map(|(at, step)| call(step).map(|call| (at, call)))
    }

    pub fn operation(&self, service: ServiceId, operation: OperationId) -> Option<&'a Operation> {
        self.catalog.services.get(service.0 as usize)?.operations.get(operation.0 as usize)
    }

    pub fn service(&self, service: ServiceId) -> Option<&'a Service> {
        self.catalog.services.get(service.0 as usize)
    }

    /// Those that are called, in the order of the catalogue.
    pub fn services(&self) -> Vec<&'a Service> {
        let called: BTreeSet<usize> = self.calls().map(|(_, call)| call.service.0 as usize).collect();
        called.into_iter().filter_map(|at| self.catalog.services.get(at)).collect()
    }

    /// `catalog.getProduct`
    pub fn operation_name(&self, service: ServiceId, operation: OperationId) -> String {
        let of = self.catalog.services.get(service.0 as usize).map_or("?", |service| &*service.name);
        let name = self.operation(service, operation).map_or("?", |operation| &*operation.name);
        format!("{of}.{name}")
    }

    /// What crosses the wire is read: of the twin's answer, if there is a twin.
    pub fn fields(&self, call: &CallStep, batch: Option<&BatchStep>) -> Fields {
        let (operation, select) = match batch {
            Some(batch) => (batch.operation, batch.select),
            None => (call.operation, call.select),
        };
        let types: &Types = &self.catalog.types;
        let offered = self
            .operation(call.service, operation)
            .map_or(0, |operation| fields::offered(&operation.result, types));
        let paths = fields::paths(self.plan, select);
        Fields { text: fields::read(self.plan, select), offered: offered.max(paths.len()), paths }
    }

    /// Labels of the calls a step waits for, through checks and computed values.
    pub fn waits_for(&self, step: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut seen = vec![false; self.plan.steps.len()];
        let mut open: Vec<usize> = self.plan.steps[step].needs.iter().map(|need| need.0 as usize).collect();
        while let Some(at) = open.pop() {
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            if call(&self.plan.steps[at]).is_some() {
                found.push(at);
            } else {
                open.extend(self.plan.steps[at].needs.iter().map(|need| need.0 as usize));
            }
        }
        found.sort_unstable();
        found
    }
}

pub(crate) struct Fields {
    pub text: String,
    pub paths: Vec<String>,
    pub offered: usize,
}

/// `/v2/carts/{cartId}`
pub(crate) fn route(plan: &EndpointPlan) -> String {
    use frontdesk_lang::model::RoutePart;
    plan.route
        .iter()
        .map(|part| match part {
            RoutePart::Literal(text) => text.to_string(),
            RoutePart::Param(name) => format!("{{{name}}}"),
        })
        .collect()
}
