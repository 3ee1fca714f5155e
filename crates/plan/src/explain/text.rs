//! The picture of a plan in a terminal.

use std::fmt::Write;
use std::time::Duration;

use frontdesk_catalog::{Catalog, Effect};
use frontdesk_lang::model::EndpointKind;

use super::calls::{Overview, route};
use super::code::Code;
use super::policy;
use super::timeline::is_required;
use super::words::{bytes, count, duration};
use crate::plan::{CallStep, EachStep, EndpointPlan, OnFailure, StepKind};

/// Columns of a time bar.
const BAR: usize = 40;
/// Lists of fields are broken before this column.
const WIDTH: usize = 110;
const INDENT: &str = "              ";

/// Waves, guards, deadlines against the budget, batches, and the fields read of those offered.
pub fn text(plan: &EndpointPlan, catalog: &Catalog) -> String {
    let overview = Overview::new(plan, catalog);
    let code = Code::new(plan);
    let mut out = String::new();
    head(&mut out, &overview);
    let waves = overview.timeline.waves.iter().copied().max().unwrap_or_default();
    for wave in 0..=waves {
        let in_wave = |at: &usize| overview.timeline.waves[*at] == wave;
        let steps: Vec<usize> = (0..plan.steps.len()).filter(in_wave).collect();
        let is_call = |at: &usize| matches!(plan.steps[*at].kind, StepKind::Call(_) | StepKind::Each(_));
        if steps.iter().any(is_call) {
            let _ = writeln!(out, "\nwave {wave}");
        } else if wave == 0 && !steps.is_empty() {
            out.push_str("\nat once\n");
        }
        let (calls, others): (Vec<usize>, Vec<usize>) = steps.into_iter().partition(is_call);
        for at in calls {
            call(&mut out, &overview, &code, at);
        }
        for at in others {
            other(&mut out, plan, &code, at);
        }
    }
    tail(&mut out, &overview);
    services(&mut out, &overview);
    out
}

/// The answer and every step of a plan as code, for those who want to see what the engine evaluates.
pub fn program(plan: &EndpointPlan) -> String {
    let code = Code::new(plan);
    let mut out = String::new();
    for step in &plan.steps {
        let name = code.slot(step.slot);
        match &step.kind {
            StepKind::Compute(value) => {
                let _ = writeln!(out, "{name} = {}", code.lines(*value, 0));
            }
            StepKind::Check { condition, problem, detail } => {
                let problem =
                    plan.program.problems.get(problem.0 as usize).map_or("?", |problem| &*problem.code);
                let detail = detail.map(|detail| format!(", {}", code.line(detail))).unwrap_or_default();
                let _ = writeln!(out, "if ({}) throw problem({problem:?}{detail})", code.line(*condition));
            }
            StepKind::Call(call) => {
                if let Some(guard) = call.guard {
                    let _ = writeln!(out, "{name} when {}", code.line(guard));
                }
                let _ = writeln!(out, "{name} = call {}", code.lines(call.args, 0));
            }
            StepKind::Each(each) => {
                for over in &each.loops {
                    let (element, index) = (code.slot(over.element), code.slot(over.index));
                    let _ = writeln!(out, "{name} for ({element}, {index}) of {}", code.line(over.list));
                }
                if let Some(guard) = each.call.guard {
                    let _ = writeln!(out, "{name} when {}", code.line(guard));
                }
                let _ = writeln!(out, "{name} = call {}", code.lines(each.call.args, 0));
                if let Some(batch) = &each.batch {
                    let id = code.line(batch.id);
                    let _ = writeln!(out, "{name} = batch by {id}: {}", code.lines(batch.args, 0));
                }
            }
        }
    }
    let _ = writeln!(out, "answer = {}", code.lines(plan.answer, 0));
    out
}

