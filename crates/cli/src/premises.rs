//! What stays while definitions are read again: stores, the clock, the keys.

use std::sync::Arc;

use anyhow::Context;
use frontdesk_adapter::{Clock, SystemClock};
use frontdesk_perimeter::{Premises, TrustedProxies};
use frontdesk_plan::Plan;
use frontdesk_stores::memory::MemoryStore;

use crate::provision::resolve;
use crate::workspace::Workspace;

/// Opens what the platform's settings name. A change of them wants a restart.
pub fn open(plan: &Plan, workspace: &Workspace) -> anyhow::Result<Premises> {
    let platform = &plan.catalog.platform;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let trusted = platform
        .trusted_proxies
        .iter()
        .map(|text| resolve(text, workspace))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let memory = Arc::new(MemoryStore::new(clock.clone()));
    Ok(Premises {
        clock,
        rates: memory.clone(),
        local_rates: memory,
        proxies: Arc::new(TrustedProxies::parse(trusted).context("trusted-proxies")?),
    })
}
