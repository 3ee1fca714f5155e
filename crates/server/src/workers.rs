//! One thread a core: its own runtime, its own listeners on the shared ports, its own connections to services.
//!
//! The kernel spreads clients over the listeners (`SO_REUSEPORT`); nothing is locked across cores while a request
//! runs. A reload swaps the [`Snapshot`]; each worker takes the new one with its next request.

use std::cell::RefCell;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::task::Poll;
use std::thread::JoinHandle;
use std::time::Duration;

use arc_swap::ArcSwap;
use frontdesk_adapter::{Clock, say};
use frontdesk_catalog::ClientLimits;
use frontdesk_connectors::faults::{Harmed, RuleId, Rules};
use frontdesk_perimeter::ClientCertificate;
use futures_util::FutureExt;
use futures_util::future::Either;
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::access_log::{self, AccessLog};
use crate::admin;
use crate::body::Body;
use crate::connection::{Connections, End, Timeouts, Watch, Watched};
use crate::framing::Strict;
use crate::idempotency::IDEMPOTENCY_KEY;
use crate::overload::Overload;
use crate::pipeline;
use crate::snapshot::{Loaded, Snapshot};
use crate::tls;
use crate::traffic::Faults;
use crate::usage::Usage;

/// How often a worker looks for overdue connections and writes its log.
const TICK: Duration = Duration::from_millis(250);

/// What the server is started with; it does not change until it stops.
pub struct Settings {
    pub listeners: Vec<ListenerSettings>,
    pub admin: Option<SocketAddr>,
    /// What an administrator shows to end a user's sessions; without it nobody can.
    pub admin_token: Option<String>,
    /// An administrator may order faults: only then calls are looked at for them.
    pub faults: bool,
    pub limits: ClientLimits,
    pub threads: usize,
    /// Where the access log goes, a JSON line a request; `None` for no log.
    pub access_log: Option<Box<dyn Write + Send>>,
    /// Says when the sunset of an endpoint has come.
    pub clock: Arc<dyn Clock>,
}

/// Where one BFF listens. Port 0 lets the system choose.
pub struct ListenerSettings {
    pub bff: String,
    pub address: SocketAddr,
    pub tls: Option<Arc<rustls::ServerConfig>>,
}

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot listen on {address} for `{name}`: {cause}")]
    Listen { name: String, address: SocketAddr, cause: io::Error },
    #[error("cannot start a thread: {0}")]
    Thread(io::Error),
    #[error("`{0}` believes whatever it is told of who asks: it may listen on loopback only")]
    Rehearsal(String),
}

/// State that all workers see.
pub(crate) struct Shared {
    pub snapshot: ArcSwap<Snapshot>,
    pub limits: ClientLimits,
    pub draining: AtomicBool,
    /// A Snapshot is in place and the server is not draining.
    pub ready: AtomicBool,
    pub admin_token: Option<String>,
    /// The faults that an administrator has ordered, if that is allowed.
    pub faults: Option<Arc<Rules>>,
    pub clock: Arc<dyn Clock>,
    /// What each worker has seen of what is deprecated, since `started`.
    pub usage: Vec<Arc<Usage>>,
    /// Unix seconds.
    pub started: u64,
}

/// A running server.
pub struct Server {
    shared: Arc<Shared>,
    phase: watch::Sender<Phase>,
    /// Each worker, then the thread that writes the log.
    threads: Vec<JoinHandle<()>>,
    admin_thread: Option<JoinHandle<()>>,
    addresses: Vec<(String, SocketAddr)>,
    admin: Option<SocketAddr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Serve,
    /// Finish what is in flight until this long has passed.
    Drain(Duration),
    /// Every worker is done.
    Over,
}

