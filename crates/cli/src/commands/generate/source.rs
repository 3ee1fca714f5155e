//! Where the contract comes from that something is written from.

use std::process::ExitCode;

use anyhow::{Context, bail};
use frontdesk_contract::{Contract, dates, infer};
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_types::Date;

use crate::args::{Args, ContractSource};
use crate::commands::FINDINGS;
use crate::report;
use crate::workspace::Workspace;

/// A contract, or what to end with because there is none; why is said already.
pub enum Found {
    Contract(Box<Contract>),
    Nothing(ExitCode),
}

/// The contract of `bff`: out of the code, or out of the file that was named.
pub fn contract(
    args: &Args,
    workspace: &Workspace,
    bff: &str,
    source: &ContractSource,
) -> anyhow::Result<Found> {
    let mut compiled = workspace.compile(args.env.as_deref())?;
    if compiled.diagnostics.has_errors() {
        eprint!("{}", report::text(compiled.diagnostics, &compiled.sources, report::color(args.color)));
        return Ok(Found::Nothing(ExitCode::from(FINDINGS)));
    }
    let model = &compiled.model;
    if !model.bffs.iter().any(|known| &*known.name == bff) {
        let names = model.bffs.iter().map(|known| &*known.name);
        match nearest(bff, names.clone()) {
            Some(name) => bail!("no BFF is called `{bff}`; did you mean `{name}`?"),
            None => bail!("no BFF is called `{bff}`; there are: {}", names.collect::<Vec<_>>().join(", ")),
        }
    }
    let date = source.date.as_deref().map(|date| named_date(date, &dates(model, bff), bff)).transpose()?;
    let mut diagnostics = std::mem::take(&mut compiled.diagnostics);
    let contract = infer(model, &compiled.plan, bff, date, &mut diagnostics);
    if diagnostics.has_errors() {
        eprint!("{}", report::text(diagnostics, &compiled.sources, report::color(args.color)));
        return Ok(Found::Nothing(ExitCode::from(FINDINGS)));
    }
    Ok(Found::Contract(Box::new(contract)))
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
