//! The engine from outside: inputs, requests, selections and whole requests as data, and its oracles: a JSON tree
//! for selection, QuickJS for the language, Node's `Intl` for what people read, JSON Schema for what contracts promise.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod caller;
mod canonical;
mod cases;
mod display;
mod encode;
mod evolution;
mod expressions;
mod generate;
mod identities;
mod input;
mod inputs;
mod json_schema;
mod limits;
mod oracle;
mod pipeline;
mod promise;
mod protobuf;
mod quickjs;
mod random_data;
mod random_lists;
mod run;
mod scripted;
mod select;
mod views;

use std::path::Path;

/// The files below `testdata/<folder>` that end in `.<extension>`: name and text, in the order of their names.
fn files(folder: &str, extension: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(folder);
    let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} has cases", folder.display());
    files
}
