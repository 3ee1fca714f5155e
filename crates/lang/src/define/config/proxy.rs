//! `routes: [proxy("/legacy/*", { to: "legacy" })]`: services that are passed through under a prefix.

use std::sync::Arc;

use frontdesk_catalog::{Catalog, ServiceId, ServiceKind};
use frontdesk_diagnostics::Diagnostic;
use frontdesk_diagnostics::codes::endpoint as codes;
use frontdesk_diagnostics::nearest::nearest;
use oxc_ast::ast::{CallExpression, Expression};
use oxc_span::GetSpan;

use crate::define::Reader;
use crate::define::input::is_token;
use crate::define::written::{Node, Written};
use crate::model::{Access, ProxyRoute};
use crate::parse::span_of;

/// Headers of one connection (RFC 9110 §7.6.1), which a proxy sets itself.
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

pub(super) fn read(node: &Node<'_>, catalog: &Catalog, reader: &mut Reader<'_>) -> Vec<ProxyRoute> {
    let mut routes: Vec<ProxyRoute> = Vec::new();
    for item in node.items("routes", reader) {
        let call = match item.value {
            Written::Code(Expression::CallExpression(call)) if reader.builtin(call) == Some("proxy") => call,
            Written::Code(Expression::CallExpression(call)) if is_named_proxy(call) => {
                let span = span_of(reader.file, call.callee.span());
                reader.found.push(
                    Diagnostic::error(codes::BAD_PROXY, "there is no `proxy` here", span, "not imported")
                        .help("add it: `import { bff, proxy } from \"frontdesk\";`"),
                );
                continue;
            }
            _ => {
                reader.found.push(
                    Diagnostic::error(
                        codes::BAD_PROXY,
                        "`routes` holds proxies",
                        item.span,
                        "this is not one",
                    )
                    .help("write `proxy(\"/legacy/*\", { to: \"legacy\" })`, with `proxy` from `frontdesk`"),
                );
                continue;
            }
        };
        let Some(route) = proxy(call, catalog, reader) else { continue };
        if let Some(first) = routes.iter().find(|other| other.prefix == route.prefix) {
            reader.found.push(
                Diagnostic::error(
                    codes::ROUTE_TAKEN,
                    format!("`{}*` is passed through twice", route.prefix),
                    route.span,
                    "this prefix is taken",
                )
                .label(first.span, "by this route"),
            );
            continue;
        }
        routes.push(route);
    }
    routes
}

fn is_named_proxy(call: &CallExpression<'_>) -> bool {
    matches!(&call.callee, Expression::Identifier(name) if name.name == "proxy")
}

fn proxy<'a>(call: &'a CallExpression<'a>, catalog: &Catalog, reader: &mut Reader<'_>) -> Option<ProxyRoute> {
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
    let known = ["to", "strip", "headers", "timeout"];
    let fields = definition.fields("proxy", "a proxy", &known, &["auth", "cache"], reader)?;
    let to = fields.require("to", "to: \"legacy\"", reader).and_then(|node| service(node, catalog, reader));
    let (remove_headers, add_headers) = match fields.value("headers") {
        Some(node) => headers(node, reader),
        None => (Vec::new(), Vec::new()),
    };
    let strip = fields.value("strip").and_then(|node| node.boolean("strip", reader)).unwrap_or(false);
    let timeout = fields.value("timeout").and_then(|node| node.duration("timeout", reader));
    Some(ProxyRoute {
        prefix: prefix?,
        service: to?,
        strip,
        remove_headers,
        add_headers,
        timeout,
        access: Access::public(),
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

type Headers = (Vec<Arc<str>>, Vec<(Arc<str>, Arc<str>)>);

fn headers(node: &Node<'_>, reader: &mut Reader<'_>) -> Headers {
    let Some(fields) = node.fields("headers", "`headers`", &["remove", "add"], &[], reader) else {
        return (Vec::new(), Vec::new());
    };
    let mut remove = Vec::new();
    let mut add = Vec::new();
    for item in fields.value("remove").map_or(&[][..], |node| node.items("remove", reader)) {
        let Some(name) = item.text("remove", reader) else { continue };
        match header_name(&name) {
            Some(name) => remove.push(name),
            None => item.wrong(format!("`{name}` is not a header's name"), "write `\"cookie\"`", reader),
        }
    }
    for entry in fields.value("add").map_or(&[][..], |node| node.entries("add", reader)) {
        let Some(value) = entry.value.text("add", reader) else { continue };
        match header_name(&entry.name) {
            Some(name) if HOP_BY_HOP.contains(&&*name) => reader.found.push(
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
    (remove, add)
}

/// In lower case.
fn header_name(name: &str) -> Option<Arc<str>> {
    let name = name.to_ascii_lowercase();
    is_token(&name).then(|| name.into())
}
