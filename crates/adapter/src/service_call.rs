//! One call to a service: what goes out, what comes back, who carries it.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use bytes::Bytes;

use crate::{Caller, Deadline, Fault};

/// A request as it goes to a service, protocol details left to the connector.
///
/// HTTP: `target` is the path and query below the service's base URL, `body` the JSON text (empty for none).
/// gRPC: `target` is `/package.Service/Method`, `body` the encoded message without its 5-byte frame.
#[derive(Clone, Debug)]
pub struct ServiceCall {
    /// Upper case; `POST` for gRPC.
    pub method: &'static str,
    pub target: Vec<u8>,
    /// Further headers of this call (lower-case names, values without line breaks), static ones of the service
    /// excluded: the connector adds those, and `host`, `content-length`, `content-type` of a body.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    pub body: Vec<u8>,
    /// May be sent twice without harm: a safe method, or a read without side effects.
    pub safe: bool,
    pub trace: TraceContext,
    /// Who it is made for; `None` for nobody in particular.
    pub caller: Option<Rc<dyn Caller>>,
}

/// W3C Trace Context and the correlation id of the request this call serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TraceContext {
    pub trace_id: [u8; 16],
    /// The span of the client's request, parent of each call's own.
    pub span_id: [u8; 8],
    pub sampled: bool,
}

/// A whole answer with a success status; anything else is a [`Fault`].
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// JSON text, or the encoded message. Empty for 204 and the like.
    pub body: Bytes,
    /// Whether a body's `content-type` says JSON (or is missing). Always true for gRPC.
    pub is_expected_type: bool,
}

pub type CallFuture<'a> = Pin<Box<dyn Future<Output = Result<Answer, Fault>> + 'a>>;

/// Speaks one protocol to one service from one thread.
///
/// Dropping the future cancels the call. Retries, the bulkhead and the choice of an endpoint happen inside;
/// the connector never waits past `deadline`.
pub trait Connector {
    fn call<'a>(&'a self, call: &'a ServiceCall, deadline: Deadline) -> CallFuture<'a>;

    /// As [`call`](Self::call), with a proof of possession (RFC 9449) among the headers: it is good for one request, so
    /// nothing that may have been seen is sent twice. The `DPoP-Nonce` of the answer, whatever its status, goes into `nonce`.
    fn call_with_proof<'a>(
        &'a self,
        call: &'a ServiceCall,
        deadline: Deadline,
        nonce: &'a Cell<Option<String>>,
    ) -> CallFuture<'a> {
        let _ = nonce;
        self.call(call, deadline)
    }
}

/// Makes the connector of one service for the thread it is called on.
///
/// Opening may fail earlier, when the factory is made (bad roots, unknown scheme); this cannot.
pub trait ConnectorFactory: Send + Sync {
    fn connector(&self) -> Rc<dyn Connector>;
}
