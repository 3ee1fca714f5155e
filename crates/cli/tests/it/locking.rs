//! `lock`, what `check` makes of it, and `gen openapi`.

use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Folder, run_in};

const WELCOME: &str = "shop/bffs/web/views/welcome.ts";
const LOCK: &str = "shop/bffs/web/contract.yaml";

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_contract_is_written_once_and_kept_to() {
    let folder = Folder::with_new_workspace();
    let done = run_in(&folder.shop(), &["check"]);
    assert!(done.code == 0 && done.err.contains("not locked: web"), "{done:?}");
    assert_eq!(run_in(&folder.shop(), &["check", "--json"]).json()["notLocked"], json!(["web"]));

    let done = run_in(&folder.shop(), &["lock"]);
    assert_eq!((done.code, done.out.as_str()), (0, "bffs/web/contract.yaml: written\n"), "{done:?}");
    let written = folder.read(LOCK);
    assert!(written.contains("operationId: welcome"), "{written}");
    let before = files(&folder.shop().join("bffs/web"));
    let done = run_in(&folder.shop(), &["lock", "web"]);
    assert_eq!((done.code, done.out.as_str()), (0, "bffs/web/contract.yaml: unchanged\n"), "{done:?}");
    assert_eq!((folder.read(LOCK), files(&folder.shop().join("bffs/web"))), (written, before));

    let done = run_in(&folder.shop(), &["check"]);
    assert!(done.code == 0 && !done.err.contains("not locked"), "{done:?}");
}

#[test]
fn code_that_breaks_its_contract_is_told_where_and_may_be_accepted() {
    let folder = Folder::with_new_workspace();
    assert_eq!(run_in(&folder.shop(), &["lock"]).code, 0);
    folder.replace(WELCOME, "    title:", "    headline:");
    let done = run_in(&folder.shop(), &["check"]);
    assert_eq!(done.code, 1, "{done:?}");
    for piece in
        ["FD1705", "`title`", "bffs/web/contract.yaml:", "bffs/web/views/welcome.ts:", "frontdesk diff"]
    {
        assert!(done.err.contains(piece), "`{piece}`:\n{}", done.err);
    }
    let report = run_in(&folder.shop(), &["check", "--json"]).json();
    assert_eq!(report["ok"], json!(false));
    let found = report["diagnostics"].as_array().unwrap();
    assert!(found.iter().any(|one| one["code"] == "FD1705"), "{report:#}");

    let done = run_in(&folder.shop(), &["lock", "--json"]);
    let report = done.json();
    assert_eq!(done.code, 0);
    let file = &report["files"][0];
    assert_eq!((&file["path"], &file["was"]), (&json!("bffs/web/contract.yaml"), &json!("differs")));
    assert!(file["changes"]["breaking"].as_u64() >= Some(1), "{report:#}");
    assert_eq!(run_in(&folder.shop(), &["check"]).code, 0);
}

#[test]
fn a_contract_that_was_edited_is_told_and_written_anew() {
    let folder = Folder::with_new_workspace();
    assert_eq!(run_in(&folder.shop(), &["lock"]).code, 0);
    let written = folder.read(LOCK);
    for (old, new, code) in [
        ("operationId: welcome", "operationId: welcome\n      x-note: ask Ann", "FD1703"),
        ("paths:", "paths", "FD1702"),
        ("  format: 1", "  format: 9", "FD1704"),
    ] {
        folder.write(LOCK, &written.replacen(old, new, 1));
        let done = run_in(&folder.shop(), &["check"]);
        assert!(done.code == 1 && done.err.contains(code) && done.err.contains("frontdesk lock"), "{done:?}");
        let done = run_in(&folder.shop(), &["lock"]);
        assert!(done.code == 0 && done.out.contains("could not be read"), "{done:?}");
        assert_eq!(folder.read(LOCK), written);
    }
    std::fs::write(folder.path().join(LOCK), [0xff, 0xfe]).unwrap();
    let done = run_in(&folder.shop(), &["check"]);
    assert!(done.code == 1 && done.err.contains("FD1702"), "{done:?}");
}

