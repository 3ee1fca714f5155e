//! Headers that are between two neighbours and never pass through (RFC 9110 §7.6.1).

use ::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::head::lists;

/// Lower case. `content-length` and `host` are not here: each side states its own.
const NAMES: [&str; 10] = [
    "connection",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Whether `name` stays on this side, by its own meaning or because a `connection` header of the message says so.
pub(super) fn stays(name: &HeaderName, message: &HeaderMap) -> bool {
    NAMES.contains(&name.as_str())
        || message.get_all(header::CONNECTION).iter().any(|listed| {
            let listed = listed.as_bytes();
            !listed.eq_ignore_ascii_case(b"keep-alive") && lists(listed, name.as_str().as_bytes())
        })
}

/// Takes out of an answer what is between the service and us.
pub(super) fn strip(headers: &mut HeaderMap) {
    let listed: Vec<HeaderValue> = headers.get_all(header::CONNECTION).iter().cloned().collect();
    for value in &listed {
        for name in value.as_bytes().split(|b| *b == b',') {
            if let Ok(name) = HeaderName::from_bytes(name.trim_ascii()) {
                headers.remove(name);
            }
        }
    }
    // Few answers have any: looking at what is there costs less than looking for each.
    let found: Vec<HeaderName> =
        headers.keys().filter(|name| NAMES.contains(&name.as_str())).cloned().collect();
    for name in found {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use ::http::{HeaderMap, HeaderName, HeaderValue};

    use super::{stays, strip};

    fn message(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair =
            |(n, v): &(&'static str, &'static str)| (HeaderName::from_static(n), HeaderValue::from_static(v));
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn listed_headers_stay_too() {
        let pairs = [
            ("connection", "close, X-Private"),
            ("x-private", "1"),
            ("x-public", "2"),
            ("transfer-encoding", "chunked"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("upgrade", "h2c"),
        ];
        let message = message(&pairs);
        let passes: Vec<&str> =
            message.keys().filter(|n| !stays(n, &message)).map(HeaderName::as_str).collect();
        assert_eq!(passes, ["x-public"]);
        let mut stripped = message;
        strip(&mut stripped);
        assert_eq!(stripped.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["x-public"]);
    }
}
