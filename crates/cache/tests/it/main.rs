//! What keeps answers, held to what it promises.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod codec;
mod flights;
mod hostile;
mod memory;
mod purges;
mod stage;
