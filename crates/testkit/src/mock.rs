//! A whole BFF without its services, for `frontdesk dev --mock`: everything is made up from schemas, but for what
//! `bffs/<bff>/tests/mock.yaml` says.

use std::sync::Arc;

use frontdesk_adapter::{Clock, RateStore};
use frontdesk_catalog::Files;
use frontdesk_catalog::tree::{self, Reading};
use frontdesk_contract::example::Knobs;
use frontdesk_diagnostics::codes::testing::BAD_CASE;
use frontdesk_diagnostics::{Diagnostic, Diagnostics, Sources};
use frontdesk_lang::model::AuthMethod;
use frontdesk_perimeter::{Perimeter, ProvisionError};
use frontdesk_plan::{BffPlan, Plan};
use frontdesk_server::ServiceAccess;

use crate::case;
use crate::fake::{Fakes, Scripts};
use crate::identity::{self, As};
use crate::stage::Unlimited;

/// The name of the file below `bffs/<bff>/tests/` that says what services answer.
pub const FILE: &str = "mock.yaml";

/// A way to each service of the plan, all made up. Services are shared by BFFs, so the files of all of them apply.
pub fn services(
    plan: &Plan,
    files: &dyn Files,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Vec<ServiceAccess> {
    let mut scripts = Scripts::default();
    for bff in &plan.bffs {
        let path = format!("bffs/{}/tests/{FILE}", bff.name);
        let Ok(text) = files.text(&path) else { continue };
        let file = sources.add(path.clone(), text.clone());
        let mut found = Vec::new();
        let reading = Reading { file, syntax_error: BAD_CASE };
        if let Some(node) = tree::read(&path, &text, reading, &mut found) {
            for entry in node.as_map().into_iter().flat_map(tree::Map::iter) {
                if &*entry.key == "services" {
                    scripts = scripts.with(&case::read_services(&plan.catalog, entry, &mut found));
                } else {
                    found.push(
                        Diagnostic::error(
                            BAD_CASE,
                            format!("`{FILE}` has no key `{}`", entry.key),
                            entry.key_span,
                            "not a key of this file",
                        )
                        .help("its one key is `services`; cases stand in files of their own"),
                    );
                }
            }
        }
        diagnostics.extend(found);
    }
    let fakes = Fakes::new(plan.catalog.clone());
    fakes.tell(scripts, Knobs::default());
    fakes.access()
}

/// A perimeter that takes everybody for one made-up caller who may do everything that endpoints ask for.
pub fn perimeter(bff: &BffPlan, clock: Arc<dyn Clock>) -> Result<Perimeter, ProvisionError> {
    let mut said = As::default();
    let mut scopes: Vec<Arc<str>> =
        bff.endpoints.iter().flat_map(|endpoint| endpoint.access.requires.scopes.iter().cloned()).collect();
    scopes.extend(bff.config.perimeter.auth.iter().flat_map(|method| match method {
        AuthMethod::Bearer(bearer) => bearer.scopes.clone(),
        _ => Vec::new(),
    }));
    scopes.sort();
    scopes.dedup();
    said.scopes = Some(scopes);
    let access = bff
        .endpoints
        .iter()
        .map(|endpoint| &endpoint.access)
        .find(|access| access.requires.approval || !access.requires.acr.is_empty());
    let (name, config, access) = (bff.name.clone(), bff.config.clone(), access.cloned());
    let (now, rates): (_, Arc<dyn RateStore>) = (clock.clone(), Arc::new(Unlimited));
    let who = move |_: &frontdesk_perimeter::Inbound<'_>| {
        Some(identity::made_up(&name, &config, access.as_ref(), &said, now.unix()))
    };
    Perimeter::rehearsal(&bff.name, &bff.config.perimeter, &bff.config.versions, clock, rates, Arc::new(who))
}
