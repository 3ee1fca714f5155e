//! `routes` of `bff.ts`: what the BFF answers beside its endpoints.

use frontdesk_catalog::Catalog;
use frontdesk_diagnostics::Diagnostic;
use frontdesk_diagnostics::codes::{endpoint as codes, perimeter as perimeter_codes};
use oxc_ast::ast::{CallExpression, Expression};
use oxc_span::GetSpan;

use super::proxy;
use crate::define::Reader;
use crate::define::perimeter::site;
use crate::define::written::{Node, Written};
use crate::model::{BffConfig, ProxyRoute};
use crate::parse::span_of;

/// Reads proxies and the site. The perimeter must have been read.
pub(super) fn read(node: &Node<'_>, catalog: &Catalog, config: &mut BffConfig, reader: &mut Reader<'_>) {
    for item in node.items("routes", reader) {
        let Written::Code(Expression::CallExpression(call)) = item.value else {
            stranger(item, reader);
            continue;
        };
        match reader.builtin(call) {
            Some("proxy") => {
                if let Some(route) = proxy::read(call, catalog, &config.perimeter, reader) {
                    add(route, &mut config.proxies, reader);
                }
            }
            Some("site") => {
                let Some(site) = site::read(call, reader) else { continue };
                if let Some(first) = &config.perimeter.site {
                    reader.found.push(
                        Diagnostic::error(
                            perimeter_codes::BAD_SITE,
                            "a BFF has one site",
                            site.span,
                            "the second one",
                        )
                        .label(first.span, "the first one")
                        .help("put the files into one folder"),
                    );
                    continue;
                }
                config.perimeter.site = Some(site);
            }
            Some(_) => stranger(item, reader),
            None => match written_name(call) {
                Some(name) => {
                    let span = span_of(reader.file, call.callee.span());
                    reader.found.push(
                        Diagnostic::error(
                            codes::BAD_PROXY,
                            format!("there is no `{name}` here"),
                            span,
                            "not imported",
                        )
                        .help(format!("add it: `import {{ bff, {name} }} from \"frontdesk\";`")),
                    );
                }
                None => stranger(item, reader),
            },
        }
    }
}

fn add(route: ProxyRoute, routes: &mut Vec<ProxyRoute>, reader: &mut Reader<'_>) {
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
        return;
    }
    routes.push(route);
}

fn stranger(item: &Node<'_>, reader: &mut Reader<'_>) {
    reader.found.push(
        Diagnostic::error(
            codes::BAD_PROXY,
            "`routes` holds proxies and a site",
            item.span,
            "this is neither",
        )
        .help("write `proxy(\"/legacy/*\", { to: \"legacy\" })`, with `proxy` from `frontdesk`"),
    );
}

fn written_name<'a>(call: &'a CallExpression<'a>) -> Option<&'a str> {
    match &call.callee {
        Expression::Identifier(name) if matches!(name.name.as_str(), "proxy" | "site") => {
            Some(name.name.as_str())
        }
        _ => None,
    }
}
