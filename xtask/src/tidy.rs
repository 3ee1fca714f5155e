//! Rules about the house that the compiler does not know.
//!
//! - arrows between crates go down: a crate depends only on crates of lower layers, or on the few of its own
//!   layer that are named here;
//! - the pure zone (layers 0 to 3 but `adapter`) does no I/O, reads no clock and no environment;
//! - every Rust file opens with `//!`;
//! - the binary writes files whole or not at all, in one room;
//! - no unfinished marks.

use std::fs;
use std::path::{Path, PathBuf};

/// Crates from the ground up. A crate may depend on any crate of a lower layer.
const LAYERS: &[&[&str]] = &[
    &["diagnostics"],
    &["types"],
    &["catalog"],
    &["lang"],
    &["plan", "adapter"],
    &["contract", "cache"],
    &["engine", "connectors", "stores", "perimeter", "testserver"],
    &["server"],
    &["testkit"],
    &["cli"],
];

/// Crates whose `src/` must stay pure.
const PURE: &[&str] = &["diagnostics", "types", "catalog", "lang", "plan", "contract"];

/// What pure code must not say, and why.
const IMPURE: &[(&str, &str)] = &[
    ("std::fs", "files arrive as (path, text)"),
    ("std::env", "the binary reads the environment"),
    ("std::net", "the pure zone does no I/O"),
    ("std::process", "the pure zone starts nothing"),
    ("tokio", "the pure zone is not asynchronous"),
    ("Instant::now", "the pure zone has no clock"),
    ("SystemTime::now", "the pure zone has no clock"),
    ("async fn", "the pure zone is not asynchronous"),
];

/// Put together from halves, so that this file does not find itself.
fn unfinished_marks() -> [String; 4] {
    [["TO", "DO"], ["FIX", "ME"], ["todo", "!("], ["unimplemented", "!("]].map(|halves| halves.concat())
}

/// One line per broken rule.
pub fn findings(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    edges(root, &mut found);
    let mut files = Vec::new();
    for folder in ["crates", "xtask", "bench", "examples", "fuzz"] {
        rust_files(&root.join(folder), &mut files);
    }
    files.sort();
    for file in &files {
        file_rules(root, file, &mut found);
    }
    found
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|crates| crates.contains(&name))
}

/// Reads `[dependencies]` of each crate (dev-dependencies may look anywhere: tests see the whole house).
fn edges(root: &Path, found: &mut Vec<String>) {
    for name in LAYERS.iter().flat_map(|crates| crates.iter()) {
        let manifest = root.join("crates").join(name).join("Cargo.toml");
        let Ok(text) = fs::read_to_string(&manifest) else { continue };
        let dependencies =
            text.split("\n[").find(|section| section.starts_with("dependencies]")).unwrap_or_default();
        for line in dependencies.lines() {
            let Some(on) = line.strip_prefix("frontdesk-").and_then(|rest| rest.split(['.', ' ']).next())
            else {
                continue;
            };
            if layer(on) >= layer(name) {
                found.push(format!("crates/{name}/Cargo.toml: an arrow to `{on}` goes up or sideways"));
            }
        }
    }
    let known: Vec<&str> = LAYERS.iter().flat_map(|crates| crates.iter().copied()).collect();
    for entry in fs::read_dir(root.join("crates")).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().join("Cargo.toml").exists() && !known.contains(&name.as_str()) {
            found.push(format!("crates/{name}: not in the table of layers (xtask/src/tidy.rs)"));
        }
    }
}

fn file_rules(root: &Path, file: &Path, found: &mut Vec<String>) {
    let Ok(text) = fs::read_to_string(file) else { return };
    let shown = file.strip_prefix(root).unwrap_or(file).display().to_string();
    if !text.starts_with("//!") && !text.starts_with("#!") {
        found.push(format!("{shown}: does not open with `//!` saying what it is for"));
    }
    for mark in unfinished_marks() {
        for (number, _) in text.lines().enumerate().filter(|(_, line)| line.contains(&mark)) {
            found.push(format!("{shown}:{}: unfinished mark `{mark}`", number + 1));
        }
    }
    if shown.starts_with("crates/cli/src/") && !shown.ends_with("/whole_file.rs") {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, _) in code.lines().enumerate().filter(|(_, line)| line.contains("fs::write(")) {
            found.push(format!(
                "{shown}:{}: `fs::write`: `whole_file` writes all of a file or none",
                number + 1
            ));
        }
    }
    let pure = PURE.iter().any(|name| shown.starts_with(&format!("crates/{name}/src/")));
    if pure {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//")) {
            for (word, why) in IMPURE.iter().filter(|(word, _)| line.contains(word)) {
                found.push(format!("{shown}:{}: `{word}` in the pure zone: {why}", number + 1));
            }
        }
    }
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            let skip = ["target", "node_modules", "testdata", "fuzz_targets"];
            if !path.file_name().is_some_and(|name| skip.iter().any(|s| name == *s)) {
                rust_files(&path, files);
            }
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn the_house_is_tidy() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask stands in the workspace");
        let found = super::findings(root);
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}
