//! All cases of a workspace, run one after the other: what came of each, what is to be written, what was not tried.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use frontdesk_catalog::Files;
use frontdesk_contract::example::Knobs;
use frontdesk_diagnostics::codes::testing::BAD_CASE;
use frontdesk_diagnostics::{Diagnostic, Diagnostics, Sources, Span};
use frontdesk_plan::{BffPlan, EndpointPlan, Plan};
use serde_json::Value;

use crate::budget::{self, Sizes};
use crate::case::{self, Case, Who};
use crate::check::{self, Difference};
use crate::coverage::{Coverage, Ledger};
use crate::identity;
use crate::stage::{Asking, Played, Stage, StageError};

/// Which cases are run, and whether snapshots are written.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// One BFF alone.
    pub bff: Option<String>,
    /// Only cases whose name or text has this in it, whatever its case.
    pub filter: Option<String>,
    pub update: bool,
}

/// What came of one case.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub bff: String,
    pub name: String,
    pub says: String,
    /// `bffs/ios/tests/checkout-summary.yaml`
    pub file: String,
    pub line: usize,
    /// Of the endpoint that was asked; empty if none was found.
    pub endpoint: String,
    pub differences: Vec<Difference>,
    /// What may explain them: calls that failed, fixtures that could not be used.
    pub notes: Vec<String>,
    /// On the machine's clock.
    pub took: Duration,
    /// The snapshot was written anew, or for the first time; what changed.
    pub updated: Option<Vec<Difference>>,
}

impl Outcome {
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
    }
}

/// All that came of a run.
#[derive(Debug, Default)]
pub struct Report {
    pub outcomes: Vec<Outcome>,
    pub sizes: Vec<Sizes>,
    pub coverage: Vec<Coverage>,
    /// Files to write, by path in the workspace.
    pub writes: BTreeMap<String, String>,
    pub took: Duration,
}

impl Report {
    pub fn failed(&self) -> bool {
        self.outcomes.iter().any(|outcome| !outcome.passed()) || self.sizes.iter().any(Sizes::is_over)
    }
}

