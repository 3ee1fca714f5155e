//! One HTTP/1.1 connection to a service: a request out in one write, an answer in through one buffer.
//!
//! No task and no channel belongs to it: whoever makes the call polls the socket. Where it stands in an answer
//! is part of the connection, not of the future that waits, so that a call that is given up leaves a connection
//! that can be read to the end later and used again.

use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use ::http::HeaderMap;
use bytes::{Buf, Bytes, BytesMut};
use frontdesk_adapter::Fault;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;

use super::body::{Body, Taken};
use super::head::{self, EndOfHead, Framing, Head};
use crate::transport::Transport;

/// Interim answers (1xx) that are skipped before the final one.
const MOST_INTERIM: u8 = 16;
/// Least room for a read.
const LEAST_READ: usize = 4 * 1024;
/// Most room for one read of a body whose length is a service's claim.
const MOST_READ: usize = 256 * 1024;
/// A read that fills its room leaves the socket marked readable, which costs one more system call later; a
/// little more room than is expected avoids that.
const SLACK: usize = 64;
/// A buffer that grew beyond this is not kept for the next answer.
const MOST_KEPT: usize = 256 * 1024;
/// What is read and thrown away to save a connection.
const MOST_DISCARDED: u64 = 256 * 1024;

/// Where a connection stands.
#[derive(Debug)]
enum Phase {
    /// Between two calls.
    Idle,
    /// A request is not wholly written.
    Sending,
    Head {
        end: EndOfHead,
        interim: u8,
        answers_head: bool,
    },
    Body(Body),
    /// Not to be used again.
    Over,
}

pub(super) struct Connection {
    transport: Transport,
    input: BytesMut,
    pub(super) output: Vec<u8>,
    phase: Phase,
    keep_alive: bool,
    /// A request's body is still going out, beside the answer.
    is_uploading: bool,
    /// Bytes of `output` that are written, while a body follows it.
    written: usize,
    /// Room for the next read: about the size of the answers before.
    expected: usize,
    /// Bytes of the present answer.
    received: usize,
    discarded: u64,
    /// When it was last put away.
    pub(super) idle_since: Instant,
    /// From when on it carries no further calls.
    pub(super) retires: Option<Instant>,
    /// How long the service keeps it when idle, if it says so.
    patience: Option<Duration>,
}

/// What became of a connection that is read to the end of an answer nobody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// It can carry another request.
    Clean,
    /// The answer is still coming.
    Coming,
    Lost,
}

fn broken(why: impl Into<String>) -> Fault {
    Fault::Broken(why.into())
}

/// Less than what the service says: a request that is on its way when the service closes is lost.
fn patience(seconds: u16) -> Duration {
    let stated = Duration::from_secs(seconds.into());
    stated.saturating_sub(Duration::from_secs(1)).max(stated / 2)
}

impl Connection {
    pub(super) fn new(transport: Transport, expected: usize, now: Instant) -> Self {
        Self {
            transport,
            input: BytesMut::new(),
            output: Vec::new(),
            phase: Phase::Idle,
            keep_alive: true,
            is_uploading: false,
            written: 0,
            expected,
            received: 0,
            discarded: 0,
            idle_since: now,
            retires: None,
            patience: None,
        }
    }

    /// Whether anything of the answer has come.
    pub(super) fn has_heard(&self) -> bool {
        self.received > 0
    }

    pub(super) fn expected(&self) -> usize {
        self.expected
    }

    /// Whether an idle connection is still open and silent. No system call unless something came.
    pub(super) fn is_quiet(&mut self) -> bool {
        matches!(self.phase, Phase::Idle) && self.input.is_empty() && self.transport.is_silent()
    }

    /// Whether it has been idle or open for so long that it is not to be used again.
    pub(super) fn is_old(&self, now: Instant, keep_alive: Duration) -> bool {
        if self.retires.is_some_and(|moment| now >= moment) {
            return true;
        }
        let limit = self.patience.map_or(keep_alive, |patience| patience.min(keep_alive));
        now.duration_since(self.idle_since) >= limit
    }

    /// A request stands in `output` and is about to be sent.
    pub(super) fn begin(&mut self) {
        self.received = 0;
        self.discarded = 0;
        self.keep_alive = true;
        self.is_uploading = false;
        self.phase = Phase::Sending;
    }

    /// Writes `output`, and `more` behind it, then expects the answer.
    ///
    /// A service may answer and close before it has read a large request (413 does that), so a failed write is
    /// a fault only if no answer can be read either.
    pub(super) async fn send(&mut self, more: &[u8], answers_head: bool) -> Result<(), Fault> {
        let written = self.write(more).await;
        self.expect_answer(answers_head);
        match written {
            Ok(()) => Ok(()),
            Err(e) => {
                self.keep_alive = false;
                let mut cx = Context::from_waker(Waker::noop());
                match self.poll_fill(&mut cx, LEAST_READ) {
                    Poll::Ready(Ok(n)) if n > 0 => Ok(()),
                    _ => Err(broken(format!("the request could not be sent: {e}"))),
                }
            }
        }
    }

