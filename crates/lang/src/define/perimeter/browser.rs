//! `cors`, `csrf` and `headers`: what browsers of other origins may do, and what passes.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_catalog::config::origin_problem;
use frontdesk_diagnostics::codes::perimeter as codes;
use frontdesk_diagnostics::{Diagnostic, Span};

use super::header::{self, Way};
use crate::define::Reader;
use crate::define::written::Node;
use crate::model::{AuthMethod, Cors, Csrf, HeaderRules, Perimeter};

const MAX_AGE: Duration = Duration::from_mins(10);

pub(super) fn cors(node: &Node<'_>, perimeter: &Perimeter, reader: &mut Reader<'_>) -> Option<Cors> {
    let known = ["origins", "headers", "expose", "credentials", "maxAge"];
    let fields = node.fields("cors", "`cors`", &known, &[], reader)?;
    let origins = fields.require("origins", "origins: [\"https://app.example.com\"]", reader);
    let origins = origins.map(|node| origins_of(node, reader)).unwrap_or_default();
    let mut names = |key: &str| -> Vec<Arc<str>> {
        fields.value(key).map(|node| plain_names(node, key, reader)).unwrap_or_default()
    };
    let (headers, expose) = (names("headers"), names("expose"));
    let credentials = fields.value("credentials").and_then(|node| node.boolean("credentials", reader));
    let has_session = perimeter.is_auth_broken
        || perimeter.auth.iter().any(|method| matches!(method, AuthMethod::Session(_)));
    if let (Some(true), false, Some(property)) = (credentials, has_session, fields.get("credentials")) {
        reader.found.push(
            Diagnostic::error(
                codes::CONTRADICTION,
                "`credentials` without a session",
                property.name_span,
                "this BFF has no cookie that could be sent",
            )
            .help("take it out; tokens in `Authorization` pass without it"),
        );
    }
    let max_age = fields.value("maxAge").and_then(|node| node.lifetime("maxAge", 1, reader));
    Some(Cors {
        origins,
        headers,
        expose,
        credentials: credentials.unwrap_or(false),
        max_age: max_age.unwrap_or(MAX_AGE),
        span: node.span,
    })
}

fn origins_of(node: &Node<'_>, reader: &mut Reader<'_>) -> Vec<Arc<str>> {
    let mut origins: Vec<Arc<str>> = Vec::new();
    let items = node.items("origins", reader);
    for item in items {
        let Some(text) = item.text("origins", reader) else { continue };
        let problem = match &*text {
            "*" => Some(("is every page there is", "name the origins of your own pages".to_owned())),
            "null" => Some((
                "is what sandboxed and local pages send, whoever made them",
                "name the origins of your own pages".to_owned(),
            )),
            text if text.contains('*') => {
                Some(("has a placeholder, and origins are compared exactly", "write each out".to_owned()))
            }
            text => origin_problem(text),
        };
        match problem {
            Some((is, help)) => reader.found.push(
                Diagnostic::error(codes::BAD_ORIGIN, format!("`{text}` {is}"), item.span, is).help(help),
            ),
            None if origins.contains(&text) => {
                item.wrong(format!("`{text}` stands in the list twice"), "keep the first", reader);
            }
            None => origins.push(text),
        }
    }
    if items.is_empty() {
        node.wrong("`origins` names none", "leave `cors` out if no other origin may ask", reader);
    }
    origins
}

/// Header names, lower case; `*` is none.
fn plain_names(node: &Node<'_>, key: &str, reader: &mut Reader<'_>) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> = Vec::new();
    for item in node.items(key, reader) {
        let Some(text) = item.text(key, reader) else { continue };
        match header::name(&text) {
            Some(name) if &*text != "*" => {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            _ => item.wrong(
                format!("`{text}` is not a header's name"),
                "write each out: `\"x-request-id\"`",
                reader,
            ),
        }
    }
    names
}

pub(super) fn csrf(node: &Node<'_>, perimeter: &mut Perimeter, reader: &mut Reader<'_>) {
    let Some(fields) = node.fields("csrf", "`csrf`", &["header"], &[], reader) else { return };
    let Some(node) = fields.require("header", "header: \"x-frontdesk\"", reader) else { return };
    let Some(text) = node.text("header", reader) else { return };
    match header::name(&text) {
        // Others of the kind can be sent without asking first (Fetch §2.2.2), so they prove nothing.
        Some(name) if &*name == "authorization" || header::taken(&name).is_some() => {
            reader.found.push(
                Diagnostic::error(
                    codes::CONTRADICTION,
                    format!("`{name}` proves nothing"),
                    node.span,
                    "not a header that only your own pages can send",
                )
                .help("write a header of your own: `\"x-frontdesk\"`"),
            );
        }
        Some(name) => perimeter.csrf = Csrf { header: name },
        None => node.wrong(format!("`{text}` is not a header's name"), "write `\"x-frontdesk\"`", reader),
    }
}

pub(super) fn headers(node: &Node<'_>, reader: &mut Reader<'_>) -> HeaderRules {
    let known = ["forward", "answer", "csp"];
    let Some(fields) = node.fields("headers", "`headers`", &known, &[], reader) else {
        return HeaderRules::default();
    };
    let mut names = |key: &str, way: Way| {
        fields.value(key).map(|node| header::names(node, key, way, reader)).unwrap_or_default()
    };
    let (forward, answer) = (names("forward", Way::Forward), names("answer", Way::Answer));
    HeaderRules { forward, answer, csp: fields.value("csp").and_then(|node| csp(node, reader)) }
}

/// `Content-Security-Policy`, with a warning for what makes it worth little.
fn csp(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Arc<str>> {
    let text = node.text("csp", reader)?;
    let is_printable = text.bytes().all(|b| (b' '..=b'~').contains(&b));
    if text.trim().is_empty() || !is_printable {
        node.wrong(
            "this is not a policy",
            "write it on one line: `\"default-src 'self'; img-src 'self' https://images.example.com\"`",
            reader,
        );
        return None;
    }
    for directive in text.split(';') {
        let mut words = directive.split_ascii_whitespace();
        let Some(name) = words.next() else { continue };
        let name = name.to_ascii_lowercase();
        let runs =
            matches!(name.as_str(), "default-src" | "script-src" | "script-src-elem" | "script-src-attr");
        for word in words {
            let lower = word.to_ascii_lowercase();
            match lower.as_str() {
                "'unsafe-inline'" | "'unsafe-eval'" => unsafe_source(&name, &lower, node.span, reader),
                "*" | "http:" | "https:" | "data:" if runs => unsafe_source(&name, &lower, node.span, reader),
                _ => {}
            }
        }
    }
    Some(text)
}

fn unsafe_source(directive: &str, source: &str, span: Span, reader: &mut Reader<'_>) {
    reader.found.push(
        Diagnostic::warning(
            codes::WEAK_CSP,
            format!("`{directive}` allows `{source}`"),
            span,
            "injected code would run with the user's session",
        )
        .help("name the sources you need, and move code out of the page into files"),
    );
}
