//! Plain HTTP exchanges with servers that are not services of views: providers of identity.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use bytes::Bytes;

use crate::{Deadline, Fault};

/// One request. Redirects are never followed.
#[derive(Clone)]
pub struct HttpRequest {
    /// Upper case.
    pub method: &'static str,
    /// Absolute: `https://login.example.com/token?x=y`, no fragment.
    pub url: String,
    /// Lower-case names. `host` and `content-length` are the client's to write.
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
}

/// Neither headers nor body nor query: they hold credentials.
impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("url", &place)
            .finish_non_exhaustive()
    }
}

/// Any answer, whatever its status.
#[derive(Clone)]
pub struct HttpAnswer {
    pub status: u16,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl HttpAnswer {
    /// The first header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for HttpAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}

pub type HttpFuture<'a> = Pin<Box<dyn Future<Output = Result<HttpAnswer, Fault>> + 'a>>;

/// Sends requests to the servers it was made for, from one thread.
pub trait HttpClient {
    /// The whole answer by `deadline`. [`Fault::Connect`] says that nothing was sent; after [`Fault::Broken`] and
    /// [`Fault::TimedOut`] the server may have acted on it. Nothing is tried twice.
    fn send<'a>(&'a self, request: &'a HttpRequest, deadline: Deadline) -> HttpFuture<'a>;

    /// Lets requests go to `origin` (`https://host:port`) as well: the server at `known`, one of those that this client
    /// was made for, has parts of itself there. The rules of `known` hold for it: its roots, and nothing in the clear
    /// if `known` is not.
    ///
    /// # Errors
    /// [`Fault::Unsendable`]: it may not be reached on the word of `known`.
    fn admit(&self, origin: &str, known: &str) -> Result<(), Fault> {
        let _ = (origin, known);
        Ok(())
    }
}

/// Makes the client of the thread it is called on.
pub trait HttpClientFactory: Send + Sync {
    fn client(&self) -> Rc<dyn HttpClient>;
}
