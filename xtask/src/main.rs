//! Checks of the repository itself: `tidy` (edges between crates, the pure zone, first lines, unfinished marks)
//! and `fuzz` (every fuzz target for a bounded time).

mod fuzz;
mod tidy;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| Path::new("."));
    match args.next().as_deref() {
        Some("tidy") => report(&tidy::findings(root)),
        Some("fuzz") => fuzz::run(root, args.collect()),
        _ => {
            eprintln!("usage: cargo run -p xtask -- tidy | fuzz [--seconds N] [TARGET]");
            ExitCode::from(2)
        }
    }
}

fn report(findings: &[String]) -> ExitCode {
    for finding in findings {
        eprintln!("{finding}");
    }
    if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
