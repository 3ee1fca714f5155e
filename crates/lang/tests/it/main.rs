//! What the language accepts, what it makes of it, and what it says to the rest.
//!
//! `workspace` runs the cases of `testdata/workspace`; `oracle` compares our types with those of `tsc`;
//! `robust` throws broken files at the front end.

mod case;
mod declarations;
mod disk;
mod oracle;
mod robust;
mod summary;
mod workspace;
