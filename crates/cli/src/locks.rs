//! Contracts on disk: what `frontdesk lock` writes, and what `frontdesk check` holds the code to.

use std::path::PathBuf;

use anyhow::Context;
use frontdesk_catalog::Files;
use frontdesk_catalog::tree::{self, Reading};
use frontdesk_contract::diff::{Change, Class, Hits, Spot, diff};
use frontdesk_contract::{Contract, Versioning, dates, infer, lock_path, openapi};
use frontdesk_diagnostics::codes::contract as codes;
use frontdesk_diagnostics::{Diagnostic, Diagnostics, FileId, Sources, Span};
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
pub fn left_over(workspace: &Workspace, locks: &[Lock], bff: &str) -> Vec<String> {
    let mut paths = paths(workspace);
    paths.retain(|path| {
        Place::of(path).is_some_and(|place| place.bff == bff) && locks.iter().all(|lock| lock.path != *path)
    });
    paths
}

/// Every contract that is kept, relative to the workspace.
pub fn paths(workspace: &Workspace) -> Vec<String> {
    workspace.below("bffs").into_iter().filter(|path| Place::of(path).is_some()).collect()
}

/// What a contract's path says: `bffs/ios/contract.yaml`, `bffs/partner/versions/2026-05-01.contract.yaml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'p> {
    pub bff: &'p str,
    /// As the file is called, if it is that of an older date.
    pub older: Option<&'p str>,
}

impl<'p> Place<'p> {
    pub fn of(path: &'p str) -> Option<Self> {
        let mut parts = path.strip_prefix("bffs/")?.split('/');
        let bff = parts.next()?;
        match (parts.next()?, parts.next(), parts.next()) {
            ("contract.yaml", None, None) => Some(Self { bff, older: None }),
            ("versions", Some(file), None) => {
                Some(Self { bff, older: Some(file.strip_suffix(".contract.yaml")?) })
            }
            _ => None,
        }
    }

    /// What is wrong if `contract` stands here: it is that of another date, or of another of `bffs`. (A contract of a BFF
    /// that is not there is that of this one, when it had another name.)
    pub fn misfit(
        &self,
        contract: &Contract,
        bffs: &[String],
        text: &str,
        file: FileId,
    ) -> Option<Diagnostic> {
        let span = |key: &str, value: &str| {
            let line = text.lines().scan(0, |at, line| {
                let start = *at;
                *at += line.len() + 1;
                Some((start, line))
            });
            let mut found = line.filter(|(_, line)| {
                line.trim_start().strip_prefix(key).is_some_and(|rest| rest.contains(value))
            });
            let Some((start, line)) = found.next() else { return Span::new(file, 0, 0) };
            Span::new(
                file,
                (start + line.len() - line.trim_start().len()) as u32,
                (start + line.trim_end().len()) as u32,
            )
        };
        if *contract.bff != *self.bff && bffs.iter().any(|other| **other == *contract.bff) {
            let message = format!("this is the contract of `{}`", contract.bff);
            let label = format!("it stands in the place of that of `{}`", self.bff);
            return Some(
                Diagnostic::error(codes::LOCK_MISPLACED, message, span("bff:", &contract.bff), label)
                    .help(format!("run `frontdesk lock {}` to write its own from the code", self.bff)),
            );
        }
        let older = self.older?;
        let (date, known) = match &contract.versions {
            Versioning::Dated { date, .. } => (date.to_string(), "the contract of"),
            _ => ("no date".to_owned(), "a contract of"),
        };
        (date != older).then(|| {
            let label = format!("by its name, the file is the contract of {older}");
            Diagnostic::error(
                codes::LOCK_MISPLACED,
                format!("this is {known} {date}"),
                span("date:", &date),
                label,
            )
            .help(format!("run `frontdesk lock {}` to write each date anew from the code", self.bff))
        })
    }
}

impl Lock {
    pub fn file(&self, workspace: &Workspace) -> PathBuf {
        workspace.root.join(&self.path)
    }

    /// What is kept now.
    pub fn kept(
        &self,
        workspace: &Workspace,
        bffs: &[String],
        sources: &mut Sources,
        diagnostics: &mut Diagnostics,
    ) -> anyhow::Result<Kept> {
        let file = self.file(workspace);
        let bytes = match std::fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Kept::Missing),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
        };
        Ok(match read(&self.path, &self.path, bytes, bffs, sources, diagnostics) {
            Some(contract) => Kept::Contract(Box::new(contract)),
            None => Kept::Unreadable,
        })
    }
}

