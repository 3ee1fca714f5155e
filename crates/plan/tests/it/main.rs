//! Cases as data: `testdata/<case>.ts` is a view (or action) over the services of `testdata/services`,
//! `testdata/<case>.txt` is what `explain` says, the program, and what the planner has to say about it.
//! `UPDATE=1` rewrites the expected files.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its data has failed")]

mod harbor;
mod public;
mod random;
mod security;
mod traffic;
mod valid;
mod workspace;

use std::fs;
use std::path::Path;

use workspace::{diagnostics, planned};

fn testdata() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

#[test]
fn cases() {
    let root = testdata();
    let base = workspace::read(&root.join("services"));
    let mut names: Vec<String> = fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".ts").map(str::to_owned))
        .collect();
    names.sort();
    assert!(names.len() >= 40, "only {} cases", names.len());

    let mut wrong = Vec::new();
    for name in &names {
        let source = fs::read(root.join(format!("{name}.ts"))).unwrap();
        let mut files = base.clone();
        let folder =
            if source.windows(15).any(|part| part == b"default action(") { "actions" } else { "views" };
        files.insert(format!("bffs/app/{folder}/{name}.ts"), source);
        let outcome = planned(files);
        let mut got = String::new();
        for bff in &outcome.plan.bffs {
            for endpoint in &bff.endpoints {
                valid::validate(endpoint);
                got.push_str(&frontdesk_plan::explain::text(endpoint, &outcome.plan.catalog));
                got.push('\n');
                got.push_str(&frontdesk_plan::explain::program(endpoint));
                if endpoint.by_client_version {
                    got.push_str("by the version of the client\n");
                }
                for field in &endpoint.deprecated_fields {
                    got.push_str(&format!("deprecated {}\n", field.path));
                }
            }
        }
        let said = diagnostics(outcome);
        if !said.is_empty() {
            got.push('\n');
            got.push_str(&said);
        }
        if !workspace::matches(&root.join(format!("{name}.txt")), &got) {
            wrong.push(name.clone());
        }
    }
    assert!(wrong.is_empty(), "not as expected (UPDATE=1 rewrites): {wrong:?}");
}
