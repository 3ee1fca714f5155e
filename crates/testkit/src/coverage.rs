//! What cases have tried of each endpoint, and what not: both ways of each choice in its code, each optional call
//! failing, each problem of its own.
//!
//! The programs that cases run are those that are served, with marks put in where they choose.

mod marked;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use frontdesk_diagnostics::Sources;
use frontdesk_engine::marks;
use frontdesk_plan::{BffPlan, CallStep, EndpointPlan, OnFailure, Plan, StepKind};
use serde_json::{Value, json};

use crate::check;
use crate::stage::Played;
use marked::{Choice, Marked, Way};

/// What was tried of one endpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Coverage {
    pub bff: Arc<str>,
    pub endpoint: Arc<str>,
    /// How many cases asked it.
    pub cases: usize,
    pub total: usize,
    pub missing: Vec<Missing>,
}

/// Something that no case has tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Missing {
    /// `branch`, `optional` or `problem`.
    pub kind: &'static str,
    /// `bffs/ios/views/home.ts:17`; none for what stands in no one place.
    pub place: Option<String>,
    pub what: String,
    /// What to write into a case.
    pub write: String,
}

impl Coverage {
    pub fn covered(&self) -> usize {
        self.total - self.missing.len()
    }

    /// Of an endpoint that no case asks, none, even if it has nothing to choose.
    pub fn percent(&self) -> usize {
        if self.cases == 0 {
            return 0;
        }
        (self.covered() * 100).checked_div(self.total).unwrap_or(100)
    }
}

/// A member of `coverage` in the JSON report.
pub fn json(coverage: &Coverage) -> Value {
    let missing =
        |one: &Missing| json!({ "kind": one.kind, "place": one.place, "what": one.what, "write": one.write });
    json!({
        "bff": &*coverage.bff,
        "endpoint": &*coverage.endpoint,
        "cases": coverage.cases,
        "covered": coverage.covered(),
        "total": coverage.total,
        "percent": coverage.percent(),
        "missing": coverage.missing.iter().map(missing).collect::<Value>(),
    })
}

/// A line for each endpoint; with `details`, what is missing.
pub fn text(all: &[Coverage], details: bool) -> String {
    let mut out = String::new();
    let name = |one: &Coverage| format!("{}/{}", one.bff, one.endpoint);
    let width = all.iter().map(|one| name(one).chars().count()).max().unwrap_or_default();
    for one in all {
        let cases = match one.cases {
            0 => "no case asks it".to_owned(),
            1 => "1 case".to_owned(),
            more => format!("{more} cases"),
        };
        let _ = writeln!(
            out,
            "{:width$}  {:>3}%  {} of {} tried, {cases}",
            name(one),
            one.percent(),
            one.covered(),
            one.total
        );
        for missing in one.missing.iter().filter(|_| details) {
            let place = missing.place.as_ref().map_or(String::new(), |place| format!("{place}: "));
            let _ = writeln!(out, "    {place}{}", missing.what);
            let _ = writeln!(out, "      → {}", missing.write);
        }
    }
    out
}

/// What was tried so far.
pub(crate) struct Ledger {
    plan: Plan,
    marked: BTreeMap<(Arc<str>, Arc<str>), Marked>,
    tried: BTreeMap<(Arc<str>, Arc<str>), Tried>,
}

#[derive(Default)]
struct Tried {
    cases: usize,
    marks: Vec<u64>,
    degraded: BTreeSet<String>,
    problems: BTreeSet<String>,
}

impl Ledger {
    pub fn new(plan: &Plan) -> Self {
        let (mut plan, mut marked) = (plan.clone(), BTreeMap::new());
        for bff in &mut plan.bffs {
            for endpoint in &mut bff.endpoints {
                let mut marks = Marked::default();
                *endpoint = Arc::new(marks.put_into(endpoint));
                marked.insert((bff.name.clone(), endpoint.name.clone()), marks);
            }
        }
        Self { plan, marked, tried: BTreeMap::new() }
    }

    /// The plan with marks.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// A case was played.
    pub fn played(&mut self, bff: &Arc<str>, played: &Played) {
        let passed = marks::take();
        let name = played.log.get("endpoint").and_then(Value::as_str).unwrap_or_default();
        let tried = self.tried.entry((bff.clone(), name.into())).or_default();
        tried.cases += 1;
        tried.marks.resize(tried.marks.len().max(passed.len()), 0);
        tried.marks.iter_mut().zip(passed).for_each(|(all, more)| *all += more);
        let labels = check::degraded_of(played).into_iter();
        tried.degraded.extend(labels.filter_map(|one| Some(one.split(';').next()?.to_owned())));
        if !played.response.status().is_success()
            && let Some(code) = check::body(played).as_ref().and_then(|body| body.get("code")?.as_str())
        {
            tried.problems.insert(code.to_owned());
        }
    }

