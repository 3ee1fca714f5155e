//! `check`, and its exit codes: 0 fine, 1 findings, 2 usage or I/O.

use crate::program::{Folder, run, run_in};

const WELCOME: &str = "shop/bffs/web/views/welcome.ts";

#[test]
fn a_workspace_that_is_fine() {
    let folder = Folder::with_new_workspace();
    let done = run_in(&folder.shop(), &["check"]);
    assert_eq!((done.code, done.out.as_str()), (0, ""));
    assert!(done.err.contains("2 endpoints in 1 BFF, 1 service: fine"), "{}", done.err);
    let done = run_in(&folder.shop(), &["check", "--json"]);
    let report = done.json();
    assert_eq!((done.code, &report["ok"], &report["errors"]), (0, &true.into(), &0.into()));
}

#[test]
fn a_workspace_with_findings() {
    let folder = Folder::with_new_workspace();
    folder.replace(WELCOME, "greeting?.text", "greeting?.txt");
    folder.replace("shop/bffs/web/views/greeting.ts", "const text", "let text");
    let done = run_in(&folder.shop(), &["check"]);
    assert_eq!(done.code, 1);
    for piece in ["welcome.ts:", "greeting.ts:", "2 errors", "`txt`", "text"] {
        assert!(done.err.contains(piece), "`{piece}`:\n{}", done.err);
    }
    assert!(!done.err.contains('\u{1b}'), "no colours where there is no terminal");
    let coloured = run_in(&folder.shop(), &["check", "--color", "always"]);
    assert!(coloured.err.contains('\u{1b}'));
    let done = run_in(&folder.shop(), &["check", "--json"]);
    let report = done.json();
    assert_eq!((done.code, &report["ok"], &report["errors"]), (1, &false.into(), &2.into()));
    let found = report["diagnostics"].as_array().unwrap();
    assert!(found.iter().all(|one| one["code"].as_str().unwrap().starts_with("FD")), "{report:#}");
}

#[test]
fn the_workspace_is_this_folder_or_the_nearest_above() {
    let folder = Folder::with_new_workspace();
    let below = folder.shop().join("bffs/web/views");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_frontdesk"))
        .arg("check")
        .current_dir(&below)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let done = run_in(folder.path(), &["check"]);
    assert!(done.code == 2 && done.err.contains("no frontdesk.yaml"), "{done:?}");
    let done = run(&["-C", "/", "check"]);
    assert_eq!(done.code, 2, "{done:?}");
}

#[test]
fn a_workspace_that_cannot_be_written_to_is_checked_all_the_same() {
    let folder = Folder::with_new_workspace();
    let generated = folder.shop().join(".frontdesk");
    let _ = std::fs::remove_dir_all(&generated);
    // Whoever runs this may be allowed to write anywhere; nobody can make a folder of a file.
    std::fs::write(&generated, "").unwrap();
    let done = run_in(&folder.shop(), &["check"]);
    assert_eq!(done.code, 0, "{}", done.err);
    for piece in ["editors do not see this state", "1 service: fine"] {
        assert!(done.err.contains(piece), "`{piece}`:\n{}", done.err);
    }
}

#[test]
fn an_overlay_is_read_over_the_platform_s_file() {
    let folder = Folder::with_new_workspace();
    folder.write("shop/frontdesk.staging.yaml", "services:\n  greetings:\n    timeout: soon\n");
    assert_eq!(run_in(&folder.shop(), &["check"]).code, 0);
    let done = run_in(&folder.shop(), &["check", "--env", "staging"]);
    assert!(done.code == 1 && done.err.contains("frontdesk.staging.yaml"), "{done:?}");
    let done = run_in(&folder.shop(), &["check", "--env", "nowhere"]);
    assert!(done.code != 0 && done.err.contains("frontdesk.nowhere.yaml"), "{done:?}");
}

#[test]
fn harbor_is_fine() {
    let folder = Folder::with_harbor();
    let done = run_in(&folder.shop(), &["check"]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(done.err.contains("5 BFFs, 10 services: fine"), "{}", done.err);
}

#[test]
fn advice_waits_until_there_are_no_errors() {
    let folder = Folder::with_new_workspace();
    // The call's only reader is wrong: that it is "never read" would be nonsense.
    let welcome = "shop/bffs/web/views/welcome.ts";
    folder.replace(welcome, "title: greeting?.text ?? \"Hello!\",", "title: greting?.text,");
    folder.replace(welcome, "letters: greeting && number(greeting.length, session.locale),", "");
    let said = run_in(&folder.shop(), &["check", "--json"]).json();
    assert_eq!((&said["errors"], &said["warnings"]), (&1.into(), &0.into()), "{said:#}");
}

#[test]
fn a_file_of_keys_is_read_as_a_server_would() {
    let folder = Folder::with_new_workspace();
    let keys = folder.shop().join("bffs/web/keys.yaml");
    std::fs::write(&keys, "# keys\nkeys:\n  - id: \"abcd2345\"\n    nmae: \"acme\"\n").unwrap();
    let done = run_in(&folder.shop(), &["check"]);
    assert_eq!(done.code, 1, "{done:?}");
    for piece in ["FD1619", "bffs/web/keys.yaml:4:5", "`nmae`"] {
        assert!(done.err.contains(piece), "`{piece}`:\n{}", done.err);
    }
    std::fs::write(&keys, "keys: []\n").unwrap();
    assert_eq!(run_in(&folder.shop(), &["check"]).code, 0);
}

#[test]
fn what_protects_each_route() {
    let folder = Folder::with_new_workspace();
    let done = run_in(&folder.shop(), &["check", "--security"]);
    assert_eq!(done.code, 0, "{done:?}");
    for piece in ["who may ask", "anybody", "no `auth`: anybody may ask every endpoint"] {
        assert!(done.out.contains(piece), "`{piece}`:\n{}", done.out);
    }
    let report = run_in(&folder.shop(), &["check", "--security", "--json"]).json();
    assert_eq!((&report["ok"], &report["security"][0]["bff"]), (&true.into(), &"web".into()));
    assert_eq!(report["security"][0]["routes"].as_array().map(Vec::len), Some(2));
    // Of a workspace with mistakes nothing is said: half a perimeter would look like a whole one.
    folder.replace(WELCOME, "greeting?.text", "greeting?.txt");
    let done = run_in(&folder.shop(), &["check", "--security"]);
    assert_eq!((done.code, done.out.as_str()), (1, ""));
    assert!(run_in(&folder.shop(), &["check", "--security", "--json"]).json()["security"].is_null());
    assert!(run_in(&folder.shop(), &["check", "--json"]).json().get("security").is_none());
}
