//! HTTP/2 towards services: few connections, many calls on each. JSON over HTTP/2 and gRPC both stand on it.
//!
//! A connection needs a task that reads its frames whoever they are for, so unlike HTTP/1.1 this spawns one
//! (`spawn_local`) per connection; calls themselves need none.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use ::http::{HeaderMap, Request, response};
use bytes::{Bytes, BytesMut};
use frontdesk_adapter::{Fault, now};
use h2::client::{Connection, SendRequest};
use h2::{Ping, Reason, RecvStream, SendStream};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::balance::{Balance, Load, Question, Site};
use crate::endpoint::Endpoint;
use crate::resilience::{Outliers, Trying};
use crate::settings::Checked;
use crate::transport::{Dialer, Transport};

/// Calls on one connection before another one is opened; most servers allow a hundred at once.
const CROWDED: u32 = 100;
/// Connections to one endpoint.
const MOST_CHANNELS: usize = 8;
/// A machine that vanished sends no reset. When a call is given up unanswered the service gets a PING, and a
/// connection that does not answer it for this long is not used again.
const SILENCE: Duration = Duration::from_secs(1);
const STREAM_WINDOW: u32 = 1024 * 1024;
const CONNECTION_WINDOW: u32 = 8 * 1024 * 1024;
const MOST_HEAD_BYTES: u32 = 32 * 1024;

/// A service over HTTP/2, as one core sees it.
pub(crate) struct Http2 {
    sites: Balance<Channels>,
    checked: Arc<Checked>,
}

/// The connections to one endpoint.
pub(crate) struct Channels {
    open: RefCell<Vec<Rc<Channel>>>,
    /// One dial at a time: the others wait and share what it opens.
    dialling: tokio::sync::Mutex<()>,
    keep_alive: Duration,
    lifetime: Duration,
}

struct Channel {
    sender: SendRequest<Bytes>,
    streams: Cell<u32>,
    last_used: Cell<Instant>,
    /// From when on it carries no further calls; those on it are not hurried.
    retires: Instant,
    health: Rc<Health>,
}

/// Whether a connection lives, as its task and its calls see it.
#[derive(Default)]
struct Health {
    is_over: Cell<bool>,
    /// Since when an answer is missing: to a call, and to the PING that asks whether anyone is there.
    silent_since: Cell<Option<Instant>>,
    doubt: Notify,
}

impl Health {
    fn heard(&self) {
        self.silent_since.set(None);
    }

    fn missed(&self) {
        if self.silent_since.get().is_none() {
            self.silent_since.set(Some(now()));
            self.doubt.notify_one();
        }
    }
}

