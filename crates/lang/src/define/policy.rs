//! What an endpoint says of keeping its answers, repeating it, and how much of it is served at once: `cache`,
//! `idempotency`, `bulkhead`, `priority`.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_diagnostics::codes::endpoint as codes;
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Span};

use super::Reader;
use super::written::{Fields, Node, Written};
use crate::model::{
    CacheScope, EndpointKind, Idempotency, Input, InputPlace, SchemaKind, TagPart, TagTemplate, ViewCache,
};
use crate::quantity;

/// What [`read`] found.
#[derive(Debug, Default)]
pub(crate) struct Policy {
    pub(crate) cache: Option<ViewCache>,
    pub(crate) idempotency: Idempotency,
    pub(crate) bulkhead: Option<u32>,
    pub(crate) background: bool,
}

/// The keys of an endpoint that [`read`] reads.
pub(crate) fn keys(kind: EndpointKind) -> [&'static str; 3] {
    match kind {
        EndpointKind::View => ["cache", "bulkhead", "priority"],
        EndpointKind::Action => ["idempotency", "bulkhead", "priority"],
    }
}

const OF_CACHE: [&str; 6] = ["public", "private", "stale", "staleIfError", "store", "tags"];
const MOST_AT_ONCE: u32 = 100_000;
/// What a tag may be at most: surrogate keys travel in headers.
const LONGEST_TAG: usize = 200;

/// `inputs` are those that are right, `wrong` the names of the others.
pub(crate) fn read(
    fields: &Fields<'_, '_>,
    inputs: &[Input],
    wrong: &[Arc<str>],
    reader: &mut Reader<'_>,
) -> Policy {
    Policy {
        cache: fields.value("cache").and_then(|node| cache(node, inputs, wrong, reader)),
        idempotency: fields
            .value("idempotency")
            .and_then(|node| node.word("idempotency", &["required", "optional"], reader))
            .map_or(Idempotency::Off, |word| match word {
                "required" => Idempotency::Required,
                _ => Idempotency::Optional,
            }),
        bulkhead: fields.value("bulkhead").and_then(|node| node.count("bulkhead", MOST_AT_ONCE, reader)),
        background: fields
            .value("priority")
            .and_then(|node| node.word("priority", &["background"], reader))
            .is_some(),
    }
}

/// `{ public: "60s", stale: "10m", tags: ["home"] }`
fn cache(
    node: &Node<'_>,
    inputs: &[Input],
    wrong: &[Arc<str>],
    reader: &mut Reader<'_>,
) -> Option<ViewCache> {
    if let Written::Text(text) = &node.value {
        node.wrong(
            "the `cache` of a view says for whom its answer is",
            format!(
                "write `cache: {{ private: \"{}\" }}`, or `public` if everybody may have the same answer",
                if quantity::kept(text).is_some() { text } else { "60s" }
            ),
            reader,
        );
        return None;
    }
    let fields = node.fields("cache", "the `cache` of a view", &OF_CACHE, &[], reader)?;
    let (scope, property) = match (fields.get("public"), fields.get("private")) {
        (Some(public), None) => (CacheScope::Public, public),
        (None, Some(private)) => (CacheScope::Private, private),
        (Some(public), Some(private)) => {
            reader.found.push(
                Diagnostic::error(
                    codes::WRONG_VALUE,
                    "an answer is for everybody or for one",
                    private.name_span,
                    "for whoever asked",
                )
                .label(public.name_span, "for everybody")
                .help("keep one of them"),
            );
            return None;
        }
        (None, None) => {
            if fields.lacks("public") {
                reader.found.push(
                    Diagnostic::error(
                        codes::MISSING_KEY,
                        "the `cache` of a view says for whom its answer is, and for how long it is fresh",
                        node.span,
                        "neither `public` nor `private` is here",
                    )
                    .help("add `public: \"60s\"`, or `private: \"60s\"` if it is for the one who asked"),
                );
            }
            return None;
        }
    };
    let max_age = kept(&property.value, &property.name, reader);
    let mut optional = |name: &str| fields.value(name).and_then(|node| kept(node, name, reader));
    let (stale, stale_if_error) = (optional("stale"), optional("staleIfError"));
    let tags = fields.value("tags").map(|node| tags(node, inputs, wrong, reader)).unwrap_or_default();
    let store = fields.value("store").and_then(|node| node.boolean("store", reader));
    if let (CacheScope::Private, Some(true), Some(property)) = (scope, store, fields.get("store")) {
        reader.found.push(
            Diagnostic::error(
                codes::WRONG_VALUE,
                "answers for one are not kept here",
                property.name_span,
                "only what everybody may have is",
            )
            .label(fields.get("private").map_or(node.span, |private| private.name_span), "for whoever asked")
            .help("leave it out; `cache` on a call keeps what a service answers, for each caller if need be"),
        );
    }
    if let (CacheScope::Private, Some(property)) = (scope, fields.get("tags")) {
        reader.found.push(
            Diagnostic::error(
                codes::WRONG_VALUE,
                "a private answer is kept by its client alone, where no purge comes to",
                property.name_span,
                "nothing could be purged by these",
            )
            .label(fields.get("private").map_or(node.span, |private| private.name_span), "for whoever asked")
            .help(
                "leave `tags` out; calls have `tags` of their own, by which what services answered is purged",
            ),
        );
    }
    Some(ViewCache {
        scope,
        max_age: max_age?,
        stale: stale.unwrap_or_default(),
        stale_if_error: stale_if_error.unwrap_or_default(),
        store: scope == CacheScope::Public && store.unwrap_or(true),
        tags,
        span: Span::new(property.name_span.file, property.name_span.start, property.value.span.end),
    })
}

