//! `docs/codes.md` is written from the tables of codes, and is not stale.

use std::fmt::Write;
use std::path::Path;

use frontdesk_diagnostics::codes;

#[test]
fn the_manual_of_codes_is_up_to_date() {
    let mut text = String::from(
        "# Diagnostics\n\nWritten from `crates/diagnostics/src/codes/` by `UPDATE=1 cargo test -p frontdesk-diagnostics`.\n",
    );
    for (area, pages) in codes::areas() {
        write!(text, "\n## {area}\n").unwrap();
        for page in pages {
            write!(text, "\n### {}: {}\n\n{}\n", page.code.0, page.title, page.why.trim()).unwrap();
            for (title, code) in [("Example", page.example), ("Instead", page.instead)] {
                if !code.trim().is_empty() {
                    write!(text, "\n{title}:\n\n```\n{}\n```\n", code.trim_matches('\n')).unwrap();
                }
            }
        }
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/codes.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, &text).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == text, "docs/codes.md is stale: run with UPDATE=1");
}
