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
        assert!(done.code == 0 && done.out.contains("not as Frontdesk writes"), "{done:?}");
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
    assert!(done.code == 0 && done.out.ends_with("web.json: written\n"), "{done:?}");
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
    let kept = folder.read(older);
    std::fs::remove_file(folder.path().join(older)).unwrap();
    let done = run_in(&folder.shop(), &["check"]);
    assert!(done.code == 1 && done.err.contains("2026-05-01.contract.yaml` is missing"), "{done:?}");
    let newest = folder.read(LOCK);
    folder.write(older, &kept);
    std::fs::remove_file(folder.path().join(LOCK)).unwrap();
    let done = run_in(&folder.shop(), &["check"]);
    assert!(done.code == 1 && done.err.contains("`bffs/web/contract.yaml` is missing"), "{done:?}");
    folder.write(LOCK, &newest);
    folder.write(older, &newest);
    for command in ["check", "diff"] {
        let done = run_in(&folder.shop(), &[command]);
        let code = if command == "check" { 1 } else { 2 };
        assert!(done.code == code && done.err.contains("FD1706"), "{done:?}");
        assert!(done.err.contains("this is the contract of 2026-11-01"), "{done:?}");
        assert!(done.err.contains("date: \"2026-11-01\""), "{done:?}");
    }
    folder.write("shop/bffs/web/versions/2025-01-01.contract.yaml", "old");
    let done = run_in(&folder.shop(), &["check"]);
    assert!(done.code == 1 && done.err.contains("2025-01-01 is not answered any longer"), "{done:?}");
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

#[test]
fn a_contract_of_another_bff_is_not_compared() {
    let folder = Folder::with_new_workspace();
    assert_eq!(run_in(&folder.shop(), &["lock"]).code, 0);
    folder.write("shop/bffs/app/bff.ts", &folder.read("shop/bffs/web/bff.ts"));
    let view =
        "import { view } from \"frontdesk\";\nexport default view(\"GET /a\", { load: () => ({ a: 1 }) });\n";
    folder.write("shop/bffs/app/views/a.ts", view);
    folder.replace("shop/frontdesk.yaml", "bffs:", "bffs:\n  app: { listen: 127.0.0.1:7009 }");
    folder.write("shop/bffs/app/contract.yaml", &folder.read(LOCK));
    for command in ["check", "diff"] {
        let done = run_in(&folder.shop(), &[command]);
        assert!(done.code != 0 && done.err.contains("this is the contract of `web`"), "{done:?}");
        assert!(done.err.contains("run `frontdesk lock app`"), "{done:?}");
    }
    assert_eq!(run_in(&folder.shop(), &["lock"]).code, 0);
    assert_eq!(run_in(&folder.shop(), &["check"]).code, 0);
    // Without the other, the BFF has another name.
    std::fs::remove_dir_all(folder.path().join("shop/bffs/app")).unwrap();
    folder.replace("shop/frontdesk.yaml", "bffs:\n  app: { listen: 127.0.0.1:7009 }", "bffs:");
    folder.replace(LOCK, "bff: web", "bff: webb");
    folder.write("shop/bffs/gone/contract.yaml", "openapi: 3.1.0");
    let done = run_in(&folder.shop(), &["check"]);
    assert!(done.code == 1 && done.err.contains("`gone` is gone, and its contract is locked"), "{done:?}");
    assert!(!done.err.contains("FD1706"), "{done:?}");
}

#[test]
fn what_is_said_of_versions_is_shown_in_bff_ts_and_in_the_contract() {
    let folder = Folder::with_new_workspace();
    let config = "shop/bffs/web/bff.ts";
    folder.replace(
        config,
        "owner:",
        "versions: { minimum: \"4.2.0\", supported: [\"4.2.0\", \"5.0.0\"] },\n  owner:",
    );
    assert_eq!(run_in(&folder.shop(), &["lock"]).code, 0);
    folder.replace(config, "minimum: \"4.2.0\", supported: [\"4.2.0\", ", "minimum: \"5.0.0\", supported: [");
    let done = run_in(&folder.shop(), &["check"]);
    assert_eq!(done.code, 1, "{done:?}");
    for piece in [
        "the least version was 4.2.0, is 5.0.0",
        "--> bffs/web/bff.ts:",
        "minimum: \"4.2.0\"",
        "breaking for 4.2.0",
    ] {
        assert!(done.err.contains(piece), "`{piece}`:\n{}", done.err);
    }
}

#[test]
fn a_client_is_not_written_over_what_somebody_else_wrote() {
    let folder = Folder::with_new_workspace();
    let out = folder.shop().join("app");
    let client = &["gen", "client", "ts", "web", "--out", out.to_str().unwrap()];
    folder.write("shop/app/client.ts", "export const mine = 1;\n");
    let done = run_in(&folder.shop(), client);
    assert!(done.code == 2 && done.err.contains("was not written by `frontdesk gen`"), "{done:?}");
    assert_eq!(folder.read("shop/app/client.ts"), "export const mine = 1;\n");
    std::fs::remove_file(folder.path().join("shop/app/client.ts")).unwrap();
    let done = run_in(&folder.shop(), client);
    assert!(done.code == 0 && done.out.contains("client.ts: written"), "{done:?}");
    folder.replace("shop/app/client.ts", "export", "// export");
    let done = run_in(&folder.shop(), client);
    assert!(done.code == 0 && done.out.contains("client.ts: written"), "{done:?}");
    assert!(run_in(&folder.shop(), client).err.contains("up to date"));
    let file = folder.shop().join("frontdesk.yaml");
    let done = run_in(&folder.shop(), &["gen", "client", "ts", "web", "--out", file.to_str().unwrap()]);
    assert!(done.code == 2 && done.err.contains("is a file"), "{done:?}");
}
