//! `frontdesk check`: every problem of the workspace.

use std::io::Write;
use std::process::ExitCode;

use super::FINDINGS;
use crate::args::Args;
use crate::report;
use crate::workspace::Workspace;

pub fn run(args: &Args, json: bool) -> anyhow::Result<ExitCode> {
    let compiled = Workspace::find(args.workspace.as_deref())?.compile(args.env.as_deref())?;
    let failed = compiled.diagnostics.has_errors();
    if json {
        let report = report::json(compiled.diagnostics, &compiled.sources);
        writeln!(std::io::stdout(), "{report:#}")?;
    } else {
        let endpoints = compiled.plan.bffs.iter().map(|bff| bff.endpoints.len()).sum();
        eprint!("{}", report::text(compiled.diagnostics, &compiled.sources, report::color(args.color)));
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
