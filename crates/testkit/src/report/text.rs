//! What people read.

use std::fmt::Write;

use crate::budget::Sizes;
use crate::check::Difference;
use crate::coverage;
use crate::suite::{Outcome, Report};

/// Longer values are cut in their middle.
const WIDTH: usize = 160;
/// Differences of one case that are shown.
const SHOWN: usize = 12;

/// Every case that failed, and every budget that is exceeded.
pub fn failures(report: &Report) -> String {
    let mut out = String::new();
    for outcome in report.outcomes.iter().filter(|outcome| !outcome.passed()) {
        head(&mut out, "✗", outcome);
        differences(&mut out, &outcome.differences);
        for note in &outcome.notes {
            let _ = writeln!(out, "    note: {note}");
        }
        out.push('\n');
    }
    for sizes in report.sizes.iter().filter(|sizes| sizes.is_over()) {
        let _ = writeln!(out, "✗ {}/{}  {}\n", sizes.bff, sizes.endpoint, over(sizes));
    }
    out
}

/// What `--update` changed.
pub fn updates(report: &Report) -> String {
    let mut out = String::new();
    for outcome in &report.outcomes {
        let Some(changed) = &outcome.updated else { continue };
        head(&mut out, "✎", outcome);
        if changed.is_empty() {
            out.push_str("    the snapshot was written\n");
        }
        differences(&mut out, changed);
        out.push('\n');
    }
    out
}

/// How many passed, and how much of each endpoint was tried; with `details`, what was not.
pub fn summary(report: &Report, details: bool) -> String {
    let mut out = coverage::text(&report.coverage, details);
    let failed = report.outcomes.iter().filter(|outcome| !outcome.passed()).count();
    let over = report.sizes.iter().filter(|sizes| sizes.is_over()).count();
    let passed = report.outcomes.len() - failed;
    let _ = write!(out, "{}", plural(passed, "case passed", "cases passed"));
    if failed > 0 {
        let _ = write!(out, ", {}", plural(failed, "failed", "failed"));
    }
    if over > 0 {
        let _ = write!(out, ", {} exceeded", plural(over, "payload budget", "payload budgets"));
    }
    let updated = report.outcomes.iter().filter(|outcome| outcome.updated.is_some()).count();
    if updated > 0 {
        let _ = write!(out, ", {} written", plural(updated, "snapshot", "snapshots"));
    }
    out.push('\n');
    out
}

/// Why an endpoint is over its payload budget.
pub(super) fn over(sizes: &Sizes) -> String {
    let kilobytes = |bytes: u64| format!("{:.1} KB", bytes as f64 / 1024.0);
    let mut out = format!("its payload budget is {}", kilobytes(sizes.budget));
    if let Some(size) = sizes.cases.filter(|size| *size > sizes.budget) {
        let _ = write!(out, "; the largest answer of its cases has {}", kilobytes(size));
    }
    if let Some(size) = sizes.large.filter(|size| *size > sizes.budget) {
        let _ = write!(out, "; when services answer as much as they may, it has {}", kilobytes(size));
        if let Some((at, bytes)) = &sizes.biggest {
            let _ = write!(
                out,
                ", {} of it at {at}: bound the list (`.slice(0, n)`, `maxItems` in the service's schema) or raise the budget",
                kilobytes(*bytes)
            );
        }
    }
    out
}

fn head(out: &mut String, mark: &str, outcome: &Outcome) {
    let _ = writeln!(out, "{mark} {}/{}  {}", outcome.bff, outcome.name, outcome.says);
    let _ = writeln!(out, "    {}:{}", outcome.file, outcome.line);
}

fn differences(out: &mut String, all: &[Difference]) {
    for one in all.iter().take(SHOWN) {
        let _ = writeln!(out, "    {}", one.what);
        let _ = writeln!(out, "      - {}", cut(&one.expected));
        let _ = writeln!(out, "      + {}", cut(&one.actual));
    }
    if all.len() > SHOWN {
        let _ = writeln!(out, "    … and {} more", all.len() - SHOWN);
    }
}

fn cut(text: &str) -> String {
    let text = text.replace('\n', "⏎");
    let count = text.chars().count();
    if count <= WIDTH {
        return text;
    }
    let head: String = text.chars().take(WIDTH / 2).collect();
    let tail: String = text.chars().skip(count - WIDTH / 2).collect();
    format!("{head} … {tail}")
}

fn plural(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
