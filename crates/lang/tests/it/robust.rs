//! Whatever a file holds, the front end says something and does not panic.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use frontdesk_catalog::{Catalog, Files, load};
use frontdesk_diagnostics::{Diagnostics, Sources, render};
use frontdesk_lang::compile;
use proptest::prelude::*;

use crate::case::{cases, files_of, testdata};

fn catalog() -> Arc<Catalog> {
    static CATALOG: OnceLock<Arc<Catalog>> = OnceLock::new();
    CATALOG
        .get_or_init(|| {
            let files = files_of(&testdata().join("base"));
            Arc::new(load(&files, None, &mut Sources::default(), &mut Diagnostics::default()))
        })
        .clone()
}

/// The files of all cases that are TypeScript, by case.
fn valid() -> &'static [BTreeMap<String, Vec<u8>>] {
    static FILES: OnceLock<Vec<BTreeMap<String, Vec<u8>>>> = OnceLock::new();
    FILES.get_or_init(|| {
        let of_case = |folder: std::path::PathBuf| {
            let files = files_of(&folder);
            let paths = files.below("bffs");
            paths.into_iter().map(|path| (path.clone(), files.bytes(&path).expect("listed"))).collect()
        };
        cases().into_iter().map(|(_, folder)| of_case(folder)).collect()
    })
}

/// Compiles and renders; a wrong span would show here.
fn front_end(files: &BTreeMap<String, Vec<u8>>) {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    compile(catalog(), files, &mut sources, &mut diagnostics);
    let diagnostics = diagnostics.into_sorted();
    render::text(&diagnostics, &sources, false);
    render::json(&diagnostics, &sources);
}

/// Pieces that turn one valid construct into another, or into none.
const PIECES: [&str; 40] = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    ":",
    "=>",
    "?.",
    "??",
    "...",
    "`",
    "${",
    "\"",
    "'",
    "/*",
    "//",
    "=",
    "const ",
    "return ",
    "if ",
    "throw ",
    "await ",
    "class ",
    "import ",
    "export ",
    "default ",
    "null",
    "undefined",
    "0",
    "-1",
    "1e999",
    "\u{0}",
    "\u{feff}",
    "é",
    "😀",
    "\\ud800",
    "view",
];

#[derive(Clone, Debug)]
enum Edit {
    Delete(f64, usize),
    Insert(f64, usize),
    Repeat(f64, f64, usize),
    Byte(f64, u8),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (0.0..1.0, 1_usize..12).prop_map(|(at, n)| Edit::Delete(at, n)),
        (0.0..1.0, 0..PIECES.len()).prop_map(|(at, piece)| Edit::Insert(at, piece)),
        (0.0..1.0, 0.0..1.0, 1_usize..60).prop_map(|(from, to, n)| Edit::Repeat(from, to, n)),
        (0.0..1.0, any::<u8>()).prop_map(|(at, byte)| Edit::Byte(at, byte)),
    ]
}

fn apply(text: &mut Vec<u8>, edit: &Edit) {
    let place = |at: f64, text: &[u8]| (at * text.len() as f64) as usize;
    match *edit {
        Edit::Delete(at, n) => {
            let start = place(at, text);
            text.drain(start..(start + n).min(text.len()));
        }
        Edit::Insert(at, piece) => {
            let start = place(at, text);
            text.splice(start..start, PIECES[piece].bytes());
        }
        Edit::Repeat(from, to, n) => {
            let start = place(from, text);
            let piece = text[start..(start + n).min(text.len())].to_vec();
            let to = place(to, text);
            text.splice(to..to, piece);
        }
        Edit::Byte(at, byte) => {
            let start = place(at, text);
            if let Some(slot) = text.get_mut(start) {
                *slot = byte;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn broken_files_are_told_of(case in 0.0..1.0, file in 0.0..1.0, edits in prop::collection::vec(edit(), 1..6)) {
        let all = valid();
        let mut files = all[(case * all.len() as f64) as usize].clone();
        let count = files.len() as f64;
        if let Some(text) = files.values_mut().nth((file * count) as usize) {
            for edit in &edits {
                apply(text, edit);
            }
        }
        front_end(&files);
    }

    #[test]
    fn any_bytes_are_told_of(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        front_end(&BTreeMap::from([("bffs/ios/views/home.ts".to_owned(), bytes)]));
    }
}

/// What broke once, or nearly.
#[test]
fn the_corpus_is_told_of() {
    let folder = testdata().join("fuzz/lang");
    for entry in std::fs::read_dir(folder).expect("testdata is in the repository").flatten() {
        let bytes = std::fs::read(entry.path()).expect("readable");
        for place in
            ["bffs/ios/bff.ts", "bffs/ios/views/home.ts", "bffs/ios/actions/send.ts", "bffs/ios/help.ts"]
        {
            front_end(&BTreeMap::from([(place.to_owned(), bytes.clone())]));
        }
    }
}
