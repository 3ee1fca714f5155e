//! `"GET /v2/carts/{cartId}"`: methods, path templates, and routes that get in each other's way.

use std::collections::HashMap;
use std::sync::Arc;

use frontdesk_diagnostics::codes::{endpoint as codes, perimeter};
use frontdesk_diagnostics::{Diagnostic, Diagnostics, Span};

use super::Reader;
use super::written::Node;
use crate::model::{AuthMethod, BffConfig, Endpoint, EndpointKind, RoutePart};

/// A route as the literal says it.
#[derive(Debug)]
pub(crate) struct Route {
    /// Upper case.
    pub(crate) method: Arc<str>,
    pub(crate) parts: Vec<RoutePart>,
    /// The literal itself.
    pub(crate) text: Arc<str>,
    pub(crate) span: Span,
}

impl Route {
    pub(crate) fn params(&self) -> impl Iterator<Item = &Arc<str>> {
        self.parts.iter().filter_map(|part| match part {
            RoutePart::Param(name) => Some(name),
            RoutePart::Literal(_) => None,
        })
    }

    /// Whether inputs without a place of their own come from the query string.
    pub(crate) fn has_no_body(&self) -> bool {
        matches!(&*self.method, "GET" | "DELETE")
    }
}

/// Reads the first argument of `view` or `action`.
pub(crate) fn read(node: &Node<'_>, kind: EndpointKind, reader: &mut Reader<'_>) -> Option<Route> {
    let example = match kind {
        EndpointKind::View => "\"GET /v1/products/{id}\"",
        EndpointKind::Action => "\"POST /v1/orders\"",
    };
    let text = node.text("route", reader)?;
    let mut bad = |message: String, label: &str| {
        reader.found.push(
            Diagnostic::error(codes::BAD_ROUTE, message, node.span, label)
                .help(format!("write a method and a path, such as `{example}`")),
        );
    };
    let Some((method, path)) = text.split_once(' ') else {
        bad(format!("`{text}` is not a route"), "a method and a path, with one space between them");
        return None;
    };
    let fits = match kind {
        EndpointKind::View => method == "GET",
        EndpointKind::Action => matches!(method, "POST" | "PUT" | "PATCH" | "DELETE"),
    };
    if !fits {
        let upper = method.to_ascii_uppercase();
        let label = match (kind, upper.as_str()) {
            (_, "GET" | "POST" | "PUT" | "PATCH" | "DELETE") if upper != method => "methods are upper case",
            (EndpointKind::View, "POST" | "PUT" | "PATCH" | "DELETE") => {
                "a view only reads; `action(…)` is for endpoints that write"
            }
            (EndpointKind::View, _) => "a view is a `GET`",
            (EndpointKind::Action, "GET") => "an action writes; `view(…)` is for endpoints that read",
            (EndpointKind::Action, _) => "an action is a `POST`, `PUT`, `PATCH` or `DELETE`",
        };
        bad(format!("`{method}` cannot be the method here"), label);
        return None;
    }
    match template(path) {
        Ok(parts) => Some(Route { method: method.into(), parts, text: text.clone(), span: node.span }),
        Err(problem) => {
            bad(format!("`{path}` is not a path"), &problem);
            None
        }
    }
}

/// `/v2/carts/{cartId}` or `/v2/carts/:cartId` as its parts, or what is wrong with it.
fn template(path: &str) -> Result<Vec<RoutePart>, String> {
    let Some(rest) = path.strip_prefix('/') else {
        return Err("a path begins with `/`".to_owned());
    };
    let mut parts = Vec::new();
    let mut literal = String::new();
    let segments: Vec<&str> = rest.split('/').collect();
    for (i, segment) in segments.iter().enumerate() {
        literal.push('/');
        match param(segment)? {
            Some(name) => {
                parts.push(RoutePart::Literal(std::mem::take(&mut literal).into()));
                let part = RoutePart::Param(name.into());
                if parts.contains(&part) {
                    return Err(format!("`{name}` stands in it twice"));
                }
                parts.push(part);
            }
            None => {
                plain(segment, i + 1 == segments.len())?;
                literal.push_str(segment);
            }
        }
    }
    if !literal.is_empty() {
        parts.push(RoutePart::Literal(literal.into()));
    }
    Ok(parts)
}