fn head(out: &mut String, overview: &Overview<'_>) {
    let plan = overview.plan;
    let kind = match plan.kind {
        EndpointKind::View => "view",
        EndpointKind::Action => "action",
    };
    let _ = writeln!(out, "{kind} {}/{}   {} {}", plan.bff, plan.name, plan.method, route(plan));
    if let Some(summary) = &plan.summary {
        let _ = writeln!(out, "{summary}");
    }
    let calls = overview.calls().count();
    let waves = overview.timeline.waves.iter().copied().max().unwrap_or_default();
    let _ = write!(out, "budget {}", duration(plan.latency));
    if let Some(payload) = plan.payload {
        let _ = write!(out, ", payload {}", bytes(payload));
    }
    let _ = writeln!(out, "; {} in {}", count(calls, "call"), count(waves, "wave"));
    for (word, text) in policy::of_endpoint(plan) {
        let _ = writeln!(out, "{word:<9} {text}");
    }
}

fn call(out: &mut String, overview: &Overview<'_>, code: &Code<'_>, at: usize) {
    let plan = overview.plan;
    let step = &plan.steps[at];
    let (call, each): (&CallStep, Option<&EachStep>) = match &step.kind {
        StepKind::Call(call) => (call, None),
        StepKind::Each(each) => (&each.call, Some(each)),
        _ => return,
    };
    let label = &overview.labels[at];
    let name = overview.operation_name(call.service, call.operation);
    let title = if *label == name { name } else { format!("{label} = {name}") };
    let need = if is_required(call) { "required" } else { "optional" };
    let writes = if call.effect == Effect::Writes { ", writes" } else { "" };
    let (start, end) = overview.timeline.spans[at];
    let bar = bar(overview, at);
    let _ = writeln!(out, "  {title:<46} {bar} {}–{} ms  {need}{writes}", start.as_millis(), end.as_millis());
    let mut line = |word: &str, text: &str| {
        let _ = writeln!(out, "    {word:<9} {}", wrapped(text));
    };
    if let Some(each) = each {
        let over: Vec<String> = each.loops.iter().map(|over| code.line(over.list)).collect();
        line("for each", &format!("of {}", over.join(", of each of ")));
        match &each.batch {
            Some(batch) => line(
                "batch",
                &format!(
                    "{} by {}, up to {} ids a call, equal ids once",
                    overview.operation_name(call.service, batch.operation),
                    code.line(batch.id),
                    batch.limit
                ),
            ),
            None if each.concurrency == 1 => line("calls", "one after the other"),
            None => line("calls", &format!("one per element, up to {} at once", each.concurrency)),
        }
    }
    if let Some(guard) = call.guard {
        line("only if", &code.line(guard));
    }
    let waits: Vec<&str> =
        overview.waits_for(at).into_iter().map(|need| overview.labels[need].as_str()).collect();
    if !waits.is_empty() {
        line("after", &waits.join(", "));
    }
    let fields = overview.fields(call, each.and_then(|each| each.batch.as_ref()));
    line("reads", &format!("{} of {}: {}", fields.paths.len(), count(fields.offered, "field"), fields.text));
    line("fails", &failure(overview, code, call));
    for (word, text) in policy::of_call(plan, overview.service(call.service), code, call) {
        line(word, &text);
    }
    if call.may_repeat {
        line("shares", "the answer of an equal call of this request");
    }
}

fn failure(overview: &Overview<'_>, code: &Code<'_>, call: &CallStep) -> String {
    match call.on_failure {
        OnFailure::Null => format!("after {}: null, the answer is partial", duration(call.timeout)),
        OnFailure::Otherwise(value) => {
            format!("after {}: {}, the answer is partial", duration(call.timeout), code.line(value))
        }
        OnFailure::LastGood(value) => {
            let otherwise = value.map_or("null".to_owned(), |value| code.line(value));
            format!(
                "after {}: what it last answered, else {otherwise}; the answer is partial",
                duration(call.timeout)
            )
        }
        OnFailure::Fail => {
            let mapped: Vec<String> = overview
                .plan
                .faults
                .iter()
                .filter(|fault| fault.service == call.service)
                .filter(|fault| fault.operation.is_none_or(|operation| operation == call.operation))
                .map(|fault| {
                    let status =
                        fault.status.map_or_else(|| "any other".to_owned(), |status| status.to_string());
                    format!("{status} is {} ({})", fault.problem.code, fault.problem.status)
                })
                .collect();
            let mut text = format!("after {}: the request fails", duration(call.timeout));
            if !mapped.is_empty() {
                let _ = write!(text, "; {}", mapped.join(", "));
            }
            text
        }
    }
}

