//! `frontdesk diff`: what changes of contracts do to the clients that are in the field.

mod state;

use std::io::Write;
use std::process::ExitCode;

use anyhow::bail;
use frontdesk_adapter::{Clock, SystemClock};
use frontdesk_contract::diff::{self, Class, Report, Section, diff_all, diff_on};
use frontdesk_contract::{Contract, Versioning};
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_types::Date;
use serde_json::json;

use super::FINDINGS;
use crate::args::{Args, DiffArgs, FailOn};
use crate::report;
use crate::workspace::Workspace;
use state::{Origin, Reading, State};

pub fn run(args: &Args, wanted: &DiffArgs) -> anyhow::Result<ExitCode> {
    let today = match &wanted.today {
        Some(text) => match Date::parse(text) {
            Some(date) => date,
            None => bail!("`--today {text}` is no day; write it as 2026-05-01"),
        },
        None => today(),
    };
    let workspace = || Workspace::find(args.workspace.as_deref());
    let old = match &wanted.old {
        Some(name) => Origin::named(name, &workspace)?,
        None => Origin::Locks,
    };
    let new = match &wanted.new {
        Some(name) => Origin::named(name, &workspace)?,
        None => Origin::Code,
    };
    let mut reading = Reading::default();
    // The code first: what else is read is added to its sources.
    let new = new.state(args, &workspace, &mut reading)?;
    let old = if reading.is_code { None } else { Some(old.state(args, &workspace, &mut reading)?) };
    let Some(old) = old.filter(|_| !reading.diagnostics.has_errors()) else {
        return unreadable(args, wanted, reading);
    };
    let compared = compare(&old, &new, wanted.bff.as_deref(), today)?;
    let reports: Vec<Report<'_>> = compared
        .bffs
        .iter()
        .map(|(bff, sections)| Report { bff, sections, sources: &reading.sources })
        .collect();
    let worst = reports.iter().filter_map(Report::worst).min();
    let failed = worst.is_some_and(|worst| wanted.fail_on.is_met_by(worst));
    show(args, wanted, &reports, &compared, (&old, &new), failed)?;
    Ok(if failed { ExitCode::from(FINDINGS) } else { ExitCode::SUCCESS })
}

impl FailOn {
    fn is_met_by(self, worst: Class) -> bool {
        match self {
            Self::Breaking => worst == Class::Breaking,
            Self::Risky => worst <= Class::Risky,
            Self::Any => true,
            Self::Never => false,
        }
    }
}

/// Nothing can be said of what cannot be read. Code that is wrong is a finding, as everywhere; a contract that is not
/// one is bad input.
fn unreadable(args: &Args, wanted: &DiffArgs, reading: Reading) -> anyhow::Result<ExitCode> {
    let Reading { sources, diagnostics, is_code } = reading;
    if wanted.json {
        let report = report::json(diagnostics, &sources);
        writeln!(std::io::stdout(), "{report:#}")?;
    } else {
        report::show(report::to_mend(diagnostics), &sources, args.color);
    }
    Ok(ExitCode::from(if is_code { FINDINGS } else { 2 }))
}

/// What came of it.
struct Compared {
    bffs: Vec<(String, Vec<Section>)>,
    /// BFFs that the old state has no contract of.
    fresh: Vec<String>,
}

