//! For a comment under a pull request: a line that sums up, a table of what is not compatible, and the rest folded.

use super::{Report, Shown, direction, shown};
use crate::diff::{Change, Class, Hits, Section};

/// Tables of GitHub Flavored Markdown, which GitLab and Gitea read too.
pub fn markdown(report: &Report<'_>) -> String {
    let mark = match report.worst() {
        Some(Class::Breaking) => "❌",
        Some(Class::Risky) => "⚠️",
        Some(Class::Compatible) | None => "✅",
    };
    let mut out = format!("### {mark} Contract of {}: {}\n", code(report.bff), report.tally());
    for section in report.sections.iter().filter(|section| !section.changes.is_empty()) {
        if let Some(date) = section.date {
            out.push_str(&format!("\n#### {date}\n"));
        }
        table(&mut out, section);
        reasons(&mut out, section, report);
        compatible(&mut out, section);
    }
    out
}

fn of(section: &Section, wanted: impl Fn(Class) -> bool) -> Vec<Shown<'_>> {
    shown(section.changes.iter().filter(|change| wanted(change.class)))
}

fn table(out: &mut String, section: &Section) {
    let bad = of(section, |class| class != Class::Compatible);
    if bad.is_empty() {
        return;
    }
    out.push_str("\n| | where | what | hits | rule |\n|---|---|---|---|---|\n");
    for one in bad {
        let change = one.change;
        let more = match one.also.len() {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        let direction = direction(change).map_or_else(String::new, |word| format!(", {word}"));
        out.push_str(&format!(
            "| **{}** | {}{more} | {} | {} | `{}`{direction} |\n",
            change.class,
            code(&change.at),
            escaped(&change.message),
            change.hits,
            change.rule.id,
        ));
    }
}

fn reasons(out: &mut String, section: &Section, report: &Report<'_>) {
    let bad = of(section, |class| class != Class::Compatible);
    if bad.is_empty() {
        return;
    }
    out.push_str("\n<details><summary>Why, and what to do instead</summary>\n\n");
    for one in bad {
        let change = one.change;
        out.push_str(&format!("- {}: {}", code(&change.at), escaped(&change.message)));
        if let Some(note) = &change.note {
            out.push_str(&format!(" ({})", escaped(note)));
        }
        out.push_str(&format!(". {}", change.rule.why));
        if !change.rule.instead.is_empty() {
            out.push_str(&format!(" **Instead:** {}", change.rule.instead));
        }
        let spot = change.new.as_ref().or(change.old.as_ref());
        if let Some(place) = report.source(spot.and_then(|spot| spot.span)) {
            out.push_str(&format!(" At {}.", code(&place)));
        }
        for also in &one.also {
            out.push_str(&format!("\n  - also at {}", code(also)));
        }
        out.push('\n');
    }
    out.push_str("\n</details>\n");
}

fn compatible(out: &mut String, section: &Section) {
    let fine = of(section, |class| class == Class::Compatible);
    if fine.is_empty() {
        return;
    }
    out.push_str(&format!("\n<details><summary>{} compatible</summary>\n\n", fine.len()));
    for one in fine {
        let Change { at, message, note, rule, hits, .. } = one.change;
        debug_assert_eq!(*hits, Hits::Nobody);
        out.push_str(&format!("- {}: {}", code(at), escaped(message)));
        if let Some(note) = note {
            out.push_str(&format!(" ({})", escaped(note)));
        }
        out.push_str(&format!(" `{}`\n", rule.id));
    }
    out.push_str("\n</details>\n");
}

/// A code span, whatever is in it; a table's cell ends at a bar even inside of one.
fn code(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() || c == '`' { '\'' } else { c }).collect();
    format!("`{}`", text.replace('|', "\\|"))
}

/// Words with code spans in them; nothing else in them may mean anything.
fn escaped(text: &str) -> String {
    let spans = text.matches('`').count().is_multiple_of(2);
    let mut inside = false;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '`' if spans => {
                inside = !inside;
                out.push(c);
            }
            '|' => out.push_str("\\|"),
            c if c.is_control() => out.push(' '),
            '<' if !inside => out.push_str("&lt;"),
            '&' if !inside => out.push_str("&amp;"),
            // Nobody is to be called to a pull request by the name of a field.
            '@' if !inside => out.push_str("&#64;"),
            '`' | '*' | '_' | '[' | ']' | '\\' | '#' | '~' if !inside => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{code, escaped};

    #[test]
    fn names_mean_nothing_but_themselves() {
        assert_eq!(escaped("`a_b` is *new* | <b>"), "`a_b` is \\*new\\* \\| &lt;b>");
        assert_eq!(escaped("odd ` one @all"), "odd \\` one &#64;all");
        assert_eq!(code("a`b|c\n"), "`a'b\\|c'`");
    }
}
