//! A BFF's code → its contract.
//!
//! `answer` turns types of answers into schemas and gives them their names, `input` does the same for what endpoints
//! take, `flow` finds out which parts of an answer depend on calls that may fail, and `problems` is the one list of
//! what else an endpoint can answer.

mod answer;
mod flow;
mod input;
mod names;
mod note;
mod problems;
mod security;

use std::sync::Arc;

use frontdesk_diagnostics::codes::contract as codes;
use frontdesk_diagnostics::{Diagnostic, Diagnostics, Span};
use frontdesk_lang::Model;
use frontdesk_lang::model::{Bff, Endpoint, Idempotency, Lambda, RoutePart, Versions};
use frontdesk_plan::{EndpointPlan, OnFailure, Plan, StepKind};
use frontdesk_types::{Date, Type};

use crate::contract::{Contract, Operation, Versioning, Written};
use answer::Answers;
use names::camel;

/// The dates that a BFF has a contract of, newest first; none if it has no dated versions.
pub fn dates(model: &Model, bff: &str) -> Vec<Date> {
    match model.bffs.iter().find(|known| &*known.name == bff).map(|known| &known.config.versions) {
        Some(Versions::Dated(dated)) => dated.dates.clone(),
        _ => Vec::new(),
    }
}

/// Where the contract is kept: `bffs/ios/contract.yaml`, and `bffs/partner/versions/2026-05-01.contract.yaml` of an
/// older date.
pub fn lock_path(bff: &str, older: Option<Date>) -> String {
    match older {
        None => format!("bffs/{bff}/contract.yaml"),
        Some(date) => format!("bffs/{bff}/versions/{date}.contract.yaml"),
    }
}

/// What clients of `bff` may rely on: today, or if it has dated versions as it was on `date`.
///
/// `plan` is the plan of `model`. A BFF that is not there, or was not planned because of errors, has an empty contract.
/// Names that would stand for two things are reported.
pub fn infer(
    model: &Model,
    plan: &Plan,
    bff: &str,
    date: Option<Date>,
    diagnostics: &mut Diagnostics,
) -> Contract {
    let found = model.bffs.iter().find(|known| &*known.name == bff);
    let planned = plan.bffs.iter().find(|known| &*known.name == bff);
    let (Some(bff), Some(planned)) = (found, planned) else {
        return Contract { bff: bff.into(), ..Contract::default() };
    };
    let mut answers = Answers::new(model, diagnostics);
    let mut operations = Vec::with_capacity(bff.endpoints.len());
    for endpoint in &bff.endpoints {
        let own =
            planned.endpoints.iter().find(|known| known.name == endpoint.name && known.kind == endpoint.kind);
        let Some(view) = own.and_then(|own| View::of(endpoint, own, date)) else { continue };
        operations.push(operation(model, bff, &view, &mut answers));
    }
    operations.sort_by(|a, b| (&a.path, &a.method).cmp(&(&b.path, &b.method)));
    let schemas = answers.finish();
    report_same_ids(&operations, diagnostics);
    Contract {
        bff: bff.name.clone(),
        client: bff.config.client.clone(),
        owner: bff.config.owner.clone(),
        versions: versioning(&bff.config.versions, date),
        security: security::schemes(&bff.config.perimeter),
        operations,
        schemas,
    }
}

/// An endpoint on one date.
struct View<'a> {
    endpoint: &'a Endpoint,
    plan: &'a EndpointPlan,
    function: &'a Lambda,
    response: &'a Type,
}

impl<'a> View<'a> {
    fn of(endpoint: &'a Endpoint, plan: &'a EndpointPlan, date: Option<Date>) -> Option<Self> {
        let dated = date.and_then(|date| endpoint.dated.iter().find(|dated| dated.date == date));
        let Some(dated) = dated else {
            return Some(Self { endpoint, plan, function: &endpoint.function, response: &endpoint.response });
        };
        let answer = dated.answer.as_ref()?;
        let plan = plan.dated.iter().find(|(date, _)| *date == dated.date)?.1.as_ref()?;
        Some(Self { endpoint, plan, function: &answer.function, response: &answer.response })
    }
}

fn versioning(versions: &Versions, date: Option<Date>) -> Versioning {
    match versions {
        Versions::None => Versioning::None,
        Versions::Client(client) => Versioning::Client {
            header: client.header.clone(),
            minimum: client.minimum,
            supported: client.supported.clone(),
        },
        Versions::Dated(dated) => match date.or_else(|| dated.dates.first().copied()) {
            Some(date) => Versioning::Dated { header: dated.header.clone(), date },
            None => Versioning::None,
        },
    }
}

fn operation(model: &Model, bff: &Bff, view: &View<'_>, answers: &mut Answers<'_, '_>) -> Operation {
    let endpoint = view.endpoint;
    let degradable = degradable(view.plan);
    let flow = flow::answer(model, view.function, &degradable);
    let (mut parameters, body) = input::inputs(endpoint, answers);
    if endpoint.idempotency == Idempotency::Required {
        // Whatever the action does with the key, without one nothing is done.
        parameters.iter_mut().filter(|one| one.is_key()).for_each(|one| one.required = true);
    }
    let access = &endpoint.access;
    let security = if access.public {
        Vec::new()
    } else {
        security::names(&bff.config.perimeter).map(Arc::from).collect()
    };
    Operation {
        id: camel(&endpoint.name).into(),
        method: endpoint.method.clone(),
        path: path(&endpoint.route).into(),
        summary: endpoint.summary.clone(),
        parameters,
        body,
        answer: answers.answer(endpoint, view.response, &flow),
        problems: problems::problems(model, bff, view),
        degradable: degradable.into_keys().collect(),
        security,
        scopes: security::scopes(&bff.config.perimeter, access),
        cache: endpoint.cache.as_ref().map(|cache| cache.scope),
        idempotency: endpoint.idempotency,
        deprecated: endpoint.deprecated.clone(),
        span: Written(Some(endpoint.route_span)),
    }
}

fn path(route: &[RoutePart]) -> String {
    route
        .iter()
        .map(|part| match part {
            RoutePart::Literal(text) => text.to_string(),
            RoutePart::Param(name) => format!("{{{name}}}"),
        })
        .collect()
}

/// The calls that the answer may have to do without, by their names.
fn degradable(plan: &EndpointPlan) -> flow::Degradable {
    let calls = plan.steps.iter().filter_map(|step| match &step.kind {
        StepKind::Call(call) => Some(&**call),
        StepKind::Each(each) => Some(&each.call),
        StepKind::Compute(_) | StepKind::Check { .. } => None,
    });
    let mut degradable = flow::Degradable::new();
    for call in calls.filter(|call| !matches!(call.on_failure, OnFailure::Fail)) {
        let label = frontdesk_plan::degraded_token(&call.label).into();
        degradable.entry(label).or_default().push((call.service, call.operation));
    }
    degradable
}

fn report_same_ids(operations: &[Operation], diagnostics: &mut Diagnostics) {
    let mut seen: std::collections::BTreeMap<&str, Option<Span>> = std::collections::BTreeMap::new();
    for operation in operations {
        let Some(first) = seen.insert(&operation.id, operation.span.0) else { continue };
        let (Some(here), Some(first)) = (operation.span.0, first) else { continue };
        diagnostics.push(
            Diagnostic::error(
                codes::NAME_TAKEN,
                format!("two operations of the contract would be called `{}`", operation.id),
                here,
                "this endpoint",
            )
            .label(first, "and this one")
            .note("operations are named after the file: `views/checkout-summary.ts` is `checkoutSummary`")
            .help("rename one of the two files"),
        );
    }
}