    async fn write(&mut self, more: &[u8]) -> io::Result<()> {
        self.transport.write_all(&self.output).await?;
        if !more.is_empty() {
            self.transport.write_all(more).await?;
        }
        self.transport.flush().await
    }

    /// The request's body follows its head through [`poll_send`](Self::poll_send), and the answer may come
    /// before all of it is sent.
    pub(super) fn begin_upload(&mut self, answers_head: bool) {
        self.is_uploading = true;
        self.written = 0;
        self.expect_answer(answers_head);
    }

    /// Writes what is left of `output`, then `piece`, which is empty when all is written and flushed.
    pub(super) fn poll_send(&mut self, cx: &mut Context<'_>, piece: &mut Bytes) -> Poll<io::Result<()>> {
        let mut transport = Pin::new(&mut self.transport);
        loop {
            let head = self.output.get(self.written..).unwrap_or_default();
            let written = if !head.is_empty() {
                let parts = [IoSlice::new(head), IoSlice::new(piece)];
                ready!(transport.as_mut().poll_write_vectored(cx, &parts))?
            } else if !piece.is_empty() {
                ready!(transport.as_mut().poll_write(cx, piece))?
            } else {
                return transport.poll_flush(cx);
            };
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            let of_head = written.min(head.len());
            self.written += of_head;
            piece.advance(written - of_head);
        }
    }

    /// All of the request's body is sent: the connection can be used again after the answer.
    pub(super) fn end_upload(&mut self) {
        self.is_uploading = false;
    }

    fn expect_answer(&mut self, answers_head: bool) {
        self.phase = Phase::Head { end: EndOfHead::default(), interim: 0, answers_head };
    }

    pub(super) async fn head(&mut self) -> Result<Head, Fault> {
        poll_fn(|cx| self.poll_head(cx, None)).await
    }

