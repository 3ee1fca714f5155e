//! A server without sockets: one request at a time goes the way that every request goes, from the bytes of its head to
//! the bytes of its answer, over a connection inside the process.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, sync_channel};

use arc_swap::ArcSwap;
use bytes::Bytes;
use frontdesk_adapter::Clock;
use frontdesk_catalog::ClientLimits;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;

use crate::access_log::AccessLog;
use crate::connection::Watch;
use crate::snapshot::Snapshot;
use crate::workers::{Peer, Shared, Worker};

/// How much of one side's bytes may wait for the other.
const PIPE: usize = 256 * 1024;

/// Serves a Snapshot to whoever holds it, on a thread that can run local tasks.
pub struct Rehearsal {
    worker: Rc<Worker>,
    log: Receiver<Vec<u8>>,
}

/// How a request was answered.
#[derive(Debug)]
pub struct Rehearsed {
    pub response: Response<Bytes>,
    /// Its line of the access log: the problem and each call, with why it failed.
    pub log: serde_json::Value,
}

impl Rehearsal {
    /// `clock` says when the sunset of an endpoint has come.
    pub fn new(snapshot: Snapshot, limits: ClientLimits, clock: Arc<dyn Clock>) -> Self {
        let (writer, log) = sync_channel(16);
        let shared = Arc::new(Shared {
            snapshot: ArcSwap::from_pointee(snapshot),
            limits,
            draining: AtomicBool::new(false),
            ready: AtomicBool::new(true),
            admin_token: None,
            faults: None,
            started: clock.unix(),
            clock,
            usage: Vec::new(),
        });
        let most = shared.limits.requests;
        Self { worker: Rc::new(Worker::new(shared, AccessLog::new(Some(writer)), Arc::default(), most)), log }
    }

    /// Asks one BFF. The request's target is a path with its query; a `Host` is added if it has none.
    ///
    /// # Errors
    /// The request cannot be written, or the connection was closed instead of answered.
    pub async fn ask(&self, bff: &str, mut request: Request<Bytes>) -> Result<Rehearsed, hyper::Error> {
        request
            .headers_mut()
            .entry(hyper::header::HOST)
            .or_insert(hyper::header::HeaderValue::from_static("localhost"));
        let (server, client) = tokio::io::duplex(PIPE);
        let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        let peer = Peer { address, secure: false, certificate: None };
        let serving =
            tokio::task::spawn_local(self.worker.clone().http(server, peer, bff.into(), Watch::new()));
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(client)).await?;
        let driving = tokio::task::spawn_local(connection);
        let answer = async {
            let (parts, body) = sender.send_request(request.map(Full::new)).await?.into_parts();
            Ok(Response::from_parts(parts, body.collect().await?.to_bytes()))
        };
        let answer: Result<_, hyper::Error> = answer.await;
        serving.abort();
        driving.abort();
        self.worker.log.flush();
        let line = self.log.try_iter().last().unwrap_or_default();
        Ok(Rehearsed { response: answer?, log: serde_json::from_slice(&line).unwrap_or_default() })
    }
}
