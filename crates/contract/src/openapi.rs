//! The contract as an OpenAPI 3.1 document: how it is kept, reviewed, and handed to tools of others.
//!
//! What a [`Contract`] says is in the document once; what other tools want to see besides (descriptions, headers, the
//! schema of problems) follows from it. So reading takes the first, and then compares the document with what would be
//! written of it: whatever was added, left out or changed by hand shows at its place.
//!
//! Members that are ours begin with `x-`:
//!
//! | member | where | what |
//! |---|---|---|
//! | `x-frontdesk` | the document | `format`, `bff`, `client`, `versions` |
//! | `x-owner` | `info` | the team |
//! | `x-input` | a parameter | what the view calls it, if that is not its name |
//! | `x-scopes` | an operation | what the caller must be allowed, all of it |
//! | `x-degradable` | an operation | the calls that its answer may have to do without |
//! | `x-deprecated` | an operation, a field | `since`, `sunset`, `use`, `because`, `enforce` |
//! | `x-since`, `x-until` | a field | the first version of the client that gets it, and that no longer does |
//! | `x-degraded-by` | a field | the calls without which it is missing, `null` or a stand-in |
//! | `x-method`, `x-header` | a security scheme | the function of `bff.ts`, the header that pages send beside the cookie |
//! | `x-titles` | the codes of a problem | the titles of those that have their own |

mod compare;
mod document;
mod read;
mod schema;
mod yaml;

pub use document::json;
pub use read::read;

use crate::Contract;

/// What this release writes, and the newest that it reads.
pub const FORMAT: u64 = 1;

/// The name of the schema of problems, which no type of a view can have.
pub const PROBLEM: &str = "Problem";

/// The document as YAML: the same contract gives the same bytes.
pub fn write(contract: &Contract) -> String {
    let mut out = format!(
        "# What clients of `{}` may rely on. Written by `frontdesk lock`: change the code, not this file.\n",
        one_line(&contract.bff)
    );
    yaml::write(&json(contract), &mut out);
    out
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if yaml::is_printable(c) { c } else { ' ' }).collect()
}
