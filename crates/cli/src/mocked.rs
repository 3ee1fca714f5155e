//! What `dev --mock` serves: the workspace's endpoints over services that are made up, to whoever asks on this machine.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, bail};
use frontdesk_adapter::{SystemClock, say};
use frontdesk_cache::Cache;
use frontdesk_diagnostics::{Diagnostics, Sources};
use frontdesk_lang::Model;
use frontdesk_plan::Plan;
use frontdesk_server::{Snapshot, Surroundings};
use frontdesk_stores::memory::MemoryStore;
use frontdesk_testkit::mock;

use crate::args::Color;
use crate::workspace::Workspace;
use crate::{report, surroundings};

pub fn snapshot(
    model: &Model,
    plan: &Plan,
    workspace: &Workspace,
    cache: Arc<Cache>,
) -> anyhow::Result<Snapshot> {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let services = mock::services(plan, workspace, &mut sources, &mut diagnostics);
    let failed = diagnostics.has_errors();
    report::show(diagnostics, &sources, Color::Auto);
    if failed {
        bail!("what the made-up services are to answer cannot be read");
    }
    let mut around = BTreeMap::new();
    for bff in &plan.bffs {
        let perimeter =
            mock::perimeter(bff, Arc::new(SystemClock)).with_context(|| format!("BFF `{}`", bff.name))?;
        let site = surroundings::site_of(bff, workspace).with_context(|| format!("BFF `{}`", bff.name))?;
        let documents = bff.config.openapi.then(|| surroundings::documents(model, plan, &bff.name));
        let parts = Surroundings { perimeter: Arc::new(perimeter), site, documents };
        around.insert(bff.name.clone(), parts);
    }
    let keys = MemoryStore::new(Arc::new(SystemClock));
    Ok(Snapshot::provision(plan, services, around, cache)?.with_idempotency(Some(Arc::new(keys))))
}

/// Nobody must take this for the real thing.
pub fn warn() {
    say!("MOCK: no service is asked; every answer is made up from schemas and tests/mock.yaml");
    say!("MOCK: nobody is asked who they are; every request is served as a made-up caller, on loopback only");
}
