//! Servers as a test holds them: a port, a thread, and what has come in.

use std::future::Future;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::authority::Identity;
use crate::frames::{self, FrameScript};
use crate::received::{Received, Shared};
use crate::script::Script;
use crate::wire;

/// A scripted server on a port of the system's choice at 127.0.0.1. Dropping it closes everything.
pub struct Server<S = Script> {
    address: SocketAddr,
    is_secure: bool,
    shared: Arc<Shared<S>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// HTTP/1.1 in the clear.
    pub fn start() -> Self {
        Self::run(None, wire::serve)
    }

    /// HTTP/1.1 over TLS.
    pub fn start_tls(identity: &Identity) -> Self {
        Self::run(Some(identity.acceptor(&[b"http/1.1"])), wire::serve)
    }
}

impl Server<FrameScript> {
    /// HTTP/2 in the clear, by prior knowledge.
    pub fn http2() -> Self {
        Self::run(None, frames::serve)
    }

    /// HTTP/2 over TLS, by ALPN.
    pub fn http2_tls(identity: &Identity) -> Self {
        Self::run(Some(identity.acceptor(&[b"h2"])), frames::serve)
    }
}

impl<S: Clone + Send + 'static> Server<S> {
    fn run<F, Fut>(tls: Option<TlsAcceptor>, serve: F) -> Self
    where
        F: Fn(Arc<Shared<S>>, Stream, usize) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let listener = StdListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let is_secure = tls.is_some();
        let shared = Arc::new(Shared::new());
        let (stop, stopped) = oneshot::channel();
        let seen = Arc::clone(&shared);
        let serve = Arc::new(serve);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::from_std(listener).unwrap();
                let accepting = async {
                    let mut connections = JoinSet::new();
                    loop {
                        let (stream, _) = listener.accept().await.unwrap();
                        stream.set_nodelay(true).unwrap();
                        let number = seen.connected();
                        let (serve, seen, tls) = (Arc::clone(&serve), Arc::clone(&seen), tls.clone());
                        connections.spawn(async move {
                            // A handshake that fails is the client's to report.
                            if let Some(stream) = Stream::accept(stream, tls).await {
                                serve(seen, stream, number).await;
                            }
                        });
                        while connections.try_join_next().is_some() {}
                    }
                };
                tokio::select! { () = accepting => {}, _ = stopped => {} }
            });
        });
        Self { address, is_secure, shared, stop: Some(stop), thread: Some(thread) }
    }

    /// Every request for `path` (`*`: any path that has no script) gets `script`.
    pub fn on(&self, path: &str, script: S) {
        self.shared.set(path, vec![script]);
    }

    /// One script per request for `path`, the last one for all that follow.
    pub fn on_each(&self, path: &str, scripts: impl IntoIterator<Item = S>) {
        self.shared.set(path, scripts.into_iter().collect());
    }

    /// `http://127.0.0.1:port`, or `https://localhost:port` with TLS.
    pub fn url(&self) -> String {
        if self.is_secure {
            format!("https://localhost:{}", self.address.port())
        } else {
            format!("http://{}", self.address)
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All requests so far, in the order their heads came.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received()
    }

    /// How many connections were accepted.
    pub fn connections(&self) -> usize {
        self.shared.connections()
    }

    /// Waits until so many requests have come.
    pub async fn received_at_least(&self, n: usize) {
        self.shared.received_at_least(n).await;
    }
}

impl<S> Drop for Server<S> {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there has been printed; panicking again here would hide it.
            let _ = thread.join();
        }
    }
}

/// An accepted connection, in the clear or not.
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<tokio_rustls::server::TlsStream<TcpStream>>),
}

impl Stream {
    async fn accept(stream: TcpStream, tls: Option<TlsAcceptor>) -> Option<Self> {
        match tls {
            None => Some(Self::Plain(stream)),
            Some(tls) => tls.accept(stream).await.ok().map(|stream| Self::Tls(Box::new(stream))),
        }
    }
}

/// A port that refuses every connection, as long as this is held.
pub struct Refusing {
    address: SocketAddr,
    _bound: TcpSocket,
}

/// A bound port that nobody listens on.
pub fn refusing() -> Refusing {
    let bound = TcpSocket::new_v4().unwrap();
    bound.bind(([127, 0, 0, 1], 0).into()).unwrap();
    Refusing { address: bound.local_addr().unwrap(), _bound: bound }
}

impl Refusing {
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// A port that takes connections and never says a word, as long as this is held.
pub struct Silent {
    listener: StdListener,
}

/// A listener whose connections nobody accepts.
pub fn silent() -> Silent {
    Silent { listener: StdListener::bind("127.0.0.1:0").unwrap() }
}

impl Silent {
    pub fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }
}
