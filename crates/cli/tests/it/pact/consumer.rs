//! As a consumer: what Harbor's BFFs need of Harbor's services.

use std::net::SocketAddr;
use std::path::Path;

use frontdesk_testserver::{Script, Server};
use serde_json::{Value, json};

use super::harbor::{self, BFFS, pacts_of};
use super::verifier::{self, States, Verified, verify};
use crate::http;
use crate::program::{Folder, run_in};

#[test]
fn pacts_are_written_byte_for_byte_as_they_are_checked_in() {
    let folder = Folder::with_harbor();
    for bff in BFFS {
        let out = folder.path().join(bff);
        if std::env::var_os("UPDATE").is_some() {
            run_in(&folder.shop(), &["gen", "pact", bff, "--out", pacts_of(bff).to_str().unwrap()]);
        }
        let done = run_in(&folder.shop(), &["gen", "pact", bff, "--out", out.to_str().unwrap(), "--json"]);
        assert_eq!(done.code, 0, "{done:?}");
        let written = done.json();
        let files = written["files"].as_array().unwrap();
        let known: Vec<_> = std::fs::read_dir(pacts_of(bff)).unwrap().collect();
        assert_eq!(files.len(), known.len(), "pacts of {bff}; UPDATE=1 writes them");
        for file in files {
            let path = Path::new(file["path"].as_str().unwrap());
            let (new, old) =
                (std::fs::read(path), std::fs::read(pacts_of(bff).join(path.file_name().unwrap())));
            assert!(new.unwrap() == old.unwrap(), "{} changed; UPDATE=1 rewrites it", path.display());
        }
    }
}

#[test]
fn harbor_s_services_give_what_its_bffs_need() {
    let Some(program) = verifier::program() else { return };
    let states = harbor::states();
    let mut interactions = 0;
    for (bff, service, pact) in checked_in() {
        let headers: &[&str] = if service == "customers" { &[harbor::ADA] } else { &[] };
        let done = verify(&program, &pact, &service, harbor::address(&service), &states, headers);
        assert!(done.passed, "{bff} with {service}:\n{}", done.said);
        let results = done.report["interactionResults"].as_array().unwrap();
        assert!(results.iter().all(|one| one["result"] == "OK"), "{:#}", done.report);
        interactions += results.len();
    }
    assert!(interactions >= 30, "only {interactions} interactions were verified");
}

/// BFF, service, file.
fn checked_in() -> Vec<(String, String, std::path::PathBuf)> {
    let mut all = Vec::new();
    for bff in BFFS {
        for entry in std::fs::read_dir(pacts_of(bff)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let service = name.strip_prefix(&format!("{bff}-")).unwrap().to_owned();
            all.push((bff.to_owned(), service, path));
        }
    }
    assert!(all.len() >= 15, "{all:?}");
    all
}

/// The catalogue as it is, but for what `change` does to the answer of `path`.
fn changed_catalog(path: &str, change: impl Fn(&mut Value)) -> Server {
    let server = Server::start();
    let reply = http::request("GET", &format!("http://{}{path}", harbor::address("catalog")), &[], b"");
    let mut answer: Value = serde_json::from_str(&reply.text()).unwrap();
    change(&mut answer);
    server.on("*", Script::json(answer.to_string()));
    server
}

/// Of the pact of the TV with the catalogue, the one interaction whose path this is.
fn only(path: &str) -> (Folder, std::path::PathBuf) {
    let text = std::fs::read(pacts_of("tv").join("tv-catalog.json")).unwrap();
    let mut pact: Value = serde_json::from_slice(&text).unwrap();
    pact["interactions"].as_array_mut().unwrap().retain(|one| one["request"]["path"] == path);
    assert_eq!(pact["interactions"].as_array().unwrap().len(), 1);
    let folder = Folder::new();
    folder.write("tv-catalog.json", &pact.to_string());
    let file = folder.path().join("tv-catalog.json");
    (folder, file)
}

fn verify_changed(program: &Path, path: &str, address: SocketAddr) -> Verified {
    let (_folder, pact) = only(path);
    verify(program, &pact, "catalog", address, &States::start(|_, _| json!({})), &[])
}

