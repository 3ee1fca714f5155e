//! A plan, drawn for people and tools.
//!
//! All three forms are made from the plan and the catalogue alone: what they say is what the engine will do.

pub(crate) mod code;
pub(crate) mod fields;
mod json;
mod svg;
mod text;
pub(crate) mod timeline;
pub(crate) mod words;
