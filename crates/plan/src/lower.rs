//! Model → Plan, one endpoint at a time.
//!
//! ```text
//! Model ─ inline ─▶ Tree ─ demand ─▶ what is read ─ steps ─▶ order, guards, loops ─ emit ─▶ Plan
//! ```

mod batch;
mod build;
mod clients;
mod contents;
mod demand;
mod deprecated;
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
mod taint;
mod tokens;
mod tree;
mod uses;

use std::sync::Arc;

use frontdesk_diagnostics::{Diagnostics, Severity};
use frontdesk_lang::model::Model;

use crate::plan::{BffPlan, Plan};

/// Plans every endpoint of a checked workspace. What is worth telling its authors goes to `diagnostics`; after an
/// error the plan must not be run.
pub fn plan(model: &Model, diagnostics: &mut Diagnostics) -> Plan {
    // Of a model that lacks what is wrong, advice would be nonsense: "this call is not used", because what used it
    // is not there.
    let lacking = diagnostics.has_errors();
    let mut advice = Diagnostics::default();
    let plan = whole(model, &mut advice);
    diagnostics.extend(advice.into_iter().filter(|one| !lacking || one.severity == Severity::Error));
    plan
}

fn whole(model: &Model, diagnostics: &mut Diagnostics) -> Plan {
    let bffs = model
        .bffs
        .iter()
        .map(|bff| {
            tokens::proxies(model, bff, diagnostics);
            BffPlan {
                name: bff.name.clone(),
                config: bff.config.clone(),
                endpoints: bff
                    .endpoints
                    .iter()
                    .filter_map(|endpoint| build::endpoint(model, bff, endpoint, diagnostics))
                    .map(Arc::new)
                    .collect(),
            }
        })
        .collect();
    Plan { catalog: model.catalog.clone(), bffs }
}
