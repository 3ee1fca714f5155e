//! `frontdesk test --pact`: pacts of those who call a BFF, verified against it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use frontdesk_contract::pact::consumer::{self, ConsumerPact};
use frontdesk_diagnostics::Diagnostics;
use frontdesk_plan::{BffPlan, Plan};
use frontdesk_testkit::pact::{Bridge, States, check, read, serve};
use serde_json::{Value, json};

use crate::args::{Args, TestArgs};
use crate::commands::FINDINGS;
use crate::pact_verifier::{Verified, Verifier, Wanted};
use crate::whole_file::{write, write_or_print};
use crate::workspace::{Compiled, Workspace};
use crate::{names, report};

/// A pact that can be verified, and the file it stands in.
struct Given {
    path: PathBuf,
    pact: ConsumerPact,
}

pub fn run(args: &Args, wanted: &TestArgs) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::find(args.workspace.as_deref())?;
    let files = files(&wanted.pact)?;
    let mut compiled = workspace.compile(args.env.as_deref());
    if compiled.diagnostics.has_errors() {
        return Ok(report::findings(compiled.diagnostics, &compiled.sources, args.color));
    }
    let plan = compiled.plan.clone();
    let bff = bff(&plan, wanted.bff.as_deref())?;
    // Warnings of the workspace are `check`'s to tell.
    compiled.diagnostics = Diagnostics::default();
    let states_path = format!("bffs/{}/tests/{}", bff.name, frontdesk_testkit::pact::FILE);
    let states = read_states(&workspace, &mut compiled, &states_path);
    let given = read_pacts(&mut compiled, bff, &states, &states_path, files)?;
    let failed = compiled.diagnostics.has_errors();
    report::show(compiled.diagnostics, &compiled.sources, args.color);
    if failed {
        return Ok(ExitCode::from(FINDINGS));
    }

    let verifier = Verifier::find()?;
    let scratch = Scratch::new()?;
    let paths: Vec<PathBuf> = given.iter().map(|given| given.path.clone()).collect();
    let asked = Wanted {
        provider: &bff.name,
        pacts: &paths,
        filter: wanted.filter.as_deref(),
        report: &scratch.0.join("report.json"),
        junit: wanted.junit.as_deref(),
        aloud: wanted.json.as_ref().is_none_or(|path| path.as_os_str() != "-"),
        color: report::color(args.color, &std::io::stdout()),
    };
    let bridge = Bridge::open().context("cannot listen on loopback")?;
    let served = serve(&plan, bff, &states, bridge, |at| verifier.verify(&asked, at))?;
    for mistake in &served.mistakes {
        eprintln!("{states_path}: {mistake}");
    }
    let Some(verified) = served.result else { bail!("the verifier came to no end") };
    let verified = verified?;
    deliver(wanted, bff, &given, &verified)?;
    let passed = verified.passed && served.mistakes.is_empty();
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::from(FINDINGS) })
}

fn bff<'p>(plan: &'p Plan, named: Option<&str>) -> anyhow::Result<&'p BffPlan> {
    match (named, plan.bffs.as_slice()) {
        (None, [only]) => Ok(only),
        (None, _) => bail!("say which BFF the pacts are with: `frontdesk test BFF --pact …`"),
        (Some(name), _) => names::bff(plan, name),
    }
}

/// Files as they are named, and those of folders that end in `.json`, in the order of their names.
fn files(named: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for path in named {
        if !path.is_dir() {
            all.push(path.clone());
            continue;
        }
        let entries = path.read_dir().with_context(|| format!("cannot read {}", path.display()))?;
        let mut found: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.is_file() && path.extension().is_some_and(|ending| ending == "json"))
            .collect();
        if found.is_empty() {
            bail!("there is no pact (*.json) in {}", path.display());
        }
        found.sort();
        all.extend(found);
    }
    Ok(all)
}

/// Without the file, no state is described.
fn read_states(workspace: &Workspace, compiled: &mut Compiled, path: &str) -> States {
    let Ok(text) = workspace.read(path) else { return States::default() };
    let file = compiled.sources.add(path, text.clone());
    read(&compiled.plan.catalog, &text, file, &mut compiled.diagnostics)
}

fn read_pacts(
    compiled: &mut Compiled,
    bff: &BffPlan,
    states: &States,
    states_path: &str,
    files: Vec<PathBuf>,
) -> anyhow::Result<Vec<Given>> {
    let mut providers = vec![&*bff.name, &*bff.config.client];
    providers.extend(states.providers.iter().map(String::as_str));
    let mut given = Vec::new();
    for path in files {
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let file = compiled.sources.add(path.to_string_lossy(), text.clone());
        let Some(pact) = consumer::read(&text, file, &providers, &mut compiled.diagnostics) else { continue };
        check(states, &pact, states_path, &mut compiled.diagnostics);
        given.push(Given { path, pact });
    }
    Ok(given)
}

fn deliver(wanted: &TestArgs, bff: &BffPlan, given: &[Given], verified: &Verified) -> anyhow::Result<()> {
    if let Some(path) = &wanted.pact_results {
        write(path, format!("{:#}\n", verified.report))?;
    }
    let results = verified.report["interactionResults"].as_array().map_or(&[][..], Vec::as_slice);
    if let (true, Some(filter)) = (results.is_empty(), &wanted.filter) {
        bail!("there is no interaction with `{filter}` in its description");
    }
    let failed = results.iter().filter(|one| one["result"] != "OK").count();
    if wanted.json.is_none() {
        eprintln!(
            "{} of {} with {}: {failed} failed",
            report::plural(results.len(), "interaction"),
            report::plural(given.len(), "pact"),
            bff.name
        );
    }
    if let Some(path) = &wanted.json {
        let pacts: Vec<Value> = given
            .iter()
            .map(|given| {
                json!({
                    "file": given.path.to_string_lossy(),
                    "consumer": &*given.pact.consumer,
                    "provider": &*given.pact.provider,
                    "specification": given.pact.specification,
                    "interactions": given.pact.interactions.len(),
                })
            })
            .collect();
        let document = json!({
            "ok": verified.passed,
            "bff": &*bff.name,
            "interactions": results.len(),
            "failed": failed,
            "pacts": pacts,
            "results": verified.report,
        });
        write_or_print(path, &format!("{document:#}\n"))?;
    }
    Ok(())
}

/// A folder of our own for what the verifier writes, gone afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> anyhow::Result<Self> {
        let number =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_nanos();
        let path = std::env::temp_dir().join(format!("frontdesk-pact-{}-{number}", std::process::id()));
        // Not if it is there: whoever made it may still write to it.
        std::fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
