//! Pacts of those who call a BFF: read before a verifier is started, so that what it would trip over is said with its
//! place and what to do about it.

use std::sync::Arc;

use frontdesk_catalog::tree::{self, Node, Reading};
use frontdesk_diagnostics::codes::pact::{MESSAGE_PACT, OTHER_PROVIDER, PACT_VERSION, UNREADABLE_PACT};
use frontdesk_diagnostics::{Diagnostic, Diagnostics, FileId, Span, nearest};
use serde_json::{Map, Value};

/// A pact that a verifier can be given.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerPact {
    pub consumer: Arc<str>,
    pub provider: Arc<str>,
    /// 1 to 4.
    pub specification: u8,
    pub interactions: Vec<Interaction>,
}

/// One request, and what is expected of the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Interaction {
    pub description: Arc<str>,
    pub span: Span,
    /// All of them hold.
    pub states: Vec<State>,
}

/// `given(…)`: what is promised to be the case when the request comes.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub name: Arc<str>,
    pub span: Span,
    pub params: Map<String, Value>,
}

/// Reads the pact that stands in `file`. `providers` are the names that consumers may call the BFF by, the usual one
/// first. `None` if it cannot be verified; then `found` says why.
pub fn read(text: &str, file: FileId, providers: &[&str], found: &mut Diagnostics) -> Option<ConsumerPact> {
    let mut problems = Vec::new();
    // Whatever the file is called, a pact is JSON.
    let root = tree::read("pact.json", text, Reading { file, syntax_error: UNREADABLE_PACT }, &mut problems);
    let pact = root.and_then(|root| Reader { found: &mut problems }.pact(&root, providers));
    let sound = problems.is_empty();
    found.extend(problems);
    pact.filter(|_| sound)
}

