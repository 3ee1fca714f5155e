//! `bff({ … })`: what holds for all endpoints of a BFF. Literals only.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_catalog::Catalog;
use frontdesk_diagnostics::codes::endpoint as codes;
use frontdesk_diagnostics::{Diagnostic, Span};
use oxc_ast::ast::CallExpression;

use super::Reader;
use super::perimeter::{self, Setting};
use super::written::{Fields, Node};
use crate::model::{BffConfig, ErrorMapping, Perimeter, Problem, Versions};
use crate::parse::span_of;

mod errors;
mod locale;
mod proxy;
mod routes;
mod versions;

pub(crate) use versions::{date, version};

/// The latency budget of endpoints that say none, in a BFF that says none.
const LATENCY: Duration = Duration::from_secs(1);
const LOCALE: &str = "en";
/// ISO 4217 for "no currency".
const CURRENCY: &str = "XXX";

const KNOWN: [&str; 13] = [
    "client", "owner", "locales", "currency", "versions", "openapi", "auth", "cors", "csrf", "headers",
    "limits", "errors", "routes",
];

/// What a BFF without a usable `bff.ts` gets, so that its endpoints can be checked all the same.
pub(crate) fn missing(folder: &str, span: Span) -> BffConfig {
    BffConfig {
        client: folder.into(),
        owner: None,
        locales: vec![LOCALE.into()],
        currency: CURRENCY.into(),
        latency: LATENCY,
        body_limit: None,
        errors: Vec::new(),
        proxies: Vec::new(),
        perimeter: Perimeter::default(),
        versions: Versions::None,
        openapi: false,
        span,
    }
}

pub(crate) fn read(
    call: &CallExpression<'_>,
    folder: &str,
    catalog: &Catalog,
    reader: &mut Reader<'_>,
) -> BffConfig {
    let span = span_of(reader.file, call.span);
    let mut config = missing(folder, span);
    let definition = match call.arguments.as_slice() {
        [definition] => definition.as_expression(),
        _ => None,
    };
    let Some(definition) = definition else {
        reader.found.push(
            Diagnostic::error(codes::WRONG_VALUE, "`bff` takes one object", span, "not one object")
                .help(format!("write `bff({{ client: \"{folder}\" }})`")),
        );
        return config;
    };
    let node = Node::read(definition, reader);
    let Some(fields) = node.fields("bff", "a BFF", &KNOWN, &[], reader) else { return config };

    let client = fields.require("client", &format!("client: \"{folder}\""), reader);
    if let Some(client) = client.and_then(|node| filled(node, "client", reader)) {
        config.client = client;
    }
    config.owner = fields.value("owner").and_then(|node| filled(node, "owner", reader));
    if let Some(node) = fields.value("locales") {
        let locales = locales(node, reader);
        if !locales.is_empty() {
            config.locales = locales;
        }
    }
    if let Some(currency) = fields.value("currency").and_then(|node| currency(node, reader)) {
        config.currency = currency;
    }
    if let Some(node) = fields.value("versions") {
        config.versions = versions::read(node, reader);
    }
    if let Some(node) = fields.value("openapi") {
        config.openapi = node.boolean("openapi", reader).unwrap_or(false);
    }
    config.perimeter = perimeter::read(&fields, Setting { catalog, folder }, reader);
    limits(&fields, &mut config, reader);
    if let Some(node) = fields.value("errors") {
        config.errors = errors::read(node, catalog, reader);
    }
    if let Some(node) = fields.value("routes") {
        routes::read(node, catalog, &mut config, reader);
    }
    config
}

/// The problems that `errors` declares.
pub(crate) fn problems(config: &BffConfig) -> Vec<Problem> {
    let problem = |mapping: &ErrorMapping| match mapping {
        ErrorMapping::Problem(problem) => Some(problem.clone()),
        ErrorMapping::Fault { .. } => None,
    };
    config.errors.iter().filter_map(problem).collect()
}

fn limits(fields: &Fields<'_, '_>, config: &mut BffConfig, reader: &mut Reader<'_>) {
    let Some(node) = fields.value("limits") else { return };
    let Some(limits) = node.fields("limits", "`limits`", &["latency", "body", "rate"], &[], reader) else {
        return;
    };
    if let Some(latency) = limits.value("latency").and_then(|node| node.duration("latency", reader)) {
        config.latency = latency;
    }
    if let Some(node) = limits.value("rate") {
        perimeter::limits(node, &mut config.perimeter, reader);
    }
    config.body_limit = limits.value("body").and_then(|node| node.size("body", reader));
}

/// Text that says something.
fn filled(node: &Node<'_>, name: &str, reader: &mut Reader<'_>) -> Option<Arc<str>> {
    let text = node.text(name, reader)?;
    if text.trim().is_empty() {
        node.wrong(format!("`{name}` is empty"), "write a name", reader);
        return None;
    }
    Some(text)
}

fn locales(node: &Node<'_>, reader: &mut Reader<'_>) -> Vec<Arc<str>> {
    let mut locales: Vec<Arc<str>> = Vec::new();
    let items = node.items("locales", reader);
    for item in items {
        let Some(tag) = item.text("locales", reader) else { continue };
        if !locale::is_well_formed(&tag) {
            item.wrong(
                format!("`{tag}` is not a language tag"),
                format!(
                    "write it as BCP 47 does: `{}`",
                    locale::repaired(&tag).unwrap_or("en-GB".to_owned())
                ),
                reader,
            );
        } else if locales.iter().any(|other| other.eq_ignore_ascii_case(&tag)) {
            item.wrong(format!("`{tag}` stands in the list twice"), "keep the first", reader);
        } else {
            locales.push(tag);
        }
    }
    locales
}

fn currency(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Arc<str>> {
    let text = node.text("currency", reader)?;
    if text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()) {
        return Some(text);
    }
    node.wrong(
        format!("`{text}` is not a currency"),
        "write its three letters of ISO 4217 in upper case: `\"EUR\"`",
        reader,
    );
    None
}
