//! Sessions over a store in memory and a provider that does what it is told; and over a real one of each.

mod ends;
mod house;
mod lives;
mod real;
mod refreshes;
mod rotates;
mod storms;