    pub fn coverage<'b>(&self, bffs: impl Iterator<Item = &'b BffPlan>, sources: &Sources) -> Vec<Coverage> {
        let nothing = Tried::default();
        let mut all = Vec::new();
        for bff in bffs {
            for endpoint in &bff.endpoints {
                let key = (bff.name.clone(), endpoint.name.clone());
                let tried = self.tried.get(&key).unwrap_or(&nothing);
                let mut coverage = Coverage {
                    bff: bff.name.clone(),
                    endpoint: endpoint.name.clone(),
                    cases: tried.cases,
                    total: 0,
                    missing: Vec::new(),
                };
                let choices = self.marked.get(&key).map(|marked| marked.choices(&tried.marks));
                for (choice, way, passed) in choices.into_iter().flatten() {
                    coverage.add(passed, || branch(&choice, way, sources));
                }
                self.calls(endpoint, tried, &mut coverage);
                problems(&self.plan, endpoint, tried, &mut coverage);
                all.push(coverage);
            }
        }
        all
    }

    fn calls(&self, endpoint: &EndpointPlan, tried: &Tried, coverage: &mut Coverage) {
        let mut seen = BTreeSet::new();
        for call in calls(endpoint).filter(|call| !matches!(call.on_failure, OnFailure::Fail)) {
            if !seen.insert(call.label.clone()) {
                continue;
            }
            let label = &call.label;
            coverage.add(tried.degraded.contains(&**label), || Missing {
                kind: "optional",
                place: None,
                what: format!("the optional call `{label}` never fails"),
                write: format!(
                    "services: {} and response: {{ degraded: [{label}] }}",
                    fixture(&self.plan, call, "{ fault: hang }")
                ),
            });
        }
    }
}

impl Coverage {
    fn add(&mut self, tried: bool, missing: impl FnOnce() -> Missing) {
        self.total += 1;
        if !tried {
            self.missing.push(missing());
        }
    }
}

fn calls(endpoint: &EndpointPlan) -> impl Iterator<Item = &CallStep> {
    endpoint.steps.iter().filter_map(|step| match &step.kind {
        StepKind::Call(call) => Some(&**call),
        StepKind::Each(each) => Some(&each.call),
        StepKind::Compute(_) | StepKind::Check { .. } => None,
    })
}

/// `{ cart: { getCart: … } }`
fn fixture(plan: &Plan, call: &CallStep, reply: &str) -> String {
    let service = plan.catalog.services.get(call.service.0 as usize);
    let operation = service.and_then(|service| service.operations.get(call.operation.0 as usize));
    let names =
        service.zip(operation).map_or(("?", "?"), |(service, operation)| (&service.name, &operation.name));
    format!("{{ {}: {{ {}: {reply} }} }}", names.0, names.1)
}

/// Problems that the code throws, and those that `errors` of bff.ts makes of its required calls.
fn problems(plan: &Plan, endpoint: &EndpointPlan, tried: &Tried, coverage: &mut Coverage) {
    let mut seen = BTreeSet::new();
    for problem in &endpoint.program.problems {
        let code = &problem.code;
        if seen.insert(code.clone()) {
            coverage.add(tried.problems.contains(&**code), || Missing {
                kind: "problem",
                place: None,
                what: format!("the problem `{code}` is never thrown"),
                write: format!("a case with response: {{ problem: {code} }}"),
            });
        }
    }
    for fault in &endpoint.faults {
        let code = &fault.problem.code;
        let required = calls(endpoint).find(|call| {
            matches!(call.on_failure, OnFailure::Fail)
                && call.service == fault.service
                && fault.operation.is_none_or(|operation| operation == call.operation)
        });
        let Some(call) = required.filter(|_| seen.insert(code.clone())) else { continue };
        coverage.add(tried.problems.contains(&**code), || {
            let reply = format!("{{ status: {} }}", fault.status.unwrap_or(500));
            Missing {
                kind: "problem",
                place: None,
                what: format!("`{}` never fails so that it is the problem `{code}`", call.label),
                write: format!(
                    "services: {} and response: {{ problem: {code} }}",
                    fixture(plan, call, &reply)
                ),
            }
        });
    }
}

fn branch(choice: &Choice, way: Way, sources: &Sources) -> Missing {
    let code = sources.text(choice.span.file);
    let code = code.get(choice.span.start as usize..choice.span.end as usize).unwrap_or_default();
    // A default (`{ rows = 6 }`) says what it is only together with what stands before it.
    let chooses = ["?", "&&", "||", "if", "since", "until"].iter().any(|sign| code.contains(sign));
    let code =
        if chooses { code } else { whole_line(sources.text(choice.span.file), choice.span.start as usize) };
    let mut line: String = code.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > 60 {
        line = line.chars().take(59).chain(['…']).collect();
    }
    let (what, write) = match way {
        Way::Unreached => ("is never reached", "a case that gets there"),
        Way::Then => ("never goes the first way", "a case in which its condition holds"),
        Way::Otherwise => ("never goes the other way", "a case in which its condition does not hold"),
        Way::Left => ("always goes on to its right side", "a case in which its left side decides"),
        Way::Right => ("never goes on to its right side", "a case in which its left side does not decide"),
        Way::Present => ("never finds anything before its `?.`", "a case in which it is there"),
        Way::Absent => ("always finds something before its `?.`", "a case in which it is null or missing"),
    };
    let (what, write) = match (way, version_of(code)) {
        (Way::Then, Some(version)) => (
            format!("is never asked for by a client of {version} or newer"),
            format!("a case with version: \"{version}\""),
        ),
        (Way::Otherwise, Some(version)) => (
            format!("is never asked for by a client older than {version}"),
            format!("a case with a version below {version}, or without one"),
        ),
        _ => (what.to_owned(), write.to_owned()),
    };
    Missing {
        kind: "branch",
        place: Some(sources.place(choice.span)),
        what: format!("`{line}` {what}"),
        write,
    }
}

/// Of `since("5.1.0", …)` and `until("5.1.0", …)`, which both choose by whether the client is of this version or newer.
fn version_of(code: &str) -> Option<&str> {
    let rest = code.strip_prefix("since(").or_else(|| code.strip_prefix("until("))?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    rest.split(quote).nth(1)
}

fn whole_line(text: &str, at: usize) -> &str {
    let (Some(before), Some(after)) = (text.get(..at), text.get(at..)) else { return "" };
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let end = at + after.find('\n').unwrap_or(after.len());
    text.get(start..end).unwrap_or_default()
}
