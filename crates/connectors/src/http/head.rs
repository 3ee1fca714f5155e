//! The head of an HTTP/1.1 answer: where it ends, and what it says about the body and the connection
//! (RFC 9112 §4 to §6 and §9).
//!
//! Strict where leniency would leave two readings of where the answer ends: then the connection must not be
//! used again, and what came is not to be believed.

use std::mem::MaybeUninit;

use ::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;

use crate::resilience::retry_after::{self, Pushback};

/// The largest head that is read, interim answers apart.
pub(super) const MOST_HEAD_BYTES: usize = 32 * 1024;
const MOST_HEADERS: usize = 100;

/// How the end of the body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Length(u64),
    Chunked,
    UntilClose,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) framing: Framing,
    /// The connection may carry another request after this answer.
    pub(super) keep_alive: bool,
    /// How many seconds the service says it keeps an idle connection (`keep-alive: timeout=5`).
    pub(super) idle_seconds: Option<u16>,
    /// `content-type` says JSON, or there is none.
    pub(super) is_json: bool,
    /// `content-encoding` is there and is not `identity`.
    pub(super) is_encoded: bool,
    /// When a service that refuses for now (429, 503) wants to be asked again.
    pub(super) pushback: Option<Pushback>,
}

/// Looks for the end of a head in bytes that arrive in pieces, each byte once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct EndOfHead {
    line_start: usize,
    seen: usize,
}

impl EndOfHead {
    /// The length of the head with its empty line, once it is all in `input`, which may only have grown since
    /// the last call.
    pub(super) fn find(&mut self, input: &[u8]) -> Result<Option<usize>, &'static str> {
        const START: &[u8] = b"HTTP/1.";
        let known = input.len().min(START.len());
        if input.get(..known) != START.get(..known) {
            return Err("not an HTTP/1.1 answer");
        }
        while let Some(offset) = memchr::memchr(b'\n', input.get(self.seen..).unwrap_or_default()) {
            let at = self.seen + offset;
            // A bare line feed ends a line for some and not for others.
            if at == 0 || input.get(at - 1) != Some(&b'\r') {
                return Err("a line of the head does not end with CR LF");
            }
            let is_empty = at - 1 == self.line_start;
            self.line_start = at + 1;
            self.seen = at + 1;
            if is_empty {
                return if at < MOST_HEAD_BYTES { Ok(Some(at + 1)) } else { Err(TOO_LARGE) };
            }
        }
        self.seen = input.len();
        if self.seen > MOST_HEAD_BYTES { Err(TOO_LARGE) } else { Ok(None) }
    }
}

const TOO_LARGE: &str = "the head is larger than 32 KiB";

/// Reads a whole head. Headers go into `headers` if someone wants them.
pub(super) fn read(
    raw: &Bytes,
    answers_head: bool,
    mut headers: Option<&mut HeaderMap>,
) -> Result<Head, &'static str> {
    let mut slots = [const { MaybeUninit::uninit() }; MOST_HEADERS];
    let mut parsed = httparse::Response::new(&mut []);
    let config = httparse::ParserConfig::default();
    match config.parse_response_with_uninit_headers(&mut parsed, raw, &mut slots) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return Err("the head ends early"),
        Err(httparse::Error::TooManyHeaders) => return Err("more than 100 headers"),
        Err(httparse::Error::Status) => return Err("not a status line"),
        Err(httparse::Error::Version) => return Err("not HTTP/1.1"),
        Err(_) => return Err("a header is not well formed"),
    }
    let status = parsed.code.unwrap_or(0);
    if status < 100 {
        return Err("the status is less than 100");
    }
    let is_http_11 = parsed.version == Some(1);

    let mut length = None;
    let mut is_chunked = false;
    let mut keep_alive = is_http_11;
    let mut idle_seconds = None;
    let mut is_json = true;
    let mut is_encoded = false;
    let mut retry_after = None;
    for header in parsed.headers.iter() {
        let (name, value) = (header.name, header.value);
        match name.len() {
            10 if is(name, "connection") => {
                keep_alive &= !lists(value, b"close");
            }
            10 if is(name, "keep-alive") => idle_seconds = stated_timeout(value),
            11 if matches!(status, 429 | 503) && is(name, "retry-after") => retry_after = Some(value),
            12 if is(name, "content-type") => is_json = says_json(value),
            14 if is(name, "content-length") => {
                let stated = decimal(value).ok_or("`content-length` is not a number")?;
                if length.replace(stated).is_some() {
                    return Err("more than one `content-length`");
                }
            }
            16 if is(name, "content-encoding") => {
                is_encoded |= !value.trim_ascii().eq_ignore_ascii_case(b"identity");
            }
            17 if is(name, "transfer-encoding") => {
                if is_chunked || !value.eq_ignore_ascii_case(b"chunked") {
                    return Err("`transfer-encoding` is not exactly `chunked`");
                }
                is_chunked = true;
            }
            _ => {}
        }
        if let Some(headers) = headers.as_deref_mut() {
            let name =
                HeaderName::from_bytes(name.as_bytes()).map_err(|_| "a header's name cannot be read")?;
            let value = HeaderValue::from_maybe_shared(raw.slice_ref(value))
                .map_err(|_| "a header's value cannot be read")?;
            headers.append(name, value);
        }
    }

    if is_chunked && length.is_some() {
        return Err("both `content-length` and `transfer-encoding`");
    }
    if is_chunked && !is_http_11 {
        return Err("`transfer-encoding` in HTTP/1.0");
    }
    let has_no_body = answers_head || status < 200 || status == 204 || status == 304;
    let framing = if has_no_body {
        // A body that must not be there would be read as the next answer.
        if matches!(status, 100..=204) && !answers_head {
            keep_alive &= !is_chunked && length.unwrap_or(0) == 0;
        }
        Framing::Length(0)
    } else if is_chunked {
        Framing::Chunked
    } else if let Some(length) = length {
        Framing::Length(length)
    } else {
        keep_alive = false;
        Framing::UntilClose
    };
    let pushback = retry_after.and_then(|said| {
        let date = parsed.headers.iter().find(|header| is(header.name, "date"));
        retry_after::read(said, date.map(|header| header.value))
    });
    Ok(Head { status, framing, keep_alive, idle_seconds, is_json, is_encoded, pushback })
}

