//! `frontdesk lock`: the contract of each BFF as the code has it, written down.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use frontdesk_contract::diff::{Class, diff};
use frontdesk_contract::openapi;
use frontdesk_diagnostics::Diagnostics;
use serde_json::json;

use super::FINDINGS;
use crate::args::Args;
use crate::locks::{self, Kept, Lock};
use crate::names::known;
use crate::report;
use crate::whole_file::write_all_below;
use crate::workspace::{Compiled, Workspace};

/// What becomes of one file.
struct Written {
    path: String,
    file: PathBuf,
    text: String,
    was: &'static str,
    /// By class, if the one before could be read.
    changes: Option<[usize; 3]>,
}

const CLASSES: [Class; 3] = [Class::Breaking, Class::Risky, Class::Compatible];

pub fn run(args: &Args, wanted: Option<&str>, json: bool) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::find(args.workspace.as_deref())?;
    let mut compiled = workspace.compile(args.env.as_deref());
    let names: Vec<String> = compiled.model.bffs.iter().map(|bff| bff.name.to_string()).collect();
    if let Some(wanted) = wanted {
        known("BFF", wanted, names.iter().map(String::as_str))?;
    }
    // Of code that does not compile nothing can be promised.
    let mut files = Vec::new();
    let mut left = Vec::new();
    if !compiled.diagnostics.has_errors() {
        for bff in names.iter().filter(|name| wanted.is_none_or(|wanted| wanted == *name)) {
            let locks = locks::of(&mut compiled, bff);
            left.extend(locks::left_over(&workspace, &locks, bff));
            for lock in &locks {
                files.push(written(lock, &workspace, &names, &mut compiled)?);
            }
        }
    }
    if compiled.diagnostics.has_errors() {
        if json {
            let report = report::json(compiled.diagnostics, &compiled.sources);
            writeln!(std::io::stdout(), "{report:#}")?;
            return Ok(ExitCode::from(FINDINGS));
        }
        return Ok(report::findings(compiled.diagnostics, &compiled.sources, args.color));
    }
    let changed = files.iter().filter(|file| file.was != "same");
    write_all_below(&workspace.root, changed.map(|file| (file.file.as_path(), file.text.as_str())))?;
    if json {
        tell_tools(&files, &left)?;
    } else {
        tell(&files, &left)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn written(
    lock: &Lock,
    workspace: &Workspace,
    bffs: &[String],
    compiled: &mut Compiled,
) -> anyhow::Result<Written> {
    let text = openapi::write(&lock.contract);
    let file = lock.file(workspace);
    // What is wrong with the one before is mended by writing this one.
    let mut before = Diagnostics::default();
    let kept = lock.kept(workspace, bffs, &mut compiled.sources, &mut before)?;
    let is_same = std::fs::read(&file).is_ok_and(|old| old == text.as_bytes());
    let (was, changes) = match kept {
        _ if is_same => ("same", Some([0; 3])),
        Kept::Missing => ("missing", None),
        Kept::Unreadable => ("unreadable", None),
        Kept::Contract(kept) => {
            let changes = diff(&kept, &lock.contract);
            let count = |class| changes.iter().filter(|change| change.class == class).count();
            ("differs", Some(CLASSES.map(count)))
        }
    };
    Ok(Written { path: lock.path.clone(), file, text, was, changes })
}

fn tell(files: &[Written], left: &[String]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for file in files {
        let shown = shown(&file.path);
        match (file.was, &file.changes) {
            ("same", _) => writeln!(out, "{shown}: unchanged")?,
            ("missing", _) => writeln!(out, "{shown}: written")?,
            ("unreadable", _) => {
                writeln!(out, "{shown}: written; what was there is not as Frontdesk writes contracts")?;
            }
            (_, Some(counts)) => {
                let some = CLASSES.iter().zip(counts).filter(|(_, count)| **count > 0);
                let told: Vec<String> = some.map(|(class, count)| format!("{count} {class}")).collect();
                let told =
                    if told.is_empty() { "the same in another layout".to_owned() } else { told.join(", ") };
                writeln!(out, "{shown}: written; {told}")?;
            }
            (_, None) => writeln!(out, "{shown}: written")?,
        }
    }
    for path in left {
        eprintln!("{}: `versions` of the BFF has no such date any longer; remove it", shown(path));
    }
    Ok(())
}

fn shown(path: &str) -> impl std::fmt::Display {
    Path::new(path).display().to_string()
}

fn tell_tools(files: &[Written], left: &[String]) -> anyhow::Result<()> {
    let files: Vec<_> = files
        .iter()
        .map(|file| {
            let changes = file.changes.map(|[breaking, risky, compatible]| {
                json!({ "breaking": breaking, "risky": risky, "compatible": compatible })
            });
            json!({ "path": file.path, "was": file.was, "changes": changes })
        })
        .collect();
    writeln!(std::io::stdout(), "{:#}", json!({ "ok": true, "files": files, "leftOver": left }))?;
    Ok(())
}
