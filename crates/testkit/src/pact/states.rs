//! `bffs/<bff>/tests/states.yaml`: provider states → what services answer, and who asks.
//!
//! ```yaml
//! provider: shop-ios              # what consumers call this BFF, if not by its folder's name
//! states:
//!   "a product {id}":             # also of a pact's parameter `id`
//!     services:
//!       catalog: { getProduct: { patch: { id: "{id}" } } }
//!   "nobody is signed in":
//!     as: nobody
//! ```

use std::sync::Arc;

use frontdesk_catalog::Catalog;
use frontdesk_catalog::tree::{self, Entry, Reading};
use frontdesk_contract::pact::consumer::ConsumerPact;
use frontdesk_diagnostics::codes::pact::{BAD_STATES, UNKNOWN_STATE};
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Diagnostics, FileId, Span};
use serde_json::{Map, Value};

use super::filled;
use crate::case::{Found, Who, moment, read_services, read_who};
use crate::fake::Scripts;

const FILE: [&str; 2] = ["provider", "states"];
const STATE: [&str; 3] = ["services", "as", "at"];

/// What a file of states says.
#[derive(Clone, Debug, Default)]
pub struct States {
    /// What consumers call the BFF beside its folder's name.
    pub providers: Vec<String>,
    states: Vec<State>,
}

#[derive(Clone, Debug)]
struct State {
    name: Arc<str>,
    setting: Setting,
}

/// What holds for a request.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    pub scripts: Scripts,
    /// Somebody made up if nothing is said.
    pub who: Option<Who>,
    /// Unix seconds that the clock shows.
    pub at: Option<u64>,
}

impl Setting {
    /// Both, and `over` where they contradict each other.
    #[must_use]
    pub fn with(&self, over: Self) -> Self {
        Self {
            scripts: self.scripts.with(&over.scripts),
            who: over.who.or_else(|| self.who.clone()),
            at: over.at.or(self.at),
        }
    }
}

/// Reads the file that stands in `file`. What is wrong goes to `found`; the rest is read all the same.
pub fn read(catalog: &Catalog, text: &str, file: FileId, found: &mut Diagnostics) -> States {
    let mut problems = Vec::new();
    let root = tree::read("states.yaml", text, Reading { file, syntax_error: BAD_STATES }, &mut problems);
    let mut walk = Found(problems);
    let mut states = States::default();
    if let Some(root) = root
        && let Some(map) = walk.section(&root, "the file of states", &FILE)
    {
        if let Some(provider) = map.entry("provider") {
            states.providers = walk.texts(provider);
        }
        let written = map.entry("states").and_then(|entry| walk.map(entry));
        for entry in written.into_iter().flat_map(|states| states.iter()) {
            let setting = setting(catalog, entry, &mut walk);
            states.states.push(State { name: entry.key.clone(), setting });
        }
    }
    found.extend(walk.0);
    states
}

/// A state without a value promises nothing that has to be brought about.
fn setting(catalog: &Catalog, entry: &Entry, found: &mut Found) -> Setting {
    let mut setting = Setting::default();
    if matches!(entry.value.value, tree::Value::Null) {
        return setting;
    }
    let Some(map) = found.section(&entry.value, &format!("`{}`", entry.key), &STATE) else { return setting };
    if let Some(services) = map.entry("services") {
        setting.scripts = read_services(catalog, services, &mut found.0);
    }
    setting.who = map.entry("as").map(|entry| read_who(entry, found));
    setting.at = map.entry("at").and_then(|entry| {
        found.quantity(entry, moment, "a moment such as `2026-05-01` or `2026-05-01T09:30:00Z`")
    });
    setting
}

impl States {
    /// What holds in the state, and its parameters with those that its name says. The name as it stands is preferred to one
    /// with placeholders.
    pub fn find(&self, name: &str, params: &Map<String, Value>) -> Option<(Setting, Map<String, Value>)> {
        let exact = self.states.iter().find(|state| &*state.name == name).map(|state| (state, Map::new()));
        let (state, said) = exact
            .or_else(|| self.states.iter().find_map(|state| Some((state, captured(&state.name, name)?))))?;
        let mut all = params.clone();
        all.extend(said);
        let scripts = state.setting.scripts.map_json(|value| filled(value, &all));
        Some((Setting { scripts, ..state.setting.clone() }, all))
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.states.iter().map(|state| &*state.name)
    }
}

/// Says which states of a pact nobody describes. `path` is where they would be described.
pub fn check(states: &States, pact: &ConsumerPact, path: &str, found: &mut Diagnostics) {
    for interaction in &pact.interactions {
        for state in &interaction.states {
            if states.find(&state.name, &state.params).is_none() {
                found.push(unknown(states, &state.name, state.span, path));
            }
        }
    }
}

fn unknown(states: &States, name: &str, span: Span, path: &str) -> Diagnostic {
    let meant = nearest(name, states.names());
    let label = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "nobody describes it".to_owned(),
    };
    Diagnostic::error(UNKNOWN_STATE, format!("there is no provider state `{name}`"), span, label).help(
        match meant {
            Some(meant) => format!("let the pact say `{meant}`, or describe `{name}` in {path}"),
            None => format!("describe it in {path}: `states: {{ \"{name}\": {{ services: {{ … }} }} }}`"),
        },
    )
}

/// What stands in `name` for each `{placeholder}` of `pattern`; `None` if it does not fit. A placeholder stands for at
/// least one character, and as few as fit.
fn captured(pattern: &str, name: &str) -> Option<Map<String, Value>> {
    let mut said = Map::new();
    let (mut pattern, mut rest) = (pattern, name);
    while let Some((before, from)) = pattern.split_once('{') {
        let (placeholder, after) = from.split_once('}')?;
        rest = rest.strip_prefix(before)?;
        let literal = after.split('{').next().unwrap_or_default();
        let end = if literal.is_empty() {
            if after.is_empty() { rest.len() } else { return None }
        } else {
            let first = rest.chars().next()?.len_utf8();
            first + rest.get(first..)?.find(literal)?
        };
        let (value, left) = (rest.get(..end)?, rest.get(end..)?);
        if value.is_empty() {
            return None;
        }
        said.insert(placeholder.to_owned(), Value::String(value.to_owned()));
        (pattern, rest) = (after, left);
    }
    (pattern == rest && !said.is_empty()).then_some(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_take_what_stands_there() {
        let said = |pattern, name| captured(pattern, name).map(|said| serde_json::to_string(&said).unwrap());
        assert_eq!(said("a product {id}", "a product p17").as_deref(), Some(r#"{"id":"p17"}"#));
        assert_eq!(said("{n} of {id} left", "3 of p17 left").as_deref(), Some(r#"{"n":"3","id":"p17"}"#));
        assert_eq!(said("cart {id} is empty", "cart c is is empty").as_deref(), Some(r#"{"id":"c is"}"#));
        for (pattern, name) in [
            ("a product {id}", "a product "),
            ("a {id} b", "a x c"),
            ("a", "a"),
            ("{a}{b}", "xy"),
            ("{a", "{a"),
        ] {
            assert_eq!(said(pattern, name), None, "{pattern}: {name}");
        }
    }
}