#[test]
fn a_service_that_takes_something_away_fails() {
    let Some(program) = verifier::program() else { return };
    let categories = "/v1/categories";
    // As it is, and with more than anybody reads: fine.
    let server = changed_catalog(categories, |answer| answer[0]["new"] = json!({ "field": true }));
    let done = verify_changed(&program, categories, server.address());
    assert!(done.passed, "{}", done.said);
    // And without what nobody reads.
    let server = changed_catalog(categories, |answer| {
        for category in answer.as_array_mut().unwrap() {
            category.as_object_mut().unwrap().shift_remove("imageUrl").unwrap();
        }
    });
    let done = verify_changed(&program, categories, server.address());
    assert!(done.passed, "{}", done.said);

    type Change = fn(&mut Value);
    let rename: Change = |answer| {
        for category in answer.as_array_mut().unwrap() {
            let name = category["name"].take();
            let category = category.as_object_mut().unwrap();
            category.shift_remove("name");
            category.insert("title".to_owned(), name);
        }
    };
    let retype: Change = |answer| answer[0]["productCount"] = json!("12");
    let deep: Change = |answer| answer[0]["children"][0]["name"] = json!({ "en": "Pots" });
    let empty: Change = |answer| *answer = json!([]);
    let null: Change = |answer| answer[0]["name"] = Value::Null;
    for (change, said) in [
        (rename, "Actual map is missing the following keys: name"),
        (retype, "$[0].productCount -> Expected '12' (String) to be a"),
        (deep, "$[0].children[0].name"),
        (empty, "minimum size of 1"),
        (null, "$[0].name -> Expected null (Null) to be the same type as"),
    ] {
        let server = changed_catalog(categories, change);
        let done = verify_changed(&program, categories, server.address());
        assert!(!done.passed && done.said.contains(said), "`{said}`:\n{}", done.said);
        assert_eq!(done.report["interactionResults"][0]["result"], "Error", "{:#}", done.report);
    }
}

#[test]
fn a_value_that_is_not_in_the_enumeration_fails() {
    let Some(program) = verifier::program() else { return };
    let path = "/v1/promotions";
    let server = changed_catalog("/v1/promotions?channel=tv", |answer| answer[0]["kind"] = json!("lottery"));
    let done = verify_changed(&program, path, server.address());
    assert!(!done.passed && done.said.contains("Expected 'lottery' to match"), "{}", done.said);
}

#[test]
fn another_status_fails_and_another_success_does_not() {
    let Some(program) = verifier::program() else { return };
    let path = "/v1/categories";
    let reply = http::request("GET", &format!("http://{}{path}", harbor::address("catalog")), &[], b"");
    for (status, passes) in [(203, true), (404, false), (500, false)] {
        let server = Server::start();
        server.on("*", Script::answer(status, &[("content-type", "application/json")], reply.text()));
        let done = verify_changed(&program, path, server.address());
        assert_eq!(done.passed, passes, "{status}:\n{}", done.said);
    }
}

#[test]
fn a_rename_in_a_service_s_schema_is_caught_at_check() {
    let folder = Folder::with_harbor();
    assert_eq!(run_in(&folder.shop(), &["check"]).code, 0);
    let schema = "shop/services/catalog.openapi.yaml";
    let text = folder.read(schema);
    let (before, category) = text.split_once("\n    Category:\n").unwrap();
    let category = category.replacen("productCount", "numberOfProducts", 2);
    folder.write(schema, &format!("{before}\n    Category:\n{category}"));
    let done = run_in(&folder.shop(), &["check"]);
    assert_eq!(done.code, 1, "{done:?}");
    for piece in ["bffs/tv/views/home.ts:", "`productCount`", "catalog.openapi.yaml"] {
        assert!(done.err.contains(piece), "`{piece}`:\n{}", done.err);
    }
    // Nor is a pact written of what does not compile.
    let done =
        run_in(&folder.shop(), &["gen", "pact", "tv", "--out", folder.path().join("new").to_str().unwrap()]);
    assert!(done.code == 1 && !folder.path().join("new").exists(), "{done:?}");
}

#[test]
fn slips_on_the_command_line() {
    let folder = Folder::with_harbor();
    for (arguments, said) in [
        (&["gen", "pact", "tvv"][..], "no BFF `tvv`; did you mean `tv`?"),
        (&["gen", "pact", "tv", "--service", "catalogue"], "no service `catalogue`; did you mean `catalog`?"),
        (&["gen", "pact", "tv", "--service", "tax"], "`tv` does not call `tax`"),
    ] {
        let done = run_in(&folder.shop(), arguments);
        assert!(done.code == 2 && done.err.contains(said), "{done:?}");
    }
    let out = folder.path().join("pacts");
    let out = out.to_str().unwrap();
    let done = run_in(&folder.shop(), &["gen", "pact", "ios", "--out", out]);
    assert!(done.code == 0 && done.err.contains("no pact with cart: it is called by gRPC"), "{done:?}");
    // One that nobody writes any more is pointed out.
    assert_eq!(run_in(&folder.shop(), &["gen", "pact", "ios", "--out", out, "--check"]).code, 0);
    folder.write("pacts/ios-fax.json", "{}");
    let done = run_in(&folder.shop(), &["gen", "pact", "ios", "--out", out, "--check"]);
    assert!(done.code == 1 && done.err.contains("does not call any more"), "{done:?}");
}
