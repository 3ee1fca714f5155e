//! `frontdesk check`: every problem of the workspace, and with `--security` what protects it.

use std::io::Write;
use std::process::ExitCode;

use frontdesk_diagnostics::codes::perimeter::BAD_KEY_FILE;
use frontdesk_diagnostics::{Diagnostic, Span};
use frontdesk_perimeter::api_key::KeyFile;

use super::FINDINGS;
use crate::args::Args;
use crate::workspace::{Compiled, Workspace};
use crate::{locks, report};

pub fn run(args: &Args, json: bool, security: bool) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::find(args.workspace.as_deref())?;
    let mut compiled = workspace.compile(args.env.as_deref());
    key_files(&workspace, &mut compiled);
    // Code that does not compile would differ in everything.
    let without =
        if compiled.diagnostics.has_errors() { Vec::new() } else { locks::check(&workspace, &mut compiled)? };
    let failed = compiled.diagnostics.has_errors();
    // Of what could not be read nothing is known, and half a perimeter would look like one.
    let facts = (security && !failed).then(|| frontdesk_plan::security::security(&compiled.plan));
    if json {
        let mut report = report::json(compiled.diagnostics, &compiled.sources);
        if security && let Some(report) = report.as_object_mut() {
            let facts = facts.map_or(serde_json::Value::Null, |facts| frontdesk_plan::security::json(&facts));
            report.insert("security".to_owned(), facts);
        }
        if let Some(report) = report.as_object_mut() {
            report.insert("notLocked".to_owned(), without.into());
        }
        writeln!(std::io::stdout(), "{report:#}")?;
    } else {
        let endpoints = compiled.plan.bffs.iter().map(|bff| bff.endpoints.len()).sum();
        report::show(compiled.diagnostics, &compiled.sources, args.color);
        if let Some(facts) = facts {
            write!(std::io::stdout(), "{}", frontdesk_plan::security::text(&facts))?;
        }
        if !failed {
            if !without.is_empty() {
                eprintln!(
                    "not locked: {}; `frontdesk lock` writes down what clients may rely on",
                    without.join(", ")
                );
            }
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

/// A `keys.yaml` that a server would refuse to start with.
fn key_files(workspace: &Workspace, compiled: &mut Compiled) {
    for bff in &compiled.plan.bffs {
        let path = format!("bffs/{}/keys.yaml", bff.name);
        let Ok(text) = workspace.read(&path) else { continue };
        let Err(bad) = KeyFile::parse(&text) else { continue };
        let before =
            text.lines().take(bad.line.saturating_sub(1) as usize).map(|line| line.len() + 1).sum::<usize>();
        let line = text.get(before..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let start = before + line.len() - line.trim_start().len();
        let end = before + line.trim_end().len();
        let file = compiled.sources.add(path, text);
        let span = Span::new(file, start as u32, end.max(start) as u32);
        compiled.diagnostics.push(
            Diagnostic::error(BAD_KEY_FILE, format!("the API keys of `{}` cannot be read", bff.name), span, bad.why)
                .help("`frontdesk keys create` and `revoke` write this file; a running server goes on with the keys it had"),
        );
    }
}
