//! `frontdesk test`: the cases of a workspace, and what they say of its budgets and of what was never tried.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use frontdesk_testkit::report as told;
use frontdesk_testkit::suite::{self, Report, Wanted};
use indicatif::{ProgressBar, ProgressStyle};

use super::{FINDINGS, pact};
use crate::args::{Args, TestArgs};
use crate::generated::{write_all, write_all_below};
use crate::report;
use crate::workspace::Workspace;

pub fn run(args: &Args, test: &TestArgs) -> anyhow::Result<ExitCode> {
    if !test.pact.is_empty() {
        return pact::run(args, test);
    }
    let workspace = Workspace::find(args.workspace.as_deref())?;
    let mut compiled = workspace.compile(args.env.as_deref())?;
    let color = report::color(args.color);
    if compiled.diagnostics.has_errors() {
        eprint!("{}", report::text(compiled.diagnostics, &compiled.sources, color));
        return Ok(ExitCode::from(FINDINGS));
    }
    if let Some(name) = &test.bff
        && !compiled.plan.bffs.iter().any(|bff| *bff.name == **name)
    {
        bail!("there is no BFF `{name}`");
    }
    let wanted = Wanted { bff: test.bff.clone(), filter: test.filter.clone(), update: test.update };
    // What `check` says of the workspace is not repeated here.
    compiled.diagnostics = frontdesk_diagnostics::Diagnostics::default();
    let cases =
        suite::cases(&compiled.plan, &workspace, &wanted, &mut compiled.sources, &mut compiled.diagnostics);
    let broken = compiled.diagnostics.has_errors();
    eprint!("{}", report::text(compiled.diagnostics, &compiled.sources, color));
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
        match path {
            Some(_) if is_stdout(path) => std::io::stdout().write_all(text.as_bytes())?,
            Some(path) => write_all([(path.as_path(), text.as_str())].into_iter())?,
            None => {}
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
    eprintln!("{} in {} ms", crate::report::plural(report.outcomes.len(), "case"), report.took.as_millis());
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
