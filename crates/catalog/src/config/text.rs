//! Text: `${env:NAME}` and `${file:path}`, paths, URLs, addresses and names.
//!
//! Interpolations are read after YAML, so a value can never change the shape of the file.

use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Span, codes};

use super::Spanned;
use super::section::wrong_type;
use crate::catalog::{Text, TextPart};
use crate::files::resolve_path;
use crate::tree::{Entry, Node, Value};

/// Text that may wait for the environment. `$${` stands for `${`.
pub fn text(node: &Node, key: Span, name: &str, found: &mut Vec<Diagnostic>) -> Option<Text> {
    let written = match &node.value {
        Value::String(text) | Value::Number(text) => text.as_str(),
        Value::Boolean(true) => "true",
        Value::Boolean(false) => "false",
        _ => {
            found.push(wrong_type(node, key, &format!("`{name}`"), "text"));
            return None;
        }
    };
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = written;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        if let Some(before) = before.strip_suffix('$') {
            literal.push_str(before);
            literal.push_str("${");
            rest = from.get(2..).unwrap_or_default();
            continue;
        }
        literal.push_str(before);
        let Some(end) = from.find('}') else {
            found.push(interpolation(node, from, "has no closing brace", "close it with `}`"));
            return None;
        };
        let (mention, after) = from.split_at(end + 1);
        match part(mention) {
            Ok(part) => {
                if !literal.is_empty() {
                    parts.push(TextPart::Literal(std::mem::take(&mut literal)));
                }
                parts.push(part);
            }
            Err((is, help)) => {
                found.push(interpolation(node, mention, is, &help));
                return None;
            }
        }
        rest = after;
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        parts.push(TextPart::Literal(literal));
    }
    Some(Text { parts, span: node.span })
}

fn part(mention: &str) -> Result<TextPart, (&'static str, String)> {
    let inner = mention.get(2..mention.len().saturating_sub(1)).unwrap_or_default();
    let known = "write `${env:NAME}` or `${file:path}`; a `$${` stands for itself".to_owned();
    let Some((kind, name)) = inner.split_once(':') else {
        let is_name = !inner.is_empty() && inner.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let help = if is_name { format!("write `${{env:{inner}}}`") } else { known };
        return Err(("does not say where the value comes from", help));
    };
    match kind {
        "env" if name.is_empty() || name.contains(['=', '\0', ' ', '$']) => {
            Err(("does not name an environment variable", "write `${env:NAME}`".to_owned()))
        }
        "env" => Ok(TextPart::Env(name.to_owned())),
        "file" => match resolve_path("", name) {
            Some(path) => Ok(TextPart::File(path)),
            None if name.starts_with('/') => Ok(TextPart::File(name.to_owned())),
            None => Err((
                "names a file outside the workspace",
                "write a path inside the workspace or an absolute one".to_owned(),
            )),
        },
        _ => {
            let help = match nearest(kind, ["env", "file"]) {
                Some(kind) => format!("did you mean `${{{kind}:{name}}}`?"),
                None => known,
            };
            Err(("is of no kind that is known", help))
        }
    }
}

fn interpolation(node: &Node, mention: &str, is: &str, help: &str) -> Diagnostic {
    Diagnostic::error(
        codes::catalog::BAD_INTERPOLATION,
        format!("`{mention}` {is}"),
        node.span,
        format!("`{mention}` {is}"),
    )
    .help(help)
}

