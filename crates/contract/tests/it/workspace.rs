//! Workspaces on disk → contracts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use frontdesk_contract::Contract;
use frontdesk_diagnostics::{Diagnostics, Sources, render};
use frontdesk_lang::Model;
use frontdesk_plan::Plan;

pub type Files = BTreeMap<String, Vec<u8>>;

pub struct Workspace {
    pub model: Model,
    pub plan: Plan,
    pub sources: Sources,
    pub found: Diagnostics,
}

pub fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

pub fn harbor() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbor")
}

pub fn read(root: &Path) -> Files {
    let mut files = Files::new();
    add(root, root, &mut files);
    files
}

fn add(root: &Path, folder: &Path, files: &mut Files) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !name.starts_with('.') && name != "node_modules" {
            add(root, &path, files);
        } else if path.is_file() {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.insert(name, fs::read(&path).unwrap());
        }
    }
}

pub fn compiled(files: &Files) -> Workspace {
    let mut sources = Sources::default();
    let mut found = Diagnostics::default();
    let catalog = Arc::new(frontdesk_catalog::load(files, None, &mut sources, &mut found));
    let model = frontdesk_lang::compile(catalog, files, &mut sources, &mut found);
    let plan = frontdesk_plan::plan(&model, &mut found);
    Workspace { model, plan, sources, found }
}

/// The contracts of a BFF: today's, and those of older dates.
pub fn contracts(workspace: &mut Workspace, bff: &str) -> Vec<(String, Contract)> {
    let dates = frontdesk_contract::dates(&workspace.model, bff);
    let older = dates.iter().skip(1).map(|date| Some(*date));
    std::iter::once(None)
        .chain(older)
        .map(|date| {
            let contract =
                frontdesk_contract::infer(&workspace.model, &workspace.plan, bff, date, &mut workspace.found);
            (frontdesk_contract::lock_path(bff, date), contract)
        })
        .collect()
}

pub fn text(found: Diagnostics, sources: &Sources) -> String {
    render::text(&found.into_sorted(), sources, false)
}

/// Compares with the file's text, or rewrites it. A file that is not there is empty.
pub fn matches(path: &Path, got: &str) -> bool {
    let expected = fs::read_to_string(path).unwrap_or_default();
    if expected == got {
        return true;
    }
    if std::env::var_os("UPDATE").is_some() {
        if got.is_empty() {
            fs::remove_file(path).unwrap();
        } else {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, got).unwrap();
        }
        return true;
    }
    for (i, (a, b)) in expected.lines().zip(got.lines()).enumerate() {
        if a != b {
            eprintln!("{}:{}\n  expected {a}\n  got      {b}", path.display(), i + 1);
            break;
        }
    }
    false
}
