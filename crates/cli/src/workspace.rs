//! A workspace on disk, and the pure part of the pipe: files → catalogue → Model → Plan.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use frontdesk_adapter::say;
use frontdesk_catalog::{FileProblem, Files};
use frontdesk_contract::clients::without_codegen;
use frontdesk_diagnostics::{Diagnostics, Sources};
use frontdesk_lang::Model;
use frontdesk_plan::Plan;

use crate::progress;
use crate::whole_file::write;

/// The files below a folder. Paths never leave it.
#[derive(Clone, Debug)]
pub struct Workspace {
    pub root: PathBuf,
}

/// What came of reading a workspace; `plan` is whole only if `diagnostics` has no errors.
pub struct Compiled {
    pub model: Model,
    pub plan: Plan,
    pub sources: Sources,
    pub diagnostics: Diagnostics,
}

impl Workspace {
    /// The folder that was named, or the nearest with a `frontdesk.yaml` from here upwards.
    pub fn find(named: Option<&Path>) -> anyhow::Result<Self> {
        if let Some(folder) = named {
            if !folder.join("frontdesk.yaml").is_file() {
                bail!("there is no frontdesk.yaml in {}", folder.display());
            }
            return Ok(Self { root: folder.to_owned() });
        }
        let here = std::env::current_dir().context("the current folder cannot be told")?;
        match here.ancestors().find(|folder| folder.join("frontdesk.yaml").is_file()) {
            Some(root) => Ok(Self { root: root.to_owned() }),
            None => bail!(
                "no frontdesk.yaml in this folder or above it; `frontdesk new FOLDER` writes a workspace"
            ),
        }
    }

    /// Reads and compiles everything, and brings the editor's types up to date.
    pub fn compile(&self, environment: Option<&str>) -> Compiled {
        let _progress = progress::after_a_second("reading the workspace");
        let mut sources = Sources::default();
        let mut diagnostics = Diagnostics::default();
        let catalog = Arc::new(frontdesk_catalog::load(self, environment, &mut sources, &mut diagnostics));
        let model = frontdesk_lang::compile(catalog, self, &mut sources, &mut diagnostics);
        let plan = frontdesk_plan::plan(&model, &mut diagnostics);
        let mut types = frontdesk_lang::declarations::declarations(&model.catalog, &model.bffs);
        // Half an endpoint has half its problems: the file stays as it was until everything is understood.
        if !diagnostics.has_errors() {
            types.push(without_codegen::problems(&model, &plan));
        }
        // A checkout or an image may be read-only: what editors need is not what is served or checked.
        if let Err(error) = self.write_types(types) {
            say!("frontdesk: {error:#}; editors do not see this state of the workspace");
        }
        Compiled { model, plan, sources, diagnostics }
    }

    /// Writes `.frontdesk/types` and the JSON Schema of `frontdesk.yaml`, but only what changed: editors watch these files.
    fn write_types(&self, types: Vec<(String, String)>) -> anyhow::Result<()> {
        let schema =
            (".frontdesk/frontdesk.schema.json".to_owned(), frontdesk_catalog::schema::json_schema());
        for (path, text) in types.into_iter().chain([schema]) {
            let path = self.root.join(path);
            if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
                continue;
            }
            write(&path, text)?;
        }
        Ok(())
    }

    /// A file's text for `${file:…}` and certificates; absolute paths are the operator's own business.
    pub fn read(&self, path: &str) -> anyhow::Result<String> {
        let path = self.root.join(path);
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }
}

impl Files for Workspace {
    fn bytes(&self, path: &str) -> Result<Vec<u8>, FileProblem> {
        std::fs::read(self.root.join(path)).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => FileProblem::Missing,
            _ => FileProblem::Unreadable(error.to_string()),
        })
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let mut paths = Vec::new();
        visit(&self.root, folder, false, &mut paths);
        paths
    }

    fn below(&self, folder: &str) -> Vec<String> {
        let mut paths = Vec::new();
        visit(&self.root, folder, true, &mut paths);
        paths.sort();
        paths
    }
}

/// Hidden folders and `node_modules` are nobody's source.
fn visit(root: &Path, folder: &str, deep: bool, paths: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(root.join(folder)) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || name == "node_modules" {
            continue;
        }
        let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        match entry.file_type() {
            Ok(kind) if kind.is_file() => paths.push(path),
            Ok(kind) if kind.is_dir() && deep => visit(root, &path, deep, paths),
            _ => {}
        }
    }
}
