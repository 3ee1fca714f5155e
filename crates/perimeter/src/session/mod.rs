//! Sessions of browsers and apps: an opaque id outside, a sealed record inside.
//!
//! - `ring` holds the server's keys, `id` what the cookie says, `cookie` finds and writes it;
//! - `content` is what a session knows, `seal` and `record` how it is hidden from stores;
//! - `sessions` opens, creates and replaces them, `ending` ends them; `cache` keeps what was opened for a moment;
//! - `refresh` keeps access tokens fresh with one request to the provider, however many wait for it (`flight` within
//!   this process, `lease` among instances); `grants` is what it asks of the provider;
//! - `caller` is a session as calls to services see it.

mod cache;
mod caller;
mod content;
pub mod cookie;
mod ending;
mod fault;
mod flight;
mod grants;
mod id;
mod lease;
mod open;
mod record;
mod refresh;
pub mod ring;
pub mod seal;
mod secret;
mod sessions;
mod settings;
mod tally;

pub use caller::SessionCaller;
pub use content::{Content, Device, Freshness, HeldToken, RefreshToken};
pub use ending::{Ending, Listed};
pub use fault::{CreateFault, Unavailable};
pub use grants::{GrantFault, GrantFuture, Granted, Grants};
pub use id::SessionId;
pub use open::Open;
pub(crate) use secret::random;
pub use secret::{NoRandomness, Secret};
pub use sessions::Sessions;
pub use settings::{Holder, Parts, SessionProvider, Settings};
pub use tally::{Event, Tally};
