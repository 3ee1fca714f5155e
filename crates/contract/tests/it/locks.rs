//! Contracts that are not as Frontdesk wrote them: each case of `testdata/locks/<case>.yaml` with what is said of it in
//! `<case>.txt`. `UPDATE=1` rewrites the expected files.

use std::fs;

use frontdesk_contract::openapi;
use frontdesk_diagnostics::{Diagnostics, Sources};

use crate::workspace::{matches, testdata, text};

#[test]
fn what_is_wrong_with_a_lock_is_said_at_its_place() {
    let root = testdata().join("locks");
    let mut names: Vec<String> = fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".yaml").map(str::to_owned))
        .collect();
    names.sort();
    assert!(names.len() >= 15, "only {} cases", names.len());
    let mut wrong = Vec::new();
    for name in &names {
        let document = fs::read_to_string(root.join(format!("{name}.yaml"))).unwrap();
        let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
        let path = "bffs/app/contract.yaml";
        let contract = openapi::read(&document, path, &mut sources, &mut found);
        assert_eq!(contract.is_some(), name.starts_with("fine-"), "{name}: {found:?}");
        if !matches(&root.join(format!("{name}.txt")), &text(found, &sources)) {
            wrong.push(name.clone());
        }
    }
    assert!(wrong.is_empty(), "not as expected (UPDATE=1 rewrites): {wrong:?}");
}
