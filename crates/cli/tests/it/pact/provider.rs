//! As a provider: pacts of a partner with Harbor's BFF for partners, in `testdata/pact`.

use std::path::{Path, PathBuf};

use super::verifier;
use crate::program::{Done, Folder, run_in_with};

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/pact")
}

/// Harbor, with states that its BFF for partners describes.
fn harbor() -> Folder {
    let folder = Folder::with_harbor();
    folder.write(
        "shop/bffs/partner/tests/states.yaml",
        &std::fs::read_to_string(testdata().join("states.yaml")).unwrap(),
    );
    folder
}

fn verify(folder: &Folder, program: &Path, pacts: &[&str], more: &[&str]) -> Done {
    let mut arguments = vec!["test".to_owned(), "partner".to_owned()];
    for pact in pacts {
        let path = Path::new(pact);
        let path = if path.is_absolute() { path.to_owned() } else { testdata().join(path) };
        arguments.extend(["--pact".to_owned(), path.to_str().unwrap().to_owned()]);
    }
    arguments.extend(more.iter().map(|&more| more.to_owned()));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    run_in_with(&folder.shop(), &arguments, &[("FRONTDESK_PACT_VERIFIER", program.to_str().unwrap())])
}

#[test]
fn pacts_of_each_version_pass() {
    let Some(program) = verifier::program() else { return };
    let folder = harbor();
    for (pact, interactions) in [("stock-v2.json", 1), ("stock-v3.json", 2), ("stock-v4.json", 4)] {
        let done = verify(&folder, &program, &[pact], &["--json", "-"]);
        assert_eq!(done.code, 0, "{pact}: {done:?}");
        let said = done.json();
        assert_eq!((&said["ok"], &said["interactions"]), (&true.into(), &interactions.into()), "{said:#}");
        assert_eq!(said["pacts"][0]["consumer"], "price-comparison");
        let results = said["results"]["interactionResults"].as_array().unwrap();
        assert!(results.iter().all(|one| one["result"] == "OK"), "{said:#}");
    }
}

#[test]
fn a_folder_of_pacts_and_the_verifier_s_own_report() {
    let Some(program) = verifier::program() else { return };
    let folder = harbor();
    for name in ["stock-v2.json", "stock-v4.json"] {
        folder.write(&format!("pacts/{name}"), &std::fs::read_to_string(testdata().join(name)).unwrap());
    }
    let pacts = folder.path().join("pacts");
    let (report, junit) = (folder.path().join("report.json"), folder.path().join("junit.xml"));
    let more = ["--pact-results", report.to_str().unwrap(), "--junit", junit.to_str().unwrap()];
    let done = verify(&folder, &program, &[pacts.to_str().unwrap()], &more);
    assert_eq!(done.code, 0, "{done:?}");
    for piece in ["price-comparison and partner", "And the key is of acme", "(OK)"] {
        assert!(done.out.contains(piece), "`{piece}`: {}", done.out);
    }
    assert!(done.err.contains("5 interactions of 2 pacts with partner: 0 failed"), "{}", done.err);
    let report: serde_json::Value = serde_json::from_str(&folder.read("report.json")).unwrap();
    assert_eq!(
        (&report["result"], report["interactionResults"].as_array().unwrap().len()),
        (&true.into(), 5)
    );
    assert!(folder.read("junit.xml").contains("<testsuite"));

    // One of them by its description.
    let done = verify(&folder, &program, &[pacts.to_str().unwrap()], &["--filter", "without a key"]);
    assert!(done.code == 0 && done.err.contains("1 interaction of"), "{done:?}");
}