/// Moves the frames of a connection until it ends, and asks for a sign of life when there is doubt.
async fn drive(mut connection: Connection<Transport, Bytes>, health: Rc<Health>) {
    let mut pings = connection.ping_pong();
    let watching = async {
        while let Some(pings) = &mut pings {
            health.doubt.notified().await;
            if pings.ping(Ping::opaque()).await.is_err() {
                break;
            }
            health.heard();
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        // Its error also reaches each call that it cuts off.
        _ = connection => {}
        () = watching => {}
    }
    health.is_over.set(true);
}

/// An answer whose head is here. Dropping it before its end cancels the call (RST_STREAM).
pub(crate) struct Reply {
    pub(crate) head: response::Parts,
    pub(crate) body: RecvStream,
    _stream: Stream,
}

/// A call on a connection, counted there and at the endpoint.
struct Stream {
    channel: Rc<Channel>,
    has_heard: bool,
    load: Load<Channels>,
}

/// Why a call failed, and whether the service can have seen it.
struct Failure {
    fault: Fault,
    was_processed: bool,
}

type Build<'a> = &'a dyn Fn(&Endpoint) -> Result<Request<()>, Fault>;

impl Http2 {
    pub(crate) fn new(checked: &Arc<Checked>, outliers: &Rc<Outliers>) -> Self {
        let (keep_alive, lifetime) = (checked.settings.keep_alive, checked.settings.lifetime);
        let channels = move |_: &Endpoint| Channels {
            open: RefCell::default(),
            dialling: tokio::sync::Mutex::new(()),
            keep_alive,
            lifetime,
        };
        Self { sites: Balance::new(checked, outliers, channels), checked: Arc::clone(checked) }
    }

    /// Follows the list of endpoints, and lets go of connections that carry nothing any more.
    pub(crate) fn sweep(&self) {
        self.sites.sweep();
        self.sites.each(|site| site.pool.sweep());
    }

    /// Sends one request with its whole body and waits for the head of the answer.
    ///
    /// `build` makes the head for the endpoint that is chosen; it may be called twice: a call that the service
    /// says it has not looked at (GOAWAY, REFUSED_STREAM), and a `safe` one whose connection broke before an
    /// answer, is sent once more on another connection.
    ///
    /// # Errors
    /// [`Fault::Connect`] if no endpoint could be reached, [`Fault::Broken`] if the connection or the stream
    /// ended. Deadlines are the caller's: drop the future.
    pub(crate) async fn ask(
        &self,
        build: Build<'_>,
        body: Bytes,
        question: Question<'_>,
        safe: bool,
        trying: &Trying<'_>,
    ) -> Result<Reply, Fault> {
        match self.attempt(build, body.clone(), question, trying).await {
            Ok(reply) => Ok(reply),
            Err(failure) if !failure.was_processed || (safe && matches!(failure.fault, Fault::Broken(_))) => {
                if !failure.was_processed {
                    trying.was_not_seen();
                }
                self.attempt(build, body, question, trying).await.map_err(|failure| failure.fault)
            }
            Err(failure) => Err(failure.fault),
        }
    }

    async fn attempt(
        &self,
        build: Build<'_>,
        body: Bytes,
        question: Question<'_>,
        trying: &Trying<'_>,
    ) -> Result<Reply, Failure> {
        let (mut sender, mut stream) = self.stream(question, trying).await.map_err(Failure::unreachable)?;
        let request =
            build(&stream.site().endpoint).map_err(|fault| Failure { fault, was_processed: true })?;
        let is_empty = body.is_empty();
        let (answer, mut send) = match sender.send_request(request, is_empty) {
            Ok(sent) => sent,
            Err(e) => return Err(stream.failure(&e)),
        };
        if !is_empty {
            // Kept by the library until the service's window lets it through.
            send.send_data(body, true).map_err(|e| stream.failure(&e))?;
        }
        match answer.await {
            Ok(response) => Ok(stream.reply(response)),
            Err(e) => Err(stream.failure(&e)),
        }
    }

    /// Sends a head whose body follows piece by piece through the [`SendStream`]; tried once.
    pub(crate) async fn start(
        &self,
        build: Build<'_>,
        question: Question<'_>,
        is_empty: bool,
        trying: &Trying<'_>,
    ) -> Result<(Started, SendStream<Bytes>), Fault> {
        let (mut sender, mut stream) = self.stream(question, trying).await?;
        let request = build(&stream.site().endpoint)?;
        match sender.send_request(request, is_empty) {
            Ok((answer, send)) => Ok((Started { answer, stream: Some(stream) }, send)),
            Err(e) => Err(stream.failure(&e).fault),
        }
    }

    /// A connection that takes another stream.
    async fn stream(
        &self,
        question: Question<'_>,
        trying: &Trying<'_>,
    ) -> Result<(SendRequest<Bytes>, Stream), Fault> {
        self.sites.ready().await?;
        trying.again(&self.sites, question);
        let mut last = Fault::Connect("no endpoint".to_owned());
        while let Some(site) = trying.choose(&self.sites) {
            let load = Load::on(&site);
            // A connection may be found closed only when it is asked for a stream; then another is opened.
            for _ in 0..2 {
                let channel = match site.pool.channel(&site.endpoint, &self.checked.dialer).await {
                    Ok(channel) => channel,
                    Err(fault) => {
                        site.rest();
                        last = fault;
                        break;
                    }
                };
                site.wake();
                match channel.sender.clone().ready().await {
                    Ok(sender) => return Ok((sender, Stream::on(channel, load))),
                    Err(e) => {
                        channel.health.is_over.set(true);
                        last = Fault::Broken(e.to_string());
                    }
                }
            }
        }
        Err(last)
    }
}

impl Channels {
    /// The least crowded open connection, or a new one.
    async fn channel(&self, endpoint: &Endpoint, dialer: &Dialer) -> Result<Rc<Channel>, Fault> {
        if let Some(channel) = self.least_crowded() {
            return Ok(channel);
        }
        let _turn = self.dialling.lock().await;
        if let Some(channel) = self.least_crowded() {
            return Ok(channel);
        }
        let transport = dialer.dial(endpoint).await?;
        let handshake = h2::client::Builder::new()
            .enable_push(false)
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(MOST_HEAD_BYTES)
            .handshake(transport)
            .await;
        let (sender, connection) =
            handshake.map_err(|e| Fault::Connect(format!("{}: {e}", endpoint.authority)))?;
        let health = Rc::new(Health::default());
        tokio::task::spawn_local(drive(connection, Rc::clone(&health)));
        let retires = now() + self.lifetime.mul_f32(0.9 + 0.2 * fastrand::f32());
        let (streams, last_used) = (Cell::new(0), Cell::new(now()));
        let channel = Rc::new(Channel { sender, streams, last_used, retires, health });
        self.open.borrow_mut().push(Rc::clone(&channel));
        Ok(channel)
    }

    fn sweep(&self) {
        self.open.borrow_mut().retain(|channel| channel.is_usable(self.keep_alive));
    }

    fn least_crowded(&self) -> Option<Rc<Channel>> {
        let mut open = self.open.borrow_mut();
        open.retain(|channel| channel.is_usable(self.keep_alive));
        let channel = open.iter().min_by_key(|channel| channel.streams.get())?;
        let has_room = channel.streams.get() < CROWDED || open.len() >= MOST_CHANNELS;
        has_room.then(|| Rc::clone(channel))
    }
}

impl Channel {
    fn is_usable(&self, keep_alive: Duration) -> bool {
        let now = now();
        let is_stale = self.streams.get() == 0 && now.duration_since(self.last_used.get()) >= keep_alive;
        let is_silent =
            self.health.silent_since.get().is_some_and(|since| now.duration_since(since) >= SILENCE);
        !self.health.is_over.get() && !is_stale && !is_silent && now < self.retires
    }
}

impl Stream {
    fn on(channel: Rc<Channel>, load: Load<Channels>) -> Self {
        channel.streams.set(channel.streams.get() + 1);
        Self { channel, has_heard: false, load }
    }

    fn site(&self) -> &Rc<Site<Channels>> {
        self.load.site()
    }

    fn heard(&mut self) {
        self.has_heard = true;
        self.channel.health.heard();
    }

    fn reply(mut self, response: ::http::Response<RecvStream>) -> Reply {
        self.heard();
        let (head, body) = response.into_parts();
        Reply { head, body, _stream: self }
    }

    fn failure(&mut self, error: &h2::Error) -> Failure {
        self.heard();
        if error.is_go_away() || error.is_io() {
            self.channel.health.is_over.set(true);
        }
        let refused = error.reason() == Some(Reason::REFUSED_STREAM);
        // GOAWAY reaches only the streams above the last one that the service has looked at.
        let unseen =
            refused || (error.is_go_away() && error.is_remote() && error.reason() == Some(Reason::NO_ERROR));
        Failure { fault: broken(error), was_processed: !unseen }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let channel = &self.channel;
        channel.streams.set(channel.streams.get().saturating_sub(1));
        channel.last_used.set(now());
        if !self.has_heard {
            channel.health.missed();
        }
    }
}

impl Failure {
    /// Nothing was sent, and every endpoint was tried: sending it again is for a retry to say.
    fn unreachable(fault: Fault) -> Self {
        Self { fault, was_processed: true }
    }
}

/// A call whose head was sent and whose answer is due.
pub(crate) struct Started {
    answer: h2::client::ResponseFuture,
    stream: Option<Stream>,
}

impl Started {
    pub(crate) fn poll_reply(&mut self, cx: &mut Context<'_>) -> Poll<Result<Reply, Fault>> {
        let answer = ready!(Pin::new(&mut self.answer).poll(cx));
        let Some(mut stream) = self.stream.take() else {
            return Poll::Ready(Err(Fault::Broken("answered already".to_owned())));
        };
        Poll::Ready(match answer {
            Ok(response) => Ok(stream.reply(response)),
            Err(e) => Err(stream.failure(&e).fault),
        })
    }
}

fn broken(error: &h2::Error) -> Fault {
    Fault::Broken(error.to_string())
}

impl Reply {
    /// The next piece of the body, `None` at its end. The room it took in the window is given back at once.
    pub(crate) fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Fault>> {
        Poll::Ready(match ready!(self.body.poll_data(cx)) {
            None => Ok(None),
            Some(Ok(piece)) => {
                // Fails only if more is given back than was taken.
                let _ = self.body.flow_control().release_capacity(piece.len());
                Ok(Some(piece))
            }
            Some(Err(e)) => Err(broken(&e)),
        })
    }

    pub(crate) async fn data(&mut self) -> Result<Option<Bytes>, Fault> {
        poll_fn(|cx| self.poll_data(cx)).await
    }

    /// The whole body, if it has at most `limit` bytes.
    pub(crate) async fn whole_body(&mut self, limit: u64) -> Result<Bytes, Fault> {
        let Some(first) = self.data().await? else {
            return Ok(Bytes::new());
        };
        let mut total = first.len() as u64;
        let mut joined: Option<BytesMut> = None;
        while total <= limit {
            let Some(piece) = self.data().await? else {
                return Ok(joined.map_or(first, BytesMut::freeze));
            };
            total += piece.len() as u64;
            joined.get_or_insert_with(|| BytesMut::from(&*first)).extend_from_slice(&piece);
        }
        Err(Fault::TooLarge { limit })
    }

    /// The trailers, once the body was read to its end.
    pub(crate) async fn trailers(&mut self) -> Result<Option<HeaderMap>, Fault> {
        poll_fn(|cx| self.body.poll_trailers(cx)).await.map_err(|e| broken(&e))
    }
}
