//! Names of headers: which can pass, and which belong to the connection or the perimeter.

use std::sync::Arc;

use frontdesk_diagnostics::Diagnostic;
use frontdesk_diagnostics::codes::perimeter as codes;

use crate::define::Reader;
use crate::define::input::is_token;
use crate::define::written::Node;
use crate::header_names::{why_not_answered, why_not_forwarded};

/// Headers of one connection (RFC 9110 §7.6.1).
pub(crate) const HOP_BY_HOP: [&str; 9] = [
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

/// In lower case; `None` if it is not a header's name (RFC 9110 §5.1).
pub(crate) fn name(text: &str) -> Option<Arc<str>> {
    let name = text.to_ascii_lowercase();
    is_token(&name).then(|| name.into())
}

/// Why a header that a client shows something in cannot be this one: API keys, or that a request is its own.
pub(crate) fn taken(name: &str) -> Option<&'static str> {
    if name.contains(|c: char| !(c.is_ascii_alphanumeric() || c == '-')) {
        return Some("other servers read `_` and `.` as `-`");
    }
    if HOP_BY_HOP.contains(&name) || name.starts_with("proxy-") {
        return Some("it belongs to one connection");
    }
    let of_browsers = ["cookie", "set-cookie", "origin", "referer", "user-agent", "host", "date", "range"];
    if of_browsers.contains(&name) || name.starts_with("sec-") || name.starts_with("access-control-") {
        return Some("the browser sets it, not the client's code");
    }
    if name == "dpop" || name.starts_with("accept") || name.starts_with("content-") {
        return Some("it has a meaning of its own");
    }
    None
}

/// Which way a header is to pass.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// From the client to services.
    Forward,
    /// From services to the client.
    Answer,
}

/// Names that may pass, lower case. Reports those that never do.
pub(crate) fn names(node: &Node<'_>, key: &str, way: Way, reader: &mut Reader<'_>) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> = Vec::new();
    for item in node.items(key, reader) {
        let Some(text) = item.text(key, reader) else { continue };
        let Some(name) = name(&text) else {
            item.wrong(format!("`{text}` is not a header's name"), "write `\"x-request-id\"`", reader);
            continue;
        };
        let why = if way == Way::Forward { why_not_forwarded(&name) } else { why_not_answered(&name) };
        match why {
            Some(why) => reader.found.push(
                Diagnostic::error(
                    codes::HEADER_NEVER_PASSES,
                    format!("`{name}` never passes"),
                    item.span,
                    why,
                )
                .help("take it out of the list"),
            ),
            None if names.contains(&name) => {
                item.wrong(format!("`{name}` stands in the list twice"), "keep the first", reader);
            }
            None => names.push(name),
        }
    }
    names
}
