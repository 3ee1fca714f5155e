//! Passing a client's request through to a service and its answer back, streamed both ways.
//!
//! The same connections, bulkhead and deadlines as calls, but any method, any status, any content. Nothing is
//! spawned: the answer's body *is* the connection, and whoever writes it to the client drives both directions.
//! An answer that came whole with its head gives the connection back before its body is even looked at.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use ::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use bytes::Bytes;
use frontdesk_adapter::{Deadline, Fault, Priority, TraceContext, now};
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

use super::head::{Framing, Head};
use super::hop_by_hop;
use super::pool::{Lease, Pool};
use super::request;
use super::upload::{Progress, Upload, Upload2};
use super::{HttpConnector, Protocol};
use crate::balance::{Balance, Question};
use crate::endpoint::Endpoint;
use crate::http2::{Http2, Reply};
use crate::resilience::{Course, Place, Trying, Verdict};

impl HttpConnector {
    /// Sends `request` to the service as it stands and hands back its answer, whatever the status.
    ///
    /// The URI's path and query become the target below the service's base URL. Hop-by-hop headers, `host`,
    /// `expect` and the trace headers of the request are replaced by ours; headers of the service's settings win
    /// over the client's of the same name. Hop-by-hop headers of the answer are taken out. An upgrade is not
    /// passed on. Trailers are not passed on.
    ///
    /// The head of the answer must come before `deadline`; after that, each piece of the body within
    /// [`Settings::stall`](crate::Settings::stall).
    ///
    /// # Errors
    /// [`Fault::Unsendable`] for `CONNECT`, for a target or header that cannot be sent, and with the argument
    /// `body` if the client's own body failed (it ended early, it broke a limit of the server).
    pub async fn forward<B>(
        &self,
        request: Request<B>,
        trace: TraceContext,
        deadline: Deadline,
    ) -> Result<Response<ForwardBody<B>>, Fault>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        if request.method() == Method::CONNECT {
            return Err(Fault::Unsendable { argument: "method".to_owned(), why: "CONNECT is not passed on" });
        }
        let mut passage = self.resilience.admit_passing(deadline)?;
        let place = passage.place(Priority::View).await?;
        let course = Course::default();
        let trying = Trying::new(&course);
        let attempt = passage.attempt(place, &trying);
        let has_body = !request.body().is_end_stream();
        // Pinned where it is: as an argument all of it would be copied.
        let harm = self.resilience.harm(None, &trace);
        let passing = pin!(async {
            if let Some(harm) = harm
                && let Some(status) = Box::pin(harm.to_passing(deadline)).await?
            {
                return answer(status, HeaderMap::new(), ForwardBody::empty(self.checked.settings.stall));
            }
            match &self.protocol {
                Protocol::Http1(sites) => self.forward_http1(sites, &trying, request, trace, deadline).await,
                Protocol::Http2(http2) => {
                    Box::pin(self.forward_http2(http2, &trying, request, trace, deadline)).await
                }
            }
        });
        let passed =
            tokio::time::timeout_at(deadline.instant(), passing).await.unwrap_or(Err(Fault::TimedOut));
        let verdict = match &passed {
            Ok(response) => Verdict::of_status(response.status().as_u16()),
            Err(fault) => Verdict::of_fault(fault),
        };
        let now = now();
        // How long an upload takes is the client's doing.
        let is_measure = verdict != Verdict::Good || !has_body;
        let place = attempt.end(if is_measure { verdict } else { Verdict::Nothing }, now);
        passage.end(verdict, now);
        let mut response = passed?;
        response.body_mut().hold(place);
        Ok(response)
    }

    async fn forward_http1<B>(
        &self,
        sites: &Balance<Pool>,
        trying: &Trying<'_>,
        request: Request<B>,
        trace: TraceContext,
        deadline: Deadline,
    ) -> Result<Response<ForwardBody<B>>, Fault>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let (parts, body) = request.into_parts();
        let mut upload = Upload::new(body);
        let mut lease = self.lease(sites, trying, question(&parts)).await?;
        let mut headers = HeaderMap::with_capacity(16);
        let head = loop {
            let site = Rc::clone(lease.site());
            lease.wait_until(deadline);
            let connection = lease.connection();
            connection.output.clear();
            let out = &mut connection.output;
            site.pool.head.write_forward(out, &parts, upload.framing(), trace, deadline)?;
            connection.begin();
            let answers_head = parts.method == Method::HEAD;
            let answered = if upload.is_empty() {
                match connection.send(&[], answers_head).await {
                    Ok(()) => poll_fn(|cx| connection.poll_head(cx, Some(&mut headers))).await,
                    Err(fault) => Err(fault),
                }
            } else {
                connection.begin_upload(answers_head);
                poll_fn(|cx| match upload.poll(connection, cx) {
                    Progress::ClientFailed => Poll::Ready(Err(client_failed())),
                    Progress::Going | Progress::Ended => connection.poll_head(cx, Some(&mut headers)),
                })
                .await
            };
            match answered {
                Ok(head) => break head,
                Err(Fault::Broken(_))
                    if lease.is_reused
                        && upload.is_empty()
                        && parts.method.is_safe()
                        && !lease.connection().has_heard() =>
                {
                    drop(lease);
                    lease = self.dial(&site).await?;
                }
                Err(fault) => return Err(fault),
            }
        };
        hop_by_hop::strip(&mut headers);
        let body = ForwardBody::http1(lease, head, upload, self.checked.settings.stall);
        answer(head.status, headers, body)
    }

    async fn forward_http2<B>(
        &self,
        http2: &Http2,
        trying: &Trying<'_>,
        request: Request<B>,
        trace: TraceContext,
        deadline: Deadline,
    ) -> Result<Response<ForwardBody<B>>, Fault>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let (parts, body) = request.into_parts();
        let own = &self.checked.settings.headers;
        let build =
            |endpoint: &Endpoint| request::http2_forward(endpoint, own, &parts, &body, trace, deadline);
        let is_empty = body.is_end_stream();
        let (mut started, send) = http2.start(&build, question(&parts), is_empty, trying).await?;
        let mut upload = Upload2::new(body, send);
        let mut reply = poll_fn(|cx| {
            if !is_empty && matches!(upload.poll(cx), Progress::ClientFailed) {
                return Poll::Ready(Err(client_failed()));
            }
            started.poll_reply(cx)
        })
        .await?;
        let mut headers = std::mem::take(&mut reply.head.headers);
        hop_by_hop::strip(&mut headers);
        let status = reply.head.status.as_u16();
        let passing = Passing::Http2 { reply: Box::new(reply), upload: (!is_empty).then_some(upload) };
        let body = ForwardBody {
            passing,
            hint: stated_length(&headers, parts.method == Method::HEAD),
            stall: Stall::new(self.checked.settings.stall),
            place: None,
        };
        answer(status, headers, body)
    }
}

