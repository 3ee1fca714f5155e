//! `deprecated: { since, sunset, use, because, enforce }`: of endpoints, and of fields.

use std::collections::BTreeMap;
use std::sync::Arc;

use frontdesk_diagnostics::codes::{endpoint, versions as codes};
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Diagnostics, Span};
use frontdesk_types::Deprecation;

use super::Reader;
use super::config::date;
use super::written::{Fields, Node};

/// What is deprecated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Endpoint,
    Field,
}

/// What was read, and where it names what takes its place.
#[derive(Clone, Debug)]
pub(crate) struct Retirement {
    pub(crate) deprecation: Deprecation,
    pub(crate) successor: Option<Span>,
}

pub(crate) fn read(node: &Node<'_>, what: What, reader: &mut Reader<'_>) -> Option<Retirement> {
    let (name, known): (_, &[&'static str]) = match what {
        What::Endpoint => ("`deprecated`", &["since", "sunset", "use", "because", "enforce"]),
        What::Field => ("`deprecated` of a field", &["since", "sunset", "use", "because"]),
    };
    let fields = node.fields("deprecated", name, known, &[], reader)?;
    let since = fields.require("since", "since: \"2026-05-01\"", reader);
    let since = since.and_then(|node| date(node, "since", reader));
    let sunset = fields.value("sunset").and_then(|node| date(node, "sunset", reader));
    if let (Some(since), Some(sunset)) = (since, sunset)
        && sunset <= since
    {
        let spans = (fields.get("sunset"), fields.get("since"));
        if let (Some(after), Some(before)) = spans {
            reader.found.push(
                Diagnostic::error(
                    codes::BAD_DEPRECATION,
                    "it is gone before it is deprecated",
                    after.value.span,
                    format!("not after {since}"),
                )
                .label(before.value.span, "deprecated from this day on")
                .help("give clients time: let `sunset` be months after `since`"),
            );
        }
    }
    let successor = fields.value("use");
    let instead = successor.and_then(|node| said(node, "use", reader));
    let because = fields.value("because").and_then(|node| said(node, "because", reader));
    let enforce = fields.value("enforce").and_then(|node| node.boolean("enforce", reader)).unwrap_or(false);
    if enforce && what == What::Endpoint {
        needs_sunset(&fields, reader);
    }
    Some(Retirement {
        successor: successor.filter(|_| instead.is_some()).map(|node| node.span),
        deprecation: Deprecation { since: since?, sunset, instead, because, enforce },
    })
}

fn needs_sunset(fields: &Fields<'_, '_>, reader: &mut Reader<'_>) {
    let Some(enforce) = fields.get("enforce").filter(|_| fields.lacks("sunset")) else { return };
    reader.found.push(
        Diagnostic::error(
            codes::BAD_DEPRECATION,
            "there is no day from which it is gone",
            enforce.name_span,
            "this enforces `sunset`, which is missing",
        )
        .help("add `sunset: \"2027-01-01\"`"),
    );
}

/// Text that says something, on one line: it goes into headers.
fn said(node: &Node<'_>, name: &str, reader: &mut Reader<'_>) -> Option<Arc<str>> {
    let text = node.text(name, reader)?;
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        node.wrong(format!("`{name}` says nothing"), "write it on one line, or leave it out", reader);
        return None;
    }
    Some(text)
}

/// The routes of one BFF, and where endpoints say which of them takes their place.
#[derive(Debug, Default)]
pub(crate) struct Successors {
    /// As told apart → as it is written.
    routes: BTreeMap<String, Arc<str>>,
    /// The endpoint's own route, the route it names, and where.
    named: Vec<(Arc<str>, Arc<str>, Span)>,
}

impl Successors {
    pub(crate) fn route(&mut self, text: &Arc<str>) {
        self.routes.insert(plain(text), text.clone());
    }

    pub(crate) fn names(&mut self, own: &Arc<str>, successor: &Arc<str>, span: Span) {
        self.named.push((own.clone(), successor.clone(), span));
    }

    /// The route as the endpoint that has it writes it.
    pub(crate) fn find(&self, text: &str) -> Option<&Arc<str>> {
        self.routes.get(&plain(text))
    }

    /// The written route that `text` was probably meant to be.
    pub(crate) fn near(&self, text: &str) -> Option<&str> {
        nearest(text, self.routes.values().map(|route| &**route))
    }

    /// Reports successors that are no other endpoint of the BFF.
    pub(crate) fn check(&self, found: &mut Diagnostics) {
        for (own, successor, span) in &self.named {
            if plain(own) == plain(successor) {
                found.push(
                    Diagnostic::error(
                        codes::NO_SUCCESSOR,
                        "an endpoint cannot take its own place",
                        *span,
                        "this is its own route",
                    )
                    .help("name the endpoint that clients should use, or leave `use` out"),
                );
            } else if self.find(successor).is_none() {
                let diagnostic = Diagnostic::error(
                    codes::NO_SUCCESSOR,
                    format!("there is no endpoint `{successor}` in this BFF"),
                    *span,
                    match self.near(successor) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "no view or action has this route".to_owned(),
                    },
                );
                found.push(match self.near(successor) {
                    Some(_) => diagnostic,
                    None => diagnostic.help("write the method and path as they stand in the other endpoint"),
                });
            }
        }
    }
}

/// A route with its parameters written one way: `GET /v1/carts/{cartId}`.
fn plain(route: &str) -> String {
    let segment = |segment: &str| match segment.strip_prefix(':') {
        Some(name) => format!("{{{name}}}"),
        None => segment.to_owned(),
    };
    route.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// Reports an endpoint where the contract is.
pub(crate) fn openapi_taken(route: &str, span: Span, found: &mut Diagnostics) {
    if route == "GET /openapi.json" {
        found.push(
            Diagnostic::error(
                endpoint::ROUTE_TAKEN,
                "`/openapi.json` is the contract of this BFF",
                span,
                "`openapi: true` of `bff.ts` answers there",
            )
            .help("give it another path, or take `openapi` out of `bff.ts`"),
        );
    }
}
