//! The XML that CI systems read, as JUnit's Ant task writes it.

use std::fmt::Write;

use crate::budget::Sizes;
use crate::suite::{Outcome, Report};

/// One suite a BFF; payload budgets are cases of it.
pub fn junit(report: &Report) -> String {
    let mut bffs: Vec<&str> = report.outcomes.iter().map(|outcome| outcome.bff.as_str()).collect();
    bffs.extend(report.sizes.iter().map(|sizes| &*sizes.bff));
    bffs.sort_unstable();
    bffs.dedup();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let failed = report.outcomes.iter().filter(|outcome| !outcome.passed()).count()
        + report.sizes.iter().filter(|sizes| sizes.is_over()).count();
    let _ = writeln!(
        out,
        "<testsuites name=\"frontdesk\" tests=\"{}\" failures=\"{failed}\" time=\"{:.3}\">",
        report.outcomes.len() + report.sizes.len(),
        report.took.as_secs_f64(),
    );
    for bff in bffs {
        let outcomes: Vec<&Outcome> = report.outcomes.iter().filter(|outcome| outcome.bff == bff).collect();
        let sizes: Vec<&Sizes> = report.sizes.iter().filter(|sizes| &*sizes.bff == bff).collect();
        let failed = outcomes.iter().filter(|outcome| !outcome.passed()).count()
            + sizes.iter().filter(|sizes| sizes.is_over()).count();
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failed}\" time=\"{:.3}\">",
            escaped(bff),
            outcomes.len() + sizes.len(),
            outcomes.iter().map(|outcome| outcome.took.as_secs_f64()).sum::<f64>(),
        );
        for outcome in outcomes {
            case(outcome, &mut out);
        }
        for one in sizes {
            payload(one, &mut out);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(outcome: &Outcome, out: &mut String) {
    let _ = write!(
        out,
        "    <testcase classname=\"{}.{}\" name=\"{}\" file=\"{}\" line=\"{}\" time=\"{:.6}\"",
        escaped(&outcome.bff),
        escaped(&outcome.name),
        escaped(&outcome.says),
        escaped(&outcome.file),
        outcome.line,
        outcome.took.as_secs_f64(),
    );
    let Some(first) = outcome.differences.first() else {
        out.push_str("/>\n");
        return;
    };
    let mut lines = String::new();
    for one in &outcome.differences {
        let _ = writeln!(lines, "{}: expected {}, got {}", one.what, one.expected, one.actual);
    }
    outcome.notes.iter().for_each(|note| lines.push_str(&format!("{note}\n")));
    let message = format!("{}: expected {}, got {}", first.what, first.expected, first.actual);
    failure(&message, &lines, out);
}

fn payload(sizes: &Sizes, out: &mut String) {
    let name = format!("{} stays within its payload budget", sizes.endpoint);
    let _ = write!(
        out,
        "    <testcase classname=\"{}.payload\" name=\"{}\"",
        escaped(&sizes.bff),
        escaped(&name)
    );
    if sizes.is_over() {
        let message = super::text::over(sizes);
        failure(&message, &message, out);
    } else {
        out.push_str("/>\n");
    }
}

fn failure(message: &str, text: &str, out: &mut String) {
    let _ = writeln!(
        out,
        ">\n      <failure message=\"{}\">{}</failure>\n    </testcase>",
        escaped(message),
        escaped(text.trim_end())
    );
}

/// XML 1.0 §2.2, §2.4: what cannot stand in a document is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}
