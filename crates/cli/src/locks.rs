//! Contracts on disk: what `frontdesk lock` writes, and what `frontdesk check` holds the code to.

use std::path::PathBuf;

use anyhow::Context;
use frontdesk_contract::diff::{Change, Class, Hits, diff};
use frontdesk_contract::{Contract, dates, infer, lock_path, openapi};
use frontdesk_diagnostics::codes::contract as codes;
use frontdesk_diagnostics::{Diagnostic, Diagnostics, Sources, Span};
use frontdesk_lang::model::BffConfig;

use crate::workspace::{Compiled, Workspace};

/// A contract as the code has it, and where it is kept.
pub struct Lock {
    /// Relative to the workspace.
    pub path: String,
    pub contract: Contract,
}

/// What is in the place of a contract.
pub enum Kept {
    Missing,
    /// `diagnostics` say why it cannot be read.
    Unreadable,
    Contract(Box<Contract>),
}

/// The contracts of a BFF, the newest first. Names that stand for two things are reported.
pub fn of(compiled: &mut Compiled, bff: &str) -> Vec<Lock> {
    let Compiled { model, plan, diagnostics, .. } = compiled;
    let older = dates(model, bff);
    std::iter::once(None)
        .chain(older.into_iter().skip(1).map(Some))
        .map(|date| Lock { path: lock_path(bff, date), contract: infer(model, plan, bff, date, diagnostics) })
        .collect()
}

/// Files of older dates that the BFF has no longer.
pub fn left_over(workspace: &Workspace, bff: &str, locks: &[Lock]) -> Vec<String> {
    let folder = format!("bffs/{bff}/versions");
    let Ok(entries) = std::fs::read_dir(workspace.root.join(&folder)) else { return Vec::new() };
    let mut paths: Vec<String> = entries
        .flatten()
        .map(|entry| format!("{folder}/{}", entry.file_name().to_string_lossy()))
        .filter(|path| path.ends_with(".contract.yaml") && locks.iter().all(|lock| lock.path != *path))
        .collect();
    paths.sort();
    paths
}

impl Lock {
    pub fn file(&self, workspace: &Workspace) -> PathBuf {
        workspace.root.join(&self.path)
    }

    /// What is kept now.
    pub fn kept(
        &self,
        workspace: &Workspace,
        sources: &mut Sources,
        diagnostics: &mut Diagnostics,
    ) -> anyhow::Result<Kept> {
        let file = self.file(workspace);
        let bytes = match std::fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Kept::Missing),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
        };
        let Ok(text) = String::from_utf8(bytes) else {
            let span = Span::new(sources.add(self.path.as_str(), ""), 0, 0);
            diagnostics.push(
                Diagnostic::error(codes::LOCK_UNREADABLE, "the contract is not text", span, "not UTF-8")
                    .help("run `frontdesk lock` to write it anew from the code"),
            );
            return Ok(Kept::Unreadable);
        };
        Ok(match openapi::read(&text, &self.path, sources, diagnostics) {
            Some(contract) => Kept::Contract(Box::new(contract)),
            None => Kept::Unreadable,
        })
    }
}

/// Reports every difference between the code and the locked contracts, and names the BFFs that have none.
pub fn check(workspace: &Workspace, compiled: &mut Compiled) -> anyhow::Result<Vec<String>> {
    let bffs: Vec<String> = compiled.model.bffs.iter().map(|bff| bff.name.to_string()).collect();
    let mut without = Vec::new();
    for bff in bffs {
        let newest = lock_path(&bff, None);
        if !workspace.root.join(&newest).exists() {
            without.push(bff);
            continue;
        }
        for lock in of(compiled, &bff) {
            let Compiled { model, sources, diagnostics, .. } = compiled;
            match lock.kept(workspace, sources, diagnostics)? {
                Kept::Unreadable => {}
                Kept::Contract(kept) => {
                    let Some(config) = model.bffs.iter().find(|known| *known.name == *bff) else { continue };
                    for change in diff(&kept, &lock.contract) {
                        let about = whole(&change, &config.config);
                        diagnostics.push(difference(&change, &kept, &lock.contract, about));
                    }
                }
                Kept::Missing => {
                    let bff = compiled.model.bffs.iter().find(|known| *known.name == *bff);
                    diagnostics.extend(bff.map(|bff| missing(&lock, bff.config.span)));
                }
            }
        }
    }
    Ok(without)
}

/// The others of the BFF are there, so this date was forgotten.
fn missing(lock: &Lock, span: Span) -> Diagnostic {
    let message = format!("`{}` is missing", lock.path);
    Diagnostic::error(codes::LOCK_DIFFERS, message, span, "`versions` of this BFF has the date")
        .help("run `frontdesk lock` to write it")
}

/// Where bff.ts says what a change of no one operation is about.
fn whole(change: &Change, config: &BffConfig) -> Span {
    let of_versions = config.versions.span().filter(|_| change.at.starts_with("versions."));
    of_versions.unwrap_or(config.span)
}

/// One change, shown where the code makes it; what is gone, where the contract has it.
fn difference(change: &Change, kept: &Contract, code: &Contract, about: Span) -> Diagnostic {
    let of = |contract: &Contract| {
        let route = change.operation.as_deref()?;
        let is_it = |operation: &&frontdesk_contract::Operation| {
            route.split_once(' ') == Some((&*operation.method, &*operation.path))
        };
        contract.operations.iter().find(is_it).cloned()
    };
    let span_of = |spot: &Option<frontdesk_contract::diff::Spot>| spot.as_ref().and_then(|spot| spot.span);
    let (new, old) = (of(code), of(kept));
    let here = span_of(&change.new)
        .or_else(|| new.as_ref().filter(|_| change.new.is_some())?.span.0)
        .or_else(|| span_of(&change.old))
        .or_else(|| new.as_ref()?.span.0)
        .or_else(|| old.as_ref()?.span.0)
        .unwrap_or(about);
    let hits = match &change.hits {
        Hits::Nobody => String::new(),
        hits => format!(" for {hits}"),
    };
    let message = format!("the contract of `{}` changed: {}: {}", code.bff, change.at, change.message);
    let label = format!("{}{hits}", change.class);
    let mut diagnostic = Diagnostic::error(codes::LOCK_DIFFERS, message, here, label);
    let there = span_of(&change.old).filter(|there| *there != here);
    if let Some(there) = there {
        diagnostic = diagnostic.label(there, "clients rely on this");
    }
    if let Some(note) = &change.note {
        diagnostic = diagnostic.note(note.clone());
    }
    diagnostic.note(format!("rule `{}`", change.rule.id)).help(match change.class {
        Class::Compatible => "run `frontdesk lock` to accept it",
        Class::Breaking | Class::Risky => {
            "run `frontdesk diff` to see whom it breaks, `frontdesk lock` to accept it"
        }
    })
}