#[test]
fn what_a_bff_does_not_keep_fails() {
    let Some(program) = verifier::program() else { return };
    let folder = harbor();
    for (pact, said) in [
        ("fails-field.json", "Actual map is missing the following keys: warehouse"),
        ("fails-type.json", "$.pieces -> Expected 8 (Integer) to be the same type as 'many' (String)"),
        ("fails-value.json", "$.pieces -> Expected 8 (Integer) to be equal to 9 (Integer)"),
        ("fails-status.json", "expected 410 but was 200"),
        ("fails-path.json", "expected 200 but was 404"),
    ] {
        let done = verify(&folder, &program, &[pact], &[]);
        assert_eq!(done.code, 1, "{pact}: {done:?}");
        assert!(done.out.contains(said), "{pact}, `{said}`: {}", done.out);
        assert!(done.err.contains("1 interaction of 1 pact with partner: 1 failed"), "{}", done.err);
    }
    // The good ones beside it are verified all the same.
    let done = verify(&folder, &program, &["stock-v3.json", "fails-field.json"], &["--json", "-"]);
    let said = done.json();
    assert_eq!((done.code, &said["ok"], &said["failed"]), (1, &false.into(), &1.into()), "{said:#}");
}

#[test]
fn what_no_verifier_is_needed_for() {
    let folder = harbor();
    // Not started: this one would fail.
    let program = Path::new("/bin/false");
    let done = verify(&folder, program, &["unknown-state.json"], &[]);
    assert_eq!(done.code, 1, "{done:?}");
    for piece in [
        "FD1905",
        "did you mean `product {id} is in stock`?",
        "no provider state `the moon is full`",
        "bffs/partner/tests/states.yaml",
    ] {
        assert!(done.err.contains(piece), "`{piece}`:\n{}", done.err);
    }

    folder.write(
        "other.json",
        &folder_text("stock-v4.json").replace("\"name\": \"partner\"", "\"name\": \"ios\""),
    );
    let other = folder.path().join("other.json");
    let done = verify(&folder, program, &[other.to_str().unwrap()], &[]);
    assert!(done.code == 1 && done.err.contains("FD1904"), "{done:?}");
    // But by the other name that states.yaml gives.
    let renamed =
        folder_text("stock-v4.json").replace("\"name\": \"partner\"", "\"name\": \"harbor-partner-api\"");
    folder.write("other.json", &renamed);
    if let Some(program) = verifier::program() {
        let done = verify(&folder, &program, &[other.to_str().unwrap()], &[]);
        assert_eq!(done.code, 0, "{done:?}");
    }

    folder.write(
        "shop/bffs/partner/tests/states.yaml",
        "states:\n  \"all is well\": { service: {} }\n  7: [no]\n",
    );
    let done = verify(&folder, program, &["stock-v2.json"], &[]);
    assert!(done.code == 1 && done.err.contains("did you mean `services`?"), "{done:?}");
}

fn folder_text(pact: &str) -> String {
    std::fs::read_to_string(testdata().join(pact)).unwrap()
}

#[test]
fn slips_and_what_is_not_there() {
    let folder = harbor();
    let none = verify(&folder, Path::new("/nowhere/pact"), &["stock-v2.json"], &[]);
    assert_eq!(none.code, 2, "{none:?}");
    for piece in ["/nowhere/pact", "pip install pact-python-cli"] {
        assert!(none.err.contains(piece), "`{piece}`: {}", none.err);
    }
    let pact = testdata().join("stock-v2.json");
    let pact = pact.to_str().unwrap();
    let variables = [("PATH", "/nowhere"), ("FRONTDESK_PACT_VERIFIER", "")];
    let done = run_in_with(&folder.shop(), &["test", "partner", "--pact", pact], &variables);
    assert!(done.code == 2 && done.err.contains("no Pact verifier on the path"), "{done:?}");
    let empty = Folder::new();
    for (arguments, said) in [
        (&["test", "--pact", pact][..], "say which BFF"),
        (&["test", "parner", "--pact", pact], "did you mean `partner`?"),
        (&["test", "partner", "--pact", "/nowhere/pact.json"], "cannot read /nowhere/pact.json"),
        (&["test", "partner", "--pact", empty.path().to_str().unwrap()], "there is no pact (*.json) in"),
    ] {
        let done = run_in_with(&folder.shop(), arguments, &[]);
        assert!(done.code == 2 && done.err.contains(said), "{said}: {done:?}");
    }
    // A program that is no verifier.
    let done = verify(&folder, Path::new("/bin/false"), &["stock-v2.json"], &[]);
    assert!(done.code == 2 && done.err.contains("wrote no report"), "{done:?}");
}
