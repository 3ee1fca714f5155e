//! What came of a run: as text for people, as JSON for tools, as JUnit for CI.

mod junit;
mod text;

use serde_json::{Value, json};

use crate::check::Difference;
use crate::suite::{Outcome, Report};

pub use junit::junit;
pub use text::{failures, summary, updates};

/// `{ ok, passed, failed, ms, cases, payload, coverage }`
pub fn json(report: &Report) -> Value {
    let failed = report.outcomes.iter().filter(|outcome| !outcome.passed()).count();
    json!({
        "ok": !report.failed(),
        "passed": report.outcomes.len() - failed,
        "failed": failed,
        "ms": report.took.as_millis() as u64,
        "cases": report.outcomes.iter().map(case).collect::<Value>(),
        "payload": report.sizes.iter().map(|sizes| json!({
            "bff": &*sizes.bff,
            "endpoint": &*sizes.endpoint,
            "ok": !sizes.is_over(),
            "budget": sizes.budget,
            "cases": sizes.cases,
            "large": sizes.large,
            "biggest": sizes.biggest.as_ref().map(|(at, bytes)| json!({ "at": at, "bytes": bytes })),
        })).collect::<Value>(),
        "coverage": report.coverage.iter().map(crate::coverage::json).collect::<Value>(),
    })
}

fn case(outcome: &Outcome) -> Value {
    let difference =
        |one: &Difference| json!({ "what": one.what, "expected": one.expected, "actual": one.actual });
    json!({
        "bff": outcome.bff,
        "name": outcome.name,
        "says": outcome.says,
        "endpoint": outcome.endpoint,
        "file": outcome.file,
        "line": outcome.line,
        "ok": outcome.passed(),
        "ms": outcome.took.as_secs_f64() * 1000.0,
        "differences": outcome.differences.iter().map(difference).collect::<Value>(),
        "notes": outcome.notes,
        "updated": outcome.updated.is_some(),
    })
}