/// The name of a segment that is a parameter.
fn param(segment: &str) -> Result<Option<&str>, String> {
    let name = if let Some(name) = segment.strip_prefix(':') {
        name
    } else if let Some(inner) = segment.strip_prefix('{') {
        let Some(name) = inner.strip_suffix('}') else {
            if inner.contains('}') {
                return Err(format!("a parameter takes a whole segment, `{segment}` has more in it"));
            }
            return Err(format!("`{segment}` does not end with `}}`"));
        };
        name
    } else if segment.contains(['{', '}']) {
        return Err(format!("a parameter takes a whole segment, `{segment}` has more in it"));
    } else {
        return Ok(None);
    };
    let mut chars = name.chars();
    let starts = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_' || c == '$');
    if starts && chars.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$') {
        Ok(Some(name))
    } else {
        Err(format!("`{segment}` does not name an input"))
    }
}

/// Checks a segment without parameters: RFC 3986 `pchar`, written out rather than percent-encoded.
fn plain(segment: &str, last: bool) -> Result<(), String> {
    if segment.is_empty() {
        return if last { Ok(()) } else { Err("it has an empty segment".to_owned()) };
    }
    if segment == "." || segment == ".." {
        return Err(format!("clients resolve `{segment}` before they ask"));
    }
    let wrong = segment.chars().find(|c| {
        !(c.is_ascii_alphanumeric()
            || matches!(
                c,
                '-' | '.'
                    | '_'
                    | '~'
                    | '!'
                    | '$'
                    | '&'
                    | '\''
                    | '('
                    | ')'
                    | '*'
                    | '+'
                    | ','
                    | ';'
                    | '='
                    | ':'
                    | '@'
            ))
    });
    match wrong {
        None => Ok(()),
        Some('?') => Err("query parameters are inputs, not part of the path".to_owned()),
        Some(c) => Err(format!("a path cannot hold `{c}`")),
    }
}

/// Reports endpoints of one BFF that answer the same method and path.
pub(crate) fn conflicts(endpoints: &[Endpoint], found: &mut Diagnostics) {
    let mut seen: HashMap<(Arc<str>, String), &Endpoint> = HashMap::new();
    for endpoint in endpoints {
        let template: String = endpoint
            .route
            .iter()
            .map(|part| match part {
                RoutePart::Literal(text) => text.as_ref(),
                RoutePart::Param(_) => "{}",
            })
            .collect();
        match seen.entry((endpoint.method.clone(), template)) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(endpoint);
            }
            std::collections::hash_map::Entry::Occupied(first) => found.push(
                Diagnostic::error(
                    codes::ROUTE_TAKEN,
                    format!("`{}` and `{}` answer the same requests", first.get().name, endpoint.name),
                    endpoint.route_span,
                    "this method and path are taken",
                )
                .label(first.get().route_span, "by this endpoint")
                .help("give one of them another path"),
            ),
        }
    }
}

/// Where logins are, in a BFF that has some.
const AUTH: &str = "/auth/";

/// Reports endpoints and proxies where the login is.
pub(crate) fn below_auth(endpoints: &[Endpoint], config: &BffConfig, found: &mut Diagnostics) {
    let method = config
        .perimeter
        .auth
        .iter()
        .find(|method| matches!(method, AuthMethod::Session(_) | AuthMethod::Device(_)));
    let Some(method) = method else { return };
    let first = |endpoint: &Endpoint| match endpoint.route.first() {
        Some(RoutePart::Literal(text)) => text.starts_with(AUTH),
        _ => false,
    };
    let endpoints = endpoints.iter().filter(|endpoint| first(endpoint)).map(|endpoint| endpoint.route_span);
    let proxies =
        config.proxies.iter().filter(|proxy| proxy.prefix.starts_with(AUTH)).map(|proxy| proxy.span);
    for span in endpoints.chain(proxies) {
        found.push(
            Diagnostic::error(
                perimeter::AUTH_PATH_TAKEN,
                "`/auth/` belongs to the login",
                span,
                "this would never be asked",
            )
            .label(method.span(), format!("`{}` answers there", method.name()))
            .help("give it another path"),
        );
    }
}
