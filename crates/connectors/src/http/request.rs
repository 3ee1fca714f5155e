//! The head of a request: what is the same for each call of a service is written once, at start-up.

use ::http::uri::PathAndQuery;
use ::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header, request};
use frontdesk_adapter::{Deadline, Fault, ServiceCall, TraceContext};
use http_body::Body;

use super::hop_by_hop;
use super::upload::UploadFraming;

use crate::Error;
use crate::endpoint::Endpoint;
use crate::trace::{TraceHeaders, milliseconds_left};

/// Headers whose meaning belongs to the connection: they are ours to write.
const OURS: [&str; 11] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
];

/// The trace headers that each call gets afresh.
const TRACE: [&str; 3] = ["traceparent", "x-request-id", "frontdesk-deadline-ms"];

/// The static part of each request to one endpoint. No `Debug`: the headers may be secrets.
pub(super) struct StaticHead {
    /// Before the call's target.
    pub(super) base_path: String,
    /// The headers of `settings`, lower-case names.
    pub(super) own: Vec<(String, String)>,
    /// Host, preferences and `own`, ready to be copied.
    call_lines: Vec<u8>,
    /// Host and `own`: for what passes through, the preferences are the client's.
    pub(super) forward_lines: Vec<u8>,
}

impl StaticHead {
    pub(super) fn new(endpoint: &Endpoint, headers: &[(String, String)]) -> Self {
        let has = |name: &str| headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
        let mut host_line = Vec::new();
        push_line(&mut host_line, b"host", endpoint.authority.as_bytes());
        let own: Vec<(String, String)> =
            headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
        let mut own_lines = Vec::new();
        for (name, value) in &own {
            push_line(&mut own_lines, name.as_bytes(), value.as_bytes());
        }
        let mut call_lines = host_line.clone();
        for (name, value) in PREFERENCES {
            if !has(name) {
                push_line(&mut call_lines, name.as_bytes(), value.as_bytes());
            }
        }
        call_lines.extend_from_slice(&own_lines);
        let mut forward_lines = host_line;
        forward_lines.extend_from_slice(&own_lines);
        Self { base_path: endpoint.base_path.clone(), own, call_lines, forward_lines }
    }

    /// The head of `call`, complete with its empty line.
    ///
    /// # Errors
    /// [`Fault::Unsendable`] if a part of it could end its line, or is ours to say.
    pub(super) fn write(
        &self,
        out: &mut Vec<u8>,
        call: &ServiceCall,
        deadline: Deadline,
    ) -> Result<(), Fault> {
        self.request_line(out, call.method, &call.target)?;
        out.extend_from_slice(&self.call_lines);
        trace_lines(out, call.trace, Some(deadline));
        let mut has_type = false;
        for (name, value) in &call.headers {
            check_header(name, value)?;
            has_type |= name == b"content-type";
            push_line(out, name, value);
        }
        if !call.body.is_empty() && !has_type {
            out.extend_from_slice(b"content-type: application/json\r\n");
        }
        if !call.body.is_empty() || has_body_by_nature(call.method) {
            push_length(out, call.body.len() as u64);
        }
        out.extend_from_slice(b"\r\n");
        Ok(())
    }

    /// The head of a request that passes through: the client's headers but for those that stay on its side, and
    /// those that we or the service's settings say.
    pub(super) fn write_forward(
        &self,
        out: &mut Vec<u8>,
        parts: &request::Parts,
        framing: UploadFraming,
        trace: TraceContext,
        deadline: Deadline,
    ) -> Result<(), Fault> {
        let target = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        self.request_line(out, parts.method.as_str(), target.as_bytes())?;
        out.extend_from_slice(&self.forward_lines);
        trace_lines(out, trace, Some(deadline));
        for (name, value) in &parts.headers {
            if passes(name, &parts.headers) && !self.own.iter().any(|(own, _)| own == name.as_str()) {
                push_line(out, name.as_str().as_bytes(), value.as_bytes());
            }
        }
        match framing {
            UploadFraming::Length(length) => push_length(out, length),
            UploadFraming::Chunked => push_line(out, b"transfer-encoding", b"chunked"),
            UploadFraming::Empty if has_body_by_nature(parts.method.as_str()) => push_length(out, 0),
            UploadFraming::Empty => {}
        }
        out.extend_from_slice(b"\r\n");
        Ok(())
    }

