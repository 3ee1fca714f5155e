//! A case: what is asked, what services answer meanwhile, and what must come of it.
//!
//! ```yaml
//! says: an empty cart is a conflict
//! services:
//!   cart: { getCart: { patch: { lines: [] } } }
//! request: { endpoint: checkout-summary, input: { cartId: c-1 } }
//! response: { problem: cart_empty }
//! ```

mod ask;
mod quantity;
mod read;
mod services;
mod walk;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_diagnostics::Span;
use http::Request;
use serde_json::Value;

use crate::fake::Scripts;
use crate::identity::As;

pub use ask::{Unaskable, largest, request};
pub(crate) use quantity::moment;
pub use read::read;
pub(crate) use read::who as read_who;
pub use services::read as read_services;
pub(crate) use walk::Found;

/// One case of a BFF.
#[derive(Clone, Debug)]
pub struct Case {
    /// The folder's name below `bffs/`.
    pub bff: Arc<str>,
    /// `checkout-summary.an-empty-cart-is-a-conflict`: the file's stem, and what it says if the file has others too.
    pub name: String,
    pub says: String,
    /// Where it begins.
    pub span: Span,
    /// The endpoint it names, if it names one.
    pub endpoint: Option<Arc<str>>,
    pub request: Request<Bytes>,
    pub scripts: Scripts,
    pub who: Who,
    /// Unix seconds that the clock shows.
    pub at: Option<u64>,
    pub expected: Expected,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Who {
    Nobody,
    /// Somebody who may do what the endpoint asks for, but for what is said here.
    Somebody(As),
}

/// What must come of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// `None`: 200, unless a problem is expected, which may have any.
    pub status: Option<u16>,
    /// `None`: not there.
    pub headers: Vec<(String, Option<String>)>,
    /// The whole body; `"*"` stands for any value.
    pub json: Option<Value>,
    /// The path of a file that has the whole body, in the workspace.
    pub snapshot: Option<String>,
    /// Members of the problem, `code` among them.
    pub problem: Option<Value>,
    pub payload: Option<u64>,
    /// The longest it may take, in the time of the case.
    pub latency: Option<Duration>,
    /// The calls that failed, as `Frontdesk-Degraded` names them, with or without `;reason=…`. `None`: none, unless a
    /// header is expected to say so.
    pub degraded: Option<Vec<String>>,
    /// Words that must not stand anywhere in the answer.
    pub without: Vec<String>,
    /// The calls that services must have got to see, each service's in order.
    pub calls: Vec<ExpectedCalls>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedCalls {
    pub service: frontdesk_catalog::ServiceId,
    pub name: Arc<str>,
    pub calls: Vec<ExpectedCall>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExpectedCall {
    /// `GET /items/1`
    Line(String),
    Operation {
        id: frontdesk_catalog::OperationId,
        name: Arc<str>,
        /// Arguments it must have among others.
        args: Option<Value>,
    },
}
