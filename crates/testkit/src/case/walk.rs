//! Walking the tree of a file of cases: each value at its place, every mistake told.

use frontdesk_catalog::tree::{Entry, Map, Node, Value as Written};
use frontdesk_diagnostics::codes::testing::{BAD_CASE, UNKNOWN_IN_CASE};
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Span};

/// What was found wrong.
#[derive(Debug, Default)]
pub(crate) struct Found(pub Vec<Diagnostic>);

impl Found {
    /// `what` must be `wanted`, and is something else.
    pub fn wrong(&mut self, span: Span, key: &str, wanted: &str) {
        self.is_not(span, &format!("`{key}`"), wanted);
    }

    fn is_not(&mut self, span: Span, what: &str, wanted: &str) {
        self.0.push(Diagnostic::error(
            BAD_CASE,
            format!("{what} must be {wanted}"),
            span,
            format!("this is not {wanted}"),
        ));
    }

    pub fn bad(&mut self, span: Span, message: impl Into<String>, label: &str, help: &str) {
        self.0.push(Diagnostic::error(BAD_CASE, message, span, label).help(help));
    }

    /// There is no such thing; one of `known` may have been meant.
    pub fn unknown<'k>(
        &mut self,
        span: Span,
        (what, owner): (&str, Option<&str>),
        name: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) {
        let mut known: Vec<&str> = known.into_iter().collect();
        let meant = nearest(name, known.iter().copied()).map(str::to_owned);
        let diagnostic = Diagnostic::error(
            UNKNOWN_IN_CASE,
            match owner {
                Some(owner) => format!("`{owner}` has no {what} `{name}`"),
                None => format!("there is no {what} `{name}`"),
            },
            span,
            match &meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "not known".to_owned(),
            },
        );
        known.sort_unstable();
        known.dedup();
        self.0.push(match (meant, known.len()) {
            (Some(meant), _) => diagnostic.help(format!("write `{meant}`")),
            (None, 0) => diagnostic,
            (None, 1..=20) => diagnostic.help(format!("there is {}", known.join(", "))),
            (None, _) => diagnostic,
        });
    }

    /// The mapping, with keys of `keys` only. `what` as it is to be told: `a case`, or a key between backticks.
    pub fn section<'n>(&mut self, node: &'n Node, what: &str, keys: &[&str]) -> Option<&'n Map> {
        let Some(map) = node.as_map() else {
            self.is_not(node.span, what, "a mapping of keys to values");
            return None;
        };
        for entry in map.iter().filter(|entry| !keys.contains(&&*entry.key)) {
            let label = match nearest(&entry.key, keys.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "not a key of this section".to_owned(),
            };
            self.0.push(
                Diagnostic::error(
                    BAD_CASE,
                    format!("{what} has no key `{}`", entry.key),
                    entry.key_span,
                    label,
                )
                .help(format!("the keys are {}", keys.join(", "))),
            );
        }
        Some(map)
    }

    pub fn map<'n>(&mut self, entry: &'n Entry) -> Option<&'n Map> {
        let map = entry.value.as_map();
        if map.is_none() {
            self.wrong(entry.value.span, &entry.key, "a mapping of keys to values");
        }
        map
    }

    /// A text; numbers count as such.
    pub fn text(&mut self, entry: &Entry) -> Option<String> {
        match &entry.value.value {
            Written::String(text) | Written::Number(text) => Some(text.clone()),
            _ => {
                self.wrong(entry.value.span, &entry.key, "text");
                None
            }
        }
    }

    pub fn boolean(&mut self, entry: &Entry) -> Option<bool> {
        let yes = entry.value.as_bool();
        if yes.is_none() {
            self.wrong(entry.value.span, &entry.key, "`true` or `false`");
        }
        yes
    }

    pub fn status(&mut self, entry: &Entry) -> Option<u16> {
        let status = entry.value.as_count().filter(|n| (100..=599).contains(n)).map(|n| n as u16);
        if status.is_none() {
            self.wrong(entry.value.span, &entry.key, "an HTTP status, from 100 to 599");
        }
        status
    }

    /// A text that `read` understands.
    pub fn quantity<T>(
        &mut self,
        entry: &Entry,
        read: impl Fn(&str) -> Option<T>,
        wanted: &str,
    ) -> Option<T> {
        let text = self.text(entry)?;
        let quantity = read(&text);
        if quantity.is_none() {
            self.wrong(entry.value.span, &entry.key, wanted);
        }
        quantity
    }

    /// A list of texts, or one.
    pub fn texts(&mut self, entry: &Entry) -> Vec<String> {
        let items = match &entry.value.value {
            Written::List(items) => items.as_slice(),
            _ => std::slice::from_ref(&entry.value),
        };
        let mut texts = Vec::new();
        for item in items {
            match &item.value {
                Written::String(text) | Written::Number(text) => texts.push(text.clone()),
                _ => self.wrong(item.span, &entry.key, "a list of texts"),
            }
        }
        texts
    }
}