/// Opens every listener, then starts the threads. Nothing runs if anything cannot be opened.
pub fn start(settings: Settings, snapshot: Snapshot) -> Result<Server, Error> {
    let threads = settings.threads.max(1);
    let mut addresses = Vec::new();
    let mut per_thread: Vec<Vec<Listener>> = (0..threads).map(|_| Vec::new()).collect();
    for listener in &settings.listeners {
        let fail = |cause| Error::Listen { name: listener.bff.clone(), address: listener.address, cause };
        if !listener.address.ip().is_loopback() && snapshot.is_rehearsal(&listener.bff) {
            return Err(Error::Rehearsal(listener.bff.clone()));
        }
        let mut address = listener.address;
        not_taken(address).map_err(fail)?;
        for listeners in &mut per_thread {
            let socket = bind(address).map_err(fail)?;
            address = socket.local_addr().map_err(fail)?;
            listeners.push(Listener { bff: listener.bff.as_str().into(), socket, tls: listener.tls.clone() });
        }
        addresses.push((listener.bff.clone(), address));
    }
    let shared = Arc::new(Shared {
        snapshot: ArcSwap::from_pointee(snapshot),
        limits: settings.limits.clone(),
        draining: AtomicBool::new(false),
        ready: AtomicBool::new(true),
        faults: (settings.faults && settings.admin_token.is_some()).then(Arc::default),
        admin_token: settings.admin_token,
        started: settings.clock.unix(),
        clock: settings.clock,
        usage: (0..threads).map(|_| Arc::default()).collect(),
    });
    let (phase, _) = watch::channel(Phase::Serve);
    let mut server =
        Server { shared, phase, threads: Vec::new(), admin_thread: None, addresses, admin: None };
    if let Some(address) = settings.admin {
        server.start_admin(address)?;
    }
    let log = match settings.access_log {
        Some(sink) => Some(access_log::writer(sink).map_err(Error::Thread)?),
        None => None,
    };
    for (number, listeners) in per_thread.into_iter().enumerate() {
        server.start_worker(number, listeners, threads, log.as_ref().map(|(writer, _)| writer.clone()))?;
    }
    server.threads.extend(log.map(|(_, thread)| thread));
    Ok(server)
}

impl Server {
    /// Where each BFF listens, with the ports the system chose.
    pub fn addresses(&self) -> &[(String, SocketAddr)] {
        &self.addresses
    }

    pub fn admin(&self) -> Option<SocketAddr> {
        self.admin
    }

    /// Puts a new Snapshot in place: requests that began before finish on the old one.
    pub fn reload(&self, snapshot: Snapshot) {
        self.shared.snapshot.store(Arc::new(snapshot));
    }

    /// Says that it is not ready any more, and asks clients to go elsewhere with their next request; goes on answering
    /// everybody. For as long as whoever balances between instances takes to notice.
    pub fn retire(&self) {
        self.shared.ready.store(false, Ordering::Release);
        self.shared.draining.store(true, Ordering::Release);
    }

    /// Stops taking connections, lets requests in flight finish for at most `patience`, then ends.
    pub fn shutdown(self, patience: Duration) {
        self.retire();
        let _ = self.phase.send(Phase::Drain(patience));
        for thread in self.threads {
            // A worker that panicked has nothing left to finish.
            let _ = thread.join();
        }
        let _ = self.phase.send(Phase::Over);
        if let Some(thread) = self.admin_thread {
            let _ = thread.join();
        }
    }

    fn start_admin(&mut self, address: SocketAddr) -> Result<(), Error> {
        let fail = |cause| Error::Listen { name: "admin".into(), address, cause };
        not_taken(address).map_err(fail)?;
        let socket = bind(address).map_err(fail)?;
        self.admin = Some(socket.local_addr().map_err(fail)?);
        let (shared, mut phase) = (self.shared.clone(), self.phase.subscribe());
        let thread = spawn("admin", move || async move {
            let Ok(listener) = TcpListener::from_std(socket) else { return };
            let serving = tokio::task::spawn_local(admin::serve(listener, shared));
            // Says "draining" as long as a worker is; an error is a server that was dropped.
            let _ = phase.wait_for(|phase| *phase == Phase::Over).await;
            serving.abort();
        })?;
        self.admin_thread = Some(thread);
        Ok(())
    }

    fn start_worker(
        &mut self,
        number: usize,
        listeners: Vec<Listener>,
        threads: usize,
        log: Option<SyncSender<Vec<u8>>>,
    ) -> Result<(), Error> {
        let (shared, phase) = (self.shared.clone(), self.phase.subscribe());
        let usage = self.shared.usage.get(number).cloned().unwrap_or_default();
        let thread = spawn(&format!("worker-{number}"), move || async move {
            let most = (shared.limits.connections as usize).div_ceil(threads);
            let requests = shared.limits.requests.div_ceil(u32::try_from(threads).unwrap_or(u32::MAX));
            let worker = Rc::new(Worker::new(shared, AccessLog::new(log), usage, requests));
            worker.run(listeners, most, phase).await;
        })?;
        self.threads.push(thread);
        Ok(())
    }
}

