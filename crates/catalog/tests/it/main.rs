//! Everything this crate says about files, as folders: `testdata/<area>/<case>/` holds a workspace and
//! `expected.txt` what was made of it. `UPDATE=1` writes the expected files anew.

#![expect(clippy::unwrap_used, clippy::format_collect, reason = "a test that cannot go on has failed")]

mod dump;
mod fuzz;
mod import;
mod proto;
mod schema;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use frontdesk_diagnostics::{Diagnostics, Sources, render};

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// The files below `root` by path, without `expected.txt`.
fn files_of(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            if path.is_dir() {
                waiting.push(path);
            } else if name != "expected.txt" {
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// What is made of a workspace. A file `environment` holds the name of the overlay to lay over it.
fn outcome(files: &BTreeMap<String, Vec<u8>>) -> String {
    let environment = files.get("environment").map(|name| String::from_utf8_lossy(name).trim().to_owned());
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let catalog = frontdesk_catalog::load(files, environment.as_deref(), &mut sources, &mut diagnostics);
    let mut out = dump::catalog(&catalog, &sources);
    let said = render::text(&diagnostics.into_sorted(), &sources, false);
    if !said.is_empty() {
        out.push_str("\n--- diagnostics\n");
        out.push_str(said.trim_end());
        out.push('\n');
    }
    if out.is_empty() { "(nothing, and nothing to say)\n".to_owned() } else { out }
}

fn expect_file(path: &Path, got: &str, wrong: &mut Vec<String>) {
    let wanted = fs::read_to_string(path).unwrap_or_default();
    if wanted == got {
        return;
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, got).unwrap();
        return;
    }
    wrong.push(format!("{}\n--- expected\n{wanted}\n--- got\n{got}", path.display()));
}

fn check_area(area: &str) {
    let mut wrong = Vec::new();
    for case in folders(&testdata().join(area)) {
        let got = outcome(&files_of(&case));
        expect_file(&case.join("expected.txt"), &got, &mut wrong);
    }
    assert!(wrong.is_empty(), "{} cases differ\n\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn frontdesk_yaml_is_read_or_refused() {
    check_area("config");
}

#[test]
fn openapi_documents_become_operations_and_types() {
    check_area("openapi");
}

#[test]
fn proto_files_become_operations_types_and_messages() {
    check_area("proto");
}

#[test]
fn samples_become_types() {
    check_area("sample");
}

#[test]
fn batches_are_inferred_or_refused() {
    check_area("batch");
}

/// The example workspace is what people copy from.
#[test]
fn harbor_loads_without_a_word() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbor");
    let files = files_of(&root);
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let catalog = frontdesk_catalog::load(&files, None, &mut sources, &mut diagnostics);
    let said = render::text(&diagnostics.into_sorted(), &sources, false);
    assert!(said.is_empty(), "{said}");
    for service in &catalog.services {
        assert!(!service.operations.is_empty(), "service `{}` offers nothing", service.name);
    }
}
