//! What is kept of views that say `cache`: what clients and the caches in front of us are told of their answers, and whole
//! answers of public views, kept here.
//!
//! - `policy` is what a view's `cache` means, and what tells kept answers apart;
//! - `etag` knows again what a client has;
//! - `finished` is an answer with its bytes made, in each coding;
//! - `whole` gives kept answers, and makes each of them once for all who wait;
//! - `status` says how an answer was come by.
//!
//! Only what the plan answered in full gets here. Problems and answers that had to do without something stay `no-store`.

mod etag;
mod finished;
mod policy;
pub(crate) mod status;
mod surrogate;
pub(crate) mod whole;

pub(crate) use finished::Finished;
pub(crate) use policy::{Asked, Caching, Store};