/// Runs a future on a thread and runtime of its own.
fn spawn<F, R>(name: &str, task: F) -> Result<JoinHandle<()>, Error>
where
    F: FnOnce() -> R + Send + 'static,
    R: Future<Output = ()> + 'static,
{
    let thread = std::thread::Builder::new().name(name.to_owned());
    let run = move || {
        // Built here, because it cannot move to another thread.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build_local(tokio::runtime::LocalOptions::default());
        match runtime {
            Ok(runtime) => runtime.block_on(task()),
            Err(error) => say!("frontdesk: cannot start a runtime: {error}"),
        }
    };
    thread.spawn(run).map_err(Error::Thread)
}

struct Listener {
    bff: Arc<str>,
    socket: std::net::TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
}

/// Who is at the other end of a connection.
#[derive(Clone)]
pub(crate) struct Peer {
    pub address: SocketAddr,
    /// It came over TLS.
    pub secure: bool,
    pub certificate: Option<Arc<ClientCertificate>>,
}

/// Whether nobody listens there yet. Our own listeners share their port, and so would those of another Frontdesk:
/// the two would take turns answering.
fn not_taken(address: SocketAddr) -> io::Result<()> {
    let probe = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    probe.set_reuse_address(true)?;
    probe.bind(&address.into())?;
    probe.listen(1)
}

fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(1024)?;
    Ok(socket.into())
}

/// What one thread has.
pub(crate) struct Worker {
    pub shared: Arc<Shared>,
    pub log: AccessLog,
    pub usage: Arc<Usage>,
    pub overload: Rc<Overload>,
    connections: Rc<Connections>,
    loaded: RefCell<Rc<Loaded>>,
    faults: Option<Faults>,
}

impl Worker {
    /// `most`: how many requests it serves at once.
    pub fn new(shared: Arc<Shared>, log: AccessLog, usage: Arc<Usage>, most: u32) -> Self {
        let faults = shared.faults.clone().map(|rules| Faults { rules, harmed: Harmed::default() });
        let loaded = RefCell::new(Rc::new(Loaded::new(shared.snapshot.load_full(), faults.as_ref())));
        let (overload, connections) = (Overload::new(most), Rc::default());
        Self { shared, log, usage, overload, connections, loaded, faults }
    }

    /// The Snapshot of this moment with this thread's connectors.
    pub fn loaded(&self) -> Rc<Loaded> {
        let latest = self.shared.snapshot.load();
        let mut loaded = self.loaded.borrow_mut();
        if !std::ptr::eq(Arc::as_ptr(&latest), Arc::as_ptr(&loaded.snapshot)) {
            *loaded = Rc::new(Loaded::new(arc_swap::Guard::into_inner(latest), self.faults.as_ref()));
        }
        loaded.clone()
    }

    /// The rules that harmed calls of the request with this span.
    pub fn harmed(&self, span: [u8; 8]) -> Vec<RuleId> {
        self.faults.as_ref().map(|faults| faults.harmed.take(span)).unwrap_or_default()
    }

    async fn run(self: Rc<Self>, listeners: Vec<Listener>, most: usize, mut phase: watch::Receiver<Phase>) {
        let accepting: Vec<_> = listeners
            .into_iter()
            .map(|listener| tokio::task::spawn_local(self.clone().accept(listener, most)))
            .collect();
        let ticking = tokio::task::spawn_local(self.clone().tick());
        let watching = tokio::task::spawn_local(self.overload.clone().watch());
        let patience = match phase.wait_for(|phase| *phase != Phase::Serve).await.map(|phase| *phase) {
            Ok(Phase::Drain(patience)) => patience,
            _ => Duration::ZERO,
        };
        accepting.iter().for_each(tokio::task::JoinHandle::abort);
        self.drain(patience).await;
        ticking.abort();
        watching.abort();
        self.log.flush();
    }