fn other(out: &mut String, plan: &EndpointPlan, code: &Code<'_>, at: usize) {
    match &plan.steps[at].kind {
        StepKind::Check { condition, problem, .. } => {
            if let Some(problem) = plan.program.problems.get(problem.0 as usize) {
                let condition = code.line(*condition);
                let _ = writeln!(out, "  check     if {condition}: {} ({})", problem.code, problem.status);
            }
        }
        StepKind::Compute(_) => {
            let _ = writeln!(out, "  compute   {}", code.slot(plan.steps[at].slot));
        }
        StepKind::Call(_) | StepKind::Each(_) => {}
    }
}

fn tail(out: &mut String, overview: &Overview<'_>) {
    let path = overview.timeline.critical_path();
    if path.is_empty() {
        out.push_str("\nno calls\n");
        return;
    }
    let names: Vec<String> = path
        .iter()
        .map(|step| {
            let at = step.0 as usize;
            let (start, end) = overview.timeline.spans[at];
            format!("{} ({})", overview.labels[at], duration(end.saturating_sub(start)))
        })
        .collect();
    let _ = writeln!(out, "\ncritical path  {}", names.join(" → "));
    let (end, budget) = (overview.timeline.required_end, overview.plan.latency);
    if end.is_zero() {
        out.push_str("worst case     no call is required: what is late is left out\n");
        return;
    }
    let verdict = if end > budget {
        format!(
            "{} over the budget of {}: what is late then is cut",
            duration(end.saturating_sub(budget)),
            duration(budget)
        )
    } else {
        format!("within the budget of {}", duration(budget))
    };
    let _ = writeln!(out, "worst case     {} for all required calls, {verdict}", duration(end));
}

/// What is particular about the services that are called.
fn services(out: &mut String, overview: &Overview<'_>) {
    let told: Vec<(&str, String)> = overview
        .services()
        .into_iter()
        .filter_map(|service| Some((&*service.name, policy::of_service(service)?)))
        .collect();
    for (at, (name, text)) in told.iter().enumerate() {
        let gap = if at == 0 { "\n" } else { "" };
        let _ = writeln!(out, "{gap}service {name:<6} {}", wrapped(text));
    }
}

/// The call's time on the scale of the whole plan; `│` is the end of the budget, `█` the critical path.
fn bar(overview: &Overview<'_>, at: usize) -> String {
    let scale = overview.plan.latency.max(overview.timeline.end).max(Duration::from_millis(1));
    let column = |time: Duration| -> usize {
        let share = time.as_secs_f64() / scale.as_secs_f64();
        ((share * BAR as f64).round() as usize).min(BAR)
    };
    let (start, end) = overview.timeline.spans[at];
    let budget = column(overview.plan.latency);
    let (from, to) = (column(start), column(end).max(column(start) + 1));
    let filled = if overview.timeline.is_critical(at) { '█' } else { '▒' };
    (0..=BAR.max(to))
        .map(|at| match at {
            at if at == budget => '│',
            at if (from..to).contains(&at) => filled,
            _ => '·',
        })
        .take(BAR + 1)
        .collect()
}

/// Broken after commas and semicolons.
fn wrapped(text: &str) -> String {
    let mut out = String::new();
    let mut column = INDENT.len();
    let between = |text: &str| text.ends_with(", ") || text.ends_with("; ");
    let mut rest = text;
    while !rest.is_empty() {
        let ends = rest.char_indices().map(|(at, it)| at + it.len_utf8());
        let end = ends.into_iter().find(|end| rest.get(..*end).is_some_and(between)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        if column + word.chars().count() > WIDTH && column > INDENT.len() {
            let end = out.trim_end().len();
            out.truncate(end);
            let _ = write!(out, "\n{INDENT}");
            column = INDENT.len();
        }
        out.push_str(word);
        column += word.chars().count();
    }
    out
}