    /// The head of the final answer; interim ones are skipped. Headers go into `headers` if someone wants them.
    pub(super) fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
        mut headers: Option<&mut HeaderMap>,
    ) -> Poll<Result<Head, Fault>> {
        loop {
            let Phase::Head { end, interim, answers_head } = &mut self.phase else {
                return Poll::Ready(Err(broken("no answer is due")));
            };
            let found = if self.input.is_empty() { Ok(None) } else { end.find(&self.input) };
            let length = match found {
                Err(why) => return Poll::Ready(Err(self.fail(why))),
                Ok(Some(length)) => length,
                Ok(None) => {
                    let room = self.expected;
                    match ready!(self.poll_fill(cx, room)) {
                        Ok(0) => return Poll::Ready(Err(self.fail("closed before an answer"))),
                        Ok(_) => continue,
                        Err(e) => return Poll::Ready(Err(self.fail(e.to_string()))),
                    }
                }
            };
            let answers_head = *answers_head;
            let interim = *interim + 1;
            let raw = self.input.split_to(length).freeze();
            let head = match head::read(&raw, answers_head, headers.as_deref_mut()) {
                Ok(head) => head,
                Err(why) => return Poll::Ready(Err(self.fail(why))),
            };
            if head.status == 101 {
                return Poll::Ready(Err(self.fail("switches to a protocol that nobody asked for")));
            }
            if head.status < 200 {
                if interim > MOST_INTERIM {
                    return Poll::Ready(Err(self.fail("too many interim answers")));
                }
                if let Some(headers) = headers.as_deref_mut() {
                    headers.clear();
                }
                self.phase = Phase::Head { end: EndOfHead::default(), interim, answers_head };
                continue;
            }
            self.keep_alive &= head.keep_alive;
            self.patience = head.idle_seconds.map(patience);
            self.phase = Phase::Body(Body::new(head.framing));
            if head.framing == Framing::Length(0) {
                self.finish();
            }
            return Poll::Ready(Ok(head));
        }
    }

    /// The whole body, if it has at most `limit` bytes: a slice of the input when its length was announced.
    pub(super) async fn whole_body(&mut self, limit: u64) -> Result<Bytes, Fault> {
        if let Phase::Body(Body::Length { left }) = self.phase {
            if left > limit {
                return Err(Fault::TooLarge { limit });
            }
            let wanted = left as usize;
            poll_fn(|cx| self.poll_until(cx, wanted)).await?;
            let body = self.input.split_to(wanted).freeze();
            self.finish();
            return Ok(body);
        }
        let Some(first) = poll_fn(|cx| self.poll_data(cx)).await? else {
            return Ok(Bytes::new());
        };
        let mut total = first.len() as u64;
        let mut joined: Option<BytesMut> = None;
        while total <= limit {
            let Some(piece) = poll_fn(|cx| self.poll_data(cx)).await? else {
                return Ok(joined.map_or(first, BytesMut::freeze));
            };
            total += piece.len() as u64;
            let joined = joined.get_or_insert_with(|| {
                let mut joined = BytesMut::with_capacity(self.expected.max(2 * first.len()));
                joined.extend_from_slice(&first);
                joined
            });
            joined.extend_from_slice(&piece);
        }
        Err(Fault::TooLarge { limit })
    }

    /// The whole body if all of it is here already, and its length was announced.
    pub(super) fn body_at_hand(&mut self) -> Option<Bytes> {
        match self.phase {
            Phase::Idle | Phase::Over => Some(Bytes::new()),
            Phase::Body(Body::Length { left }) if left <= self.input.len() as u64 => {
                let body = self.input.split_to(left as usize).freeze();
                self.finish();
                Some(body)
            }
            _ => None,
        }
    }

    /// The next piece of the body, `None` at its end.
    pub(super) fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Fault>> {
        loop {
            let Phase::Body(body) = &mut self.phase else {
                return Poll::Ready(Ok(None));
            };
            match body.take(&mut self.input) {
                Ok(Taken::Piece(piece)) => {
                    if *body == (Body::Length { left: 0 }) {
                        self.finish();
                    }
                    return Poll::Ready(Ok(Some(piece)));
                }
                Ok(Taken::End) => {
                    self.finish();
                    return Poll::Ready(Ok(None));
                }
                Err(why) => return Poll::Ready(Err(self.fail(why))),
                Ok(Taken::More(known)) => {
                    let may_end = body.may_end();
                    let room = self.expected.max(known.min(MOST_READ as u64) as usize + SLACK);
                    match ready!(self.poll_fill(cx, room)) {
                        Ok(0) if may_end => {
                            self.finish();
                            return Poll::Ready(Ok(None));
                        }
                        Ok(0) => return Poll::Ready(Err(self.fail("closed in the middle of an answer"))),
                        Ok(_) => {}
                        Err(e) => return Poll::Ready(Err(self.fail(e.to_string()))),
                    }
                }
            }
        }
    }

    /// Fills the input to at least `wanted` bytes.
    fn poll_until(&mut self, cx: &mut Context<'_>, wanted: usize) -> Poll<Result<(), Fault>> {
        while self.input.len() < wanted {
            let room = (wanted - self.input.len()).min(MOST_READ) + SLACK;
            match ready!(self.poll_fill(cx, room)) {
                Ok(0) => return Poll::Ready(Err(self.fail("closed in the middle of an answer"))),
                Ok(_) => {}
                Err(e) => return Poll::Ready(Err(self.fail(e.to_string()))),
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>, room: usize) -> Poll<io::Result<usize>> {
        self.input.reserve(room);
        let read = ready!(pin!(self.transport.read_buf(&mut self.input)).poll(cx));
        if let Ok(n) = read {
            self.received += n;
        }
        Poll::Ready(read)
    }

    /// The answer is complete.
    fn finish(&mut self) {
        // Bytes behind an answer belong to nothing that was asked.
        let is_clean = self.keep_alive && !self.is_uploading && self.input.is_empty();
        self.phase = if is_clean { Phase::Idle } else { Phase::Over };
        let seen = self.received + SLACK;
        self.expected = seen.max(self.expected - self.expected / 8).clamp(LEAST_READ, MOST_READ);
        if self.received > MOST_KEPT {
            self.input = BytesMut::new();
        }
        if self.output.capacity() > MOST_KEPT {
            self.output = Vec::new();
        }
    }

    fn fail(&mut self, why: impl Into<String>) -> Fault {
        self.phase = Phase::Over;
        broken(why)
    }

    /// Reads what has come of an answer that nobody waits for, without waiting.
    pub(super) fn discard(&mut self) -> Rest {
        let mut cx = Context::from_waker(Waker::noop());
        loop {
            if !self.keep_alive || self.is_uploading {
                return Rest::Lost;
            }
            let progress = match &self.phase {
                Phase::Idle => return Rest::Clean,
                Phase::Sending | Phase::Over => return Rest::Lost,
                Phase::Head { .. } => self.poll_head(&mut cx, None).map_ok(|_| ()),
                Phase::Body(Body::Length { left }) if *left > MOST_DISCARDED => return Rest::Lost,
                Phase::Body(_) => self.poll_data(&mut cx).map_ok(|piece| {
                    self.discarded += piece.map_or(0, |p| p.len() as u64);
                }),
            };
            match progress {
                Poll::Pending => return Rest::Coming,
                Poll::Ready(Err(_)) => return Rest::Lost,
                Poll::Ready(Ok(())) if self.discarded > MOST_DISCARDED => return Rest::Lost,
                Poll::Ready(Ok(())) => {}
            }
        }
    }
}
