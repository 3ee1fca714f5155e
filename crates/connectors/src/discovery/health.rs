//! Active health checks: endpoints are asked whether they are well, beside the calls.
//!
//! One process asks each endpoint once a round, whichever core's sweep finds it due, on a connection of its own: that
//! it accepts one is part of the question. A probe says nothing of any user and carries none of the service's
//! headers. HTTP services answer a GET with 2xx; gRPC services as `grpc.health.v1` has it
//! (<https://github.com/grpc/grpc/blob/master/doc/health-checking.md>).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ::http::{Method, Request, Uri};
use bytes::{Bytes, BytesMut};
use frontdesk_adapter::{Deadline, now, say};
use h2::client::ResponseFuture;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

use super::{Roster, Vitals};
use crate::HealthCheck;
use crate::endpoint::Endpoint;
use crate::transport::{Dialer, Transport};

/// The longest head of an answer to a probe.
const MOST_HEAD: usize = 16 * 1024;
/// The longest body that says how a gRPC server is: a few bytes.
const MOST_BODY: usize = 1024;
const CHECK: &str = "/grpc.health.v1.Health/Check";

/// The rounds of one service.
pub(super) struct Rounds(Arc<Inner>);

struct Inner {
    health: HealthCheck,
    dialer: Dialer,
    http2: bool,
    charts: Mutex<HashMap<Arc<str>, Chart>>,
}

/// What was found of one endpoint.
struct Chart {
    next: Instant,
    is_busy: bool,
    /// Answers alike in a row.
    good: u32,
    bad: u32,
}

impl Rounds {
    pub(super) fn new(health: HealthCheck, dialer: Dialer, http2: bool) -> Self {
        Self(Arc::new(Inner { health, dialer, http2, charts: Mutex::default() }))
    }

    /// Asks those that are due, in tasks of this thread.
    pub(super) fn drive(&self, roster: &Roster, now: Instant) {
        let mut charts = self.0.charts();
        if charts.len() > roster.members.len() {
            let is_known = |name: &Arc<str>| roster.members.iter().any(|m| m.endpoint.name == *name);
            charts.retain(|name, chart| chart.is_busy || is_known(name));
        }
        for member in &roster.members {
            let new = || Chart { next: now, is_busy: false, good: 0, bad: 0 };
            let chart = charts.entry(Arc::clone(&member.endpoint.name)).or_insert_with(new);
            if chart.is_busy || chart.next > now {
                continue;
            }
            chart.is_busy = true;
            // Instances that started together do not ask together for ever.
            chart.next = now + self.0.health.every.mul_f32(0.9 + 0.2 * fastrand::f32());
            let visit = Visit {
                of: Arc::clone(&self.0),
                endpoint: Arc::clone(&member.endpoint),
                vitals: Arc::clone(&member.vitals),
            };
            tokio::task::spawn_local(visit.make());
        }
    }
}

impl Inner {
    fn charts(&self) -> MutexGuard<'_, HashMap<Arc<str>, Chart>> {
        self.charts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One endpoint, while it is asked.
struct Visit {
    of: Arc<Inner>,
    endpoint: Arc<Endpoint>,
    vitals: Arc<Vitals>,
}

impl Visit {
    async fn make(self) {
        let limit = Deadline::after(now(), self.of.health.timeout);
        let asked = tokio::time::timeout_at(limit.instant(), self.of.ask(&self.endpoint)).await;
        self.note(asked.unwrap_or_else(|_| Err("no answer in time".to_owned())));
    }

    fn note(&self, asked: Result<(), String>) {
        let health = &self.of.health;
        let mut charts = self.of.charts();
        let Some(chart) = charts.get_mut(&self.endpoint.name) else { return };
        let name = &self.endpoint.name;
        match asked {
            Ok(()) => {
                chart.bad = 0;
                chart.good = chart.good.saturating_add(1);
                if !self.vitals.is_well() && chart.good >= health.healthy {
                    self.vitals.get_well();
                    say!("frontdesk: {name} is well again");
                }
            }
            Err(why) => {
                chart.good = 0;
                chart.bad = chart.bad.saturating_add(1);
                if self.vitals.is_well() && chart.bad >= health.unhealthy {
                    self.vitals.fall_ill();
                    say!("frontdesk: {name} is not well ({why}): its calls go to others, if there are any");
                }
            }
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if let Some(chart) = self.of.charts().get_mut(&self.endpoint.name) {
            chart.is_busy = false;
        }
    }
}

impl Inner {
    /// # Errors
    /// In words, if the endpoint is not well.
    async fn ask(&self, endpoint: &Endpoint) -> Result<(), String> {
        let transport = self.dialer.dial(endpoint).await.map_err(|fault| fault.to_string())?;
        if self.http2 {
            self.ask_http2(endpoint, transport).await
        } else {
            self.ask_http1(endpoint, transport).await
        }
    }