    async fn drain(&self, patience: Duration) {
        let last = frontdesk_adapter::now() + patience;
        self.connections.ask_all_to_end(End::Gracefully);
        while !(self.connections.is_empty() && self.overload.is_idle()) && frontdesk_adapter::now() < last {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.connections.ask_all_to_end(End::AtOnce);
        tokio::task::yield_now().await;
    }

    async fn tick(self: Rc<Self>) {
        let limits =
            Timeouts { headers: self.shared.limits.header_timeout, idle: self.shared.limits.idle_timeout };
        let mut ticks = tokio::time::interval(TICK);
        loop {
            ticks.tick().await;
            self.connections.end_overdue(limits);
            self.log.flush();
            // Also when no request comes: lets go of a Snapshot that was replaced, and of old connections.
            self.loaded().sweep();
        }
    }

    async fn accept(self: Rc<Self>, listener: Listener, most: usize) {
        let Ok(socket) = TcpListener::from_std(listener.socket) else { return };
        loop {
            match socket.accept().await {
                // Over the limit: closed at once, so that the client can go elsewhere.
                Ok(_) if self.connections.len() >= most => {}
                Ok((stream, peer)) => {
                    let _ = stream.set_nodelay(true);
                    let worker = self.clone();
                    let (bff, tls) = (listener.bff.clone(), listener.tls.clone());
                    tokio::task::spawn_local(worker.connection(stream, peer, bff, tls));
                }
                // Out of file descriptors, most likely: wait for some to come back.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn connection(
        self: Rc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        bff: Arc<str>,
        tls: Option<Arc<rustls::ServerConfig>>,
    ) {
        let watch = Watch::new();
        let _member = self.connections.add(watch.clone());
        let stream = Watched::new(stream, watch.clone());
        match tls {
            None => {
                self.http(stream, Peer { address: peer, secure: false, certificate: None }, bff, watch).await;
            }
            Some(config) => {
                let handshake = tokio_rustls::TlsAcceptor::from(config).accept(stream);
                let mut handshake = pin!(handshake);
                let accepted = std::future::poll_fn(|cx| {
                    watch.register(cx.waker());
                    if watch.end() == End::AtOnce {
                        return Poll::Ready(None);
                    }
                    handshake.as_mut().poll(cx).map(Result::ok)
                });
                if let Some(stream) = accepted.await {
                    let certificate = tls::client_certificate(stream.get_ref().1);
                    self.http(stream, Peer { address: peer, secure: true, certificate }, bff, watch).await;
                }
            }
        }
    }

    /// HTTP/1.1 or HTTP/2, as the client's first bytes say, until one side has enough.
    pub async fn http<S>(self: Rc<Self>, stream: S, peer: Peer, bff: Arc<str>, watch: Rc<Watch>)
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + 'static,
    {
        let limits = &self.shared.limits;
        let header_bytes = usize::try_from(limits.header_bytes).unwrap_or(16 * 1024).max(8192);
        let mut builder = hyper_util::server::conn::auto::Builder::new(LocalExecutor);
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(None)
            // hyper answers 431 when a request's head does not fit.
            .max_buf_size(header_bytes);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(u32::try_from(header_bytes).unwrap_or(u32::MAX))
            .max_concurrent_streams(128);
        let service = {
            let (worker, watch) = (self.clone(), watch.clone());
            hyper::service::service_fn(move |request: Request<Incoming>| {
                let running = watch.request(request.version());
                let Peer { address, secure, certificate } = peer.clone();
                // Once begun it is carried out whether or not its client waits for the answer, which it can ask for again.
                let goes_on = request.headers().contains_key(&IDEMPOTENCY_KEY) && !request.method().is_safe();
                let serving = pipeline::serve(
                    worker.clone(),
                    bff.clone(),
                    address,
                    secure,
                    certificate,
                    request,
                    running,
                );
                // Not one future that holds the other: each would be copied with room for both.
                if goes_on {
                    let task = tokio::task::spawn_local(serving);
                    Either::Left(task.map(|served| served.unwrap_or_else(|_| Ok(cut_off()))))
                } else {
                    Either::Right(serving)
                }
            })
        };
        let stream = Strict::new(stream, watch.clone(), header_bytes);
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
        let mut closing = false;
        std::future::poll_fn(|cx| {
            watch.register(cx.waker());
            match watch.end() {
                End::AtOnce => return Poll::Ready(()),
                End::Gracefully if !closing => {
                    closing = true;
                    connection.as_mut().graceful_shutdown();
                }
                _ => {}
            }
            // How a client's connection ended is its own business.
            connection.as_mut().poll(cx).map(|_| ())
        })
        .await;
    }
}

/// The runtime ends before the request does.
fn cut_off() -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}

/// Runs hyper's HTTP/2 tasks on the worker they belong to.
#[derive(Clone, Copy, Debug)]
struct LocalExecutor;

impl<F> hyper::rt::Executor<F> for LocalExecutor
where
    F: Future<Output = ()> + 'static,
{
    fn execute(&self, task: F) {
        tokio::task::spawn_local(task);
    }
}
