//! `frontdesk explain`: the plan of an endpoint, for people, for tools, as a picture.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use frontdesk_plan::{EndpointPlan, Plan, StepKind, explain};

use super::FINDINGS;
use crate::args::Args;
use crate::whole_file::write_or_print;
use crate::workspace::Workspace;
use crate::{names, report};

pub fn run(args: &Args, wanted: Option<&str>, json: bool, svg: Option<&Path>) -> anyhow::Result<ExitCode> {
    let compiled = Workspace::find(args.workspace.as_deref())?.compile(args.env.as_deref());
    if compiled.diagnostics.has_errors() {
        if json {
            let report = report::json(compiled.diagnostics, &compiled.sources);
            writeln!(std::io::stdout(), "{report:#}")?;
            return Ok(ExitCode::from(FINDINGS));
        }
        return Ok(report::findings(compiled.diagnostics, &compiled.sources, args.color));
    }
    let plan = &compiled.plan;
    let mut out = std::io::stdout().lock();
    let Some(wanted) = wanted else {
        list(plan, json, &mut out)?;
        return Ok(ExitCode::SUCCESS);
    };
    let endpoint = find(plan, wanted)?;
    match svg {
        Some(file) => write_or_print(file, &explain::svg(endpoint, &plan.catalog))?,
        None if json => writeln!(out, "{:#}", explain::json(endpoint, &plan.catalog))?,
        None => write!(out, "{}", explain::text(endpoint, &plan.catalog))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn path(endpoint: &EndpointPlan) -> String {
    format!("{}/{}", endpoint.bff, endpoint.name)
}

fn find<'a>(plan: &'a Plan, wanted: &str) -> anyhow::Result<&'a EndpointPlan> {
    let all = || plan.bffs.iter().flat_map(|bff| &bff.endpoints).map(AsRef::as_ref);
    let paths: Vec<String> = all().map(path).collect();
    names::known("endpoint", wanted, paths.iter().map(String::as_str))?;
    all().find(|endpoint| path(endpoint) == wanted).context("an endpoint of this name")
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