fn kept(node: &Node<'_>, name: &str, reader: &mut Reader<'_>) -> Option<Duration> {
    let text = node.text(name, reader)?;
    let kept = quantity::kept(&text);
    match kept {
        // `max-age` and its like count seconds.
        Some(kept) if kept.subsec_nanos() != 0 => {
            let help = "write `\"1s\"` or more: `Cache-Control` counts in seconds";
            node.wrong(format!("`{text}` is not a number of whole seconds"), help, reader);
            None
        }
        Some(kept) => Some(kept),
        None => {
            let help = "write a number and its unit, at most 30 days: `\"60s\"`, `\"5m\"`, `\"12h\"`";
            node.wrong(format!("`{text}` is not how long an answer can be kept"), help, reader);
            None
        }
    }
}

// ---- tags

fn tags(node: &Node<'_>, inputs: &[Input], wrong: &[Arc<str>], reader: &mut Reader<'_>) -> Vec<TagTemplate> {
    let mut tags: Vec<TagTemplate> = Vec::new();
    for item in node.items("tags", reader) {
        if let Written::Code(_) = item.value {
            item.unfit("tags", "texts such as `\"product:{productId}\"`", reader);
            continue;
        }
        let Some(text) = item.text("tags", reader) else { continue };
        let Some(tag) = template(&text, item, inputs, wrong, reader) else { continue };
        if tags.contains(&tag) {
            item.wrong(format!("`{text}` stands in the list twice"), "keep the first", reader);
        } else {
            tags.push(tag);
        }
    }
    tags
}

/// `product:{productId}`
fn template(
    text: &str,
    node: &Node<'_>,
    inputs: &[Input],
    wrong: &[Arc<str>],
    reader: &mut Reader<'_>,
) -> Option<TagTemplate> {
    let example = "write such as `\"home\"` or `\"product:{productId}\"`";
    if text.is_empty() || text.len() > LONGEST_TAG {
        node.wrong(format!("a tag has 1 to {LONGEST_TAG} characters"), example, reader);
        return None;
    }
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find(['{', '}']) {
        let (before, after) = rest.split_at(open);
        let close = after.strip_prefix('{').and_then(|after| after.split_once('}'));
        let Some((name, after)) = close.filter(|(name, _)| !name.is_empty() && !name.contains('{')) else {
            node.wrong(format!("`{text}` has a brace without its other"), example, reader);
            return None;
        };
        parts.extend(literal(before));
        input(name, node, inputs, wrong, reader)?;
        parts.push(TagPart::Input(name.into()));
        rest = after;
    }
    parts.extend(literal(rest));
    for part in &parts {
        if let TagPart::Text(text) = part
            && let Some(odd) = text.chars().find(|c| !c.is_ascii_graphic() || matches!(c, ',' | '"'))
        {
            let message = format!(
                "a tag holds no {}",
                if odd == ' ' { "space".to_owned() } else { format!("{odd:?}") }
            );
            let help =
                "write it with printable ASCII, without spaces, commas and quotes: tags travel in a header";
            node.wrong(message, help, reader);
            return None;
        }
    }
    Some(TagTemplate { parts })
}

fn literal(text: &str) -> Option<TagPart> {
    (!text.is_empty()).then(|| TagPart::Text(text.into()))
}

/// Reports an input that cannot be part of a tag.
fn input(
    name: &str,
    node: &Node<'_>,
    inputs: &[Input],
    wrong: &[Arc<str>],
    reader: &mut Reader<'_>,
) -> Option<()> {
    let Some(input) = inputs.iter().find(|input| *input.name == *name) else {
        if wrong.iter().any(|wrong| **wrong == *name) {
            return None;
        }
        let near = nearest(name, inputs.iter().map(|input| &*input.name));
        let help = match near {
            Some(near) => format!("did you mean `{{{near}}}`?"),
            None => "name an input of the path or of the query".to_owned(),
        };
        node.wrong(format!("there is no input `{name}`"), help, reader);
        return None;
    };
    let message = match (&input.place, &input.schema) {
        (InputPlace::Header | InputPlace::Body, _) => {
            format!("`{name}` comes neither from the path nor from the query")
        }
        (_, schema) if matches!(schema.kind, SchemaKind::Array { .. } | SchemaKind::Object(_)) => {
            format!("`{name}` is not one value")
        }
        (_, schema) if schema.nullable || (schema.optional && schema.default.is_none()) => {
            format!("`{name}` may be missing, and the tag would be another one then")
        }
        _ => return Some(()),
    };
    reader.found.push(
        Diagnostic::error(codes::WRONG_VALUE, message, node.span, "not in a tag")
            .label(input.span, "the input")
            .help("name an input of the path or of the query that is always there"),
    );
    None
}
