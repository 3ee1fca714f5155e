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
    if is_stdout(test.json.as_deref()) && is_stdout(test.junit.as_deref()) {
        bail!("`--json -` and `--junit -` cannot both have standard output; name a file for one of them");
    }
    let workspace = Workspace::find(args.workspace.as_deref())?;
    let mut compiled = workspace.compile(args.env.as_deref());
    if compiled.diagnostics.has_errors() {
        if is_stdout(test.json.as_deref()) {
            let report = report::json(compiled.diagnostics.clone(), &compiled.sources);
            writeln!(std::io::stdout(), "{report:#}")?;
        }
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
    let diagnostics = report::json(compiled.diagnostics.clone(), &compiled.sources)["diagnostics"].take();
    report::show(compiled.diagnostics, &compiled.sources, args.color);
    if cases.is_empty() && !broken {
        match &test.filter {
            Some(filter) => bail!("there is no case with `{filter}` in its name or text"),
            None => bail!(
                "there is no case: write one to bffs/{}/tests/NAME.yaml",
                test.bff.as_deref().unwrap_or("BFF")
            ),
        }
    }
    let bar = bar(cases.len());
    let report = suite::run(&compiled.plan, &cases, &workspace, &compiled.sources, &wanted, &mut |done| {
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    write_all_in(&workspace.root, &report)?;
    deliver(test, &report, broken, diagnostics)?;
    Ok(if broken || report.failed() { ExitCode::from(FINDINGS) } else { ExitCode::SUCCESS })
}

fn is_stdout(path: Option<&Path>) -> bool {
    path == Some(Path::new("-"))
}

fn deliver(
    test: &TestArgs,
    report: &Report,
    broken: bool,
    diagnostics: serde_json::Value,
) -> anyhow::Result<()> {
    let mut json = told::json(report);
    if let Some(json) = json.as_object_mut() {
        json.insert("ok".to_owned(), (!report.failed() && !broken).into());
        json.insert("diagnostics".to_owned(), diagnostics);
    }
    let json = format!("{json:#}\n");
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
    if is_stdout(test.json.as_deref()) || is_stdout(test.junit.as_deref()) {
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
