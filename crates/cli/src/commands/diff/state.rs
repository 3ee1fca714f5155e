//! What is compared: contracts in a file, at a revision, as they are locked, or as the code has them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use frontdesk_contract::{Contract, openapi};
use frontdesk_diagnostics::{Diagnostics, Sources};

use crate::args::Args;
use crate::git::Revision;
use crate::locks;
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
                let mut compiled = workspace()?.compile(args.env.as_deref())?;
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
                for path in kept(&workspace)? {
                    let text = workspace.read(&path)?;
                    add(&mut bffs, &path, &path, &text, reading);
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
                for path in revision.files("bffs/")?.into_iter().filter(|path| bff_of(path).is_some()) {
                    let text = revision.text(&path)?;
                    add(&mut bffs, &path, &format!("{}:{path}", revision.name), &text, reading);
                }
            }
        }
        Ok(State { name: self.name(), bffs, is_file: matches!(self, Self::File(_)) })
    }
}

/// A contract belongs to the BFF in whose folder it is, whatever it says itself.
fn add(
    bffs: &mut BTreeMap<String, Vec<Contract>>,
    path: &str,
    shown: &str,
    text: &str,
    reading: &mut Reading,
) {
    let Some(bff) = bff_of(path) else { return };
    if let Some(contract) = read(shown, text, reading) {
        bffs.entry(bff.to_owned()).or_default().push(contract);
    }
}

fn read(shown: &str, text: &str, reading: &mut Reading) -> Option<Contract> {
    openapi::read(text, shown, &mut reading.sources, &mut reading.diagnostics)
}

/// `bffs/ios/contract.yaml` and `bffs/partner/versions/2026-05-01.contract.yaml`.
fn bff_of(path: &str) -> Option<&str> {
    let mut parts = path.strip_prefix("bffs/")?.split('/');
    let bff = parts.next()?;
    match (parts.next()?, parts.next(), parts.next()) {
        ("contract.yaml", None, None) => Some(bff),
        ("versions", Some(file), None) if file.ends_with(".contract.yaml") => Some(bff),
        _ => None,
    }
}

fn kept(workspace: &Workspace) -> anyhow::Result<Vec<String>> {
    use frontdesk_catalog::Files;
    let paths: Vec<String> =
        workspace.below("bffs").into_iter().filter(|path| bff_of(path).is_some()).collect();
    if paths.is_empty() {
        bail!(
            "no contract is locked below {}; `frontdesk lock` writes them",
            workspace.root.join("bffs").display()
        );
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::bff_of;

    #[test]
    fn contracts_are_known_by_their_place() {
        assert_eq!(bff_of("bffs/ios/contract.yaml"), Some("ios"));
        assert_eq!(bff_of("bffs/partner/versions/2026-05-01.contract.yaml"), Some("partner"));
        for other in
            ["bffs/contract.yaml", "bffs/ios/tests/contract.yaml", "bffs/ios/versions/2026-05-01.ts", "x"]
        {
            assert_eq!(bff_of(other), None, "{other}");
        }
    }
}
