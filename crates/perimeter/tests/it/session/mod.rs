//! Sessions over a store in memory and a provider that does what it is told.

mod ends;
mod house;
mod lives;
mod refreshes;
mod rotates;