    fn request_line(&self, out: &mut Vec<u8>, method: &str, target: &[u8]) -> Result<(), Fault> {
        check_target(target)?;
        out.extend_from_slice(method.as_bytes());
        out.push(b' ');
        out.extend_from_slice(self.base_path.as_bytes());
        out.extend_from_slice(target);
        out.extend_from_slice(b" HTTP/1.1\r\n");
        Ok(())
    }
}

/// Methods that announce even an empty body (RFC 9110 §8.6).
fn has_body_by_nature(method: &str) -> bool {
    matches!(method, "POST" | "PUT" | "PATCH")
}

/// Whether a client's header goes on to the service.
fn passes(name: &HeaderName, message: &HeaderMap) -> bool {
    let bytes = name.as_str().as_bytes();
    !is_ours(bytes) && !is_trace(bytes) && !hop_by_hop::stays(name, message)
}

/// A request that passes through, for HTTP/2.
pub(super) fn http2_forward(
    endpoint: &Endpoint,
    own: &[(String, String)],
    parts: &request::Parts,
    body: &impl Body,
    trace: TraceContext,
    deadline: Deadline,
) -> Result<Request<()>, Fault> {
    let target = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
    check_target(target.as_bytes())?;
    let mut request = Request::new(());
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = endpoint
        .uri(target.as_bytes())
        .ok_or_else(|| Fault::Unsendable { argument: "target".to_owned(), why: "not a path" })?;
    let out = request.headers_mut();
    for (name, value) in &parts.headers {
        if passes(name, &parts.headers) {
            out.append(name.clone(), value.clone());
        }
    }
    if let UploadFraming::Length(length) = UploadFraming::of(body) {
        out.insert(header::CONTENT_LENGTH, length.into());
    }
    set_all(out, own, trace, deadline);
    Ok(request)
}

/// The headers of the service's settings, and those of the trace.
fn set_all(out: &mut HeaderMap, own: &[(String, String)], trace: TraceContext, deadline: Deadline) {
    for (name, value) in own {
        set(out, name.as_bytes(), value.as_bytes());
    }
    if let Some(trace) = TraceHeaders::new(trace) {
        set(out, b"traceparent", &trace.parent);
        set(out, b"x-request-id", trace.request_id());
    }
    out.insert("frontdesk-deadline-ms", milliseconds_left(deadline).into());
}

/// The head of a call for HTTP/2, where it is not text.
pub(super) fn http2_head(
    endpoint: &Endpoint,
    headers: &[(String, String)],
    call: &ServiceCall,
    deadline: Deadline,
) -> Result<Request<()>, Fault> {
    check_target(&call.target)?;
    let unsendable = |why| Fault::Unsendable { argument: "target".to_owned(), why };
    let mut request = Request::new(());
    *request.method_mut() =
        Method::from_bytes(call.method.as_bytes()).map_err(|_| unsendable("no such method"))?;
    *request.uri_mut() = endpoint.uri(&call.target).ok_or_else(|| unsendable("not a path"))?;
    let out = request.headers_mut();
    for (name, value) in PREFERENCES {
        out.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    set_all(out, headers, call.trace, deadline);
    if !call.body.is_empty() {
        out.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        out.insert(header::CONTENT_LENGTH, call.body.len().into());
    }
    for (name, value) in &call.headers {
        check_header(name, value)?;
        set(out, name, value);
    }
    Ok(request)
}

/// Both were checked before.
fn set(headers: &mut HeaderMap, name: &[u8], value: &[u8]) {
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
        headers.insert(name, value);
    }
}

