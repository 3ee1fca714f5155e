//! What is said of keeping, repeating and bounds: of an endpoint, of a call, of a service.

use std::time::Duration;

use frontdesk_catalog::{Balance, Breaker, Bulkhead, Endpoints, Hedging, Service, ServicePolicy};
use frontdesk_lang::model::{
    CacheScope, Constant, Hedge, Idempotency, Lifetime, TagPart, TagTemplate, ViewCache,
};
use serde_json::{Value, json};

use super::code::Code;
use super::traffic;
use super::words::{count, duration};
use crate::plan::{CallCache, CallStep, EndpointPlan, ExprId, MemberOp, Op};

/// A word and what there is to say under it.
pub(super) type Line = (&'static str, String);

// ---- endpoints

/// What clients and caches are told of the endpoint's answers, and how much of it is served.
pub(super) fn of_endpoint(plan: &EndpointPlan) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(cache) = &plan.cache {
        let vary = vary(plan);
        let vary = if vary.is_empty() { String::new() } else { format!("; vary: {}", vary.join(", ")) };
        lines.push(("sends", format!("cache-control: {}{vary}", cache.cache_control())));
        if cache.store {
            lines.push(("keeps", "whole answers, by path, query and what they vary by".to_owned()));
        }
        if !cache.tags.is_empty() {
            lines.push(("tags", tags(cache).join(", ")));
        }
    }
    if plan.cache.is_some() && !plan.of_caller.is_empty() {
        let parts: Vec<String> =
            plan.of_caller.iter().map(|part| part.to_string().replace('`', "")).collect();
        lines.push(("depends", format!("on who asks: {}", parts.join(", "))));
    }
    match plan.idempotency {
        Idempotency::Off => {}
        Idempotency::Optional => {
            lines.push(("repeats", "with an Idempotency-Key it is carried out once".to_owned()));
        }
        Idempotency::Required => {
            lines.push((
                "repeats",
                "with the Idempotency-Key that it needs it is carried out once".to_owned(),
            ));
        }
    }
    if let Some(most) = plan.bulkhead {
        lines.push(("bulkhead", format!("{most} at once on each core")));
    }
    if plan.background {
        lines.push(("priority", "background: shed before everything else".to_owned()));
    }
    lines
}

/// Header names in the order in which `Vary` has them, but for what every answer varies by.
fn vary(plan: &EndpointPlan) -> Vec<String> {
    let language = plan.varies.language.then(|| "accept-language".to_owned());
    let version = plan.varies.version.then(|| "the client's version".to_owned());
    let headers = plan.varies.headers.iter().map(ToString::to_string);
    let who = if plan.access.public { &[][..] } else { &["authorization", "cookie"] };
    language.into_iter().chain(headers).chain(version).chain(who.iter().map(ToString::to_string)).collect()
}

fn tags(cache: &ViewCache) -> Vec<String> {
    cache.tags.iter().map(template).collect()
}

fn template(tag: &TagTemplate) -> String {
    tag.parts
        .iter()
        .map(|part| match part {
            TagPart::Text(text) => text.to_string(),
            TagPart::Input(name) => format!("{{{name}}}"),
        })
        .collect()
}

pub(super) fn endpoint_json(plan: &EndpointPlan) -> Value {
    json!({
        "cache": plan.cache.as_ref().map(|cache| json!({
            "scope": match cache.scope { CacheScope::Public => "public", CacheScope::Private => "private" },
            "cacheControl": cache.cache_control(),
            "maxAgeMs": millis(cache.max_age),
            "staleMs": millis(cache.stale),
            "staleIfErrorMs": millis(cache.stale_if_error),
            "kept": cache.store,
            "tags": tags(cache),
        })),
        "varies": {
            "language": plan.varies.language,
            "clientVersion": plan.varies.version,
            "headers": plan.varies.headers.iter().map(|name| &**name).collect::<Vec<_>>(),
        },
        "ofCaller": plan.of_caller.iter().map(|part| part.to_string().replace('`', "")).collect::<Vec<_>>(),
        "idempotency": match plan.idempotency {
            Idempotency::Off => "off",
            Idempotency::Optional => "optional",
            Idempotency::Required => "required",
        },
        "bulkhead": plan.bulkhead,
        "priority": if plan.background { "background" } else { "normal" },
    })
}

