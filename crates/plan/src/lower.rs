//! Model → Plan, one endpoint at a time.
//!
//! ```text
//! Model ─ inline ─▶ Tree ─ demand ─▶ what is read ─ steps ─▶ order, guards, loops ─ emit ─▶ Plan
//! ```

mod batch;
mod build;
mod contents;
mod demand;
mod emit;
mod expression;
mod inline;
mod joins;
mod known;
mod lints;
mod pools;
mod same;
mod select;
mod steps;
mod tree;
mod uses;

use std::sync::Arc;

use frontdesk_diagnostics::Diagnostics;
use frontdesk_lang::model::Model;

use crate::plan::{BffPlan, Plan};

/// Plans every endpoint of a checked workspace. What is worth telling its authors goes to `diagnostics`; after an
/// error the plan must not be run.
pub fn plan(model: &Model, diagnostics: &mut Diagnostics) -> Plan {
    let bffs = model
        .bffs
        .iter()
        .map(|bff| BffPlan {
            name: bff.name.clone(),
            config: bff.config.clone(),
            endpoints: bff
                .endpoints
                .iter()
                .filter_map(|endpoint| build::endpoint(model, bff, endpoint, diagnostics))
                .map(Arc::new)
                .collect(),
        })
        .collect();
    Plan { catalog: model.catalog.clone(), bffs }
}
