//! What a server has got to see, for the test to look at.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::watch;

/// A request as it arrived.
#[derive(Clone, Debug, Default)]
pub struct Received {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in lower case, in the order they came.
    pub headers: Vec<(String, String)>,
    /// Without chunked coding; empty if the script did not read it.
    pub body: Vec<u8>,
    /// Which connection it came on, counted from 0.
    pub connection: usize,
}

impl Received {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// What the thread of a server and the test share.
pub(crate) struct Shared<S> {
    routes: Mutex<HashMap<String, (Vec<S>, usize)>>,
    received: Mutex<Vec<Received>>,
    count: watch::Sender<usize>,
    connections: AtomicUsize,
}

impl<S: Clone> Shared<S> {
    pub(crate) fn new() -> Self {
        Self {
            routes: Mutex::default(),
            received: Mutex::default(),
            count: watch::Sender::new(0),
            connections: AtomicUsize::new(0),
        }
    }

    pub(crate) fn set(&self, path: &str, scripts: Vec<S>) {
        assert!(!scripts.is_empty(), "a path needs a script");
        self.routes.lock().unwrap().insert(path.to_owned(), (scripts, 0));
    }

    /// The script for the next request to `target`; `*` stands for any path.
    pub(crate) fn next(&self, target: &str) -> Option<S> {
        let path = target.split('?').next().unwrap_or_default();
        let mut routes = self.routes.lock().unwrap();
        let key = if routes.contains_key(path) { path } else { "*" };
        let (scripts, at) = routes.get_mut(key)?;
        let script = scripts.get(*at).or(scripts.last()).cloned();
        *at += 1;
        script
    }

    pub(crate) fn connected(&self) -> usize {
        self.connections.fetch_add(1, Ordering::SeqCst)
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Notes a request; its body may be added later under the index that is returned.
    pub(crate) fn note(&self, request: Received) -> usize {
        let mut received = self.received.lock().unwrap();
        received.push(request);
        self.count.send_replace(received.len());
        received.len() - 1
    }

    pub(crate) fn add_body(&self, index: usize, body: &[u8]) {
        self.received.lock().unwrap()[index].body.extend_from_slice(body);
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub(crate) async fn received_at_least(&self, n: usize) {
        let _ = self.count.subscribe().wait_for(|count| *count >= n).await;
    }
}
