//! `frontdesk test`: the cases of a workspace, and what they say of its budgets and of what was never tried.

mod pact;

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use frontdesk_testkit::report as told;
use frontdesk_testkit::suite::{self, Report, Wanted};
use indicatif::{ProgressBar, ProgressStyle};

use super::FINDINGS;
use crate::args::{Args, TestArgs};
use crate::whole_file::{write_all_below, write_or_print};
use crate::workspace::Workspace;
use crate::{names, report};

pub fn run(args: &Args, test: &TestArgs) -> anyhow::Result<ExitCode> {
    if !test.pact.is_empty() {
        return pact::run(args, test);
    }
    let workspace = Workspace::find(args.workspace.as_deref())?;
    let mut compiled = workspace.compile(args.env.as_deref())?;
    if compiled.diagnostics.has_errors() {
        return Ok(report::findings(compiled.diagnostics, &compiled.sources, args.color));
    }
    if let Some(name) = &test.bff {
        names::bff(&compiled.plan, name)?;
    }
    let wanted = Wanted { bff: test.bff.clone(), filter: test.filter.clone(), update: test.update };
    // What `check` says of the workspace is not repeated here.
    compiled.diagnostics = frontdesk_diagnostics::Diagnostics::default();
    let cases =
        suite::cases(&compiled.plan, &workspace, &wanted, &mut compiled.sources, &mut compiled.diagnostics);
    let broken = compiled.diagnostics.has_errors();
    report::show(compiled.diagnostics, &compiled.sources, args.color);
    if cases.is_empty() && !broken {
        let only =
            test.filter.as_ref().map_or(String::new(), |filter| format!(" with `{filter}` in its name"));
        bail!("there is no case{only}: write one to bffs/BFF/tests/NAME.yaml");
    }
    let bar = bar(cases.len());
    let report = suite::run(&compiled.plan, &cases, &workspace, &compiled.sources, &wanted, &mut |done| {
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    write_all_in(&workspace.root, &report)?;
    deliver(test, &report)?;
    Ok(if broken || report.failed() { ExitCode::from(FINDINGS) } else { ExitCode::SUCCESS })
}

fn deliver(test: &TestArgs, report: &Report) -> anyhow::Result<()> {
    let is_stdout = |path: &Option<std::path::PathBuf>| path.as_deref() == Some(Path::new("-"));
    let json = format!("{:#}\n", told::json(report));
    for (path, text) in [(&test.json, &json), (&test.junit, &told::junit(report))] {
        if let Some(path) = path {
            write_or_print(path, text)?;
        }
    }
    let text = format!(
        "{}{}{}",
        told::updates(report),
        told::failures(report),
        told::summary(report, test.coverage)
    );
    // Standard output is a tool's, if it is wanted for a document.
    if is_stdout(&test.json) || is_stdout(&test.junit) {
        eprint!("{text}");
    } else {
        std::io::stdout().write_all(text.as_bytes())?;
    }
    eprintln!("{} in {} ms", report::plural(report.outcomes.len(), "case"), report.took.as_millis());
    Ok(())
}

fn write_all_in(root: &Path, report: &Report) -> anyhow::Result<()> {
    let paths: Vec<_> = report.writes.iter().map(|(path, text)| (root.join(path), text.as_str())).collect();
    write_all_below(root, paths.iter().map(|(path, text)| (path.as_path(), *text))).context("snapshots")
}

/// A line on standard error, on a terminal only.
fn bar(cases: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} cases");
    let bar = ProgressBar::new(cases as u64);
    style.map_or(bar.clone(), |style| bar.with_style(style))
}