/// What our own calls prefer. An answer that is compressed would have to be unpacked before it can be read,
/// which costs more than the loopback or data-centre network it saves.
pub(super) const PREFERENCES: [(&str, &str); 3] =
    [("accept", "application/json"), ("accept-encoding", "identity"), ("user-agent", "frontdesk")];

/// Checks the headers of a service's settings.
pub(super) fn check_static(headers: &[(String, String)]) -> Result<(), Error> {
    for (name, value) in headers {
        let refuse = |why| Err(Error::Header { name: name.clone(), why });
        let lower = name.to_ascii_lowercase();
        if !is_token(lower.as_bytes()) {
            return refuse("not a header name");
        }
        if OURS.contains(&lower.as_str()) || TRACE.contains(&lower.as_str()) || lower == "accept-encoding" {
            return refuse("Frontdesk writes it itself");
        }
        if !is_value(value.as_bytes()) {
            return refuse("its value has a line break or another control character");
        }
    }
    Ok(())
}

/// A target goes into the request line as it stands: it must be a path, and nothing in it may end the line or
/// begin another part of it.
#[expect(clippy::needless_bitwise_bool, reason = "without branches many bytes are looked at at once")]
pub(super) fn check_target(target: &[u8]) -> Result<(), Fault> {
    let refuse = |why| Err(Fault::Unsendable { argument: "target".to_owned(), why });
    if target.first() != Some(&b'/') {
        return refuse("a target begins with `/`");
    }
    if !target.iter().fold(true, |fits, b| fits & (*b > b' ') & (*b < 0x7f) & (*b != b'#')) {
        return refuse("it has a space, a control character, `#`, or a character beyond ASCII");
    }
    Ok(())
}

pub(super) fn check_header(name: &[u8], value: &[u8]) -> Result<(), Fault> {
    let refuse = |why| Err(Fault::Unsendable { argument: String::from_utf8_lossy(name).into_owned(), why });
    if !is_token(name) {
        return refuse("not a header name");
    }
    if is_ours(name) || TRACE.iter().any(|t| t.as_bytes() == name) {
        return refuse("this header is not for a call to set");
    }
    if !is_value(value) {
        return refuse("a line break or another control character in a header");
    }
    Ok(())
}

/// `name` in lower case belongs to the connection, or is written by us.
pub(super) fn is_ours(name: &[u8]) -> bool {
    OURS.iter().any(|o| o.as_bytes() == name)
}

/// `name` in lower case is one of the trace headers.
pub(super) fn is_trace(name: &[u8]) -> bool {
    TRACE.iter().any(|t| t.as_bytes() == name)
}

fn is_token(name: &[u8]) -> bool {
    !name.is_empty()
        && name.iter().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b))
        && !name.iter().any(u8::is_ascii_uppercase)
}

fn is_value(value: &[u8]) -> bool {
    value.iter().all(|b| *b == b'\t' || (*b >= 0x20 && *b != 0x7f))
}

