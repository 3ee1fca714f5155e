//! `frontdesk explain`: the plan of an endpoint, for people, for tools, as a picture.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_plan::{EndpointPlan, Plan, StepKind, explain};

use super::FINDINGS;
use crate::args::Args;
use crate::report;
use crate::workspace::Workspace;

pub fn run(args: &Args, wanted: Option<&str>, json: bool, svg: Option<&Path>) -> anyhow::Result<ExitCode> {
    let compiled = Workspace::find(args.workspace.as_deref())?.compile(args.env.as_deref())?;
    if compiled.diagnostics.has_errors() {
        if json {
            let report = report::json(compiled.diagnostics, &compiled.sources);
            writeln!(std::io::stdout(), "{report:#}")?;
            return Ok(ExitCode::from(FINDINGS));
        }
        eprint!("{}", report::text(compiled.diagnostics, &compiled.sources, report::color(args.color)));
        return Ok(ExitCode::from(FINDINGS));
    }
    let plan = &compiled.plan;
    let mut out = std::io::stdout().lock();
    let Some(wanted) = wanted else {
        list(plan, json, &mut out)?;
        return Ok(ExitCode::SUCCESS);
    };
    let endpoint = find(plan, wanted)?;
    match svg {
        Some(file) => write_svg(&explain::svg(endpoint, &plan.catalog), file, &mut out)?,
        None if json => writeln!(out, "{:#}", explain::json(endpoint, &plan.catalog))?,
        None => write!(out, "{}", explain::text(endpoint, &plan.catalog))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn path(endpoint: &EndpointPlan) -> String {
    format!("{}/{}", endpoint.bff, endpoint.name)
}

fn find<'a>(plan: &'a Plan, wanted: &str) -> anyhow::Result<&'a EndpointPlan> {
    let all: Vec<&EndpointPlan> =
        plan.bffs.iter().flat_map(|bff| &bff.endpoints).map(AsRef::as_ref).collect();
    if let Some(found) = all.iter().find(|endpoint| path(endpoint) == wanted) {
        return Ok(found);
    }
    let names: Vec<String> = all.iter().map(|endpoint| path(endpoint)).collect();
    match nearest(wanted, names.iter().map(String::as_str)) {
        Some(name) => bail!("no endpoint is called `{wanted}`; did you mean `{name}`?"),
        None => bail!("no endpoint is called `{wanted}`; there are: {}", names.join(", ")),
    }
}

fn list(plan: &Plan, json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let endpoints = plan.bffs.iter().flat_map(|bff| &bff.endpoints);
    if json {
        let all: Vec<_> = endpoints.map(|endpoint| explain::json(endpoint, &plan.catalog)).collect();
        writeln!(out, "{:#}", serde_json::Value::Array(all))?;
    } else {
        for endpoint in endpoints {
            let summary = endpoint.summary.as_deref().unwrap_or_default();
            let is_call = |kind: &StepKind| matches!(kind, StepKind::Call(_) | StepKind::Each(_));
            let calls = endpoint.steps.iter().filter(|step| is_call(&step.kind)).count();
            let line = format!("{:<32} {:>9}  {summary}", path(endpoint), report::plural(calls, "call"));
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    Ok(())
}

fn write_svg(picture: &str, file: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    if file == Path::new("-") {
        out.write_all(picture.as_bytes())?;
        return Ok(());
    }
    std::fs::write(file, picture).with_context(|| format!("cannot write {}", file.display()))
}