#[test]
fn of_code_that_is_wrong_nothing_is_written() {
    let folder = Folder::with_new_workspace();
    folder.replace(WELCOME, "greeting?.text", "greeting?.txt");
    let done = run_in(&folder.shop(), &["lock"]);
    assert!(done.code == 1 && done.err.contains("`txt`"), "{done:?}");
    assert!(!folder.path().join(LOCK).exists());
    assert_eq!(run_in(&folder.shop(), &["lock", "--json"]).json()["ok"], json!(false));

    let folder = Folder::with_new_workspace();
    let view = "import { view } from \"frontdesk\";\nexport default view(\"GET /problem\", { load: () => ({ a: 1 }) });\n";
    folder.write("shop/bffs/web/views/problem.ts", view);
    let done = run_in(&folder.shop(), &["lock"]);
    assert!(done.code == 1 && done.err.contains("FD1701"), "{done:?}");
    assert!(!folder.path().join(LOCK).exists());
}

#[test]
fn a_bff_that_is_not_there_is_a_mistake_of_usage() {
    let folder = Folder::with_new_workspace();
    let done = run_in(&folder.shop(), &["lock", "wep"]);
    assert!(done.code == 2 && done.err.contains("did you mean `web`?"), "{done:?}");
    let done = run_in(&folder.shop(), &["gen", "openapi", "wep"]);
    assert!(done.code == 2 && done.err.contains("did you mean `web`?"), "{done:?}");
}

#[test]
fn the_document_is_had_without_a_lock() {
    let folder = Folder::with_new_workspace();
    let done = run_in(&folder.shop(), &["gen", "openapi", "web"]);
    assert!(done.code == 0 && done.out.contains("\nopenapi: \"3.1.0\"\n"), "{done:?}");
    let from_stdout: Value = run_in(&folder.shop(), &["gen", "openapi", "web", "--json"]).json();
    let file = folder.path().join("web.json");
    let done = run_in(&folder.shop(), &["gen", "openapi", "web", "--out", file.to_str().unwrap()]);
    assert_eq!((done.code, done.out.as_str()), (0, ""));
    assert_eq!(serde_json::from_str::<Value>(&folder.read("web.json")).unwrap(), from_stdout);
    assert!(!folder.path().join(LOCK).exists());
    assert_eq!(run_in(&folder.shop(), &["lock"]).code, 0);
    assert_eq!(run_in(&folder.shop(), &["gen", "openapi", "web"]).out, folder.read(LOCK));
}

#[test]
fn each_older_date_has_a_contract_of_its_own() {
    let folder = Folder::with_new_workspace();
    folder.write(
        "shop/bffs/web/bff.ts",
        "import { bff } from \"frontdesk\";\nexport default bff({ client: \"web\", locales: [\"en-GB\"], currency: \"EUR\",\n  \
         versions: { dates: [\"2026-11-01\", \"2026-05-01\"] } });\n",
    );
    folder.write(
        "shop/bffs/web/versions/2026-05-01.ts",
        "import { version } from \"frontdesk\";\nexport default version(\"2026-05-01\", {\n  \
         \"GET /welcome\": (answer) => ({ name: answer.title }),\n});\n",
    );
    let done = run_in(&folder.shop(), &["lock"]);
    assert_eq!(done.code, 0, "{done:?}");
    let older = "shop/bffs/web/versions/2026-05-01.contract.yaml";
    assert!(folder.read(older).contains("version: \"2026-05-01\""), "{}", folder.read(older));
    assert_eq!(run_in(&folder.shop(), &["check"]).code, 0);
    std::fs::remove_file(folder.path().join(older)).unwrap();
    let done = run_in(&folder.shop(), &["check"]);
    assert!(done.code == 1 && done.err.contains("2026-05-01.contract.yaml` is missing"), "{done:?}");
    folder.write("shop/bffs/web/versions/2025-01-01.contract.yaml", "old");
    let done = run_in(&folder.shop(), &["lock"]);
    assert!(done.code == 0 && done.err.contains("2025-01-01.contract.yaml"), "{done:?}");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_outside_of_the_workspace() {
    let folder = Folder::with_new_workspace();
    let elsewhere = folder.path().join("elsewhere");
    std::fs::create_dir_all(elsewhere.join("bffs")).unwrap();
    let there = elsewhere.join("bffs/web");
    std::fs::rename(folder.shop().join("bffs/web"), &there).unwrap();
    std::fs::remove_dir(folder.shop().join("bffs")).unwrap();
    std::os::unix::fs::symlink(elsewhere.join("bffs"), folder.shop().join("bffs")).unwrap();
    let done = run_in(&folder.shop(), &["lock"]);
    assert!(done.code == 2 && done.err.contains("a symbolic link leads out of it"), "{done:?}");
    assert!(!there.join("contract.yaml").exists());
    // As deep as a snapshot lies, and not there yet.
    let done = run_in(&folder.shop(), &["test", "--update"]);
    assert!(!there.join("tests/snapshots").exists(), "{done:?}");
}
