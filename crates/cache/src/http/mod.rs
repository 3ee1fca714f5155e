//! What a shared cache may keep of HTTP, and what it may answer with it (RFC 9111, RFC 5861).
//!
//! Pure: heads of requests and answers and moments go in, decisions come out. Whoever keeps the entries does the rest.
//!
//! Whether an answer may be kept, and for how long it is fresh, the crate `http-cache-semantics` says. It gets its words from us
//! in one spelling ([`judge`]), because it reads directives by their exact case, splits quoted strings at commas and knows one
//! of the three forms of a date; what RFC 9111 wants beyond it, or otherwise, stands here. No lifetime is ever guessed from `Last-Modified`
//! (§4.2.2): what says nothing of its freshness is asked for again, with its validator.
//!
//! - [`directives`]: `Cache-Control` and `Pragma`, read strictly
//! - [`judge`]: whether an answer may be kept, and its times
//! - [`reuse`]: whether a kept answer may be given to a request
//! - [`validate`]: conditional requests, towards services and from clients; 304 and what it changes
//! - [`vary`]: which request headers select an answer
//! - [`invalidate`]: what an unsafe request puts out of date
//! - [`told`]: `Cache-Status` and `Frontdesk-Cache`

pub mod directives;
pub mod invalidate;
pub mod judge;
pub mod reuse;
pub mod told;
pub mod validate;
pub mod vary;

#[cfg(test)]
mod tests;

/// Unix time in microseconds.
pub type Moment = u64;