/// Nearly all services write names in lower case.
fn is(name: &str, wanted: &str) -> bool {
    name == wanted || name.eq_ignore_ascii_case(wanted)
}

/// Digits only: no sign, no list, no space inside (RFC 9110 §8.6).
fn decimal(value: &[u8]) -> Option<u64> {
    if value.is_empty() || value.len() > 19 {
        return None;
    }
    value.iter().try_fold(0u64, |n, b| b.is_ascii_digit().then(|| n * 10 + u64::from(b - b'0')))
}

/// `timeout=5` in a list of parameters; what cannot be read says nothing.
fn stated_timeout(value: &[u8]) -> Option<u16> {
    let parameter =
        value.split(|b| *b == b',').map(<[u8]>::trim_ascii).find_map(|p| p.strip_prefix(b"timeout="));
    parameter.and_then(decimal).and_then(|seconds| u16::try_from(seconds).ok())
}

/// Whether a comma-separated list has `token`.
pub(super) fn lists(value: &[u8], token: &[u8]) -> bool {
    value.split(|b| *b == b',').any(|part| part.trim_ascii().eq_ignore_ascii_case(token))
}

/// `application/json`, `text/json`, or any type ending in `+json`; parameters do not matter.
pub(super) fn says_json(value: &[u8]) -> bool {
    if value == b"application/json" {
        return true;
    }
    let essence = value.split(|b| *b == b';').next().unwrap_or_default().trim_ascii();
    if essence.eq_ignore_ascii_case(b"application/json") || essence.eq_ignore_ascii_case(b"text/json") {
        return true;
    }
    let suffix = essence.len().checked_sub(5).and_then(|at| essence.get(at..));
    suffix.is_some_and(|s| s.eq_ignore_ascii_case(b"+json"))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{EndOfHead, Framing, Head, read};

    fn head(text: &str) -> Result<Head, &'static str> {
        let text = text.replace('|', "\r\n") + "\r\n\r\n";
        read(&Bytes::from(text), false, None)
    }

    #[test]
    fn framing_is_read_as_the_standard_says() {
        let cases = [
            ("HTTP/1.1 200 OK|content-length: 5", Framing::Length(5), true),
            ("HTTP/1.1 200|Content-Length:5", Framing::Length(5), true),
            ("HTTP/1.1 200 OK|transfer-encoding: Chunked", Framing::Chunked, true),
            ("HTTP/1.1 200 OK", Framing::UntilClose, false),
            ("HTTP/1.1 200 OK|content-length: 5|connection: x, Close", Framing::Length(5), false),
            ("HTTP/1.0 200 OK|content-length: 5", Framing::Length(5), false),
            ("HTTP/1.1 204 No Content", Framing::Length(0), true),
            ("HTTP/1.1 204 No Content|content-length: 5", Framing::Length(0), false),
            ("HTTP/1.1 304 Not Modified|content-length: 5", Framing::Length(0), true),
        ];
        for (text, framing, keep_alive) in cases {
            let head = head(text).unwrap();
            assert_eq!((head.framing, head.keep_alive), (framing, keep_alive), "{text}");
        }
        let answers_head = Bytes::from("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n");
        assert_eq!(read(&answers_head, true, None).unwrap().framing, Framing::Length(0));
    }

    #[test]
    fn two_readings_are_refused() {
        for text in [
            "HTTP/1.1 200 OK|content-length: 5|content-length: 5",
            "HTTP/1.1 200 OK|content-length: 5|content-length: 6",
            "HTTP/1.1 200 OK|content-length: 5, 5",
            "HTTP/1.1 200 OK|content-length: +5",
            "HTTP/1.1 200 OK|content-length: 0x5",
            "HTTP/1.1 200 OK|content-length: 5 5",
            "HTTP/1.1 200 OK|content-length:",
            "HTTP/1.1 200 OK|content-length: 18446744073709551616",
            "HTTP/1.1 200 OK|content-length: 5|transfer-encoding: chunked",
            "HTTP/1.1 200 OK|transfer-encoding: chunked|content-length: 5",
            "HTTP/1.1 200 OK|transfer-encoding: chunked|transfer-encoding: chunked",
            "HTTP/1.1 200 OK|transfer-encoding: identity, chunked",
            "HTTP/1.1 200 OK|transfer-encoding: chunked, identity",
            "HTTP/1.1 200 OK|transfer-encoding: xchunked",
            "HTTP/1.1 200 OK|transfer-encoding: \u{b}chunked",
            "HTTP/1.1 200 OK|transfer-encoding: gzip, chunked",
            "HTTP/1.1 200 OK|transfer-encoding : chunked",
            "HTTP/1.1 200 OK|content-length : 5",
            "HTTP/1.1 200 OK|x: a| b",
            "HTTP/1.1 200 OK|x: a\0b",
            "HTTP/1.1 200 OK|: a",
            "HTTP/1.0 200 OK|transfer-encoding: chunked",
            "HTTP/1.1 20 OK",
            "HTTP/1.1 2000 OK",
            "HTTP/1.1  200 OK",
            "HTTP/1.1 +20 OK",
            "HTTP/1.1 099 Low",
            "HTTP/2.0 200 OK",
            "HTTP/1.2 200 OK",
        ] {
            assert!(head(text).is_err(), "{text} was accepted as {:?}", head(text));
        }
    }

    #[test]
    fn what_a_service_says_of_its_patience_is_heard() {
        let idle = |v: &str| head(&format!("HTTP/1.1 204 No|keep-alive: {v}")).unwrap().idle_seconds;
        assert_eq!(idle("timeout=5"), Some(5));
        assert_eq!(idle("max=100, timeout=72"), Some(72));
        for odd in ["", "5", "timeout=", "timeout=x", "timeout=-1", "timeout=99999", "max=1"] {
            assert_eq!(idle(odd), None, "{odd}");
        }
    }

    #[test]
    fn json_is_told_by_its_type() {
        let json =
            |t: &str| head(&format!("HTTP/1.1 200 OK|content-length: 1|content-type: {t}")).unwrap().is_json;
        for t in
            ["application/json", "Application/JSON; charset=utf-8", "application/problem+json", "text/json"]
        {
            assert!(json(t), "{t}");
        }
        for t in ["text/html", "application/jsonp", "json", "application/x-ndjson", ""] {
            assert!(!json(t), "{t}");
        }
        assert!(head("HTTP/1.1 200 OK").unwrap().is_json, "no type is taken for JSON");
    }

    #[test]
    fn the_end_is_found_in_any_split_and_each_oddity_at_once() {
        let text = b"HTTP/1.1 200 OK\r\na: b\r\n\r\nbody\r\n\r\n";
        for first in 0..text.len() {
            let mut end = EndOfHead::default();
            let early = end.find(&text[..first]).unwrap();
            assert_eq!(early.or(end.find(text).unwrap()), Some(25), "split at {first}");
        }
        for odd in
            ["SSH-2.0", "H\r\n", "HTTP/2", "HTTP/1.1 200 OK\n", "HTTP/1.1 200 OK\r\na: b\n", "\r\nHTTP/1.1"]
        {
            assert!(EndOfHead::default().find(odd.as_bytes()).is_err(), "{odd:?}");
        }
        let endless = [b"HTTP/1.1 200 OK\r\na: ".as_slice(), &vec![b'x'; super::MOST_HEAD_BYTES]].concat();
        assert!(EndOfHead::default().find(&endless).is_err(), "a head without an end");
    }
}
