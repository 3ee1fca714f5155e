//! Names of headers: which can pass, and which belong to the connection or the perimeter.

use std::sync::Arc;

use frontdesk_diagnostics::Diagnostic;
use frontdesk_diagnostics::codes::perimeter as codes;

use crate::define::Reader;
use crate::define::input::is_token;
use crate::define::written::Node;

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

/// Why a request header of this lower-case name never passes from a client to a service.
pub(crate) fn reserved(name: &str) -> Option<&'static str> {
    let credentials = ["authorization", "proxy-authorization", "cookie", "set-cookie", "dpop"];
    if credentials.contains(&name) {
        return Some("credentials end here; what a service gets is `auth` in `frontdesk.yaml`");
    }
    if HOP_BY_HOP.contains(&name) {
        return Some("it belongs to one connection");
    }
    if name.contains(|c: char| !(c.is_ascii_alphanumeric() || c == '-')) {
        return Some("other servers read `_` and `.` as `-`, so it could pass for another header");
    }
    // Compared without dashes: `X-ForwardedFor` is read as `X-Forwarded-For` by some servers.
    let plain: String = name.chars().filter(|c| *c != '-').collect();
    let identity =
        ["xreal", "xclient", "xremote", "xuser", "xauth", "xssl", "xenvoy", "remoteuser", "xidentity"];
    if plain.starts_with("xforwarded") || plain == "forwarded" || plain == "via" {
        return Some("who asked, and by which way, is for the BFF to say");
    }
    if identity.iter().any(|prefix| plain.starts_with(prefix)) {
        return Some("services take it for the caller's identity");
    }
    if plain.starts_with("sec") && name.starts_with("sec-") || plain == "origin" || plain == "referer" {
        return Some("the browser says it to the BFF, not to services");
    }
    None
}

/// Why an answer's header of this lower-case name never passes from a service to the client.
fn reserved_answer(name: &str) -> Option<&'static str> {
    if name == "set-cookie" || name == "set-cookie2" || name == "clear-site-data" {
        return Some("cookies of this origin are the BFF's");
    }
    if HOP_BY_HOP.contains(&name) {
        return Some("it belongs to one connection");
    }
    if name.starts_with("access-control-") || name == "strict-transport-security" {
        return Some("the BFF says it, as `bff.ts` has it");
    }
    if name == "www-authenticate" || name == "server" || name == "alt-svc" {
        return Some("it is about the service, not about the BFF");
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
        let why = if way == Way::Forward { reserved(&name) } else { reserved_answer(&name) };
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
