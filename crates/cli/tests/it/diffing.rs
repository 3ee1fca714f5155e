//! `diff`: contracts of files, revisions, the kept ones and the code.

use std::path::Path;
use std::process::Command;

use crate::program::{Done, Folder, run, run_in, run_in_with};

const WELCOME: &str = "shop/bffs/web/views/welcome.ts";
const LOCK: &str = "shop/bffs/web/contract.yaml";

fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// A new workspace with its contract kept.
fn locked() -> Folder {
    let folder = Folder::with_new_workspace();
    let done = run_in(&folder.shop(), &["lock"]);
    assert_eq!(done.code, 0, "{done:?}");
    folder
}

fn diff(folder: &Folder, arguments: &[&str]) -> Done {
    let whole: Vec<&str> = ["diff"].into_iter().chain(arguments.iter().copied()).collect();
    run_in(&folder.shop(), &whole)
}

/// Gives a field of the welcome screen another name.
fn rename(folder: &Folder) {
    folder.replace(WELCOME, "title:", "headline:");
}

#[test]
fn without_a_contract_there_is_nothing_to_compare_with() {
    let folder = Folder::with_new_workspace();
    let done = diff(&folder, &[]);
    assert!(done.code == 2 && done.err.contains("`frontdesk lock` writes them"), "{done:?}");
}

#[test]
fn the_kept_contract_against_the_code() {
    let folder = locked();
    let done = diff(&folder, &[]);
    assert_eq!((done.code, done.out.as_str()), (0, "web: no changes\n"), "{done:?}");
    rename(&folder);
    let done = diff(&folder, &[]);
    assert_eq!(done.code, 1, "{done:?}");
    for piece in
        ["web: 1 breaking", "[field-renamed, response]", "`headline`", "hits all clients", "welcome.ts:"]
    {
        assert!(done.out.contains(piece), "`{piece}`:\n{}", done.out);
    }
    assert!(!done.out.contains('\u{1b}'), "no colours where there is no terminal");
    assert!(diff(&folder, &["--color", "always"]).out.contains('\u{1b}'));
    let report = diff(&folder, &["--json"]);
    let json = report.json();
    assert_eq!((report.code, &json["ok"], &json["worst"]), (1, &false.into(), &"breaking".into()));
    let change = &json["bffs"][0]["changes"][0];
    assert_eq!((&change["rule"], &change["direction"]), (&"field-renamed".into(), &"response".into()));
    assert_eq!(change["hits"], "all");
    assert!(change["new"]["file"].as_str().unwrap().ends_with("welcome.ts"), "{change:#}");
    assert!(change["old"]["file"].as_str().unwrap().ends_with("contract.yaml"), "{change:#}");
    let page = diff(&folder, &["--markdown"]);
    assert!(page.code == 1 && page.out.starts_with("### ❌ Contract of `web`: 1 breaking"), "{page:?}");
    assert_eq!(diff(&folder, &["--json", "--markdown"]).code, 2);
}

#[test]
fn from_which_class_on_it_fails_is_chosen() {
    let folder = locked();
    rename(&folder);
    assert_eq!(diff(&folder, &["--fail-on", "never"]).code, 0);
    assert_eq!(diff(&folder, &["--fail-on", "any"]).code, 1);
    folder.replace(WELCOME, "headline:", "title:");
    folder.replace(WELCOME, "title:", "further: 1, title:");
    assert_eq!(diff(&folder, &[]).code, 0, "a field more is compatible");
    assert_eq!(diff(&folder, &["--fail-on", "risky"]).code, 0);
    assert_eq!(diff(&folder, &["--fail-on", "any"]).code, 1);
}

#[test]
fn revisions_are_read_with_git() {
    let folder = locked();
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "one"]);
    git(folder.path(), &["tag", "v1.0.0"]);
    rename(&folder);
    // A revision against the code, in a folder below the repository's root.
    let done = diff(&folder, &["v1.0.0"]);
    assert!(done.code == 1 && done.out.contains("field-renamed"), "{done:?}");
    assert_eq!(diff(&folder, &["v1.0.0", "--json"]).json()["old"], "v1.0.0");
    assert_eq!(run_in(&folder.shop(), &["lock"]).code, 0);
    git(folder.path(), &["commit", "-q", "-a", "-m", "two"]);
    assert_eq!(diff(&folder, &["HEAD"]).code, 0);
    let done = diff(&folder, &["HEAD~1", "HEAD"]);
    assert!(done.code == 1 && done.out.contains("field-renamed"), "{done:?}");
    // A file against a revision, and the other way round.
    let lock = folder.path().join(LOCK);
    assert_eq!(diff(&folder, &[lock.to_str().unwrap(), "main"]).code, 0);
    assert_eq!(diff(&folder, &["v1.0.0", lock.to_str().unwrap()]).code, 1);
    // What is not there.
    let done = diff(&folder, &["v1.0.1"]);
    assert!(done.code == 2 && done.err.contains("did you mean `v1.0.0`?"), "{done:?}");
    let done = diff(&folder, &["nonsense-of-a-name"]);
    assert!(done.code == 2 && done.err.contains("neither a file nor a revision"), "{done:?}");
    let done = diff(&folder, &["--", "--output=oops"]);
    assert!(done.code == 2 && done.err.contains("neither a file nor a revision"), "{done:?}");
    let done = diff(&folder, &["HEAD", "--bff", "wep"]);
    assert!(done.code == 2 && done.err.contains("did you mean `web`?"), "{done:?}");
}

