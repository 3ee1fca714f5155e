//! What definitions say of the perimeter: `auth`, `cors`, `csrf`, `headers`, rates, and what an endpoint needs.
//!
//! Literals and calls of `frontdesk` that only name things (`session(…)`, `secret("NAME")`). Each setting is read
//! where it stands; what contradicts what is said once everything is read.

pub(crate) mod access;
mod agreement;
mod bearer;
mod browser;
mod called;
mod claims;
mod contradiction;
pub(crate) mod header;
mod partner;
mod provider;
mod rate;
mod secret;
mod session;
pub(crate) mod site;

use std::sync::Arc;

use frontdesk_catalog::Catalog;
use frontdesk_diagnostics::codes::perimeter as codes;
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Span};
use oxc_ast::ast::Expression;

use super::Reader;
use super::written::{Fields, Node, Written};
use crate::model::{AuthMethod, Because, Claim, Perimeter};
use called::Call;
pub(crate) use claims::stands_in;

/// What a perimeter is read against.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'c> {
    pub(crate) catalog: &'c Catalog,
    /// The BFF's name.
    pub(crate) folder: &'c str,
}

/// A method as it was read, with the claims it declares.
struct Method {
    method: AuthMethod,
    claims: Vec<Claim>,
}

const METHODS: [&str; 5] = ["session", "bearer", "device", "apiKeys", "certificate"];

/// Reads what `bff({ … })` says of the perimeter. `site` comes from `routes`.
pub(crate) fn read(fields: &Fields<'_, '_>, setting: Setting<'_>, reader: &mut Reader<'_>) -> Perimeter {
    let mut perimeter = Perimeter::default();
    if let Some(node) = fields.value("auth") {
        let methods = methods(node, setting, reader);
        perimeter.is_auth_broken = methods.len() < node.one_or_many().len().max(1);
        perimeter.claims = agreement::of(&methods, reader);
        perimeter.auth = methods.into_iter().map(|method| method.method).collect();
    }
    if let Some(node) = fields.value("csrf") {
        browser::csrf(node, &mut perimeter, reader);
    }
    if let Some(node) = fields.value("cors") {
        perimeter.cors = browser::cors(node, &perimeter, reader);
    }
    if let Some(node) = fields.value("headers") {
        perimeter.headers = browser::headers(node, reader);
    }
    contradiction::check(&perimeter, setting, reader);
    perimeter
}

/// `limits.rate`, once the methods are known.
pub(crate) fn limits(node: &Node<'_>, perimeter: &mut Perimeter, reader: &mut Reader<'_>) {
    perimeter.rates = rate::read(node, perimeter, reader);
}

fn methods(node: &Node<'_>, setting: Setting<'_>, reader: &mut Reader<'_>) -> Vec<Method> {
    let items = node.one_or_many();
    if items.is_empty() {
        node.wrong("`auth` is an empty list", "leave `auth` out if everybody may ask", reader);
    }
    let mut methods: Vec<Method> = Vec::new();
    for item in items {
        let Some(method) = method(item, setting, reader) else { continue };
        let name = method.method.name();
        if let Some(first) = methods.iter().find(|other| other.method.name() == name) {
            let help = match name {
                "session" => {
                    "keep one; for several providers write `providers: { a: { … }, b: { … } }` in it"
                }
                _ => "keep one of them",
            };
            reader.found.push(
                Diagnostic::error(
                    codes::CONTRADICTION,
                    format!("`{name}` stands in `auth` twice"),
                    method.method.span(),
                    "the second time",
                )
                .label(first.method.span(), "the first time")
                .help(help),
            );
            continue;
        }
        methods.push(method);
    }
    methods
}

