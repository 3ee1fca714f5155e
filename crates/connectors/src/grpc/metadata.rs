//! The head of a gRPC call: what the protocol wants, what the service's settings add, what is left of the time.

use std::time::Duration;

use ::http::{HeaderName, HeaderValue, Method, Request, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use frontdesk_adapter::{Deadline, Fault, ServiceCall};

use crate::Error;
use crate::endpoint::Endpoint;
use crate::trace::TraceHeaders;

/// Names that belong to HTTP or to this connector; so does everything that begins with `grpc-`.
const OURS: [&str; 15] = [
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-connection",
    "te",
    "traceparent",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-request-id",
];

/// The metadata of every call of one service. No `Debug`: the values may be secrets.
pub(super) struct Metadata {
    fixed: Vec<(HeaderName, HeaderValue)>,
}

impl Metadata {
    pub(super) fn new(headers: &[(String, String)]) -> Result<Self, Error> {
        let entry = |(name, value): &(String, String)| {
            entry(&name.to_ascii_lowercase(), value.as_bytes())
                .map_err(|why| Error::Header { name: name.clone(), why })
        };
        Ok(Self { fixed: headers.iter().map(entry).collect::<Result<_, _>>()? })
    }

    /// # Errors
    /// [`Fault::Unsendable`] if the path or a header of the call cannot be sent.
    pub(super) fn head(
        &self,
        endpoint: &Endpoint,
        call: &ServiceCall,
        deadline: Deadline,
    ) -> Result<Request<()>, Fault> {
        let unsendable = |argument: &str, why| Fault::Unsendable { argument: argument.to_owned(), why };
        let mut request = Request::new(());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = endpoint.uri(&call.target).ok_or_else(|| unsendable("target", "not a path"))?;
        let out = request.headers_mut();
        out.insert(header::TE, HeaderValue::from_static("trailers"));
        out.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc+proto"));
        out.insert(header::USER_AGENT, HeaderValue::from_static("frontdesk"));
        out.insert("grpc-accept-encoding", HeaderValue::from_static("identity"));
        if let Ok(timeout) = HeaderValue::try_from(timeout(deadline.remaining())) {
            out.insert("grpc-timeout", timeout);
        }
        for (name, value) in &self.fixed {
            out.append(name.clone(), value.clone());
        }
        if let Some(trace) = TraceHeaders::new(call.trace) {
            for (name, value) in [("traceparent", &trace.parent[..]), ("x-request-id", trace.request_id())] {
                if let Ok(value) = HeaderValue::from_bytes(value) {
                    out.insert(name, value);
                }
            }
        }
        for (name, value) in &call.headers {
            let name = String::from_utf8_lossy(name);
            let (key, value) = entry(&name, value).map_err(|why| unsendable(&name, why))?;
            out.append(key, value);
        }
        Ok(request)
    }
}

/// A header as gRPC allows it: custom metadata is ASCII, or base64 if its name ends with `-bin`.
fn entry(name: &str, value: &[u8]) -> Result<(HeaderName, HeaderValue), &'static str> {
    if OURS.contains(&name) || name.starts_with("grpc-") {
        return Err("Frontdesk writes it itself");
    }
    let key = HeaderName::from_lowercase(name.as_bytes()).map_err(|_| "not a header name")?;
    let value = if name.ends_with("-bin") {
        HeaderValue::try_from(STANDARD_NO_PAD.encode(value))
    } else if value.iter().all(|byte| (0x20..0x7f).contains(byte)) {
        HeaderValue::try_from(value)
    } else {
        return Err("gRPC metadata is printable ASCII; a name that ends with `-bin` takes any bytes");
    };
    Ok((key, value.map_err(|_| "not a header value")?))
}

/// At most eight digits and a unit, the finest that holds them, so that a service never gives up early.
fn timeout(left: Duration) -> String {
    const MOST: u128 = 99_999_999;
    if left.as_micros() <= MOST {
        format!("{}u", left.as_micros().max(1))
    } else if left.as_millis() <= MOST {
        format!("{}m", left.as_millis())
    } else {
        format!("{}S", u128::from(left.as_secs()).min(MOST))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Metadata, timeout};

    #[test]
    fn a_timeout_has_at_most_eight_digits() {
        for (left, wanted) in [
            (Duration::ZERO, "1u"),
            (Duration::from_nanos(1_500), "1u"),
            (Duration::from_millis(150), "150000u"),
            (Duration::from_secs(100), "100000m"),
            (Duration::from_secs(100_000), "100000S"),
            (Duration::from_secs(u64::MAX), "99999999S"),
        ] {
            assert_eq!(timeout(left), wanted);
        }
    }

    #[test]
    fn settings_cannot_speak_for_the_protocol() {
        for name in ["te", "Content-Type", "grpc-timeout", "GRPC-Encoding", "traceparent", "a b", "", ":path"]
        {
            assert!(Metadata::new(&[(name.to_owned(), "x".to_owned())]).is_err(), "{name}");
        }
        assert!(Metadata::new(&[("x-name".to_owned(), "café".to_owned())]).is_err());
        let metadata = Metadata::new(&[("X-Name-Bin".to_owned(), "café".to_owned())]).unwrap();
        assert_eq!(metadata.fixed[0].1, "Y2Fmw6k");
    }
}
