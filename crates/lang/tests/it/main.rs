//! What the language accepts, what it makes of it, and what it says to the rest.
//!
//! `workspace` runs the cases of `testdata/workspace`; `oracle` compares our types with those of `tsc`;
//! `robust` throws broken files at the front end.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod case;
mod declarations;
mod disk;
mod docs;
mod expr;
mod generate;
mod oracle;
mod perimeter;
mod robust;
mod summary;
mod workspace;