// ---- calls

pub(super) fn of_call(
    plan: &EndpointPlan,
    service: Option<&Service>,
    code: &Code<'_>,
    call: &CallStep,
) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(cache) = &call.cache {
        lines.push(("keeps", format!("{}; {}", lifetime(cache), scope(call))));
        lines.push(("key", key(plan, service, call).join(", ")));
        if let Some(tags) = cache.tags {
            lines.push(("tags", code.line(tags)));
        }
    }
    match call.retries {
        None => {}
        Some(0) => lines.push(("retries", "never".to_owned())),
        Some(most) => lines
            .push(("retries", format!("up to {}, under the service's budget", count(most as usize, "time")))),
    }
    match call.hedge {
        None => {}
        Some(Hedge::Never) => lines.push(("hedge", "never".to_owned())),
        Some(Hedge::After(after)) => {
            lines.push(("hedge", format!("a second attempt after {}", duration(after))));
        }
        Some(Hedge::AfterPercentile(percent)) => {
            lines
                .push(("hedge", format!("a second attempt once {percent} % of the calls would be answered")));
        }
    }
    lines
}

fn lifetime(cache: &CallCache) -> String {
    let mut text = match cache.lifetime {
        Lifetime::For(time) => format!("{} fresh", duration(time)),
        Lifetime::Http => "fresh as the service says (RFC 9111)".to_owned(),
    };
    for (time, what) in [
        (cache.stale, "more while a new one is fetched"),
        (cache.stale_if_error, "more if the call fails"),
        (cache.negative, "that there is nothing (404, 410)"),
    ] {
        if !time.is_zero() {
            text.push_str(&format!(", {} {what}", duration(time)));
        }
    }
    text
}

fn scope(call: &CallStep) -> &'static str {
    if call.by_caller { "kept per caller" } else { "shared by everybody" }
}

/// What an answer is found by.
fn key(plan: &EndpointPlan, service: Option<&Service>, call: &CallStep) -> Vec<String> {
    let operation = service.and_then(|service| service.operations.get(call.operation.0 as usize));
    let mut parts = vec![match (service, operation) {
        (Some(service), Some(operation)) => format!("{}.{}", service.name, operation.name),
        _ => "the operation".to_owned(),
    }];
    let arguments = arguments(plan, call.args);
    if !arguments.is_empty() {
        parts.push(format!("its {}", arguments.join(", ")));
    }
    if call.by_caller {
        parts.push("who asks".to_owned());
    }
    if service.is_some_and(|service| !service.traffic.routes.is_empty()) {
        parts.push("the version of the service that answers".to_owned());
    }
    parts
}

/// The names of what is passed.
fn arguments(plan: &EndpointPlan, args: ExprId) -> Vec<String> {
    let run = match plan.program.ops.get(args.0 as usize) {
        Some(Op::Object(run)) => run,
        Some(Op::Constant(id)) => match plan.program.constants.get(id.0 as usize) {
            Some(Constant::Object(fields)) => {
                return fields.iter().map(|(name, _)| name.to_string()).collect();
            }
            _ => return Vec::new(),
        },
        _ => return vec!["arguments".to_owned()],
    };
    plan.program
        .members(*run)
        .iter()
        .map(|member| match member {
            MemberOp::Property { name, .. } => plan
                .program
                .names
                .get(name.0 as usize)
                .map_or_else(|| "?".to_owned(), |name| name.text.to_string()),
            MemberOp::Computed { .. } | MemberOp::Spread(_) => "…".to_owned(),
        })
        .collect()
}

