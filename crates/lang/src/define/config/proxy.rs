//! `proxy("/legacy/*", { to: "legacy" })`: a service that is passed through under a prefix.

use std::sync::Arc;

use frontdesk_catalog::{Catalog, ServiceId, ServiceKind};
use frontdesk_diagnostics::Diagnostic;
use frontdesk_diagnostics::codes::{endpoint as codes, perimeter as perimeter_codes};
use frontdesk_diagnostics::nearest::nearest;
use oxc_ast::ast::CallExpression;

use crate::define::Reader;
use crate::define::perimeter::access;
use crate::define::perimeter::header::{self, Way};
use crate::define::written::Node;
use crate::model::{Perimeter, ProxyRoute};
use crate::parse::span_of;

pub(super) fn read<'a>(
    call: &'a CallExpression<'a>,
    catalog: &Catalog,
    perimeter: &Perimeter,
    reader: &mut Reader<'_>,
) -> Option<ProxyRoute> {
    let span = span_of(reader.file, call.span);
    let [path, definition] = call.arguments.as_slice() else {
        reader.found.push(
            Diagnostic::error(codes::BAD_PROXY, "`proxy` takes a path and an object", span, "not these")
                .help("write `proxy(\"/legacy/*\", { to: \"legacy\" })`"),
        );
        return None;
    };
    let path = Node::read(path.as_expression()?, reader);
    let definition = Node::read(definition.as_expression()?, reader);
    let prefix = prefix(&path, reader);
    let known: Vec<&'static str> =
        ["to", "strip", "headers", "timeout", "cache"].into_iter().chain(access::KEYS).collect();
    let fields = definition.fields("proxy", "a proxy", &known, &[], reader)?;
    let to = fields.require("to", "to: \"legacy\"", reader).and_then(|node| service(node, catalog, reader));
    let headers = fields.value("headers").map(|node| headers(node, reader)).unwrap_or_default();
    let strip = fields.value("strip").and_then(|node| node.boolean("strip", reader)).unwrap_or(false);
    let timeout = fields.value("timeout").and_then(|node| node.duration("timeout", reader));
    let cache = fields.value("cache").and_then(|node| node.word("cache", &["http"], reader)).is_some();
    Some(ProxyRoute {
        prefix: prefix?,
        service: to?,
        strip,
        remove_headers: headers.remove,
        add_headers: headers.add,
        forward_headers: headers.forward,
        answer_headers: headers.answer,
        timeout,
        cache,
        access: access::read(&fields, perimeter, "this proxy", reader),
        span,
    })
}

/// `/legacy/` of `/legacy/*`.
fn prefix(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Arc<str>> {
    let text = node.text("proxy", reader)?;
    let prefix = text.strip_suffix('*').filter(|prefix| prefix.starts_with('/') && prefix.ends_with('/'));
    let plain = prefix.is_some_and(|prefix| {
        prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-._~".contains(&b))
            && !prefix.contains("//")
            && !prefix.split('/').any(|segment| segment == "." || segment == "..")
    });
    if !plain {
        node.wrong(format!("`{text}` is not a prefix"), "write `\"/legacy/*\"`", reader);
        return None;
    }
    prefix.map(Arc::from)
}

fn service(node: &Node<'_>, catalog: &Catalog, reader: &mut Reader<'_>) -> Option<ServiceId> {
    let name = node.text("to", reader)?;
    let problem = match catalog.service(&name) {
        Some((id, service)) if service.kind != ServiceKind::Grpc => return Some(id),
        None if reader.catalog_is_broken => return None,
        Some(_) => Diagnostic::error(
            codes::BAD_PROXY,
            format!("`{name}` speaks gRPC, which is not passed through"),
            node.span,
            "not an HTTP service",
        )
        .help("write a view that calls it"),
        None => {
            let near = nearest(&name, catalog.services.iter().map(|service| &*service.name));
            Diagnostic::error(
                codes::BAD_PROXY,
                format!("there is no service `{name}`"),
                node.span,
                near.map_or("not in `frontdesk.yaml`".to_owned(), |near| format!("did you mean `{near}`?")),
            )
        }
    };
    reader.found.push(problem);
    None
}

#[derive(Default)]
struct Headers {
    remove: Vec<Arc<str>>,
    add: Vec<(Arc<str>, Arc<str>)>,
    forward: Vec<Arc<str>>,
    answer: Vec<Arc<str>>,
}

fn headers(node: &Node<'_>, reader: &mut Reader<'_>) -> Headers {
    let known = ["remove", "add", "forward", "answer"];
    let Some(fields) = node.fields("headers", "`headers`", &known, &[], reader) else {
        return Headers::default();
    };
    let mut remove = Vec::new();
    let mut add = Vec::new();
    for item in fields.value("remove").map_or(&[][..], |node| node.items("remove", reader)) {
        let Some(name) = item.text("remove", reader) else { continue };
        match header::name(&name) {
            Some(name) => remove.push(name),
            None => item.wrong(format!("`{name}` is not a header's name"), "write `\"cookie\"`", reader),
        }
    }
    for entry in fields.value("add").map_or(&[][..], |node| node.entries("add", reader)) {
        let Some(value) = entry.value.text("add", reader) else { continue };
        match header::name(&entry.name) {
            Some(name) if CREDENTIALS.contains(&&*name) => reader.found.push(
                Diagnostic::error(
                    perimeter_codes::SECRET_WRITTEN,
                    format!("`{name}` holds a secret, which stands in the code here"),
                    entry.value.span,
                    "whoever reads the repository has it",
                )
                .help(
                    "write it as `auth: { static: { … } }` of the service in `frontdesk.yaml`, with `${env:NAME}`; if \
                     it is a real one, have it changed",
                ),
            ),
            Some(name) if header::HOP_BY_HOP.contains(&&*name) => reader.found.push(
                Diagnostic::error(
                    codes::BAD_PROXY,
                    format!("`{name}` belongs to one connection"),
                    entry.name_span,
                    "the proxy sets it itself",
                )
                .help("leave it out"),
            ),
            Some(name) if value.bytes().all(|b| b == b'\t' || (b' '..=b'~').contains(&b)) => {
                add.push((name, value));
            }
            Some(_) => {
                entry.value.wrong(
                    "a header's value is printable ASCII",
                    "encode it, or leave it out",
                    reader,
                );
            }
            None => reader.found.push(Diagnostic::error(
                codes::BAD_PROXY,
                format!("`{}` is not a header's name", entry.name),
                entry.name_span,
                "not a name",
            )),
        }
    }
    let mut names = |key: &str, way: Way| {
        fields.value(key).map(|node| header::names(node, key, way, reader)).unwrap_or_default()
    };
    let (forward, answer) = (names("forward", Way::Forward), names("answer", Way::Answer));
    Headers { remove, add, forward, answer }
}

/// Headers whose values are secrets.
const CREDENTIALS: [&str; 4] = ["authorization", "cookie", "proxy-authorization", "x-api-key"];
