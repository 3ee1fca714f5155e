//! Which providers of identity the BFFs of a plan name, and where they are.

use std::time::Duration;

use anyhow::Context;
use frontdesk_catalog::Provider;
use frontdesk_lang::model::{AuthMethod, Issuer};
use frontdesk_plan::Plan;

use crate::provision::resolve;
use crate::workspace::Workspace;

/// The longest that one request may take to a provider that `frontdesk.yaml` says nothing of.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Every issuer that is named anywhere, with the roots that its certificate must come from.
pub fn all(plan: &Plan, workspace: &Workspace) -> anyhow::Result<Vec<(String, Option<String>)>> {
    let mut found = Vec::new();
    for provider in &plan.catalog.platform.providers {
        let roots = match &provider.ca {
            Some(path) => Some(workspace.read(&resolve(path, workspace)?)?),
            None => None,
        };
        let issuer = resolve(&provider.issuer, workspace);
        found.push((issuer.with_context(|| format!("provider `{}`", provider.name))?, roots));
    }
    for method in plan.bffs.iter().flat_map(|bff| &bff.config.perimeter.auth) {
        let issuers: Vec<&Issuer> = match method {
            AuthMethod::Session(auth) => auth.providers.iter().map(|used| &used.issuer).collect(),
            AuthMethod::Bearer(auth) => vec![&auth.issuer],
            AuthMethod::Device(auth) => vec![&auth.provider.issuer],
            AuthMethod::ApiKeys(_) | AuthMethod::Certificate(_) => Vec::new(),
        };
        for issuer in issuers {
            if let Issuer::Url(url) = issuer {
                found.push((url.to_string(), None));
            }
        }
    }
    Ok(found)
}

/// The issuer identifier, and the longest that one request to it may take.
pub fn one(issuer: &Issuer, plan: &Plan, workspace: &Workspace) -> anyhow::Result<(String, Duration)> {
    match issuer {
        Issuer::Url(url) => Ok((url.to_string(), TIMEOUT)),
        Issuer::Named(id) => {
            let provider: &Provider = plan
                .catalog
                .platform
                .providers
                .get(id.0 as usize)
                .context("the plan names a provider that the catalogue does not have")?;
            Ok((resolve(&provider.issuer, workspace)?, provider.timeout))
        }
    }
}
