//! Changes as they are shown: to people on a terminal, under a pull request, and to tools.

mod json;
mod markdown;
mod text;

use frontdesk_diagnostics::{Sources, Span};

use super::{Change, Class, Section};

pub use json::json;
pub use markdown::markdown;
pub use text::text;

/// What became of the contracts of one BFF.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    pub bff: &'a str,
    pub sections: &'a [Section],
    /// What spans point into.
    pub sources: &'a Sources,
}

impl Report<'_> {
    fn changes(&self) -> impl Iterator<Item = &Change> {
        self.sections.iter().flat_map(|section| &section.changes)
    }

    /// How many there are, each place by itself.
    pub fn count(&self, class: Class) -> usize {
        self.changes().filter(|change| change.class == class).count()
    }

    /// The worst there is; `None` if nothing changed.
    pub fn worst(&self) -> Option<Class> {
        self.changes().map(|change| change.class).min()
    }

    /// `2 breaking, 1 risky, 5 compatible`; `no changes`. A change of a schema that ten operations use counts once.
    pub fn tally(&self) -> String {
        let counts: Vec<String> = CLASSES
            .iter()
            .map(|class| {
                let of_class = |section: &Section| {
                    shown(section.changes.iter().filter(|change| change.class == *class)).len()
                };
                (self.sections.iter().map(of_class).sum::<usize>(), class)
            })
            .filter(|(count, _)| *count > 0)
            .map(|(count, class)| format!("{count} {class}"))
            .collect();
        if counts.is_empty() { "no changes".to_owned() } else { counts.join(", ") }
    }

    /// `bffs/ios/views/home.ts:22:5`
    fn source(&self, span: Option<Span>) -> Option<String> {
        let span = span?;
        let (line, column) = self.sources.line_column(span);
        Some(format!("{}:{line}:{column}", self.sources.path(span.file)))
    }
}

const CLASSES: [Class; 3] = [Class::Breaking, Class::Risky, Class::Compatible];

/// One change, and everywhere it shows: a schema that ten operations use changes once.
struct Shown<'a> {
    change: &'a Change,
    also: Vec<&'a str>,
}

fn shown<'a>(changes: impl Iterator<Item = &'a Change>) -> Vec<Shown<'a>> {
    let mut all: Vec<Shown<'a>> = Vec::new();
    let mut places = std::collections::BTreeMap::new();
    for change in changes {
        let pointer = |spot: &'a Option<super::Spot>| spot.as_ref().map(|spot| spot.pointer.as_str());
        let (old, new) = (pointer(&change.old), pointer(&change.new));
        let is_named = [old, new].into_iter().flatten().any(|one| one.starts_with("/components/schemas/"));
        let key = (
            change.rule.id,
            change.direction,
            change.class,
            old,
            new,
            change.hits.to_string(),
            &change.message,
        );
        let known: Option<&usize> = if is_named { places.get(&key) } else { None };
        match known.and_then(|i| all.get_mut(*i)) {
            Some(shown) => shown.also.push(&change.at),
            None => {
                if is_named {
                    places.insert(key, all.len());
                }
                all.push(Shown { change, also: Vec::new() });
            }
        }
    }
    all
}

/// `breaking in requests`: where it matters.
fn direction(change: &Change) -> Option<&'static str> {
    match change.direction {
        super::Direction::Request => Some("request"),
        super::Direction::Response => Some("response"),
        super::Direction::Both | super::Direction::Meta => None,
    }
}
