//! `frontdesk check`: every problem of the workspace, and with `--security` what protects it.

use std::io::Write;
use std::process::ExitCode;

use super::FINDINGS;
use crate::args::Args;
use crate::report;
use crate::workspace::Workspace;

pub fn run(args: &Args, json: bool, security: bool) -> anyhow::Result<ExitCode> {
    let compiled = Workspace::find(args.workspace.as_deref())?.compile(args.env.as_deref())?;
    let failed = compiled.diagnostics.has_errors();
    // Of what could not be read nothing is known, and half a perimeter would look like one.
    let facts = (security && !failed).then(|| frontdesk_plan::security::security(&compiled.plan));
    if json {
        let mut report = report::json(compiled.diagnostics, &compiled.sources);
        if security && let Some(report) = report.as_object_mut() {
            let facts = facts.map_or(serde_json::Value::Null, |facts| frontdesk_plan::security::json(&facts));
            report.insert("security".to_owned(), facts);
        }
        writeln!(std::io::stdout(), "{report:#}")?;
    } else {
        let endpoints = compiled.plan.bffs.iter().map(|bff| bff.endpoints.len()).sum();
        eprint!("{}", report::text(compiled.diagnostics, &compiled.sources, report::color(args.color)));
        if let Some(facts) = facts {
            write!(std::io::stdout(), "{}", frontdesk_plan::security::text(&facts))?;
        }
        if !failed {
            eprintln!(
                "{} in {}, {}: fine",
                report::plural(endpoints, "endpoint"),
                report::plural(compiled.plan.bffs.len(), "BFF"),
                report::plural(compiled.plan.catalog.services.len(), "service"),
            );
        }
    }
    Ok(if failed { ExitCode::from(FINDINGS) } else { ExitCode::SUCCESS })
}
