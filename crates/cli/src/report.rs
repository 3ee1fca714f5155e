//! Diagnostics on the terminal, or as JSON.

use std::io::IsTerminal;

use frontdesk_diagnostics::{Diagnostics, Severity, Sources, render};
use serde_json::json;

use crate::args::Color;

/// Whether errors may be printed in colour.
pub fn color(choice: Color) -> bool {
    match choice {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
    }
}

/// Errors and warnings as text, with a closing line that counts them.
pub fn text(diagnostics: Diagnostics, sources: &Sources, color: bool) -> String {
    let sorted = diagnostics.into_sorted();
    let count = |severity| sorted.iter().filter(|d| d.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let mut out = render::text(&sorted, sources, color);
    if errors + warnings > 0 {
        out.push_str(&format!("{}, {}\n", plural(errors, "error"), plural(warnings, "warning")));
    }
    out
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
