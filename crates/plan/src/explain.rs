//! A plan, drawn for people and tools.
//!
//! All forms are made from the plan and the catalogue alone: what they say is what the engine will do.

mod calls;
mod code;
mod fields;
mod json;
mod policy;
mod svg;
mod text;
pub(crate) mod timeline;
mod traffic;
pub(crate) mod words;

pub use json::json;
pub use svg::svg;
pub use text::{program, text};
