//! HTTP/2 on command: answers, trailers, and the ways in which a stream or a connection ends early.

use std::sync::Arc;

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;

use crate::listen::Stream;
use crate::received::{Received, Shared};
use crate::script::Gate;

/// What a server does with one request in HTTP/2.
#[derive(Clone, Debug)]
pub struct FrameScript {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
    trailers: Option<HeaderMap>,
    behind: Option<Gate>,
    refusal: Option<Refusal>,
}

/// How a stream or connection ends without a whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// RST_STREAM with REFUSED_STREAM: the service has not looked at the request.
    Unseen,
    /// RST_STREAM with INTERNAL_ERROR before any answer.
    Reset,
    /// The head and the body, then RST_STREAM instead of the end.
    ResetAtEnd,
    /// GOAWAY and the connection closes, before any answer.
    GoAway,
    /// GOAWAY that lets this answer through and takes no more requests.
    GoAwayAfter,
    /// Nothing, for ever.
    Hang,
}

impl FrameScript {
    pub fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Self {
        Self { status, headers: map(headers), body: body.into(), trailers: None, behind: None, refusal: None }
    }

    /// 200 with JSON.
    pub fn json(body: impl Into<Bytes>) -> Self {
        Self::answer(200, &[("content-type", "application/json")], body)
    }

    pub fn status(status: u16) -> Self {
        Self::answer(status, &[], Bytes::new())
    }

    #[must_use]
    pub fn trailers(mut self, trailers: &[(&str, &str)]) -> Self {
        self.trailers = Some(map(trailers));
        self
    }

    /// Begins only when `gate` is open.
    #[must_use]
    pub fn behind(mut self, gate: &Gate) -> Self {
        self.behind = Some(gate.clone());
        self
    }

    #[must_use]
    pub fn refused(mut self, refusal: Refusal) -> Self {
        self.refusal = Some(refusal);
        self
    }
}

fn map(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())
    };
    pairs.iter().map(pair).collect()
}

pub(crate) async fn serve(shared: Arc<Shared<FrameScript>>, stream: Stream, number: usize) {
    match stream {
        Stream::Plain(stream) => converse(shared, stream, number).await,
        Stream::Tls(stream) => converse(shared, *stream, number).await,
    }
}

async fn converse<T>(shared: Arc<Shared<FrameScript>>, stream: T, number: usize)
where
    T: AsyncRead + AsyncWrite + Unpin,
{
    let Ok(mut connection) = h2::server::handshake(stream).await else {
        return;
    };
    let (ends, mut ending) = mpsc::unbounded_channel();
    loop {
        tokio::select! {
            accepted = connection.accept() => match accepted {
                Some(Ok((request, respond))) => {
                    tokio::spawn(one(Arc::clone(&shared), request, respond, number, ends.clone()));
                }
                // The client went away, or all is done after GOAWAY.
                Some(Err(_)) | None => return,
            },
            Some(refusal) = ending.recv() => match refusal {
                Refusal::GoAway => connection.abrupt_shutdown(Reason::INTERNAL_ERROR),
                _ => connection.graceful_shutdown(),
            },
        }
    }
}

async fn one(
    shared: Arc<Shared<FrameScript>>,
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    connection: usize,
    ends: mpsc::UnboundedSender<Refusal>,
) {
    let (head, mut body) = request.into_parts();
    let target = head.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned();
    let script = shared.next(&target).unwrap_or_else(|| FrameScript::status(404));
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let headers = head.headers.iter().map(header).collect();
    let method = head.method.as_str().to_owned();
    let index = shared.note(Received { method, target, headers, body: Vec::new(), connection });
    if script.refusal == Some(Refusal::Unseen) {
        return respond.send_reset(Reason::REFUSED_STREAM);
    }
    while let Some(Ok(piece)) = body.data().await {
        let _ = body.flow_control().release_capacity(piece.len());
        shared.add_body(index, &piece);
    }
    if let Some(gate) = &script.behind {
        gate.opened().await;
    }
    match script.refusal {
        Some(Refusal::Reset) => return respond.send_reset(Reason::INTERNAL_ERROR),
        Some(Refusal::Hang) => return std::future::pending().await,
        Some(Refusal::GoAway) => {
            let _ = ends.send(Refusal::GoAway);
            return std::future::pending().await;
        }
        Some(Refusal::GoAwayAfter) => {
            let _ = ends.send(Refusal::GoAwayAfter);
        }
        Some(Refusal::Unseen | Refusal::ResetAtEnd) | None => {}
    }
    let mut response = Response::builder().status(script.status).body(()).unwrap();
    *response.headers_mut() = script.headers;
    let cut = script.refusal == Some(Refusal::ResetAtEnd);
    let ends_now = script.body.is_empty() && script.trailers.is_none() && !cut;
    // Errors from here on are a client that has gone.
    let Ok(mut send) = respond.send_response(response, ends_now) else {
        return;
    };
    if ends_now {
        return;
    }
    let mut body = script.body;
    while !body.is_empty() {
        send.reserve_capacity(body.len());
        match std::future::poll_fn(|cx| send.poll_capacity(cx)).await {
            Some(Ok(room)) => {
                let part = body.split_to(room.min(body.len()));
                let ends_here = body.is_empty() && script.trailers.is_none() && !cut;
                if send.send_data(part, ends_here).is_err() || ends_here {
                    return;
                }
            }
            _ => return,
        }
    }
    if cut {
        // Let what is queued go out: a reset would overtake it.
        tokio::task::yield_now().await;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        return send.send_reset(Reason::INTERNAL_ERROR);
    }
    if let Some(trailers) = script.trailers {
        let _ = send.send_trailers(trailers);
    }
}
