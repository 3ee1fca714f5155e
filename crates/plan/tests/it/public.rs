//! `testdata/public/<case>.ts` is a view whose answer is to be kept by anybody: what is said of it, or, of those that
//! may, what a cache has to tell apart.

use std::fs;

use crate::testdata;
use crate::workspace::{diagnostics, matches, planned, read};

#[test]
fn answers_that_derive_from_who_asks_are_not_public() {
    let root = testdata().join("public");
    let mut base = read(&root.join("base"));
    let shop = fs::read(testdata().join("services/services/shop.openapi.yaml")).unwrap();
    base.insert("services/shop.openapi.yaml".to_owned(), shop);
    let mut wrong = Vec::new();
    let mut names: Vec<String> = fs::read_dir(&root)
        .unwrap()
        .filter_map(|entry| {
            entry.unwrap().file_name().into_string().unwrap().strip_suffix(".ts").map(str::to_owned)
        })
        .collect();
    names.sort();
    for name in &names {
        let mut files = base.clone();
        files.insert("bffs/app/views/it.ts".to_owned(), fs::read(root.join(format!("{name}.ts"))).unwrap());
        let outcome = planned(files);
        let accepted = !outcome.found.has_errors();
        let mut got = String::new();
        for endpoint in outcome.plan.bffs.iter().flat_map(|bff| &bff.endpoints) {
            let varies = &endpoint.varies;
            got.push_str(&format!(
                "varies: language {}, version {}, headers {:?}\n",
                varies.language, varies.version, varies.headers
            ));
            assert_eq!(
                endpoint.of_caller.is_empty(),
                accepted || name.contains("signed-in") || name.contains("not-read"),
                "{name}"
            );
        }
        got.push_str(&diagnostics(outcome));
        if accepted == name.starts_with("bad-") {
            wrong.push(format!("{name} is judged wrongly:\n{got}"));
        }
        if !matches(&root.join(format!("{name}.txt")), &got) {
            wrong.push(name.clone());
        }
    }
    assert!(wrong.is_empty(), "not as expected (UPDATE=1 rewrites): {}", wrong.join("\n"));
}
