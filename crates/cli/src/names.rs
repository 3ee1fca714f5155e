//! Names that people give on the command line.

use anyhow::{Context, bail};
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_plan::{BffPlan, Plan};

/// The BFF of this name.
pub fn bff<'p>(plan: &'p Plan, name: &str) -> anyhow::Result<&'p BffPlan> {
    known("BFF", name, plan.bffs.iter().map(|bff| &*bff.name))?;
    plan.bffs.iter().find(|bff| *bff.name == *name).context("a BFF of this name")
}

pub fn service(plan: &Plan, name: &str) -> anyhow::Result<()> {
    known("service", name, plan.catalog.services.iter().map(|service| &*service.name))
}

/// A service, or a version of one as `catalog.v2`.
pub fn service_or_version(plan: &Plan, name: &str) -> anyhow::Result<()> {
    let Some((of, version)) = name.split_once('.') else { return service(plan, name) };
    service(plan, of)?;
    let named = plan.catalog.services.iter().filter(|service| *service.name == *of);
    known("version", version, named.flat_map(|service| service.traffic.versions.iter().map(|it| &*it.name)))
}

/// Fails unless `name` is one of `known`, and says which was meant. `kind`: of what it is a name, such as `BFF`.
pub fn known<'k>(kind: &str, name: &str, known: impl IntoIterator<Item = &'k str>) -> anyhow::Result<()> {
    let known: Vec<&str> = known.into_iter().collect();
    if known.contains(&name) {
        return Ok(());
    }
    match (nearest(name, known.iter().copied()), known.as_slice()) {
        (Some(meant), _) => bail!("there is no {kind} `{name}`; did you mean `{meant}`?"),
        (None, []) => bail!("there is no {kind} `{name}`"),
        (None, known) => bail!("there is no {kind} `{name}`; there are: {}", known.join(", ")),
    }
}
