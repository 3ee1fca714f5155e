//! Cases as data: `testdata/infer/<case>/bffs/…` is a workspace over the services of `testdata/infer/services`, unless
//! it has a `frontdesk.yaml` of its own; its contracts stand in `expected/` under the paths of locks, with what there is
//! to say of them in `expected/diagnostics.txt`. `UPDATE=1` rewrites the expected files.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use frontdesk_contract::{Contract, openapi};
use frontdesk_diagnostics::{Diagnostics, Sources};

use crate::workspace::{compiled, contracts, harbor, matches, read, testdata, text};

#[test]
fn cases() {
    let root = testdata().join("infer");
    let base = read(&root.join("services"));
    let mut names: Vec<String> = fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "services")
        .collect();
    names.sort();
    assert!(names.len() >= 8, "only {} cases", names.len());
    let mut wrong = Vec::new();
    for name in &names {
        let case = root.join(name);
        let own = read(&case);
        let mut files = if own.contains_key("frontdesk.yaml") { own.clone() } else { base.clone() };
        files.extend(own.into_iter().filter(|(path, _)| !path.starts_with("expected/")));
        if !is_as_expected(&case.join("expected"), &files) {
            wrong.push(name.clone());
        }
    }
    assert!(wrong.is_empty(), "not as expected (UPDATE=1 rewrites): {wrong:?}");
}

fn is_as_expected(expected: &Path, files: &crate::workspace::Files) -> bool {
    let mut workspace = compiled(files);
    let bffs: Vec<String> = workspace.model.bffs.iter().map(|bff| bff.name.to_string()).collect();
    let mut is_good = true;
    let mut written = BTreeSet::from(["diagnostics.txt".to_owned()]);
    let all: Vec<_> = bffs.iter().flat_map(|bff| contracts(&mut workspace, bff)).collect();
    // What has errors is not locked.
    if !workspace.found.has_errors() {
        for (path, contract) in all {
            let document = openapi::write(&contract);
            assert_eq!(read_back(&document, &path), contract, "{path} is not read as it was written");
            is_good &= matches(&expected.join(&path), &document);
            written.insert(path);
        }
    }
    let said = text(workspace.found, &workspace.sources);
    is_good &= matches(&expected.join("diagnostics.txt"), &said);
    let there = if expected.is_dir() { read(expected) } else { crate::workspace::Files::new() };
    let left: Vec<String> = there.into_keys().filter(|path| !written.contains(path)).collect();
    assert!(left.is_empty(), "{} holds what is not written: {left:?}", expected.display());
    is_good
}

fn read_back(document: &str, path: &str) -> Contract {
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let contract = openapi::read(document, path, &mut sources, &mut found);
    assert!(found.is_empty(), "{}", text(found, &sources));
    contract.unwrap()
}

#[test]
fn harbor_has_contracts_without_complaints() {
    let mut workspace = compiled(&read(&harbor()));
    let bffs: Vec<String> = workspace.model.bffs.iter().map(|bff| bff.name.to_string()).collect();
    let before = workspace.found.iter().count();
    for bff in bffs {
        for (path, contract) in contracts(&mut workspace, &bff) {
            assert!(!contract.operations.is_empty(), "{path}");
            assert_eq!(read_back(&openapi::write(&contract), &path), contract, "{path}");
        }
    }
    let said: Vec<_> = workspace.found.iter().skip(before).collect();
    assert!(said.is_empty(), "{said:?}");
}
