//! `testdata/security/<case>` is a workspace over the services of `testdata/security/services`; `expected.txt` is
//! what `frontdesk check --security` says of it, and `expected.json` the same for tools.

use std::fs;
use std::path::PathBuf;

use crate::testdata;
use crate::workspace::{diagnostics, matches, planned, read};

#[test]
fn what_protects_each_route_is_told() {
    let root = testdata().join("security");
    let services = read(&root.join("services"));
    let mut folders: Vec<PathBuf> = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let mut wrong = Vec::new();
    for folder in folders.iter().filter(|folder| !folder.ends_with("services")) {
        let mut files = read(folder);
        files.retain(|name, _| !name.starts_with("expected."));
        files.extend(services.iter().map(|(name, bytes)| (format!("services/{name}"), bytes.clone())));
        let outcome = planned(files);
        let facts = frontdesk_plan::security::security(&outcome.plan);
        let mut got = frontdesk_plan::security::text(&facts);
        let json = format!("{:#}\n", frontdesk_plan::security::json(&facts));
        let said = diagnostics(outcome);
        if !said.is_empty() {
            got.push('\n');
            got.push_str(&said);
        }
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        if !matches(&folder.join("expected.txt"), &got) {
            wrong.push(name.clone());
        }
        if name == "shop" && !matches(&folder.join("expected.json"), &json) {
            wrong.push(format!("{name}, json"));
        }
    }
    assert!(wrong.is_empty(), "not as expected (UPDATE=1 rewrites): {wrong:?}");
}