/// The contract that is kept at `path`, which people know as `shown`. `None` if `diagnostics` say why it is none, or not
/// the one that belongs there. `bffs` are all that there are.
pub fn read(
    path: &str,
    shown: &str,
    bytes: Vec<u8>,
    bffs: &[String],
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Contract> {
    let Ok(text) = String::from_utf8(bytes) else {
        let span = Span::new(sources.add(shown, ""), 0, 0);
        diagnostics.push(
            Diagnostic::error(codes::LOCK_UNREADABLE, "the contract is not text", span, "not UTF-8")
                .help("run `frontdesk lock` to write it anew from the code"),
        );
        return None;
    };
    let contract = openapi::read(&text, shown, sources, diagnostics)?;
    let misfit = Place::of(path)
        .zip(sources.find(shown))
        .and_then(|(place, file)| place.misfit(&contract, bffs, &text, file));
    match misfit {
        Some(misfit) => {
            diagnostics.push(misfit);
            None
        }
        None => Some(contract),
    }
}

/// Reports every difference between the code and the locked contracts, and names the BFFs that have none.
pub fn check(workspace: &Workspace, compiled: &mut Compiled) -> anyhow::Result<Vec<String>> {
    let bffs: Vec<String> = compiled.model.bffs.iter().map(|bff| bff.name.to_string()).collect();
    let mut without = Vec::new();
    let paths = paths(workspace);
    for bff in &bffs {
        let is_kept = paths.iter().any(|path| Place::of(path).is_some_and(|place| place.bff == bff));
        if !is_kept && !workspace.root.join(lock_path(bff, None)).exists() {
            without.push(bff.clone());
            // What is shown to everybody at `/openapi.json` has to be sayable.
            if compiled.model.bffs.iter().any(|known| *known.name == **bff && known.config.openapi) {
                of(compiled, bff);
            }
            continue;
        }
        let locks = of(compiled, bff);
        for path in left_over(workspace, &locks, bff) {
            let date = Place::of(&path).and_then(|place| place.older).unwrap_or_default();
            let message =
                format!("the contract of `{bff}` changed: date {date}: {date} is not answered any longer");
            let help = "put the date back into `versions` of bff.ts, or remove this file to accept it";
            compiled.diagnostics.push(
                nobody_keeps(&path, &mut compiled.sources, message).note("rule `date-removed`").help(help),
            );
        }
        for lock in locks {
            let Compiled { model, sources, diagnostics, .. } = compiled;
            match lock.kept(workspace, &bffs, sources, diagnostics)? {
                Kept::Unreadable => {}
                Kept::Contract(kept) => {
                    let Some(config) = model.bffs.iter().find(|known| *known.name == **bff) else { continue };
                    let file = sources.find(&lock.path);
                    for mut change in diff(&kept, &lock.contract) {
                        let about = whole(&change, &config.config);
                        place_versions(&mut change, about, file, sources);
                        diagnostics.push(difference(&change, &kept, &lock.contract, about));
                    }
                }
                Kept::Missing => {
                    let bff = compiled.model.bffs.iter().find(|known| &*known.name == bff);
                    diagnostics.extend(
                        bff.map(|bff| missing(&lock, bff.config.versions.span().unwrap_or(bff.config.span))),
                    );
                }
            }
        }
    }
    for path in &paths {
        let Some(bff) =
            Place::of(path).map(|place| place.bff).filter(|bff| bffs.iter().all(|known| known != bff))
        else {
            continue;
        };
        let message = format!("`{bff}` is gone, and its contract is locked");
        compiled.diagnostics.push(
            nobody_keeps(path, &mut compiled.sources, message)
                .help(format!("bring back `bffs/{bff}/bff.ts`, or remove this file to accept it")),
        );
    }
    Ok(without)
}

/// A contract that the code makes nothing of.
fn nobody_keeps(path: &str, sources: &mut Sources, message: String) -> Diagnostic {
    let span = Span::new(sources.add(path, ""), 0, 0);
    Diagnostic::error(codes::LOCK_DIFFERS, message, span, "breaking for all clients")
}

/// What is said of versions stands in bff.ts, and at its pointer in the contract that is kept.
fn place_versions(change: &mut Change, config: Span, kept: Option<FileId>, sources: &Sources) {
    if !change.old.iter().chain(&change.new).any(|spot| spot.pointer.starts_with("/x-frontdesk/versions")) {
        return;
    }
    if let (Some(old), Some(kept)) = (&mut change.old, kept) {
        old.span = old.span.or_else(|| pointed(&old.pointer, kept, sources));
    }
    match &mut change.new {
        Some(new) => new.span = new.span.or(Some(config)),
        None => change.new = Some(Spot { pointer: String::new(), span: Some(config) }),
    }
}

/// The value at a JSON pointer of a file.
fn pointed(pointer: &str, file: FileId, sources: &Sources) -> Option<Span> {
    let reading = Reading { file, syntax_error: codes::LOCK_UNREADABLE };
    let tree = tree::read(sources.path(file), sources.text(file), reading, &mut Vec::new())?;
    let mut node = &tree;
    for name in pointer.split('/').skip(1) {
        node = node.get(name)?;
    }
    Some(node.span)
}

/// The others of the BFF are there, so this date was forgotten.
fn missing(lock: &Lock, span: Span) -> Diagnostic {
    let message = format!("`{}` is missing", lock.path);
    let label = match Place::of(&lock.path).and_then(|place| place.older) {
        Some(_) => "`versions` of this BFF has the date",
        None => "contracts of its older dates are locked",
    };
    Diagnostic::error(codes::LOCK_DIFFERS, message, span, label).help("run `frontdesk lock` to write it")
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

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn contracts_are_known_by_their_place() {
        let place = |bff, older| Some(Place { bff, older });
        assert_eq!(Place::of("bffs/ios/contract.yaml"), place("ios", None));
        let older = place("partner", Some("2026-05-01"));
        assert_eq!(Place::of("bffs/partner/versions/2026-05-01.contract.yaml"), older);
        for other in
            ["bffs/contract.yaml", "bffs/ios/tests/contract.yaml", "bffs/ios/versions/2026-05-01.ts", "x"]
        {
            assert_eq!(Place::of(other), None, "{other}");
        }
    }
}
