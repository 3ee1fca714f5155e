//! A service that misbehaves on command, for the tests of everything that calls services.
//!
//! [`Server`] speaks HTTP/1.1 by writing bytes to a socket, so it can say what no library would: each path has
//! [`Script`]s, one per request, the last of them for all that follow. [`Server::http2`] does the same in frames
//! with [`FrameScript`]s. [`Authority`] issues certificates, good and bad.
//!
//! A server runs on a thread of its own and ends when it is dropped, so it serves tests of any runtime, also
//! ones whose clock is paused. It is for tests: what it cannot do, it panics about.
//!
//! ```
//! use frontdesk_testserver::{Script, Server};
//!
//! let server = Server::start();
//! server.on("/things", Script::json(r#"{"id":1}"#));
//! server.on_each("/flaky", [Script::status(503), Script::json("{}")]);
//! assert!(server.url().starts_with("http://127.0.0.1:"));
//! ```

#![allow(clippy::unwrap_used, reason = "for tests: a panic is the report")]

mod authority;
mod frames;
mod listen;
mod received;
mod script;
mod wire;

pub use authority::{Authority, Identity, Validity};
pub use frames::{FrameScript, Refusal};
pub use listen::{Refusing, Server, Silent, refusing, silent};
pub use received::Received;
pub use script::{Gate, Script};
