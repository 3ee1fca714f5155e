//! Proxies of ours between the client and us: who the client really is.
//!
//! `X-Forwarded-For` and `Forwarded` (RFC 7239) are believed from addresses in `trusted-proxies` only, and only as far
//! as trusted proxies wrote them: from the right, up to the first address that is not one of them. Whatever stands left
//! of it is the client's own invention.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::header::{FORWARDED, HeaderMap, HeaderName, HeaderValue};
use smallvec::SmallVec;

use crate::Inbound;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// `trusted-proxies` of `frontdesk.yaml`. Empty: nobody is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    networks: Vec<Network>,
}

/// A range of addresses. IPv4 stands as IPv4-mapped IPv6 (RFC 4291 §2.5.5.2), so that both ways of writing are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    bits: u128,
    mask: u128,
}

/// Text that is not an address or a range of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a network: write `10.0.0.0/8`, `fd00::/8`, or one address")]
pub struct BadNetwork(pub String);

/// The client, as far as proxies of ours can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    pub address: IpAddr,
    /// It came over TLS, to us or to the outermost proxy.
    pub secure: bool,
}

impl TrustedProxies {
    /// # Errors
    /// The first text that is not a network.
    pub fn parse<T: AsRef<str>>(networks: impl IntoIterator<Item = T>) -> Result<Self, BadNetwork> {
        let parse =
            |text: T| Network::parse(text.as_ref()).ok_or_else(|| BadNetwork(text.as_ref().to_owned()));
        Ok(Self { networks: networks.into_iter().map(parse).collect::<Result<_, _>>()? })
    }

    pub fn trusts(&self, address: IpAddr) -> bool {
        let bits = bits(address);
        self.networks.iter().any(|network| bits & network.mask == network.bits)
    }

    /// Who sent this request.
    pub fn client(&self, request: &Inbound<'_>) -> Client {
        let peer = plain(request.peer);
        if self.networks.is_empty() || !self.trusts(peer) {
            return Client { address: peer, secure: request.secure };
        }
        let headers = request.headers;
        // A proxy that writes the one passes the other on as it came: the older one is what most write.
        if headers.contains_key(X_FORWARDED_FOR) {
            let hops = values(headers, &X_FORWARDED_FOR).rev().map(|hop| address(hop.trim_ascii()));
            let secure = says_https(headers).unwrap_or(request.secure);
            return Client { address: self.outermost(peer, hops), secure };
        }
        let elements: Option<Vec<Element>> =
            headers.contains_key(FORWARDED).then(|| elements(headers)).flatten();
        match elements {
            None => Client { address: peer, secure: says_https(headers).unwrap_or(request.secure) },
            Some(elements) => {
                let hops = elements.iter().rev().map(|element| element.from);
                let address = self.outermost(peer, hops);
                Client { address, secure: agreed(&elements).unwrap_or(request.secure) }
            }
        }
    }

    /// From the right, the first that is not trusted; the last that is, if something unreadable stands before it.
    fn outermost(&self, peer: IpAddr, hops: impl Iterator<Item = Option<IpAddr>>) -> IpAddr {
        let mut last = peer;
        for hop in hops {
            let Some(hop) = hop else { return last };
            last = hop;
            if !self.trusts(hop) {
                return hop;
            }
        }
        last
    }

    /// What a service is told of the way here in `X-Forwarded-For`: by a trusted proxy, what it said and then itself;
    /// from anybody else, only who it is.
    pub fn trail(&self, request: &Inbound<'_>) -> HeaderValue {
        let peer = plain(request.peer);
        if self.networks.is_empty() || !self.trusts(peer) {
            return written(peer);
        }
        let mut text = String::new();
        for hop in values(request.headers, &X_FORWARDED_FOR) {
            // Only what was understood is passed on.
            let Some(hop) = address(hop.trim_ascii()) else {
                text.clear();
                continue;
            };
            text.push_str(&format!("{hop}, "));
        }
        text.push_str(&peer.to_string());
        HeaderValue::try_from(text).unwrap_or(UNKNOWN)
    }
}

const UNKNOWN: HeaderValue = HeaderValue::from_static("unknown");

/// One address: what most services are told.
fn written(address: IpAddr) -> HeaderValue {
    let IpAddr::V4(address) = address else {
        return HeaderValue::try_from(address.to_string()).unwrap_or(UNKNOWN);
    };
    // By hand, because it is done for every request that passes through.
    let mut text: SmallVec<[u8; 16]> = SmallVec::new();
    for (at, octet) in address.octets().into_iter().enumerate() {
        if at > 0 {
            text.push(b'.');
        }
        if octet >= 100 {
            text.push(b'0' + octet / 100);
        }
        if octet >= 10 {
            text.push(b'0' + octet / 10 % 10);
        }
        text.push(b'0' + octet % 10);
    }
    HeaderValue::from_bytes(&text).unwrap_or(UNKNOWN)
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.split_once('/') {
            None => (text, None),
            Some((address, length)) => (address, Some(length)),
        };
        let address: IpAddr = address.parse().ok()?;
        let (offset, most) = match address {
            IpAddr::V4(_) => (96, 32),
            IpAddr::V6(_) => (0, 128),
        };
        let length = match length {
            None => most,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse::<u32>().ok()?,
            Some(_) => return None,
        };
        if length > most {
            return None;
        }
        let mask = u128::MAX.checked_shl(128 - offset - length).unwrap_or(0);
        Some(Self { bits: bits(address) & mask, mask })
    }
}

