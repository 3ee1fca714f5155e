//! Where the contract comes from that something is written from.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use frontdesk_contract::{Contract, dates, infer, openapi};
use frontdesk_diagnostics::{Diagnostics, Sources};
use frontdesk_types::Date;

use crate::args::{Args, ContractSource};
use crate::names::known;
use crate::report;
use crate::workspace::Workspace;

/// The contract of `bff`, out of the file that was named or out of the code. `Err` of the inner result: what to end
/// with, where diagnostics have told why there is none.
pub fn contract(
    args: &Args,
    bff: &str,
    source: &ContractSource,
) -> anyhow::Result<Result<Contract, ExitCode>> {
    match &source.from {
        Some(file) => of_file(args, bff, file),
        None => of_code(args, bff, source.date.as_deref()),
    }
}

fn of_file(args: &Args, bff: &str, file: &Path) -> anyhow::Result<Result<Contract, ExitCode>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let Some(contract) = openapi::read(&text, &file.to_string_lossy(), &mut sources, &mut diagnostics) else {
        return Ok(Err(report::findings(diagnostics, &sources, args.color)));
    };
    if &*contract.bff != bff {
        bail!("{} is the contract of `{}`, not of `{bff}`", file.display(), contract.bff);
    }
    Ok(Ok(contract))
}

fn of_code(args: &Args, bff: &str, date: Option<&str>) -> anyhow::Result<Result<Contract, ExitCode>> {
    let workspace = Workspace::find(args.workspace.as_deref())?;
    let compiled = workspace.compile(args.env.as_deref());
    if compiled.diagnostics.has_errors() {
        return Ok(Err(report::findings(compiled.diagnostics, &compiled.sources, args.color)));
    }
    let model = &compiled.model;
    known("BFF", bff, model.bffs.iter().map(|bff| &*bff.name))?;
    let date = date.map(|date| named_date(date, &dates(model, bff), bff)).transpose()?;
    // What is worth knowing of the code was told by `check`; here counts what the contract cannot do with.
    let mut diagnostics = Diagnostics::default();
    let contract = infer(model, &compiled.plan, bff, date, &mut diagnostics);
    if diagnostics.has_errors() {
        return Ok(Err(report::findings(diagnostics, &compiled.sources, args.color)));
    }
    Ok(Ok(contract))
}

fn named_date(text: &str, dates: &[Date], bff: &str) -> anyhow::Result<Date> {
    let date = Date::parse(text).with_context(|| format!("`{text}` is no date such as 2026-05-01"))?;
    if dates.contains(&date) {
        return Ok(date);
    }
    let known: Vec<String> = dates.iter().map(ToString::to_string).collect();
    match known.as_slice() {
        [] => bail!("`{bff}` has no dated versions"),
        known => bail!("`{bff}` has no version of {date}; there are: {}", known.join(", ")),
    }
}
