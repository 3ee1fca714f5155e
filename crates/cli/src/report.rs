//! Diagnostics on the terminal, or as JSON.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::process::ExitCode;

use frontdesk_diagnostics::{Diagnostics, Severity, Sources, render};
use serde_json::json;

use crate::args::Color;
use crate::commands::FINDINGS;

/// Whether what is printed to `stream` may be in colour.
pub fn color(choice: Color, stream: &impl IsTerminal) -> bool {
    match choice {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => stream.is_terminal() && std::env::var_os("NO_COLOR").is_none(),
    }
}

/// To standard error, with a closing line that counts errors and warnings.
pub fn show(diagnostics: Diagnostics, sources: &Sources, choice: Color) {
    let stream = std::io::stderr();
    let sorted = diagnostics.into_sorted();
    let count = |severity| sorted.iter().filter(|d| d.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let mut text = render::text(&sorted, sources, color(choice, &stream));
    if errors + warnings > 0 {
        let _ = writeln!(text, "{}, {}", plural(errors, "error"), plural(warnings, "warning"));
    }
    // What nobody can hear, a full disk or a reader that has gone, is no reason to stop: a server reports, too.
    let _ = stream.lock().write_all(text.as_bytes());
}

/// What keeps a command from its work, and the code to end with.
pub fn findings(diagnostics: Diagnostics, sources: &Sources, choice: Color) -> ExitCode {
    show(to_mend(diagnostics), sources, choice);
    ExitCode::from(FINDINGS)
}

/// Without what is only worth knowing.
pub fn to_mend(diagnostics: Diagnostics) -> Diagnostics {
    let mut kept = Diagnostics::default();
    kept.extend(diagnostics.into_iter().filter(|one| one.severity != Severity::Note));
    kept
}

/// `{ ok, errors, warnings, diagnostics: […] }`
pub fn json(diagnostics: Diagnostics, sources: &Sources) -> serde_json::Value {
    let sorted = diagnostics.into_sorted();
    let count = |severity| sorted.iter().filter(|d| d.severity == severity).count();
    json!({
        "ok": count(Severity::Error) == 0,
        "errors": count(Severity::Error),
        "warnings": count(Severity::Warning),
        "diagnostics": render::json(&sorted, sources),
    })
}

pub fn plural(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}
