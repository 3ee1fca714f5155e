//! `testdata/workspace/<case>`: BFFs → the model in a few lines, or what is said of them.

use crate::case::{Compiled, cases, files_of, harbor};
use crate::disk::Disk;
use crate::summary::summary;

/// Rewrites expected files when `UPDATE=1` is set; otherwise gives the differences.
pub fn expect(path: &std::path::Path, got: &str) -> Option<String> {
    let wanted = std::fs::read_to_string(path).unwrap_or_default();
    if wanted == got {
        return None;
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, got).expect("testdata can be written");
        return None;
    }
    Some(format!("--- {}\n{wanted}\n+++ got\n{got}\n", path.display()))
}

#[test]
fn cases_mean_what_they_meant() {
    let mut differences = String::new();
    for (_, folder) in cases() {
        let compiled = Compiled::new(&files_of(&folder));
        let mut got = compiled.text();
        if compiled.is_accepted() {
            got.push_str(&summary(&compiled.model));
        }
        differences.extend(expect(&folder.join("expected.txt"), &got));
    }
    assert!(differences.is_empty(), "{differences}run with UPDATE=1 to accept");
}

#[test]
fn harbor_compiles_without_a_word() {
    let compiled = Compiled::new(&Disk::new([harbor()]));
    assert_eq!(compiled.text(), "");
    assert_eq!(compiled.model.bffs.len(), 5);
    assert!(compiled.model.bffs.iter().all(|bff| !bff.endpoints.is_empty()));
}