fn method(node: &Node<'_>, setting: Setting<'_>, reader: &mut Reader<'_>) -> Option<Method> {
    let plain = |method| Method { method, claims: Vec::new() };
    match called::call(node, &METHODS, reader) {
        Call::Of("session", call) => {
            session::session(called::object(call, "session", reader)?, call, setting, reader)
        }
        Call::Of("device", call) => {
            session::device(called::object(call, "device", reader)?, call, setting, reader)
        }
        Call::Of("bearer", call) => {
            bearer::read(called::object(call, "bearer", reader)?, call, setting, reader)
        }
        Call::Of("apiKeys", call) => partner::api_keys(call, reader).map(AuthMethod::ApiKeys).map(plain),
        Call::Of("certificate", call) => {
            let node = called::object(call, "certificate", reader)?;
            partner::certificate(&node, call, reader).map(AuthMethod::Certificate).map(plain)
        }
        Call::Of(..) | Call::Reported => None,
        Call::Other => {
            let written = match &node.value {
                Written::Text(text) => Some(&**text),
                Written::Code(Expression::Identifier(name)) => Some(name.name.as_str()),
                Written::Code(Expression::CallExpression(call)) => {
                    call.callee.get_identifier_reference().map(|name| name.name.as_str())
                }
                _ => None,
            };
            let near = written.and_then(|text| {
                METHODS.into_iter().find(|known| *known == text).or_else(|| nearest(text, METHODS))
            });
            let help = match near {
                Some("apiKeys") => "write `apiKeys()`, with `apiKeys` from `frontdesk`".to_owned(),
                Some(near) => format!("write `{near}({{ … }})`, with `{near}` from `frontdesk`"),
                None => format!("write one of `{}(…)`, or a list of them", METHODS.join("(…)`, `")),
            };
            reader.found.push(
                Diagnostic::error(
                    codes::UNKNOWN_METHOD,
                    "`auth` takes ways to prove who one is",
                    node.span,
                    "this is none",
                )
                .help(help),
            );
            None
        }
    }
}

/// `because` beside a relaxation. Reports one that is missing or says nothing.
fn because(fields: &Fields<'_, '_>, relaxed: &str, at: Span, reader: &mut Reader<'_>) -> Option<Because> {
    let written = fields.value("because");
    let text = written.and_then(|node| node.text("because", reader));
    match text {
        Some(text) if text.trim().len() >= 10 => Some(Because(text)),
        None if written.is_some() => None,
        text => {
            let label = if text.is_some() { "a reason takes a few words" } else { "without a reason" };
            let span = written.map_or(at, |node| node.span);
            reader.found.push(
                Diagnostic::error(codes::NO_REASON, format!("{relaxed} needs a reason"), span, label).help(
                    "add `because: \"…\"`: `frontdesk check --security` shows it to whoever reviews this",
                ),
            );
            None
        }
    }
}

/// Reports a `because` where nothing is relaxed.
fn no_because(fields: &Fields<'_, '_>, reader: &mut Reader<'_>) {
    let Some(property) = fields.get("because") else { return };
    reader.found.push(
        Diagnostic::error(
            codes::CONTRADICTION,
            "`because` explains nothing here",
            property.name_span,
            "nothing is relaxed",
        )
        .help("take it out"),
    );
}

/// Scopes (RFC 6749 §3.3), each once.
fn scopes(node: &Node<'_>, name: &str, reader: &mut Reader<'_>) -> Vec<Arc<str>> {
    let mut scopes: Vec<Arc<str>> = Vec::new();
    for item in node.items(name, reader) {
        let Some(scope) = item.text(name, reader) else { continue };
        let is_scope =
            !scope.is_empty() && scope.bytes().all(|b| (b'!'..=b'~').contains(&b) && !b"\"\\".contains(&b));
        if !is_scope {
            let help = if scope.contains(' ') {
                let each: Vec<String> = scope.split_whitespace().map(|s| format!("\"{s}\"")).collect();
                format!("write each by itself: `[{}]`", each.join(", "))
            } else {
                "write for instance `\"orders.read\"`".to_owned()
            };
            item.wrong(format!("`{scope}` is not a scope"), help, reader);
        } else if scopes.contains(&scope) {
            item.wrong(format!("`{scope}` stands in the list twice"), "keep the first", reader);
        } else {
            scopes.push(scope);
        }
    }
    scopes
}

/// Texts that say something: one, or a list.
fn texts(node: &Node<'_>, name: &str, reader: &mut Reader<'_>) -> Vec<Arc<str>> {
    let mut texts: Vec<Arc<str>> = Vec::new();
    let items = node.one_or_many();
    if items.is_empty() {
        node.wrong(format!("`{name}` is an empty list"), "write at least one", reader);
    }
    for item in items {
        let Some(text) = item.text(name, reader) else { continue };
        if text.trim().is_empty() {
            item.wrong(format!("`{name}` is empty"), "write a text", reader);
        } else if texts.contains(&text) {
            item.wrong(format!("`{text}` stands in the list twice"), "keep the first", reader);
        } else {
            texts.push(text);
        }
    }
    texts
}
