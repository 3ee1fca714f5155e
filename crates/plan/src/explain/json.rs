//! A plan for tools.

use frontdesk_catalog::{Catalog, Effect};
use frontdesk_lang::model::EndpointKind;
use serde_json::{Value, json};

use super::calls::{Overview, route};
use super::code::Code;
use super::policy;
use super::timeline::is_required;
use crate::plan::{EndpointPlan, OnFailure, StepKind};

/// What [`text`](super::text) says, as one JSON object. Times are worst cases in milliseconds from the start of
/// the request; steps are named by their position in `steps`.
pub fn json(plan: &EndpointPlan, catalog: &Catalog) -> Value {
    let overview = Overview::new(plan, catalog);
    let code = Code::new(plan);
    let steps: Vec<Value> = (0..plan.steps.len()).map(|at| step(&overview, &code, at)).collect();
    let policy = policy::endpoint_json(plan);
    json!({
        "bff": &*plan.bff,
        "endpoint": &*plan.name,
        "kind": match plan.kind { EndpointKind::View => "view", EndpointKind::Action => "action" },
        "method": &*plan.method,
        "route": route(plan),
        "summary": plan.summary.as_deref(),
        "latencyMs": plan.latency.as_millis() as u64,
        "payloadBytes": plan.payload,
        "policy": policy,
        "services": overview.services().into_iter().map(policy::service_json).collect::<Vec<_>>(),
        "steps": steps,
        "criticalPath": plan_ids(overview.timeline.critical_path().iter().map(|step| step.0)),
        "requiredEndMs": overview.timeline.required_end.as_millis() as u64,
        "endMs": overview.timeline.end.as_millis() as u64,
        "withinBudget": overview.timeline.required_end <= plan.latency,
    })
}

fn plan_ids(ids: impl Iterator<Item = u32>) -> Value {
    ids.map(Value::from).collect()
}

fn step(overview: &Overview<'_>, code: &Code<'_>, at: usize) -> Value {
    let plan = overview.plan;
    let step = &plan.steps[at];
    let needs = plan_ids(step.needs.iter().map(|need| need.0));
    let (call, each) = match &step.kind {
        StepKind::Compute(value) => {
            return json!({ "kind": "compute", "label": overview.labels[at], "needs": needs, "value": code.line(*value) });
        }
        StepKind::Check { condition, problem, .. } => {
            let problem = plan.program.problems.get(problem.0 as usize);
            return json!({
                "kind": "check",
                "label": overview.labels[at],
                "needs": needs,
                "condition": code.line(*condition),
                "problem": problem.map(|problem| &*problem.code),
                "status": problem.map(|problem| problem.status),
            });
        }
        StepKind::Call(call) => (&**call, None),
        StepKind::Each(each) => (&each.call, Some(&**each)),
    };
    let batch = each.and_then(|each| each.batch.as_ref());
    let fields = overview.fields(call, batch);
    let (start, end) = overview.timeline.spans[at];
    let each = each.map(|each| {
        json!({
            "lists": each.loops.iter().map(|over| code.line(over.list)).collect::<Vec<_>>(),
            "concurrency": each.concurrency,
            "batch": batch.map(|batch| json!({
                "operation": overview.operation_name(call.service, batch.operation),
                "id": code.line(batch.id),
                "limit": batch.limit,
            })),
        })
    });
    let (cache, hedge) = policy::call_json(plan, overview.service(call.service), code, call);
    json!({
        "kind": "call",
        "label": overview.labels[at],
        "operation": overview.operation_name(call.service, call.operation),
        "needs": needs,
        "wave": overview.timeline.waves[at],
        "startMs": start.as_millis() as u64,
        "endMs": end.as_millis() as u64,
        "timeoutMs": call.timeout.as_millis() as u64,
        "critical": overview.timeline.is_critical(at),
        "required": is_required(call),
        "writes": call.effect == Effect::Writes,
        "onFailure": match call.on_failure {
            OnFailure::Fail => json!("fail"),
            OnFailure::Null => json!("null"),
            OnFailure::Otherwise(value) => json!({ "otherwise": code.line(value) }),
            OnFailure::LastGood(value) => json!({ "lastGood": value.map(|value| code.line(value)) }),
        },
        "guard": call.guard.map(|guard| code.line(guard)),
        "each": each,
        "mayRepeat": call.may_repeat,
        "cache": cache,
        "retries": call.retries,
        "hedge": hedge,
        "fields": { "read": fields.paths, "offered": fields.offered },
    })
}
