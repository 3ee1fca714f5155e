//! What an adapter implements, and what crosses between it and the engine.
//!
//! A [`Connector`] speaks one protocol to one service: bytes in, bytes out, until a [`Deadline`]. The engine
//! encodes and decodes; a connector dials, pools, balances, frames and gives up. A failed call is a [`Fault`],
//! whose variant carries the blame and decides what the client may learn. A [`Caller`] is whoever the request is
//! served for: connectors that need a user's credentials ask it. Stores keep what outlives a request.
//!
//! This crate must not know about plans, values or any concrete protocol.

mod cache_store;
mod caller;
mod clock;
mod fault;
mod http_client;
mod say;
mod service_call;
mod store;

pub use cache_store::{CacheStore, PurgeListener, Shared};
pub use caller::{AccessToken, Caller, CallerKey, Exchange, TokenFuture};
pub use clock::{Clock, Deadline, SystemClock, now};
pub use fault::{Fault, Reason};
pub use http_client::{HttpAnswer, HttpClient, HttpClientFactory, HttpFuture, HttpRequest};
#[doc(hidden)]
pub use say::to_standard_error;
pub use service_call::{
    Answer, CallFuture, CallPolicy, ClientHeaders, Connector, ConnectorFactory, Hedge, Priority, ServiceCall,
    TraceContext,
};
pub use store::{
    Created, EntryStore, Rate, RateStore, SessionRecord, SessionStore, StoreFault, StoreFuture, Swapped,
    Verdict,
};