#[test]
fn a_revision_without_a_contract_and_a_folder_without_revisions() {
    let folder = Folder::with_new_workspace();
    let done = diff(&folder, &["main"]);
    assert!(done.code == 2 && done.err.contains("`main` is no file"), "{done:?}");
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "one"]);
    let done = diff(&folder, &["main"]);
    assert!(done.code == 2 && done.err.contains("has no contract to compare with"), "{done:?}");
    let done = diff(&folder, &["main", "--bff", "web"]);
    assert!(done.code == 2 && done.err.contains("`main` has no contract of `web`"), "{done:?}");
}

#[test]
fn a_bff_that_is_gone_breaks_everybody_and_a_new_one_nobody() {
    let folder = locked();
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "one"]);
    std::fs::rename(folder.path().join("shop/bffs/web"), folder.path().join("shop/bffs/site")).unwrap();
    folder.replace("shop/frontdesk.yaml", "web:", "site:");
    assert_eq!(run_in(&folder.shop(), &["lock"]).code, 0);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "two"]);
    let done = diff(&folder, &["HEAD~1", "HEAD"]);
    assert!(done.code == 1 && done.out.contains("operation-removed"), "{done:?}");
    assert!(done.err.contains("`site` has no contract in `HEAD~1` yet"), "{done:?}");
}

#[test]
fn files_are_compared_whatever_they_are_of() {
    let folder = locked();
    let old = folder.read(LOCK);
    rename(&folder);
    assert_eq!(run_in(&folder.shop(), &["lock"]).code, 0);
    folder.write("old.yaml", &old);
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (one, two) = (at("old.yaml"), at(LOCK));
    // No workspace is needed for two files.
    let done = run(&["diff", &one, &two]);
    assert!(done.code == 1 && done.out.contains("field-renamed"), "{done:?}");
    assert_eq!(run(&["diff", &one, &one]).code, 0);
    // A file against the code.
    assert_eq!(diff(&folder, &[&one]).code, 1);
    assert_eq!(diff(&folder, &[&two]).code, 0);
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let folder = locked();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for (text, piece) in [
        ("openapi: [", "old.yaml:1"),
        ("openapi: 3.0.0\n", "openapi: 3.1.0"),
        ("", "old.yaml:1"),
        ("just words", "old.yaml:1"),
    ] {
        folder.write("old.yaml", text);
        let done = diff(&folder, &[&at("old.yaml")]);
        assert!(done.code == 2 && done.err.contains(piece), "{text:?}: {done:?}");
        let done = diff(&folder, &[&at("old.yaml"), "--json"]);
        assert_eq!((done.code, &done.json()["ok"]), (2, &false.into()));
    }
    std::fs::write(folder.path().join("old.yaml"), [0xff, 0xfe]).unwrap();
    let done = diff(&folder, &[&at("old.yaml")]);
    assert!(done.code == 2 && done.err.contains("old.yaml"), "{done:?}");
    let done = diff(&folder, &["nowhere.yaml"]);
    assert!(done.code == 2 && done.err.contains("there is no file nowhere.yaml"), "{done:?}");
    let done = diff(&folder, &[folder.path().to_str().unwrap()]);
    assert!(done.code == 2 && done.err.contains("is a folder"), "{done:?}");
    let done = diff(&folder, &["--today", "tomorrow"]);
    assert!(done.code == 2 && done.err.contains("2026-05-01"), "{done:?}");
    // A contract that was edited by hand.
    folder.replace(LOCK, "\nservers:", "\nsurprise: true\nservers:");
    let done = diff(&folder, &[]);
    assert!(done.code == 2 && done.err.contains("surprise"), "{done:?}");
}

#[test]
fn code_that_is_wrong_has_no_contract() {
    let folder = locked();
    folder.replace(WELCOME, "greeting?.text", "greeting?.txt");
    let done = diff(&folder, &[]);
    assert!(done.code == 1 && done.err.contains("`txt`") && done.out.is_empty(), "{done:?}");
    let done = diff(&folder, &["--json"]);
    assert_eq!((done.code, &done.json()["errors"]), (1, &1.into()));
}

/// A workspace in a folder that git takes for a repository: one whose configuration names a program to run for what is
/// not there.
#[test]
fn files_that_look_like_a_repository_are_not_one() {
    let folder = locked();
    git(folder.path(), &["init", "-q"]);
    let ran = folder.path().join("ran");
    folder.write("shop/HEAD", "ref: refs/heads/main\n");
    folder.write("shop/objects/info/keep", "");
    folder.write("shop/refs/heads/keep", "");
    folder.write(
        "shop/config",
        &format!(
            "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tpartialClone = origin\n\
             [remote \"origin\"]\n\turl = \"ext::touch {}\"\n\tpromisor = true\n\
             [protocol \"ext\"]\n\tallow = always\n",
            ran.display()
        ),
    );
    let done = diff(&folder, &["0123456789abcdef0123456789abcdef01234567"]);
    assert!(!ran.exists() && done.code == 2, "{done:?}");
}

#[test]
fn a_hook_of_git_may_run_it() {
    let folder = locked();
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "one"]);
    rename(&folder);
    let own = folder.path().join(".git");
    for of_a_hook in [".git", own.to_str().unwrap()] {
        let variables = [("GIT_DIR", of_a_hook), ("GIT_INDEX_FILE", ".git/index"), ("GIT_PREFIX", "")];
        let done = run_in_with(&folder.shop(), &["diff", "HEAD"], &variables);
        assert!(done.code == 1 && done.out.contains("field-renamed"), "{done:?}");
    }
}