fn question(parts: &::http::request::Parts) -> Question<'_> {
    let target = parts.uri.path_and_query().map_or("/", ::http::uri::PathAndQuery::as_str);
    Question::without_body(parts.method.as_str(), target.as_bytes())
}

fn client_failed() -> Fault {
    Fault::Unsendable { argument: "body".to_owned(), why: "the client's body failed" }
}

fn answer<B>(
    status: u16,
    headers: HeaderMap,
    body: ForwardBody<B>,
) -> Result<Response<ForwardBody<B>>, Fault> {
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(status).map_err(|_| Fault::Broken(format!("status {status}")))?;
    *response.headers_mut() = headers;
    Ok(response)
}

fn stated_length(headers: &HeaderMap, answers_head: bool) -> SizeHint {
    let stated =
        headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    match stated {
        Some(length) if !answers_head => SizeHint::with_exact(length),
        _ => SizeHint::default(),
    }
}

/// The body of an answer that passes through, and the rest of the request's if that is still going out.
///
/// Dropping it early cancels the call.
pub struct ForwardBody<B> {
    passing: Passing<B>,
    hint: SizeHint,
    stall: Stall,
    /// Held to the end: a slow download is a call in flight.
    place: Option<Place>,
}

enum Passing<B> {
    /// All of it is here, and the connection is back in its pool.
    Whole(Bytes),
    Http1 {
        lease: Lease,
        upload: Option<Upload<B>>,
    },
    Http2 {
        reply: Box<Reply>,
        upload: Option<Upload2<B>>,
    },
    Over,
}