fn compare(old: &State, new: &State, bff: Option<&str>, today: Date) -> anyhow::Result<Compared> {
    if let (true, true) = (old.is_file, new.is_file)
        && let (Some((_, one)), Some((name, two))) = (old.bffs.iter().next(), new.bffs.iter().next())
        && let (Some(one), Some(two)) = (one.first(), two.first())
    {
        // Whoever names two files wants these two compared, whatever they are of.
        let section = Section { date: None, changes: diff_on(one, two, Some(today)) };
        return Ok(Compared { bffs: vec![(name.clone(), vec![section])], fresh: Vec::new() });
    }
    let mut names: Vec<&String> = match (old.is_file, new.is_file) {
        (true, _) => old.bffs.keys().collect(),
        (_, true) => new.bffs.keys().collect(),
        _ => old.bffs.keys().chain(new.bffs.keys()).collect(),
    };
    names.sort();
    names.dedup();
    if let Some(bff) = bff
        && !names.iter().any(|name| *name == bff)
    {
        match nearest(bff, names.iter().map(|name| name.as_str())) {
            Some(name) => bail!("there is no BFF `{bff}`; did you mean `{name}`?"),
            None => bail!("neither {} nor {} has a BFF `{bff}`", old.name, new.name),
        }
    }
    let mut compared = Compared { bffs: Vec::new(), fresh: Vec::new() };
    for name in names.into_iter().filter(|name| bff.is_none_or(|bff| *name == bff)) {
        match (old.bffs.get(name), new.bffs.get(name)) {
            (Some(one), Some(two)) => {
                let (one, two) = (of_date(one, old, two, new), of_date(two, new, one, old));
                compared.bffs.push((name.clone(), diff_all(&one, &two, Some(today))));
            }
            (Some(one), None) if !new.is_file && !old.is_file => {
                // Nobody answers for it any longer.
                let gone: Vec<Contract> = one.iter().map(emptied).collect();
                compared.bffs.push((name.clone(), diff_all(one, &gone, Some(today))));
            }
            (Some(_), None) => bail!("{} has no contract of `{name}`, which {} is of", new.name, old.name),
            (None, _) if old.is_file || new.is_file || bff.is_some() => {
                bail!("{} has no contract of `{name}`", old.name)
            }
            (None, _) => compared.fresh.push(name.clone()),
        }
    }
    if compared.bffs.is_empty() {
        bail!("{} has no contract to compare with", old.name);
    }
    Ok(compared)
}

/// A file is one contract: of the others, the one of its date is its counterpart, or the newest.
fn of_date(these: &[Contract], state: &State, others: &[Contract], other: &State) -> Vec<Contract> {
    if !other.is_file || state.is_file {
        return these.to_vec();
    }
    let wanted = others.first().and_then(date);
    let same = these.iter().find(|contract| date(contract) == wanted);
    same.or_else(|| these.iter().max_by_key(|contract| date(contract))).cloned().into_iter().collect()
}

fn date(contract: &Contract) -> Option<Date> {
    match contract.versions {
        Versioning::Dated { date, .. } => Some(date),
        _ => None,
    }
}

/// Without a single operation.
fn emptied(contract: &Contract) -> Contract {
    Contract { operations: Vec::new(), ..contract.clone() }
}

fn show(
    args: &Args,
    wanted: &DiffArgs,
    reports: &[Report<'_>],
    compared: &Compared,
    (old, new): (&State, &State),
    failed: bool,
) -> anyhow::Result<()> {
    let out = &mut std::io::stdout().lock();
    // Whoever made the folder chose its name.
    let plain = |name: &str| name.replace(|c: char| c.is_control() || c == '`', "'");
    let fresh = |name: &String| format!("`{}` has no contract in {} yet", plain(name), old.name);
    if wanted.json {
        let count = |class| reports.iter().map(|report| report.count(class)).sum::<usize>();
        let worst = reports.iter().filter_map(Report::worst).min().map(|class| class.to_string());
        let whole = json!({
            "ok": !failed,
            "old": old.name.trim_matches('`'),
            "new": new.name.trim_matches('`'),
            "worst": worst,
            "breaking": count(Class::Breaking),
            "risky": count(Class::Risky),
            "compatible": count(Class::Compatible),
            "bffs": reports.iter().map(diff::json).collect::<Vec<_>>(),
            "fresh": compared.fresh,
        });
        writeln!(out, "{whole:#}")?;
    } else if wanted.markdown {
        let parts: Vec<String> = reports.iter().map(diff::markdown).collect();
        write!(out, "{}", parts.join("\n"))?;
        for name in &compared.fresh {
            writeln!(out, "\n{}.", fresh(name))?;
        }
    } else {
        let color = report::color(args.color, out);
        let parts: Vec<String> = reports.iter().map(|report| diff::text(report, color)).collect();
        write!(out, "{}", parts.join("\n"))?;
        for name in &compared.fresh {
            eprintln!("{}", fresh(name));
        }
    }
    Ok(())
}

/// The day in UTC.
fn today() -> Date {
    Date::of_unix_seconds(SystemClock.unix())
}
