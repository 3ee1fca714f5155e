//! What is allowed, but perhaps not meant.

use std::collections::BTreeSet;
use std::time::Duration;

use frontdesk_diagnostics::codes::plan as codes;
use frontdesk_diagnostics::{Diagnostic, Diagnostics, Severity, Span};
use frontdesk_lang::model::{Endpoint, Hedge, Model};

use super::demand::Demand;
use super::steps::Steps;
use super::tree::{Failure, Site, Tree, VarId};
use crate::explain::timeline;
use crate::plan::EndpointPlan;

/// What can be said of the places where calls are written.
pub(crate) fn sites(
    model: &Model,
    tree: &Tree,
    demand: &Demand,
    steps: &Steps,
    endpoint: &Endpoint,
    diagnostics: &mut Diagnostics,
) {
    let sites: Vec<(VarId, &Site)> = (0..tree.vars.len() as u32)
        .filter_map(|at| tree.site(VarId(at)).map(|site| (VarId(at), site)))
        .collect();
    // A call in a helper is unused only if no use of the helper reads it.
    let used: BTreeSet<Span> =
        sites.iter().filter(|(var, _)| demand.live.contains(var)).map(|(_, site)| site.span).collect();
    for (var, site) in &sites {
        if !demand.live.contains(var) {
            if !used.contains(&site.span) {
                diagnostics.push(
                    Diagnostic::warning(
                        codes::CALL_UNUSED,
                        format!("the result of {} is never read", name(model, site)),
                        site.span,
                        "this call is not made",
                    )
                    .help("remove the call, or read something of its result"),
                );
            }
            continue;
        }
        within(model, site, endpoint, diagnostics);
        hedge(model, site, endpoint, diagnostics);
        cached_after_write(model, &sites, demand, *var, site, diagnostics);
        if steps.entangled.contains(var) {
            diagnostics.push(
                Diagnostic::error(
                    codes::CALL_IN_ORDER,
                    format!("{} depends on an earlier round of the callback it stands in", name(model, site)),
                    site.span,
                    "calls in a callback run side by side",
                )
                .help("make the calls in a `.map(…)` first, then `.reduce(…)` their results"),
            );
        }
        if matches!(site.on_failure, Failure::Fail) {
            optional_before(model, tree, steps, *var, site, diagnostics);
        }
    }
}

/// In an action, a read that comes after a write to the same service is to see it.
fn cached_after_write(
    model: &Model,
    sites: &[(VarId, &Site)],
    demand: &Demand,
    var: VarId,
    site: &Site,
    diagnostics: &mut Diagnostics,
) {
    if site.cache.is_none() {
        return;
    }
    let before = |(earlier, other): &&(VarId, &Site)| {
        other.writes && other.service == site.service && *earlier < var && demand.live.contains(earlier)
    };
    if let Some((_, write)) = sites.iter().rfind(before) {
        diagnostics.push(
            Diagnostic::warning(
                codes::CACHED_AFTER_WRITE,
                format!("{} may give what was kept before the write", name(model, site)),
                site.span,
                "reads what is kept",
            )
            .label(write.span, format!("{} writes to the same service", name(model, write)))
            .help("drop `cache` here, so that the read sees the write"),
        );
    }
}

fn name(model: &Model, site: &Site) -> String {
    let service = model.catalog.services.get(site.service.0 as usize);
    let operation = service.and_then(|service| service.operations.get(site.operation.0 as usize));
    match (service, operation) {
        (Some(service), Some(operation)) => format!("`{}.{}`", service.name, operation.name),
        _ => "the call".to_owned(),
    }
}

/// A second attempt that would set out when the call is over.
fn hedge(model: &Model, site: &Site, endpoint: &Endpoint, diagnostics: &mut Diagnostics) {
    let Some(Hedge::After(after)) = site.hedge else { return };
    let timeout = model.catalog.services.get(site.service.0 as usize).map(|service| service.policy.timeout);
    let length = [site.within, timeout, Some(endpoint.latency)].into_iter().flatten().min();
    let Some(length) = length.filter(|length| after >= *length) else { return };
    diagnostics.push(
        Diagnostic::warning(
            codes::HEDGE_BEYOND_TIMEOUT,
            format!("no second attempt of {} ever sets out", name(model, site)),
            site.span,
            format!("`hedge` is {}, the call is over after {}", millis(after), millis(length)),
        )
        .help("make `hedge` shorter, such as `\"p95\"`, or leave it out"),
    );
}

fn within(model: &Model, site: &Site, endpoint: &Endpoint, diagnostics: &mut Diagnostics) {
    let Some(within) = site.within else { return };
    let service = model.catalog.services.get(site.service.0 as usize);
    if within > endpoint.latency {
        diagnostics.push(
            Diagnostic::warning(
                codes::WITHIN_BEYOND_BUDGET,
                format!("{} may take longer than the whole endpoint", name(model, site)),
                site.span,
                format!(
                    "`within` is {}, the latency budget of `{}` is {}",
                    millis(within),
                    endpoint.name,
                    millis(endpoint.latency)
                ),
            )
            .help("make `within` shorter than the budget, or leave it out"),
        );
    } else if let Some(service) = service.filter(|service| within > service.policy.timeout) {
        diagnostics.push(
            Diagnostic::warning(
                codes::WITHIN_BEYOND_TIMEOUT,
                format!("{} never gets this long", name(model, site)),
                site.span,
                format!(
                    "`within` is {}, the timeout of `{}` is {}",
                    millis(within),
                    service.name,
                    millis(service.policy.timeout)
                ),
            )
            .help("make `within` shorter, or ask the platform team for a longer `timeout`"),
        );
    }
}

fn optional_before(
    model: &Model,
    tree: &Tree,
    steps: &Steps,
    var: VarId,
    site: &Site,
    diagnostics: &mut Diagnostics,
) {
    for need in steps.needs.get(&var).into_iter().flatten() {
        let Some(other) = tree.site(*need) else { continue };
        if matches!(other.on_failure, Failure::Fail) {
            continue;
        }
        diagnostics.push(
            Diagnostic::new(
                Severity::Note,
                codes::OPTIONAL_BEFORE_REQUIRED,
                format!("{} waits for an optional call", name(model, site)),
                site.span,
                "required, but it cannot start before the optional call has answered or failed",
            )
            .label(other.span, "optional"),
        );
    }
}

/// What can be said of the whole plan.
pub(crate) fn plan(plan: &EndpointPlan, endpoint: &Endpoint, diagnostics: &mut Diagnostics) {
    let timeline = timeline::timeline(plan);
    let path = timeline.critical_path();
    if timeline.required_end > plan.latency && path.len() > 1 {
        let calls: Vec<String> = path
            .iter()
            .filter_map(|step| {
                let call = timeline::call(&plan.steps[step.0 as usize])?;
                Some(format!("{} ({})", call.label, millis(call.timeout)))
            })
            .collect();
        diagnostics.push(
            Diagnostic::warning(
                codes::PATH_BEYOND_BUDGET,
                format!(
                    "required calls of `{}` may take {} one after the other, its budget is {}",
                    endpoint.name,
                    millis(timeline.required_end),
                    millis(plan.latency)
                ),
                endpoint.route_span,
                "the last call is cut off when the budget is spent",
            )
            .note(format!("the longest chain: {}", calls.join(" → ")))
            .help("give these calls a `within`, or the endpoint a larger `budget: { latency: … }`"),
        );
    }
}

/// `150 ms`, `1.5 s`
pub(crate) fn millis(duration: Duration) -> String {
    crate::explain::words::duration(duration)
}