struct Reader<'f> {
    found: &'f mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn pact(&mut self, root: &Node, providers: &[&str]) -> Option<ConsumerPact> {
        if root.as_map().is_none() {
            let message = format!("a pact is an object, and this is {}", root.describe());
            self.found.push(
                Diagnostic::error(UNREADABLE_PACT, message, root.span, "not a pact")
                    .help("give the file that the consumer's tests wrote, usually in its folder `pacts`"),
            );
            return None;
        }
        let specification = self.specification(root);
        let consumer = self.party(root, "consumer");
        let provider = self.party(root, "provider");
        if let Some((name, span)) = &provider
            && !providers.contains(&&**name)
        {
            self.other_provider(name, *span, providers);
        }
        if let Some(messages) = root.get("messages") {
            self.messages(messages.span);
        } else if root.get("interactions").is_none() {
            self.found.push(
                Diagnostic::error(
                    UNREADABLE_PACT,
                    "the pact has no `interactions`",
                    start_of(root.span),
                    "in here",
                )
                .help("give the file that the consumer's tests wrote, usually in its folder `pacts`"),
            );
        }
        let interactions = root.get("interactions").map(|list| self.interactions(list)).unwrap_or_default();
        Some(ConsumerPact {
            consumer: consumer?.0,
            provider: provider?.0,
            specification: specification?,
            interactions,
        })
    }

    /// `metadata` has said it in three ways.
    fn specification(&mut self, root: &Node) -> Option<u8> {
        let metadata = root.get("metadata");
        let written = metadata.and_then(|metadata| {
            let named = ["pactSpecification", "pact-specification"];
            let version = named.iter().find_map(|name| metadata.get(name)?.get("version"));
            version.or_else(|| metadata.get("pactSpecificationVersion"))
        });
        let Some(written) = written else {
            let span = metadata.map_or(start_of(root.span), |metadata| start_of(metadata.span));
            self.found.push(
                Diagnostic::error(
                    PACT_VERSION,
                    "the pact does not say which version of the Pact specification it follows",
                    span,
                    "`pactSpecification` is missing here",
                )
                .help("write `\"metadata\": { \"pactSpecification\": { \"version\": \"2.0.0\" } }` if an old library made it"),
            );
            return None;
        };
        let major = written.as_str().and_then(|text| text.split('.').next()?.parse::<u8>().ok());
        match major {
            Some(major @ 1..=4) => Some(major),
            _ => {
                let said = written
                    .as_str()
                    .map_or_else(|| written.describe().to_owned(), |text| format!("`{text}`"));
                self.found.push(
                    Diagnostic::error(
                        PACT_VERSION,
                        format!(
                            "the pact follows version {said} of the Pact specification, which is not known"
                        ),
                        written.span,
                        "1 to 4 are known",
                    )
                    .help("have the consumer's tests write version 4, 3 or 2"),
                );
                None
            }
        }
    }

    fn party(&mut self, root: &Node, role: &str) -> Option<(Arc<str>, Span)> {
        let name = root.get(role).and_then(|party| party.get("name"));
        match name.and_then(|name| Some((Arc::from(name.as_str()?), name.span))) {
            Some((name, span)) if !str::is_empty(&name) => Some((name, span)),
            _ => {
                let span = root.get(role).map_or(start_of(root.span), |party| party.span);
                self.found.push(
                    Diagnostic::error(UNREADABLE_PACT, format!("the pact names no {role}"), span, "in here")
                        .help(format!("write `\"{role}\": {{ \"name\": \"…\" }}`")),
                );
                None
            }
        }
    }

    fn other_provider(&mut self, name: &str, span: Span, providers: &[&str]) {
        let ours = providers.first().copied().unwrap_or_default();
        let slip = nearest::nearest(name, providers.iter().copied());
        let help = match slip {
            Some(meant) => format!("write `{meant}`, if this BFF is meant"),
            None => format!(
                "verify it against the BFF it is for; if `{name}` is what its consumers call this one, write `provider: {name}` \
                 in bffs/{ours}/tests/states.yaml"
            ),
        };
        let message = format!("the pact is with `{name}`, not with `{ours}`");
        self.found.push(Diagnostic::error(OTHER_PROVIDER, message, span, "another provider").help(help));
    }

    fn messages(&mut self, span: Span) {
        self.found.push(
            Diagnostic::error(
                MESSAGE_PACT,
                "the pact is of messages, and a BFF answers HTTP requests",
                start_of(span),
                "not HTTP",
            )
            .help("verify it where the messages are sent; give only pacts of HTTP here"),
        );
    }

    fn interactions(&mut self, list: &Node) -> Vec<Interaction> {
        let Some(items) = list.as_list() else {
            self.found.push(Diagnostic::error(
                UNREADABLE_PACT,
                format!("`interactions` is a list, and this is {}", list.describe()),
                list.span,
                "not a list",
            ));
            return Vec::new();
        };
        items.iter().filter_map(|item| self.interaction(item)).collect()
    }

    fn interaction(&mut self, item: &Node) -> Option<Interaction> {
        if let Some(kind) = item.get("type")
            && kind.as_str() != Some("Synchronous/HTTP")
        {
            self.messages(kind.span);
            return None;
        }
        let missing = ["description", "request", "response"].into_iter().find(|key| item.get(key).is_none());
        if let Some(missing) = missing {
            self.found.push(
                Diagnostic::error(
                    UNREADABLE_PACT,
                    format!("an interaction has no `{missing}`"),
                    start_of(item.span),
                    "this one",
                )
                .help("let the consumer's tests write the pact again; it was cut or edited"),
            );
            return None;
        }
        let description = item.get("description")?;
        Some(Interaction {
            description: description.as_str().unwrap_or_default().into(),
            span: description.span,
            states: states(item),
        })
    }
}

/// `providerStates` since version 3, `providerState` (or `provider_state`) before.
fn states(item: &Node) -> Vec<State> {
    let old = item.get("providerState").or_else(|| item.get("provider_state"));
    let one = |node: &Node, params| {
        node.as_str().filter(|name| !name.is_empty()).map(|name| State {
            name: name.into(),
            span: node.span,
            params,
        })
    };
    match item.get("providerStates").and_then(|states| states.as_list()) {
        Some(states) => states
            .iter()
            .filter_map(|state| {
                let params = state.get("params").map(|params| params.to_json());
                let params = params.and_then(|params| params.as_object().cloned()).unwrap_or_default();
                one(state.get("name")?, params)
            })
            .collect(),
        None => old.and_then(|old| one(old, Map::new())).into_iter().collect(),
    }
}

/// Where something begins: its whole may be the whole file.
fn start_of(span: Span) -> Span {
    Span { end: span.end.min(span.start + 1), ..span }
}