pub(super) fn push_line(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

pub(super) fn push_length(out: &mut Vec<u8>, length: u64) {
    push_line(out, b"content-length", itoa::Buffer::new().format(length).as_bytes());
}

/// W3C Trace Context with a span of this call's own, the correlation id, and what is left of the time.
pub(super) fn trace_lines(out: &mut Vec<u8>, trace: TraceContext, deadline: Option<Deadline>) {
    if let Some(headers) = TraceHeaders::new(trace) {
        push_line(out, b"traceparent", &headers.parent);
        push_line(out, b"x-request-id", headers.request_id());
    }
    if let Some(deadline) = deadline {
        let left = milliseconds_left(deadline);
        push_line(out, b"frontdesk-deadline-ms", itoa::Buffer::new().format(left).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use frontdesk_adapter::{Deadline, Fault, ServiceCall, TraceContext, now};

    use super::{StaticHead, check_static};
    use crate::{Error, endpoint};

    fn call() -> ServiceCall {
        ServiceCall {
            method: "GET",
            target: b"/things/1?x=2".to_vec(),
            headers: vec![(b"x-tenant".to_vec(), "caf\u{e9}".into())],
            body: Vec::new(),
            safe: true,
            trace: TraceContext { trace_id: [0xab; 16], span_id: [1; 8], sampled: true },
            ..ServiceCall::default()
        }
    }

    fn written(call: &ServiceCall) -> Result<String, Fault> {
        let (endpoint, _) = endpoint::parse("http://h:1/api/").unwrap();
        let head = StaticHead::new(&endpoint, &[("X-Key".to_owned(), "k".to_owned())]);
        let mut out = Vec::new();
        head.write(&mut out, call, Deadline::after(now(), Duration::from_millis(250)))?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_says_what_a_service_needs() {
        let text = written(&call()).unwrap();
        let lines: Vec<&str> = text.split("\r\n").collect();
        let (trace, fixed): (Vec<_>, Vec<_>) = lines.into_iter().partition(|l| l.starts_with("traceparent"));
        assert_eq!(
            fixed,
            [
                "GET /api/things/1?x=2 HTTP/1.1",
                "host: h:1",
                "accept: application/json",
                "accept-encoding: identity",
                "user-agent: frontdesk",
                "x-key: k",
                "x-request-id: abababababababababababababababab",
                "frontdesk-deadline-ms: 250",
                "x-tenant: caf\u{e9}",
                "",
                "",
            ]
        );
        assert!(trace[0].starts_with("traceparent: 00-abababababababababababababababab-"));
        assert!(trace[0].ends_with("-01") && trace[0].len() == 13 + 55);
        assert_ne!(written(&call()).unwrap(), text, "each call has a span of its own");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_brings_its_length_and_type() {
        let text = written(&ServiceCall { method: "POST", body: b"{}".to_vec(), ..call() }).unwrap();
        assert!(text.ends_with("content-type: application/json\r\ncontent-length: 2\r\n\r\n"));
        let text = written(&ServiceCall { method: "POST", ..call() }).unwrap();
        assert!(text.ends_with("content-length: 0\r\n\r\n"));
        let text = written(&ServiceCall { method: "DELETE", ..call() }).unwrap();
        assert!(!text.contains("content-length"));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_can_be_smuggled_into_a_request() {
        for target in ["", "x", "//a b", "/a\r\nx: y", "/a\n", "/a\0", "/é", "/a#b", "http://evil/"] {
            let bad = ServiceCall { target: target.into(), ..call() };
            assert!(matches!(written(&bad), Err(Fault::Unsendable { .. })), "{target:?}");
        }
        let headers = [
            ("x", "a\r\ny: z"),
            ("x", "a\nb"),
            ("x", "a\0"),
            ("x\r\ny", "a"),
            ("x y", "a"),
            ("", "a"),
            ("X-Upper", "a"),
            ("host", "evil"),
            ("content-length", "5"),
            ("transfer-encoding", "chunked"),
            ("connection", "close"),
            ("traceparent", "00"),
        ];
        for (name, value) in headers {
            let bad = ServiceCall { headers: vec![(name.into(), value.into())], ..call() };
            assert!(matches!(written(&bad), Err(Fault::Unsendable { .. })), "{name:?}: {value:?}");
        }
    }

    #[test]
    fn static_headers_are_checked_without_telling_their_values() {
        let check = |name: &str, value: &str| check_static(&[(name.to_owned(), value.to_owned())]);
        assert!(check("X-Api-Key", "s3cret").is_ok());
        for (name, value) in
            [("x-api-key", "s3cret\n"), ("Host", "s3cret"), ("x y", "s3cret"), ("TE", "s3cret")]
        {
            let error = check(name, value).unwrap_err();
            assert!(matches!(error, Error::Header { .. }) && !error.to_string().contains("s3cret"));
        }
    }
}
