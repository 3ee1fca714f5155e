//! Workspaces on disk or made up → plans.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use frontdesk_diagnostics::{Diagnostics, Sources, render};
use frontdesk_plan::Plan;

pub type Files = BTreeMap<String, Vec<u8>>;

pub struct Outcome {
    pub plan: Plan,
    pub sources: Sources,
    pub found: Diagnostics,
}

pub fn read(root: &Path) -> Files {
    let mut files = Files::new();
    add(root, root, &mut files);
    files
}

fn add(root: &Path, folder: &Path, files: &mut Files) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.insert(name, fs::read(&path).unwrap());
        }
    }
}

/// Plans what compiles; after errors the plan has no endpoints.
pub fn planned(files: Files) -> Outcome {
    let mut sources = Sources::default();
    let mut found = Diagnostics::default();
    let catalog = Arc::new(frontdesk_catalog::load(&files, None, &mut sources, &mut found));
    let model = frontdesk_lang::compile(catalog.clone(), &files, &mut sources, &mut found);
    let plan = if found.has_errors() {
        Plan { catalog, bffs: Vec::new() }
    } else {
        frontdesk_plan::plan(&model, &mut found)
    };
    Outcome { plan, sources, found }
}

pub fn diagnostics(outcome: Outcome) -> String {
    render::text(&outcome.found.into_sorted(), &outcome.sources, false)
}

/// Compares with the file's text, or rewrites it.
pub fn matches(path: &Path, got: &str) -> bool {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, got).unwrap();
        return true;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    if expected == got {
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
