//! One call to a service: what goes out, what comes back, who carries it.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;

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
    /// The operation's position among those of its service: latencies and breakers are kept by it.
    pub operation: u32,
    pub policy: CallPolicy,
    /// The answer's headers are wanted, and 304 (RFC 9110 §15.4.5) is an answer.
    pub wants_headers: bool,
    /// Headers of the client's request by which some service's traffic is routed; lower-case names.
    pub client_headers: Option<ClientHeaders>,
}

/// Headers of a client's request by their lower-case names.
pub type ClientHeaders = Rc<[(Arc<str>, Bytes)]>;

impl Default for ServiceCall {
    fn default() -> Self {
        Self {
            method: "GET",
            target: Vec::new(),
            headers: Vec::new(),
            body: Vec::new(),
            safe: false,
            trace: TraceContext::default(),
            caller: None,
            operation: 0,
            policy: CallPolicy::default(),
            wants_headers: false,
            client_headers: None,
        }
    }
}

/// What one call wants otherwise than its service's policy has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallPolicy {
    pub priority: Priority,
    /// How often it may be tried again; `None`: as the service has it.
    pub retries: Option<u32>,
    /// `None`: as the service has it.
    pub hedge: Option<Hedge>,
}

/// What is shed last, under overload: the greatest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Nobody waits for it: a refresh ahead of time, a prefetch, a mirrored call.
    Background,
    #[default]
    View,
    Action,
}

/// When a second attempt of a safe call sets out beside the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hedge {
    Never,
    After(Duration),
    /// Once this share of the operation's recent calls, in percent, would have been answered.
    AfterPercentile(u8),
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
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub status: u16,
    /// JSON text, or the encoded message. Empty for 204 and the like.
    pub body: Bytes,
    /// Whether a body's `content-type` says JSON (or is missing). Always true for gRPC.
    pub is_expected_type: bool,
    /// If the call wanted them.
    pub headers: Option<Box<HeaderMap>>,
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

    /// Closes what has been idle for too long, and looks at what is due: a connector has no task of its own. To be called
    /// a few times a second, on a thread that runs local tasks.
    fn sweep(&self) {}

    /// Which version of the service answers this call, where that is no matter of chance: answers of different ones
    /// are different answers to whoever keeps them. 0 is the service itself.
    fn variant(&self, call: &ServiceCall) -> u32 {
        let _ = call;
        0
    }
}

/// Makes the connector of one service for the thread it is called on.
///
/// Opening may fail earlier, when the factory is made (bad roots, unknown scheme); this cannot.
pub trait ConnectorFactory: Send + Sync {
    fn connector(&self) -> Rc<dyn Connector>;
}
