//! Where browsers and peers are: origins, issuers and address blocks.

use core::net::IpAddr;

use frontdesk_diagnostics::{Diagnostic, codes};

use super::section::wrong_type;
use super::text;
use crate::catalog::Text;
use crate::tree::{Entry, Node, Value};

/// `https://shop.example.com`, as browsers write it in `Origin` (RFC 6454 §6.2): without a path, and http:// only
/// on loopback.
pub fn origin(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<Text> {
    let text = text::filled(entry, found)?;
    let Some(written) = text.literal() else { return Some(text) };
    match origin_problem(written) {
        None => Some(text),
        Some((is, help)) => {
            let message = format!("`origin: {written}` {is}");
            found.push(text::bad_value(entry.value.span, &message, is, &help));
            None
        }
    }
}

/// What is wrong with an origin, and what to write instead.
pub fn origin_problem(written: &str) -> Option<(&'static str, String)> {
    let Some((scheme, rest)) = written.split_once("://") else {
        let host = written.trim_matches('/').to_ascii_lowercase();
        return Some(("is not an origin", format!("write `https://{host}`")));
    };
    if !matches!(scheme, "http" | "https") {
        return Some(("is neither https:// nor http://", "write `https://host`".to_owned()));
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match text::host_and_port(authority) {
        Some((host, port)) if text::is_host(host) && port.is_none_or(|port| port > 0) => host,
        _ => return Some(("has no valid host and port", format!("write `{scheme}://host[:port]`"))),
    };
    let lower = authority.to_ascii_lowercase();
    if authority.len() < rest.len() {
        return Some(("has more than scheme, host and port", format!("write `{scheme}://{lower}`")));
    }
    if lower != authority {
        return Some((
            "has capital letters, which browsers never send",
            format!("write `{scheme}://{lower}`"),
        ));
    }
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    if let Some(bare) = authority.strip_suffix(default_port) {
        return Some((
            "names the usual port, which browsers leave away",
            format!("write `{scheme}://{bare}`"),
        ));
    }
    if scheme == "http" && !is_loopback(host) {
        return Some((
            "is not https:// and not on loopback",
            format!("write `https://{authority}`: a session cookie travels over TLS only"),
        ));
    }
    None
}

/// What is wrong with an issuer identifier (RFC 8414 §2), and what to write instead.
pub fn issuer_problem(written: &str) -> Option<(&'static str, String)> {
    let Some((scheme, rest)) = written.split_once("://") else {
        return Some(("is not a URL", format!("write `https://{}`", written.trim_matches('/'))));
    };
    if !matches!(scheme, "http" | "https") {
        return Some(("is neither https:// nor http://", format!("write `https://{rest}`")));
    }
    if rest.contains(['?', '#']) {
        return Some((
            "has a query or a fragment",
            "write the issuer exactly as its metadata say it (RFC 8414 §2)".to_owned(),
        ));
    }
    let authority = rest.split('/').next().unwrap_or_default();
    match text::host_and_port(authority) {
        Some((host, port)) if text::is_host(host) && port.is_none_or(|port| port > 0) => {
            if scheme == "http" && !is_loopback(host) {
                return Some((
                    "is not https:// and not on loopback",
                    format!("write `https://{rest}`: keys that arrive in the clear prove nothing"),
                ));
            }
            None
        }
        _ => Some(("has no valid host and port", "write `https://host/path`".to_owned())),
    }
}

/// A host that never leaves this machine.
pub fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// `trusted-proxies: [10.0.0.0/8, "fd00::/8"]`
pub fn read_trusted_proxies(entry: &Entry, found: &mut Vec<Diagnostic>) -> Vec<Text> {
    let Value::List(items) = &entry.value.value else {
        found.push(wrong_type(&entry.value, entry.key_span, "`trusted-proxies`", "a list of address blocks"));
        return Vec::new();
    };
    items.iter().filter_map(|node| cidr(node, entry, found)).collect()
}

fn cidr(node: &Node, entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<Text> {
    let text = text::text(node, entry.key_span, &entry.key, found)?;
    let Some(written) = text.literal() else { return Some(text) };
    match cidr_problem(written) {
        Some((is, help)) => {
            let message = format!("`{written}` {is}");
            found.push(text::bad_value(node.span, &message, is, &help));
            None
        }
        None => {
            if written.ends_with("/0") {
                found.push(
                    Diagnostic::warning(
                        codes::catalog::TRUSTS_EVERYBODY,
                        format!("`{written}` is every address there is"),
                        node.span,
                        "every client could choose its own address",
                    )
                    .help("name the blocks that your own proxies are in"),
                );
            }
            Some(text)
        }
    }
}

fn cidr_problem(written: &str) -> Option<(&'static str, String)> {
    let Some((address, length)) = written.split_once('/') else {
        if written.parse::<IpAddr>().is_ok() {
            return None;
        }
        let help = "write an address and the length of its prefix, `10.0.0.0/8`, or one address";
        return Some(("is not a block of addresses", help.to_owned()));
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        return Some(("does not begin with an IP address", "write for instance `10.0.0.0/8`".to_owned()));
    };
    let most: u32 = if address.is_ipv4() { 32 } else { 128 };
    let length = length.parse::<u32>().ok().filter(|length| *length <= most);
    let Some(length) = length else {
        return Some(("has no valid prefix length", format!("write a length between 0 and {most}")));
    };
    let first = first_address(address, length);
    (first != address).then(|| ("does not begin where its block does", format!("write `{first}/{length}`")))
}

fn first_address(address: IpAddr, length: u32) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            IpAddr::V4((u32::from(v4) & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
            IpAddr::V6((u128::from(v6) & mask).into())
        }
    }
}
