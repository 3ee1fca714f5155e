//! What is compared: contracts in a file, at a revision, as they are locked, or as the code has them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use frontdesk_contract::{Contract, openapi};
use frontdesk_diagnostics::{Diagnostics, Sources};

use crate::args::Args;
use crate::git::Revision;
use crate::locks::{self, Place};
use crate::workspace::{Compiled, Workspace};

/// Where contracts come from.
pub enum Origin {
    Code,
    Locks,
    File(PathBuf),
    Revision(Revision),
}

/// The contracts of each BFF that there are, in one state of the workspace.
pub struct State {
    /// `the code`, `main`, `old.yaml`.
    pub name: String,
    pub bffs: BTreeMap<String, Vec<Contract>>,
    /// One contract, whatever BFF it is of.
    pub is_file: bool,
}

/// What was read on the way, and what is wrong with it.
#[derive(Default)]
pub struct Reading {
    pub sources: Sources,
    pub diagnostics: Diagnostics,
    /// The code itself is wrong, not a locked contract.
    pub is_code: bool,
}

impl Origin {
    /// A file if there is one of this name, else a revision.
    pub fn named(name: &str, workspace: &dyn Fn() -> anyhow::Result<Workspace>) -> anyhow::Result<Self> {
        let path = Path::new(name);
        if path.is_file() {
            return Ok(Self::File(path.to_owned()));
        }
        if path.is_dir() {
            bail!("{name} is a folder; name a contract in it, or a revision");
        }
        if [".yaml", ".yml", ".json"].iter().any(|ending| name.ends_with(ending)) {
            bail!("there is no file {name}");
        }
        Ok(Self::Revision(Revision::find(&workspace()?.root, name)?))
    }

    pub fn name(&self) -> String {
        match self {
            Self::Code => "the code".to_owned(),
            Self::Locks => "the locked contracts".to_owned(),
            Self::File(path) => path.display().to_string(),
            Self::Revision(revision) => format!("`{}`", revision.name),
        }
    }

    pub fn state(
        &self,
        args: &Args,
        workspace: &dyn Fn() -> anyhow::Result<Workspace>,
        reading: &mut Reading,
    ) -> anyhow::Result<State> {
        let mut bffs: BTreeMap<String, Vec<Contract>> = BTreeMap::new();
        match self {
            Self::Code => {
                let mut compiled = workspace()?.compile(args.env.as_deref());
                let names: Vec<String> = compiled.model.bffs.iter().map(|bff| bff.name.to_string()).collect();
                // Of code that does not compile nothing can be promised.
                if !compiled.diagnostics.has_errors() {
                    for name in names {
                        let contracts = locks::of(&mut compiled, &name);
                        bffs.insert(name, contracts.into_iter().map(|lock| lock.contract).collect());
                    }
                }
                let Compiled { sources, diagnostics, .. } = compiled;
                reading.is_code |= diagnostics.has_errors();
                // Spans of the code point into its own sources, so it is read before anything else.
                reading.sources = sources;
                reading.diagnostics.extend(diagnostics);
            }
            Self::Locks => {
                let workspace = workspace()?;
                let paths = kept(&workspace)?;
                let all = bffs_of(&paths);
                for path in &paths {
                    let file = workspace.root.join(path);
                    let bytes =
                        std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
                    add(&mut bffs, (path, path), bytes, &all, reading);
                }
            }
            Self::File(file) => {
                let shown = file.display().to_string();
                let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {shown}"))?;
                if let Some(contract) = read(&shown, &text, reading) {
                    bffs.insert(contract.bff.to_string(), vec![contract]);
                }
            }
            Self::Revision(revision) => {
                let mut paths = revision.files("bffs/")?;
                paths.retain(|path| Place::of(path).is_some());
                let all = bffs_of(&paths);
                for path in &paths {
                    let shown = format!("{}:{path}", revision.name);
                    add(&mut bffs, (path, &shown), revision.bytes(path)?, &all, reading);
                }
            }
        }
        Ok(State { name: self.name(), bffs, is_file: matches!(self, Self::File(_)) })
    }
}

/// A contract belongs to the BFF in whose folder it is, whatever it says itself.
fn add(
    bffs: &mut BTreeMap<String, Vec<Contract>>,
    (path, shown): (&str, &str),
    bytes: Vec<u8>,
    all: &[String],
    reading: &mut Reading,
) {
    let Some(place) = Place::of(path) else { return };
    let read = locks::read(path, shown, bytes, all, &mut reading.sources, &mut reading.diagnostics);
    if let Some(contract) = read {
        bffs.entry(place.bff.to_owned()).or_default().push(contract);
    }
}

fn bffs_of(paths: &[String]) -> Vec<String> {
    let mut all: Vec<String> =
        paths.iter().filter_map(|path| Place::of(path)).map(|place| place.bff.to_owned()).collect();
    all.dedup();
    all
}

fn read(shown: &str, text: &str, reading: &mut Reading) -> Option<Contract> {
    openapi::read(text, shown, &mut reading.sources, &mut reading.diagnostics)
}

fn kept(workspace: &Workspace) -> anyhow::Result<Vec<String>> {
    let paths = locks::paths(workspace);
    if paths.is_empty() {
        bail!(
            "no contract is locked below {}; `frontdesk lock` writes them",
            workspace.root.join("bffs").display()
        );
    }
    Ok(paths)
}