pub(super) fn call_json(
    plan: &EndpointPlan,
    service: Option<&Service>,
    code: &Code<'_>,
    call: &CallStep,
) -> (Value, Value) {
    let cache = call.cache.as_ref().map(|cache| {
        json!({
            "scope": if call.by_caller { "caller" } else { "shared" },
            "key": key(plan, service, call),
            "freshMs": match cache.lifetime { Lifetime::For(time) => json!(millis(time)), Lifetime::Http => json!("http") },
            "staleMs": millis(cache.stale),
            "staleIfErrorMs": millis(cache.stale_if_error),
            "negativeMs": millis(cache.negative),
            "tags": cache.tags.map(|tags| code.line(tags)),
        })
    });
    let hedge = call.hedge.map(|hedge| match hedge {
        Hedge::Never => json!("never"),
        Hedge::After(after) => json!({ "afterMs": millis(after) }),
        Hedge::AfterPercentile(percent) => json!({ "afterPercentile": percent }),
    });
    (json!(cache), json!(hedge))
}

// ---- services

/// What is not as with any service, in one line; `None` if all is.
pub(super) fn of_service(service: &Service) -> Option<String> {
    let mut parts = Vec::new();
    let policy = &service.policy;
    match &policy.endpoints {
        Endpoints::Listed(listed) if listed.len() > 1 => parts.push(count(listed.len(), "endpoint")),
        Endpoints::Listed(_) => {}
        Endpoints::File(_) => parts.push("endpoints from a file".to_owned()),
    }
    if policy.balance == Balance::Hash {
        parts.push("balanced by what is asked for".to_owned());
    }
    if policy.health.is_some() {
        parts.push("health is checked".to_owned());
    }
    parts.extend(of_calls(policy));
    parts.extend(traffic::words(service));
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// How its calls are bounded, broken off and made again.
fn of_calls(policy: &ServicePolicy) -> Vec<String> {
    let mut parts = Vec::new();
    if let Bulkhead::Fixed { calls, queue } = policy.bulkhead {
        let waiting = if queue == 0 { "none waiting".to_owned() } else { format!("{queue} waiting") };
        parts.push(format!("at most {calls} at once on each core, {waiting}"));
    }
    match &policy.breaker {
        None => parts.push("no breaker".to_owned()),
        Some(breaker) if *breaker != Breaker::default() => {
            let slow = breaker.slow.map(|slow| format!(" or take longer than {}", duration(slow)));
            parts.push(format!(
                "not called for {} once {} of at least {} in {} fail{}",
                duration(breaker.open),
                breaker.failures,
                count(breaker.calls as usize, "call"),
                duration(breaker.window),
                slow.unwrap_or_default(),
            ));
        }
        Some(_) => {}
    }
    let retries = &policy.retries;
    if retries.most > 0 {
        let times = match retries.most {
            1 => "once".to_owned(),
            most => format!("up to {most} times"),
        };
        parts.push(format!("made again {times}, for {} of the calls at most", retries.budget));
    }
    match policy.hedge {
        Hedging::Never => {}
        Hedging::After(time) => parts.push(format!("a second attempt after {}", duration(time))),
        Hedging::AfterPercentile(percent) => {
            parts.push(format!("a second attempt once {percent} % of the calls would be answered"));
        }
    }
    parts
}

pub(super) fn service_json(service: &Service) -> Value {
    let policy = &service.policy;
    json!({
        "bulkhead": match policy.bulkhead {
            Bulkhead::Adaptive => json!("adaptive"),
            Bulkhead::Fixed { calls, queue } => json!({ "calls": calls, "queue": queue }),
        },
        "breaker": policy.breaker.as_ref().map(|breaker| json!({
            "failuresPercent": f64::from(breaker.failures.0) / 100.0,
            "windowMs": millis(breaker.window),
            "openMs": millis(breaker.open),
            "calls": breaker.calls,
            "slowMs": breaker.slow.map(millis),
        })),
        "retries": {
            "most": policy.retries.most,
            "budgetPercent": f64::from(policy.retries.budget.0) / 100.0,
            "pauseMs": millis(policy.retries.pause),
        },
        "hedge": match policy.hedge {
            Hedging::Never => Value::Null,
            Hedging::After(time) => json!({ "afterMs": millis(time) }),
            Hedging::AfterPercentile(percent) => json!({ "afterPercentile": percent }),
        },
        "name": &*service.name,
        "timeoutMs": millis(service.policy.timeout),
        "balance": match service.policy.balance { Balance::LeastLoaded => "least-loaded", Balance::Hash => "hash" },
        "traffic": traffic::json(service),
    })
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
