//! What stands around each BFF's endpoints: its perimeter, made from `bff.ts`, the platform's settings and the
//! secrets that are known only here, and the pages that it serves itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, bail};
use frontdesk_lang::model::AuthMethod;
use frontdesk_perimeter::api_key::KeyFile;
use frontdesk_perimeter::{Origins, Perimeter, Premises};
use frontdesk_plan::{BffPlan, Plan};
use frontdesk_server::{Settings, Site, Surroundings};

use crate::provision::resolve;
use crate::site;
use crate::workspace::Workspace;

/// One entry for each BFF of the plan.
pub fn of_all(
    plan: &Plan,
    workspace: &Workspace,
    settings: &Settings,
    premises: &Premises,
) -> anyhow::Result<BTreeMap<Arc<str>, Surroundings>> {
    plan.bffs
        .iter()
        .map(|bff| {
            let around = of_one(plan, bff, workspace, settings, premises)
                .with_context(|| format!("BFF `{}`", bff.name))?;
            Ok((bff.name.clone(), around))
        })
        .collect()
}

fn of_one(
    plan: &Plan,
    bff: &BffPlan,
    workspace: &Workspace,
    settings: &Settings,
    premises: &Premises,
) -> anyhow::Result<Surroundings> {
    let written = &bff.config.perimeter;
    let origins = origins(plan, bff, workspace, settings)?;
    let perimeter = Perimeter::provision(&bff.name, written, origins, premises)?;
    if let Some(keys) = perimeter.api_keys() {
        keys.replace(&read_keys(bff, workspace)?);
    }
    let site = match &written.site {
        Some(site) => {
            let folder = workspace.root.join("bffs").join(&*bff.name).join(&*site.folder);
            let files = site::read(&folder)?;
            Some(Site::new(files, site.fallback.as_deref(), written.headers.csp.as_deref())?)
        }
        None => None,
    };
    Ok(Surroundings { perimeter: Arc::new(perimeter), site })
}

/// The keys that partners have now. No file is no keys.
pub fn read_keys(bff: &BffPlan, workspace: &Workspace) -> anyhow::Result<KeyFile> {
    let path = format!("bffs/{}/keys.yaml", bff.name);
    if !workspace.root.join(&path).exists() {
        return Ok(KeyFile::default());
    }
    KeyFile::parse(&workspace.read(&path)?).with_context(|| path)
}

/// How browsers reach the BFF: what `frontdesk.yaml` says, or whatever name of loopback they use if it listens there.
fn origins(
    plan: &Plan,
    bff: &BffPlan,
    workspace: &Workspace,
    settings: &Settings,
) -> anyhow::Result<Origins> {
    let written = plan.catalog.platform.bffs.iter().find(|listener| listener.name == bff.name);
    if let Some(origin) = written.and_then(|written| written.origin.as_ref()) {
        let origin = resolve(origin, workspace)?;
        return Ok(Origins::Fixed(origin.trim_end_matches('/').to_ascii_lowercase().into()));
    }
    let listener = settings.listeners.iter().find(|listener| *listener.bff == *bff.name);
    let is_loopback = listener.is_none_or(|listener| is_loopback(listener.address));
    let needs_one = bff
        .config
        .perimeter
        .auth
        .iter()
        .any(|method| matches!(method, AuthMethod::Session(_) | AuthMethod::Device(_)));
    if needs_one && !is_loopback {
        bail!(
            "users sign in at it, so it must know its own address: \
             write `bffs: {{ {}: {{ origin: https://shop.example.com }} }}` in frontdesk.yaml",
            bff.name
        );
    }
    Ok(if is_loopback { Origins::Loopback } else { Origins::Unknown })
}

fn is_loopback(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}
