//! For people: worst first, each change with its place, whom it hits, why, and what to do instead.

use super::{CLASSES, Report, Shown, direction, shown};
use crate::diff::{Change, Class, Hits};

/// With colours when `color`, for terminals only.
pub fn text(report: &Report<'_>, color: bool) -> String {
    let paint = Paint { color };
    let mut out = format!("{}: {}\n", paint.bold(&clean(report.bff)), report.tally());
    for section in report.sections {
        if section.changes.is_empty() {
            continue;
        }
        if let Some(date) = section.date {
            out.push_str(&format!("\n{}\n", paint.bold(&format!("contract of {date}"))));
        }
        for class in CLASSES {
            let of_class = |change: &&Change| change.class == class;
            let shown = shown(section.changes.iter().filter(of_class));
            if shown.is_empty() {
                continue;
            }
            out.push_str(&format!("\n{}\n", paint.class(class)));
            for one in shown {
                change(&mut out, &one, report, paint);
            }
        }
    }
    out
}

fn change(out: &mut String, shown: &Shown<'_>, report: &Report<'_>, paint: Paint) {
    let change = shown.change;
    out.push_str(&format!("  {}: {}  ", paint.bold(&clean(&change.at)), clean(&change.message)));
    let rule = match direction(change) {
        Some(direction) => format!("[{}, {direction}]", change.rule.id),
        None => format!("[{}]", change.rule.id),
    };
    out.push_str(&format!("{}\n", paint.dim(&rule)));
    let mut line = |word: &str, text: &str| out.push_str(&format!("    {word}{}\n", clean(text)));
    if !shown.also.is_empty() {
        line("also at ", &shown.also.join("; "));
    }
    if change.hits != Hits::Nobody {
        line("hits ", &change.hits.to_string());
    }
    if let Some(note) = &change.note {
        line("", note);
    }
    if change.class == Class::Compatible {
        return;
    }
    line("", change.rule.why);
    if !change.rule.instead.is_empty() {
        line("instead: ", change.rule.instead);
    }
    let (old, new) = (&change.old, &change.new);
    if let Some(place) = report.source(new.as_ref().or(old.as_ref()).and_then(|spot| spot.span)) {
        line("--> ", &place);
    }
}

/// Names come from documents that anybody may have written: nothing in them may steer a terminal.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[derive(Clone, Copy)]
struct Paint {
    color: bool,
}

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    fn class(self, class: Class) -> String {
        let code = match class {
            Class::Breaking => "1;31",
            Class::Risky => "1;33",
            Class::Compatible => "1;32",
        };
        self.with(code, &class.to_string())
    }
}