    async fn ask_http1(&self, endpoint: &Endpoint, mut transport: Transport) -> Result<(), String> {
        let (base, path, host) = (&endpoint.base_path, &self.health.path, &endpoint.authority);
        let head = format!(
            "GET {base}{path} HTTP/1.1\r\nhost: {host}\r\nuser-agent: frontdesk-health\r\naccept: */*\r\nconnection: close\r\n\r\n"
        );
        transport.write_all(head.as_bytes()).await.map_err(|e| e.to_string())?;
        transport.flush().await.map_err(|e| e.to_string())?;
        let mut input = BytesMut::new();
        loop {
            if let Some(end) = memchr::memmem::find(&input, b"\r\n\r\n") {
                let status = status_of(&input.split_to(end + 4))?;
                if status >= 200 {
                    return judged(status);
                }
                continue;
            }
            if input.len() > MOST_HEAD {
                return Err("the head of its answer has no end".to_owned());
            }
            if transport.read_buf(&mut input).await.map_err(|e| e.to_string())? == 0 {
                return Err("closed without an answer".to_owned());
            }
        }
    }

    async fn ask_http2(&self, endpoint: &Endpoint, transport: Transport) -> Result<(), String> {
        let handshake = h2::client::handshake(transport).await;
        let (sender, connection) = handshake.map_err(|e| e.to_string())?;
        let asking = async {
            let mut sender = sender.ready().await.map_err(|e| e.to_string())?;
            let is_grpc = self.health.path.is_empty();
            let target = if is_grpc { CHECK } else { &self.health.path };
            let uri = endpoint.uri(target.as_bytes()).ok_or("its address cannot be asked for")?;
            let (answer, mut send) =
                sender.send_request(head_of(uri, is_grpc), !is_grpc).map_err(|e| e.to_string())?;
            if is_grpc {
                send.send_data(self.question(), true).map_err(|e| e.to_string())?;
                return serving(answer).await;
            }
            judged(answer.await.map_err(|e| e.to_string())?.status().as_u16())
        };
        tokio::select! {
            said = asking => said,
            ended = connection => Err(ended.err().map_or("closed without an answer".to_owned(), |e| e.to_string())),
        }
    }

    /// `HealthCheckRequest { service = 1 }` in its frame.
    fn question(&self) -> Bytes {
        let name = self.health.service.as_bytes();
        let mut message = Vec::new();
        if !name.is_empty() {
            message.push(0x0a);
            prost::encoding::encode_varint(name.len() as u64, &mut message);
            message.extend_from_slice(name);
        }
        let mut framed = vec![0];
        framed.extend_from_slice(&(message.len() as u32).to_be_bytes());
        framed.extend_from_slice(&message);
        framed.into()
    }
}

fn head_of(uri: Uri, is_grpc: bool) -> Request<()> {
    let mut request = Request::new(());
    *request.uri_mut() = uri;
    let mut headers = vec![("user-agent", "frontdesk-health")];
    if is_grpc {
        *request.method_mut() = Method::POST;
        headers.extend([("content-type", "application/grpc"), ("te", "trailers")]);
    }
    for (name, value) in headers {
        request.headers_mut().insert(name, ::http::HeaderValue::from_static(value));
    }
    request
}

fn status_of(head: &[u8]) -> Result<u16, String> {
    let line = head.split(|b| *b == b'\r').next().unwrap_or_default();
    let mut words = line.split(|b| *b == b' ').filter(|word| !word.is_empty());
    let is_http = words.next().is_some_and(|word| word.starts_with(b"HTTP/1."));
    let status = words.next().and_then(|word| std::str::from_utf8(word).ok()?.parse().ok());
    status.filter(|_| is_http).ok_or_else(|| "its answer is not HTTP".to_owned())
}

fn judged(status: u16) -> Result<(), String> {
    if (200..300).contains(&status) { Ok(()) } else { Err(format!("it answers {status}")) }
}

/// `HealthCheckResponse { status = 1 }` must be SERVING (1).
async fn serving(answer: ResponseFuture) -> Result<(), String> {
    let (head, mut body) = answer.await.map_err(|e| e.to_string())?.into_parts();
    judged(head.status.as_u16())?;
    let mut whole = Vec::new();
    while let Some(piece) = body.data().await {
        whole.extend_from_slice(&piece.map_err(|e| e.to_string())?);
        if whole.len() > MOST_BODY {
            return Err("its answer is too long".to_owned());
        }
    }
    let trailers = body.trailers().await.map_err(|e| e.to_string())?;
    let status = trailers.as_ref().unwrap_or(&head.headers).get("grpc-status").map(|s| s.as_bytes().to_vec());
    match status.as_deref() {
        Some(b"0") => {}
        // Not implemented: it cannot say, which is not to be ill (gRPC A17).
        Some(b"12") => return Ok(()),
        Some(b"5") => return Err("it does not know that service".to_owned()),
        other => {
            let code =
                other.map_or_else(|| "none".to_owned(), |code| String::from_utf8_lossy(code).into_owned());
            return Err(format!("its gRPC status is {code}"));
        }
    }
    // One field, a small number: written in two bytes.
    if whole.get(5..) == Some(&[0x08, 1]) { Ok(()) } else { Err("it is not serving".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::status_of;

    #[test]
    fn a_status_is_read_from_the_first_line() {
        assert_eq!(status_of(b"HTTP/1.1 204 No Content\r\n\r\n"), Ok(204));
        assert_eq!(status_of(b"HTTP/1.0 503\r\n\r\n"), Ok(503));
        for head in ["SSH-2.0\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 x\r\n\r\n", "\r\n\r\n"] {
            assert!(status_of(head.as_bytes()).is_err(), "{head}");
        }
    }
}
