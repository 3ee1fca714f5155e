//! Pacts: what is written of the workspace `testdata/pact/shop`, and what is said of pacts in `testdata/pact/consumers`.
//! `UPDATE=1` rewrites what is expected.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use frontdesk_contract::pact::consumer;
use frontdesk_contract::pact::{Pacts, pacts};
use frontdesk_diagnostics::{Diagnostics, Sources, render};

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/pact")
}

fn files(root: &Path, folder: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(root, &path, into);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            into.insert(name, fs::read(&path).unwrap());
        }
    }
}

/// The pacts of the shop, whose files may be changed before.
fn shop(change: impl FnOnce(&mut BTreeMap<String, Vec<u8>>)) -> Pacts {
    let root = testdata().join("shop");
    let mut all = BTreeMap::new();
    files(&root, &root, &mut all);
    change(&mut all);
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let catalog = Arc::new(frontdesk_catalog::load(&all, None, &mut sources, &mut found));
    let model = frontdesk_lang::compile(catalog, &all, &mut sources, &mut found);
    assert!(!found.has_errors(), "{}", render::text(&found.into_sorted(), &sources, false));
    let plan = frontdesk_plan::plan(&model, &mut found);
    pacts(&plan.bffs[0], &plan.catalog, None)
}

fn expect(path: &Path, got: &str) {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, got).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert!(expected == got, "{} is not what came:\n{got}", path.display());
}

#[test]
fn a_pact_of_everything_that_a_request_and_an_answer_can_be() {
    let made = shop(|_| {});
    let [pact] = made.pacts.as_slice() else { panic!("{made:#?}") };
    assert_eq!((pact.file.as_str(), &*pact.service), ("app-stock.json", "stock"));
    expect(&testdata().join("app-stock.json"), &pact.text);
    assert!(!pact.text.contains("STOCK_KEY"), "what only the place of running knows is in no pact");
}

#[test]
fn the_same_plan_gives_the_same_bytes_and_unread_parts_change_none() {
    let before = shop(|_| {});
    assert_eq!(before, shop(|_| {}));
    let after = shop(|files| {
        let path = "services/stock.openapi.yaml";
        let text = String::from_utf8(files[path].clone()).unwrap();
        let text = text.replace(
            "                  rare: ",
            "                  unread: { type: integer }\n                  rare: ",
        );
        files.insert(path.to_owned(), text.into_bytes());
    });
    assert_eq!(before, after, "a field that nobody reads is in no pact");
}

#[test]
fn consumers_pacts() {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(testdata().join("consumers")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort();
    assert!(paths.len() >= 11, "only {} pacts", paths.len());
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let file = sources.add(name.clone(), text.clone());
        let pact = consumer::read(&text, file, &["ios", "shop-bff"], &mut found);
        assert_eq!(pact.is_none(), found.has_errors(), "{name}");
        assert_eq!(name.starts_with("fine"), pact.is_some(), "{name}");
        let mut got = render::text(&found.into_sorted(), &sources, false);
        if let Some(pact) = pact {
            got.push_str(&format!(
                "{} with {}, version {}\n",
                pact.consumer, pact.provider, pact.specification
            ));
            for interaction in &pact.interactions {
                got.push_str(&format!("  {}\n", interaction.description));
                for state in &interaction.states {
                    got.push_str(&format!(
                        "    given {}: {}\n",
                        state.name,
                        serde_json::to_string(&state.params).unwrap()
                    ));
                }
            }
        }
        expect(&path.with_extension("txt"), &got);
    }
}
