//! Sessions of browsers and apps: an opaque id outside, a sealed record inside.
//!
//! - `ring` holds the server's keys, `id` what the cookie says, `cookie` finds and writes it;
//! - `content` is what a session knows, `seal` how it is hidden from stores;
//! - `sessions` opens, creates, replaces and ends them; `cache` keeps what was opened for a moment;
//! - `refresh` keeps access tokens fresh with one request to the provider, however many wait for it;
//! - `caller` is a session as calls to services see it.

mod content;
pub mod cookie;
mod grants;
mod id;
pub mod ring;
pub mod seal;
mod secret;

pub use content::{Content, Device, Freshness, HeldToken, RefreshToken};
pub use grants::{GrantFault, GrantFuture, Granted, Grants};
pub use id::SessionId;
pub use secret::{NoRandomness, Secret};
