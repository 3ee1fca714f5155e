//! Keeps answers for as long as they may be given again: in the memory of the process, and in a store that instances
//! share.
//!
//! - `key` tells answers apart, by everything that makes them different and whom they are for;
//! - `entry` is what is kept, and for how long;
//! - `purges` remembers what was purged when, so that nothing older is ever given;
//! - `flight` lets many wait for one fetch;
//! - `cache` puts these together: [`Cache::look`], [`Cache::begin`], [`Cache::purge`];
//! - `unsaid` remembers purges that the store has not taken yet;
//! - `shared` is how entries are written to the store of all instances;
//! - [`call`] answers calls to services with it;
//! - [`http`] decides what a shared cache may do by RFC 9111.
//!
//! This crate must not know about plans, values, or who asks beyond their key.

mod cache;
pub mod call;
mod entry;
mod flight;
pub mod http;
mod key;
mod purges;
mod served;
mod shared;
mod unsaid;

pub use cache::{Cache, Look, Settings};
pub use entry::{Entry, Kept, Times};
pub use flight::{Flight, Landing, Lead, Turn};
pub use key::{Key, KeyBuilder, Kind};
pub use served::{Detail, State, Use};
pub use shared::{Malformed, decode, encode};