/// IPv4-mapped IPv6 is IPv4.
pub(crate) fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The elements of a list header, over all of its lines.
fn values<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
) -> impl DoubleEndedIterator<Item = &'h [u8]> + use<'h> {
    headers.get_all(name).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`.
fn address(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?;
    let bare = match text.strip_prefix('[') {
        Some(rest) => {
            let (inside, after) = rest.split_once(']')?;
            let is_port = after.is_empty() || after.strip_prefix(':').is_some_and(is_port);
            return is_port.then(|| inside.parse::<Ipv6Addr>().ok()).flatten().map(|a| plain(a.into()));
        }
        None => text,
    };
    if let Some((host, port)) = bare.split_once(':')
        && is_port(port)
        && let Ok(host) = host.parse::<Ipv4Addr>()
    {
        return Some(host.into());
    }
    bare.parse::<IpAddr>().ok().map(plain)
}

fn is_port(text: &str) -> bool {
    text.len() <= 5 && text.parse::<u16>().is_ok() && !text.starts_with('+')
}

/// What `X-Forwarded-Proto` says, if all of its values say the same.
fn says_https(headers: &HeaderMap) -> Option<bool> {
    all_same(values(headers, &X_FORWARDED_PROTO).map(|scheme| is_https(scheme.trim_ascii())))
}

fn is_https(scheme: &[u8]) -> Option<bool> {
    match scheme {
        _ if scheme.eq_ignore_ascii_case(b"https") => Some(true),
        _ if scheme.eq_ignore_ascii_case(b"http") => Some(false),
        _ => None,
    }
}

fn agreed(elements: &[Element]) -> Option<bool> {
    all_same(elements.iter().filter_map(|element| element.proto.as_deref()).map(is_https))
}

fn all_same(mut said: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let first = said.next()??;
    said.all(|other| other == Some(first)).then_some(first)
}

/// One hop of `Forwarded`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Element {
    /// `None` for `unknown`, for `_hidden`, and if it is not said.
    from: Option<IpAddr>,
    proto: Option<Vec<u8>>,
}

/// The hops that `Forwarded` tells of, over all of its lines; `None` if any of it is not of the grammar (RFC 7239 §4).
fn elements(headers: &HeaderMap) -> Option<Vec<Element>> {
    let mut all = Vec::new();
    for value in headers.get_all(FORWARDED) {
        forwarded(value.as_bytes(), &mut all)?;
    }
    Some(all)
}

/// Reads one line: `for=192.0.2.60;proto=http;by=203.0.113.43, for="[2001:db8::17]:47"`.
fn forwarded(line: &[u8], all: &mut Vec<Element>) -> Option<()> {
    let mut rest = line;
    loop {
        let mut element = Element::default();
        let mut seen: Vec<Vec<u8>> = Vec::new();
        loop {
            rest = rest.trim_ascii_start();
            // A list may have empty elements (RFC 9110 §5.6.1), and an element empty pairs.
            if !matches!(rest.first(), None | Some(b',' | b';')) {
                let (name, value, after) = pair(rest)?;
                if seen.contains(&name) {
                    return None;
                }
                match &*name {
                    b"for" => element.from = address(&value),
                    b"proto" => element.proto = Some(value),
                    _ => {}
                }
                seen.push(name);
                rest = after.trim_ascii_start();
            }
            match rest.split_first() {
                Some((b';', after)) => rest = after,
                Some((b',', after)) => {
                    rest = after;
                    break;
                }
                None => break,
                Some(_) => return None,
            }
        }
        if !seen.is_empty() {
            all.push(element);
        }
        if rest.is_empty() {
            return Some(());
        }
    }
}

/// `name=value` or `name="value"`: the name in lower case, the value unquoted, and what comes after.
fn pair(text: &[u8]) -> Option<(Vec<u8>, Vec<u8>, &[u8])> {
    let (name, rest) = token(text)?;
    let rest = rest.strip_prefix(b"=")?;
    let (value, rest) = match rest.strip_prefix(b"\"") {
        Some(quoted) => unquoted(quoted)?,
        None => token(rest).map(|(value, rest)| (value.to_vec(), rest))?,
    };
    Some((name.to_ascii_lowercase(), value, rest))
}

fn token(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let end = text.iter().position(|byte| !is_token(byte)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

fn unquoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut value = Vec::new();
    let mut rest = text;
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b'"' => return Some((value, rest)),
            b'\\' => {
                let (&escaped, after) = rest.split_first()?;
                value.push(escaped);
                rest = after;
            }
            _ => value.push(byte),
        }
    }
}
