//! Typed clients, written from a contract: one room a language.
//!
//! Each is idiomatic where it is used and needs next to nothing there. The same contract gives the same bytes; nothing
//! in them tells the day or the version of the generator, so that a diff of them is a diff of the contract.

mod arguments;
mod declared;
mod kotlin;
mod notes;
mod swift;
mod text;
mod typescript;
pub mod without_codegen;
mod words;

use crate::Contract;

/// A language that clients are written in.
#[derive(Clone, Copy, Debug)]
pub struct Language {
    /// As `frontdesk gen client` takes it.
    pub name: &'static str,
    /// Files by their path below the folder of the client, `/` between its parts.
    pub files: fn(&Contract) -> Vec<(String, String)>,
}

pub const LANGUAGES: &[Language] = &[
    Language { name: "ts", files: typescript::files },
    Language { name: "kotlin", files: kotlin::files },
    Language { name: "swift", files: swift::files },
];

impl Language {
    pub fn named(name: &str) -> Option<&'static Self> {
        LANGUAGES.iter().find(|language| language.name == name)
    }
}
