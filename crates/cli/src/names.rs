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