/// Text that is not empty, perhaps from the environment.
pub fn filled(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<Text> {
    let text = text(&entry.value, entry.key_span, &entry.key, found)?;
    if text.literal().is_some_and(|literal| literal.trim().is_empty()) {
        let message = format!("`{}` is empty", entry.key);
        found.push(bad_value(entry.value.span, &message, "nothing stands here", "write a value"));
        return None;
    }
    Some(text)
}

/// Text that stands as it is.
pub fn literal(node: &Node, key: Span, name: &str, found: &mut Vec<Diagnostic>) -> Option<String> {
    let text = text(node, key, name, found)?;
    if let Some(text) = text.literal() {
        return Some(text.to_owned());
    }
    found.push(
        Diagnostic::error(
            codes::catalog::BAD_INTERPOLATION,
            format!("`{name}` cannot come from the environment"),
            node.span,
            "`frontdesk check` needs this value, and it reads no environment",
        )
        .help("write the value; for another environment, write it in `frontdesk.<environment>.yaml`"),
    );
    None
}

/// Text that stands as it is and is not empty.
pub fn word(node: &Node, key: Span, name: &str, found: &mut Vec<Diagnostic>) -> Option<Spanned<String>> {
    let value = literal(node, key, name, found)?;
    if value.trim().is_empty() {
        found.push(bad_value(
            node.span,
            &format!("`{name}` is empty"),
            "nothing stands here",
            "write a value",
        ));
        return None;
    }
    Some(Spanned { value, span: node.span })
}

/// A path in the workspace, normalised.
pub fn path(node: &Node, key: Span, name: &str, found: &mut Vec<Diagnostic>) -> Option<Spanned<String>> {
    let written = word(node, key, name, found)?;
    if written.value.contains("://") {
        found.push(bad_value(
            node.span,
            &format!("`{name}` is an address, not a file"),
            "schemas are files of the workspace; nothing is fetched",
            "fetch it once with `frontdesk import` and commit the file",
        ));
        return None;
    }
    if let Some(path) = resolve_path("", &written.value) {
        Some(Spanned { value: path, span: written.span })
    } else {
        found.push(bad_value(
            node.span,
            &format!("`{name}` names a file outside the workspace"),
            "paths are relative to the folder of frontdesk.yaml, with `/`",
            "put the file into the workspace, for instance under `services/`",
        ));
        None
    }
}

/// What is wrong with a base URL (`http://` or `https://`, a host, perhaps a port and a path), and what to write instead.
pub fn url_problem(url: &str) -> Option<(&'static str, String)> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Some(("is not a URL", format!("write `http://{}`", url.trim_start_matches('/'))));
    };
    if !matches!(scheme, "http" | "https") {
        return Some((
            "is neither http:// nor https://",
            format!("write `http://{rest}` or `https://{rest}`"),
        ));
    }
    if rest.contains(['?', '#']) {
        return Some(("has a query or a fragment", "leave it away: operations have their own".to_owned()));
    }
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return Some((
            "holds credentials",
            "write them as a header: `headers: { authorization: \"${env:NAME}\" }`".to_owned(),
        ));
    }
    match host_and_port(authority) {
        Some((host, port)) if is_host(host) && port.is_none_or(|port| port > 0) => None,
        _ => Some(("has no valid host and port", "write `http://host:port`".to_owned())),
    }
}

/// `host:port` to listen on. Port 0 means any free one.
pub fn address(node: &Node, key: Span, name: &str, found: &mut Vec<Diagnostic>) -> Option<Text> {
    let text = text(node, key, name, found)?;
    let Some(written) = text.literal() else { return Some(text) };
    let problem = match host_and_port(written) {
        Some((host, Some(_))) if is_host(host) => return Some(text),
        Some(_) if written.bytes().all(|b| b.is_ascii_digit()) => format!("write `127.0.0.1:{written}`"),
        Some((host, None)) if is_host(host) => format!("add the port: `{written}:7001`"),
        _ if written.starts_with(':') => format!("add the host: `127.0.0.1{written}` or `0.0.0.0{written}`"),
        _ => "write `host:port`, for instance `127.0.0.1:7001`".to_owned(),
    };
    let message = format!("`{written}` is not an address to listen on");
    found.push(bad_value(node.span, &message, "not `host:port`", &problem));
    None
}

/// The port is `None` if none is written; the whole is `None` if the port is not one.
pub fn host_and_port(authority: &str) -> Option<(&str, Option<u16>)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        return match rest.strip_prefix(':') {
            Some(port) => Some((host, Some(port.parse().ok()?))),
            None if rest.is_empty() => Some((host, None)),
            None => None,
        };
    }
    match authority.split_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => {
            Some((host, Some(port.parse().ok()?)))
        }
        Some(_) => None,
        None => Some((authority, None)),
    }
}

/// Four numbers with dots between them.
pub fn is_ipv4(host: &str) -> bool {
    host.parse::<core::net::Ipv4Addr>().is_ok()
}

pub fn is_host(host: &str) -> bool {
    if host.contains(':') {
        return host.parse::<core::net::Ipv6Addr>().is_ok();
    }
    !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'))
}

pub fn bad_value(span: Span, message: &str, label: &str, help: &str) -> Diagnostic {
    Diagnostic::error(codes::catalog::BAD_VALUE, message, span, label).help(help)
}

/// `product-catalog` → `productCatalog`.
pub fn as_identifier(name: &str) -> String {
    let name = crate::names::lower_camel(name);
    if name.is_empty() { "service".to_owned() } else { name }
}
