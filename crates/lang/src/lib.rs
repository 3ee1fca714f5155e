//! The pure subset of TypeScript that views are written in → a checked [`Model`].
//!
//! `compile` finds the files of a workspace and puts the rest together. `parse` reads a file with oxc into its syntax tree; `check` resolves names, infers types against the service
//! schemas and lowers each endpoint to [`model::Expr`], collecting every problem as a diagnostic; `declarations`
//! writes the `.d.ts` files that give an editor and plain `tsc` the same types.
//!
//! This crate must not know how a plan runs: it says what a view means.

pub mod check;
mod compile;
pub mod declarations;
mod define;
pub mod header_names;
pub mod model;
pub mod parse;
mod quantity;

pub use compile::compile;
pub use model::Model;
