//! What keeps answers, held to what it promises.

mod codec;
mod flights;
mod memory;
mod purges;
mod stage;