impl<B> ForwardBody<B> {
    /// Takes the whole body, if it is here already: then the connection is back in its pool, and nothing is left
    /// to stream. `None` if more is to come.
    pub fn take_whole(&mut self) -> Option<Bytes> {
        match &mut self.passing {
            Passing::Whole(whole) => Some(std::mem::take(whole)),
            Passing::Over => Some(Bytes::new()),
            Passing::Http1 { .. } | Passing::Http2 { .. } => None,
        }
    }

    fn empty(stall: Duration) -> Self {
        let passing = Passing::Whole(Bytes::new());
        Self { passing, hint: SizeHint::with_exact(0), stall: Stall::new(stall), place: None }
    }

    /// Keeps its place among the calls in flight for as long as something is to come.
    fn hold(&mut self, place: Option<Place>) {
        self.place = match self.passing {
            Passing::Whole(_) | Passing::Over => None,
            Passing::Http1 { .. } | Passing::Http2 { .. } => place,
        };
    }

    fn http1(mut lease: Lease, head: Head, upload: Upload<B>, stall: Duration) -> Self
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let upload = (!upload.is_over()).then_some(upload);
        let hint = match head.framing {
            Framing::Length(length) => SizeHint::with_exact(length),
            Framing::Chunked | Framing::UntilClose => SizeHint::default(),
        };
        let stall = Stall::new(stall);
        if upload.is_none()
            && let Some(whole) = lease.connection().body_at_hand()
        {
            // The lease goes back before the answer is written.
            return Self { passing: Passing::Whole(whole), hint, stall, place: None };
        }
        lease.wait_to_the_end();
        Self { passing: Passing::Http1 { lease, upload }, hint, stall, place: None }
    }
}

impl<B> Body for ForwardBody<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    type Data = Bytes;
    type Error = Fault;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        let this = self.get_mut();
        let next = match &mut this.passing {
            Passing::Over => return Poll::Ready(None),
            Passing::Whole(whole) => {
                let whole = std::mem::take(whole);
                this.passing = Passing::Over;
                return Poll::Ready((!whole.is_empty()).then(|| Ok(Frame::data(whole))));
            }
            Passing::Http1 { lease, upload } => {
                let connection = lease.connection();
                if let Some(going) = upload {
                    match going.poll(connection, cx) {
                        Progress::Going => {}
                        // A client that stops sending may still want the answer.
                        Progress::Ended | Progress::ClientFailed => *upload = None,
                    }
                }
                connection.poll_data(cx)
            }
            Passing::Http2 { reply, upload } => {
                if let Some(going) = upload {
                    match going.poll(cx) {
                        Progress::Going => {}
                        Progress::Ended | Progress::ClientFailed => *upload = None,
                    }
                }
                reply.poll_data(cx)
            }
        };
        match next {
            Poll::Pending => {
                ready!(this.stall.poll(cx));
                this.passing = Passing::Over;
                Poll::Ready(Some(Err(Fault::TimedOut)))
            }
            Poll::Ready(next) => {
                this.stall.progress();
                match next {
                    Ok(Some(piece)) => Poll::Ready(Some(Ok(Frame::data(piece)))),
                    Ok(None) => {
                        this.passing = Passing::Over;
                        Poll::Ready(None)
                    }
                    Err(fault) => {
                        this.passing = Passing::Over;
                        Poll::Ready(Some(Err(fault)))
                    }
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.passing {
            Passing::Over => true,
            Passing::Whole(whole) => whole.is_empty(),
            Passing::Http1 { .. } | Passing::Http2 { .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.passing {
            Passing::Over => SizeHint::with_exact(0),
            Passing::Whole(whole) => SizeHint::with_exact(whole.len() as u64),
            Passing::Http1 { .. } | Passing::Http2 { .. } => self.hint,
        }
    }
}

/// How long a body has given nothing. The timer exists only while it is waited for.
struct Stall {
    longest: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Stall {
    fn new(longest: Duration) -> Self {
        Self { longest, timer: None }
    }

    fn progress(&mut self) {
        self.timer = None;
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let longest = self.longest;
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(now() + longest)));
        timer.as_mut().poll(cx)
    }
}
