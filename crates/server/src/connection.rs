//! One client connection: what it may use up, and when it is given up.
//!
//! hyper's own header timer costs an allocation a request. Here a connection only notes the moment it last changed
//! what it waits for ([`Watch`]); the worker's tick looks at all of them a few times a second.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use hyper::Version;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The next request, after one was answered.
    Idle,
    /// The TLS handshake, the rest of a request's headers, or the end of what the client still sends.
    Headers,
    /// Requests are being answered, to the last byte; deadlines bound the making of an answer.
    Busy,
}

/// The state of one connection that others may look at.
#[derive(Debug)]
pub struct Watch {
    phase: Cell<Phase>,
    since: Cell<Instant>,
    /// Requests that are being answered (HTTP/2 has several).
    running: Cell<u32>,
    /// HTTP/2, where bytes that come need not be the start of a request.
    multiplexed: Cell<bool>,
    /// Since when the client takes nothing of what we have for it.
    stuck: Cell<Option<Instant>>,
    /// A request's body was given up before its end, so the client may still be sending.
    unread: Cell<bool>,
    end: Cell<End>,
    waker: RefCell<Option<Waker>>,
}

/// How the connection is asked to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    No,
    /// Finish what is in flight, then close.
    Gracefully,
    /// Now.
    AtOnce,
}

impl Watch {
    pub fn new() -> Rc<Self> {
        Rc::new(Self {
            phase: Cell::new(Phase::Headers),
            since: Cell::new(frontdesk_adapter::now()),
            running: Cell::new(0),
            multiplexed: Cell::new(false),
            stuck: Cell::new(None),
            unread: Cell::new(false),
            end: Cell::new(End::No),
            waker: RefCell::new(None),
        })
    }

    fn enter(&self, phase: Phase) {
        self.phase.set(phase);
        self.since.set(frontdesk_adapter::now());
    }

    /// A request's headers are in. Dropping the guard says that its answer is out.
    pub fn request(self: &Rc<Self>, version: Version) -> Running {
        self.running.set(self.running.get() + 1);
        self.multiplexed.set(version >= Version::HTTP_2);
        self.phase.set(Phase::Busy);
        Running(self.clone())
    }

    /// A request's body was given up before its end.
    pub fn leave_unread(&self) {
        self.unread.set(!self.multiplexed.get());
    }

    pub fn end(&self) -> End {
        self.end.get()
    }

    pub fn ask_to_end(&self, end: End) {
        if self.end.get() != End::AtOnce {
            self.end.set(end);
        }
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    /// Whom to wake when [`Watch::ask_to_end`] is called.
    pub fn register(&self, waker: &Waker) {
        let mut slot = self.waker.borrow_mut();
        if !slot.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *slot = Some(waker.clone());
        }
    }

    fn is_overdue(&self, now: Instant, limits: Timeouts) -> bool {
        let waited = now.saturating_duration_since(self.since.get());
        match self.phase.get() {
            Phase::Idle => waited > limits.idle,
            Phase::Headers => waited > limits.headers,
            Phase::Busy => {
                self.stuck.get().is_some_and(|since| now.saturating_duration_since(since) > limits.idle)
            }
        }
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub struct Running(Rc<Watch>);

impl Running {
    pub fn watch(&self) -> &Rc<Watch> {
        &self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let left = self.0.running.get().saturating_sub(1);
        self.0.running.set(left);
        if left == 0 {
            self.0.enter(Phase::Idle);
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    pub headers: Duration,
    pub idle: Duration,
}

/// The connections of one worker.
#[derive(Debug, Default)]
pub struct Connections {
    open: RefCell<BTreeMap<u64, Rc<Watch>>>,
    next: Cell<u64>,
}

impl Connections {
    pub fn len(&self) -> usize {
        self.open.borrow().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn add(self: &Rc<Self>, watch: Rc<Watch>) -> Membership {
        let id = self.next.get();
        self.next.set(id + 1);
        self.open.borrow_mut().insert(id, watch);
        Membership { of: self.clone(), id }
    }

    /// Ends connections that have waited too long for their client.
    pub fn end_overdue(&self, limits: Timeouts) {
        let now = frontdesk_adapter::now();
        for watch in self.open.borrow().values() {
            if watch.is_overdue(now, limits) {
                watch.ask_to_end(End::AtOnce);
            }
        }
    }

    pub fn ask_all_to_end(&self, end: End) {
        for watch in self.open.borrow().values() {
            watch.ask_to_end(end);
        }
    }
}

/// Takes the connection off the list when dropped.
#[derive(Debug)]
pub struct Membership {
    of: Rc<Connections>,
    id: u64,
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.of.open.borrow_mut().remove(&self.id);
    }
}

/// A stream that tells its [`Watch`] when a request begins to arrive and when an answer makes progress.
#[derive(Debug)]
pub struct Watched<S> {
    stream: S,
    watch: Rc<Watch>,
    /// Bytes read and dropped after the writing half was closed.
    lingered: Option<usize>,
}

impl<S> Watched<S> {
    pub fn new(stream: S, watch: Rc<Watch>) -> Self {
        Self { stream, watch, lingered: None }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        let watch = &self.watch;
        if read.is_ready() && watch.phase.get() == Phase::Idle && !watch.multiplexed.get() {
            watch.enter(Phase::Headers);
        }
        read
    }
}

impl<S> Watched<S> {
    fn wrote(&self, done: &Poll<io::Result<usize>>) {
        let watch = &self.watch;
        if done.is_pending() {
            watch.stuck.set(watch.stuck.get().or_else(|| Some(frontdesk_adapter::now())));
            return;
        }
        watch.stuck.set(None);
        if watch.phase.get() == Phase::Idle {
            watch.since.set(frontdesk_adapter::now());
        }
    }
}

/// The most that is read from a client that still sends after its connection was closed for writing.
const LINGER_BYTES: usize = 4 * 1024 * 1024;

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(&done);
        done
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.wrote(&done);
        done
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Closes the writing half. If the client may still be sending, what comes is read and dropped for a while:
    /// closing with bytes unread would reset the connection, and the client might never see our answer.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.watch.unread.get() {
            return Pin::new(&mut self.stream).poll_shutdown(cx);
        }
        if self.lingered.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            self.lingered = Some(0);
            // From here on it is bounded like headers that do not end.
            self.watch.enter(Phase::Headers);
        }
        let mut waste = [0; 4096];
        while self.lingered.is_some_and(|bytes| bytes < LINGER_BYTES) {
            let mut buf = ReadBuf::new(&mut waste);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buf)) {
                Ok(()) if !buf.filled().is_empty() => {
                    self.lingered = self.lingered.map(|bytes| bytes + buf.filled().len());
                }
                _ => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}