/// Every case of the workspace that is wanted, in the order of files. What is wrong with their files goes to
/// `diagnostics`.
pub fn cases(
    plan: &Plan,
    files: &dyn Files,
    wanted: &Wanted,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Vec<Case> {
    let mut cases = Vec::new();
    for bff in &plan.bffs {
        if wanted.bff.as_ref().is_some_and(|only| *only != *bff.name) {
            continue;
        }
        let folder = format!("bffs/{}/tests", bff.name);
        let mock = format!("{folder}/{}", crate::mock::FILE);
        let states = format!("{folder}/{}", crate::pact::FILE);
        let is_case = |path: &&String| {
            path.rsplit_once('.').is_some_and(|(_, ending)| ending == "yaml")
                && **path != mock
                && **path != states
        };
        let mut paths = files.list(&folder);
        paths.sort();
        for path in
            paths.iter().filter(|path| path.rsplit_once('.').is_some_and(|(_, ending)| ending == "yml"))
        {
            let span = Span::new(sources.add(path.clone(), ""), 0, 0);
            let name = path.rsplit('/').next().unwrap_or(path);
            diagnostics.push(
                Diagnostic::warning(
                    BAD_CASE,
                    format!("`{name}` is not read"),
                    span,
                    "cases stand in files that end in `.yaml`",
                )
                .help(format!("call it `{}.yaml`", name.trim_end_matches(".yml"))),
            );
        }
        for path in paths.iter().filter(is_case) {
            let Ok(text) = files.text(path) else { continue };
            let file = sources.add(path.clone(), text.clone());
            let mut found = Vec::new();
            cases.extend(case::read(&plan.catalog, bff, path, &text, file, &mut found));
            diagnostics.extend(found);
        }
    }
    let filter = wanted.filter.as_ref().map(|filter| filter.to_lowercase());
    cases.retain(|case| {
        filter.as_ref().is_none_or(|filter| {
            format!("{}/{} {}", case.bff, case.name, case.says).to_lowercase().contains(filter.as_str())
        })
    });
    cases.sort_by(|a, b| (&a.bff, a.span).cmp(&(&b.bff, b.span)));
    cases
}

/// Runs them. `progress` is told how many are done after each.
pub fn run(
    plan: &Plan,
    cases: &[Case],
    files: &dyn Files,
    sources: &Sources,
    wanted: &Wanted,
    progress: &mut dyn FnMut(usize),
) -> Result<Report, StageError> {
    let start = Instant::now();
    let mut ledger = Ledger::new(plan);
    let stage = Stage::new(ledger.plan())?;
    let mut report = Report::default();
    let mut sizes = budget::Measured::default();
    for (at, case) in cases.iter().enumerate() {
        let outcome = one(&stage, plan, case, files, sources, wanted, &mut report.writes, &mut |played| {
            ledger.played(&case.bff, played);
            sizes.case(&case.bff, played);
        });
        report.outcomes.push(outcome);
        progress(at + 1);
    }
    // Of a part of the cases nothing follows about the whole.
    if wanted.filter.is_none() {
        // Whoever has no cases at all is not tested.
        let bffs = || plan.bffs.iter().filter(|bff| cases.iter().any(|case| case.bff == bff.name));
        report.sizes = budget::sizes(&stage, bffs(), &sizes);
        report.coverage = ledger.coverage(bffs(), sources);
    }
    report.took = start.elapsed();
    Ok(report)
}

#[expect(clippy::too_many_arguments, reason = "a case meets everything there is, once")]
fn one(
    stage: &Stage,
    plan: &Plan,
    case: &Case,
    files: &dyn Files,
    sources: &Sources,
    wanted: &Wanted,
    writes: &mut BTreeMap<String, String>,
    seen: &mut dyn FnMut(&Played),
) -> Outcome {
    let start = Instant::now();
    let mut outcome = Outcome {
        bff: case.bff.to_string(),
        name: case.name.clone(),
        says: case.says.clone(),
        file: sources.path(case.span.file).to_owned(),
        line: sources.line_column(case.span).0,
        endpoint: case.endpoint.as_deref().unwrap_or_default().to_owned(),
        differences: Vec::new(),
        notes: Vec::new(),
        took: Duration::ZERO,
        updated: None,
    };
    let bff = plan.bffs.iter().find(|bff| bff.name == case.bff);
    match stage.ask(&case.bff, asking(stage, bff, case)) {
        Err(none) => outcome.differences.push(Difference::new("answer", "one", none.to_string())),
        Ok(played) => {
            if let Some(name) = played.log.get("endpoint").and_then(Value::as_str)
                && outcome.endpoint.is_empty()
            {
                name.clone_into(&mut outcome.endpoint);
            }
            judge(&mut outcome, plan, case, &played, files, wanted, writes);
            seen(&played);
        }
    }
    outcome.took = start.elapsed();
    outcome
}

fn asking(stage: &Stage, bff: Option<&BffPlan>, case: &Case) -> Asking {
    let identity = match (&case.who, bff) {
        (Who::Somebody(said), Some(bff)) => {
            let access = endpoint(bff, case).map(|endpoint| &endpoint.access);
            Some(identity::made_up(&bff.name, &bff.config, access, said, stage.now(case.at)))
        }
        _ => None,
    };
    Asking {
        request: case.request.clone(),
        identity,
        scripts: case.scripts.clone(),
        knobs: Knobs::default(),
        at: case.at,
    }
}

/// The endpoint that the case asks, as far as it can be told beforehand: a made-up caller may do what it requires.
fn endpoint<'b>(bff: &'b BffPlan, case: &Case) -> Option<&'b EndpointPlan> {
    let by_name = |name: &std::sync::Arc<str>| bff.endpoints.iter().find(|endpoint| endpoint.name == *name);
    let found = match &case.endpoint {
        Some(name) => by_name(name),
        None => bff.endpoints.iter().find(|endpoint| {
            *endpoint.method == *case.request.method().as_str()
                && matches(endpoint, case.request.uri().path())
        }),
    };
    found.map(|endpoint| &**endpoint)
}

