//! The `.d.ts` files that give an editor and plain `tsc` the types the checker has.
//!
//! Three files, all below `.frontdesk/types`: the module `frontdesk`, which is the same in every workspace; the
//! module `frontdesk/services`, with a namespace for each service of the catalogue; and what is known of each BFF: what
//! its `auth` adds to the context of its endpoints, and what its dated versions convert from. In `frontdesk/services` an operation is a function and a schema is a type,
//! so `catalog.getProduct(…)` and `catalog.Product` both work.

mod contexts;
mod dated;
mod print;
mod services;

use frontdesk_catalog::Catalog;

use crate::model::Bff;

pub use print::type_identifier;

/// Where the generated files go, relative to the workspace.
pub const FOLDER: &str = ".frontdesk/types";

/// What `frontdesk new` writes as `tsconfig.json` beside `frontdesk.yaml`.
pub const TSCONFIG: &str = include_str!("declarations/tsconfig.json");

/// The generated files as path and text, the same bytes for the same catalogue and BFFs.
///
/// Of a BFF that has mistakes, what was understood: an editor wants types most while a file is half written.
pub fn declarations(catalog: &Catalog, bffs: &[Bff]) -> Vec<(String, String)> {
    vec![
        (format!("{FOLDER}/frontdesk.d.ts"), include_str!("declarations/frontdesk.d.ts").to_owned()),
        (format!("{FOLDER}/services.d.ts"), services::module(catalog)),
        (format!("{FOLDER}/bffs.d.ts"), contexts::module(catalog, bffs) + &dated::module(bffs)),
    ]
}
