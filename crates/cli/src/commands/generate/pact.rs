//! `frontdesk gen pact`: what a BFF needs of the services it calls.

use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;
use frontdesk_contract::pact::{Pacts, pacts};

use crate::args::{Args, GenPact};
use crate::commands::FINDINGS;
use crate::generated::{Generated, shown};
use crate::workspace::Workspace;
use crate::{names, report};

pub fn run(args: &Args, wanted: &GenPact) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::find(args.workspace.as_deref())?;
    let compiled = workspace.compile(args.env.as_deref());
    if compiled.diagnostics.has_errors() {
        return Ok(report::findings(compiled.diagnostics, &compiled.sources, args.color));
    }
    let plan = &compiled.plan;
    let bff = names::bff(plan, &wanted.bff)?;
    if let Some(service) = &wanted.service {
        names::service(plan, service)?;
    }
    let made = pacts(bff, &plan.catalog, wanted.service.as_deref());
    if let Some(service) = &wanted.service
        && made == Pacts::default()
    {
        bail!("`{}` does not call `{service}`", bff.name);
    }
    for without in &made.without {
        eprintln!("no pact with {}: {}", without.service, without.why);
    }
    let folder = match &wanted.output.out {
        Some(folder) => folder.clone(),
        None => workspace.root.join("bffs").join(&*bff.name).join("pacts"),
    };
    let left = if wanted.service.is_none() { left_over(&folder, &bff.name, &made) } else { Vec::new() };
    for file in &left {
        eprintln!(
            "{} is of a service that {} does not call any more: remove it",
            shown(&folder.join(file)),
            bff.name
        );
    }
    let files = made.pacts.into_iter().map(|pact| (pact.file, pact.text)).collect();
    let code = Generated { folder, files }.deliver(&wanted.output)?;
    Ok(if wanted.output.check && !left.is_empty() { ExitCode::from(FINDINGS) } else { code })
}

/// Pacts of this BFF that nothing writes.
fn left_over(folder: &Path, bff: &str, made: &Pacts) -> Vec<String> {
    let Ok(entries) = folder.read_dir() else { return Vec::new() };
    let mut left: Vec<String> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| {
            name.starts_with(&format!("{bff}-"))
                && Path::new(name).extension().is_some_and(|ending| ending == "json")
        })
        .filter(|name| !made.pacts.iter().any(|pact| pact.file == *name))
        .collect();
    left.sort();
    left
}