fn matches(endpoint: &EndpointPlan, path: &str) -> bool {
    use frontdesk_lang::model::RoutePart;
    let mut rest = path;
    for part in &endpoint.route {
        match part {
            RoutePart::Literal(text) => match rest.strip_prefix(&**text) {
                Some(after) => rest = after,
                None => return false,
            },
            RoutePart::Param(_) => match rest.find('/') {
                Some(0) => return false,
                Some(end) => rest = rest.get(end..).unwrap_or_default(),
                None if rest.is_empty() => return false,
                None => rest = "",
            },
        }
    }
    rest.is_empty()
}

fn judge(
    outcome: &mut Outcome,
    plan: &Plan,
    case: &Case,
    played: &Played,
    files: &dyn Files,
    wanted: &Wanted,
    writes: &mut BTreeMap<String, String>,
) {
    let saved = case.expected.snapshot.as_ref().map(|path| (path, files.text(path).ok()));
    let read = saved.as_ref().and_then(|(_, text)| serde_json::from_str::<Value>(text.as_deref()?).ok());
    if let Some((path, text)) = saved {
        let actual = check::body(played).map(|body| check::snapshot(&body));
        match (actual, wanted.update) {
            (Some(actual), true) => {
                let mut changed = check::differences(plan, &case.expected, played, read.as_ref());
                let mut rest = check::differences(plan, &case.expected, played, None);
                changed.retain(|one| !rest.contains(one));
                let written = format!("{actual:#}\n");
                // What differs only in what is another at each run is left alone, and an answer that is wrong
                // otherwise is not to be what is expected from now on.
                if rest.is_empty() && (read.is_none() || !changed.is_empty()) {
                    match writes.get(path) {
                        // Whichever came last would be kept, and the other case fail from then on.
                        Some(other) if *other != written => {
                            let remedy = format!("one that another case has in {path}: give each its own");
                            rest.push(Difference::new("snapshot", "one answer", remedy));
                        }
                        _ => {
                            outcome.updated = Some(changed);
                            writes.insert(path.clone(), written);
                        }
                    }
                }
                outcome.differences = rest;
            }
            (Some(_), false) if text.is_none() => {
                outcome.differences = check::differences(plan, &case.expected, played, None);
                let remedy = format!("not there: `frontdesk test --update` writes {path}");
                outcome.differences.push(Difference::new("snapshot", "a file", remedy));
            }
            (Some(_), false) if read.is_none() => {
                outcome.differences = check::differences(plan, &case.expected, played, None);
                outcome.differences.push(Difference::new("snapshot", "JSON", format!("{path} is none")));
            }
            (actual, _) => {
                outcome.differences = check::differences(plan, &case.expected, played, read.as_ref());
                if actual.is_none() && read.is_none() {
                    outcome.differences.push(Difference::new(
                        "body",
                        "JSON",
                        "none, so there is nothing to save",
                    ));
                }
            }
        }
    } else {
        outcome.differences = check::differences(plan, &case.expected, played, None);
    }
    outcome.differences.extend(
        played.mistakes.iter().map(|mistake| Difference::new("fixture", "an answer", mistake.clone())),
    );
    if !outcome.passed() {
        outcome.notes = notes(played);
    }
}

/// Why calls failed: what an operator would read in the access log.
fn notes(played: &Played) -> Vec<String> {
    let calls = played.log.get("calls").and_then(Value::as_array);
    let mut notes: Vec<String> = calls
        .into_iter()
        .flatten()
        .filter_map(|call| {
            let text = |key: &str| call.get(key).and_then(Value::as_str);
            Some(format!("the call `{}` failed: {}", text("call")?, text("why")?))
        })
        .collect();
    if !played.response.status().is_success()
        && let Some(Value::Object(mut problem)) = check::body(played)
    {
        problem.remove("correlationId");
        notes.push(format!("the answer is {}", Value::Object(problem)));
    }
    let unknown = played.calls.iter().filter(|seen| seen.operation.is_none());
    notes.extend(unknown.map(|seen| format!("no operation of the service is `{}`", seen.line)));
    notes.dedup();
    notes
}
