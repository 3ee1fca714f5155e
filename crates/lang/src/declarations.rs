//! The `.d.ts` files that give an editor and plain `tsc` the types the checker has.
//!
//! Two files, both below `.frontdesk/types`: the module `frontdesk`, which is the same in every workspace, and
//! the module `frontdesk/services`, with a namespace for each service of the catalogue. In it an operation is a
//! function and a schema is a type, so `catalog.getProduct(…)` and `catalog.Product` both work.

mod print;
mod services;

use frontdesk_catalog::Catalog;

pub use print::type_identifier;

/// Where the generated files go, relative to the workspace.
pub const FOLDER: &str = ".frontdesk/types";

/// What `frontdesk new` writes as `tsconfig.json` beside `frontdesk.yaml`.
pub const TSCONFIG: &str = include_str!("declarations/tsconfig.json");

/// The generated files as path and text, the same bytes for the same catalogue.
pub fn declarations(catalog: &Catalog) -> Vec<(String, String)> {
    vec![
        (format!("{FOLDER}/frontdesk.d.ts"), include_str!("declarations/frontdesk.d.ts").to_owned()),
        (format!("{FOLDER}/services.d.ts"), services::module(catalog)),
    ]
}
