//! What stands around each BFF's endpoints: its perimeter, made from `bff.ts`, the platform's settings and the
//! secrets that are known only here, and the pages that it serves itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use frontdesk_adapter::say;
use frontdesk_diagnostics::Diagnostics;
use frontdesk_lang::Model;
use frontdesk_lang::model::{AuthMethod, BffConfig, SecretName, Versions};
use frontdesk_perimeter::api_key::{ApiKeys, KeyFile};
use frontdesk_perimeter::{Origins, Perimeter, Premises, Resolve};
use frontdesk_plan::{BffPlan, Plan};
use frontdesk_server::{Documents, Settings, Site, Surroundings};

use crate::ground::read_keys;
use crate::provision::resolve;
use crate::workspace::Workspace;
use crate::{issuers, site};

/// One entry for each BFF of the plan.
pub fn of_all(
    model: &Model,
    plan: &Plan,
    workspace: &Workspace,
    settings: &Settings,
    premises: &Premises,
) -> anyhow::Result<BTreeMap<Arc<str>, Surroundings>> {
    plan.bffs
        .iter()
        .map(|bff| {
            let mut around = of_one(plan, bff, workspace, settings, premises)
                .with_context(|| format!("BFF `{}`", bff.name))?;
            around.documents = bff.config.openapi.then(|| documents(model, plan, &bff.name));
            Ok((bff.name.clone(), around))
        })
        .collect()
}

/// What the code answers, as anybody may read it: of each date, newest first.
pub fn documents(model: &Model, plan: &Plan, bff: &str) -> Documents {
    let dates = frontdesk_contract::dates(model, bff);
    let dates: Vec<_> = if dates.is_empty() { vec![None] } else { dates.into_iter().map(Some).collect() };
    Documents::new(dates.into_iter().map(|date| {
        // What cannot be said in it was said when the workspace was compiled.
        let contract = frontdesk_contract::infer(model, plan, bff, date, &mut Diagnostics::default());
        frontdesk_contract::openapi::json(&contract).to_string().into()
    }))
}

/// The files of partners' keys, and who believes in them.
pub fn key_files(
    plan: &Plan,
    workspace: &Workspace,
    surroundings: &BTreeMap<Arc<str>, Surroundings>,
) -> Vec<(PathBuf, Arc<ApiKeys>)> {
    let files = plan.bffs.iter().filter_map(|bff| {
        let keys = surroundings.get(&bff.name)?.perimeter.api_keys()?;
        Some((keys_of(bff, workspace), keys.clone()))
    });
    files.collect()
}

fn keys_of(bff: &BffPlan, workspace: &Workspace) -> PathBuf {
    workspace.root.join("bffs").join(&*bff.name).join("keys.yaml")
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
    let resolve = Resolve {
        secret: &|name| secret(name, plan, workspace).map_err(|error| format!("{error:#}")),
        issuer: &|issuer| issuers::one(issuer, plan, workspace).map_err(|error| format!("{error:#}")),
    };
    let perimeter =
        Perimeter::provision(&bff.name, written, &bff.config.versions, origins, premises, resolve)?;
    if let Some(keys) = perimeter.api_keys() {
        let path = keys_of(bff, workspace);
        let file = read_keys(&path)?;
        held_to_nothing(&file, &bff.config, &path);
        keys.replace(&file);
    }
    let site = site_of(bff, workspace)?;
    Ok(Surroundings { perimeter: Arc::new(perimeter), site, documents: None })
}

/// Says which keys are held to a date that is no longer served: their requests are refused unless they name one that is.
fn held_to_nothing(file: &KeyFile, config: &BffConfig, path: &Path) {
    let Versions::Dated(versions) = &config.versions else { return };
    for key in &file.keys {
        let Some(pin) = &key.version else { continue };
        if !versions.dates.iter().any(|date| date.to_string() == *pin) {
            say!(
                "{}: key {} of {} is held to version {pin}, which `versions` of bff.ts does not have: its requests are \
                 refused unless they name one",
                path.display(),
                key.id,
                key.name
            );
        }
    }
}

/// The pages that it serves itself.
pub fn site_of(bff: &BffPlan, workspace: &Workspace) -> anyhow::Result<Option<Site>> {
    let Some(site) = &bff.config.perimeter.site else { return Ok(None) };
    let folder = workspace.root.join("bffs").join(&*bff.name).join(&*site.folder);
    let files = site::read(&folder)?;
    Ok(Some(Site::new(files, site.fallback.as_deref())?))
}

/// The value of `secret("NAME")`: from `secrets` of `frontdesk.yaml`, or else from the environment.
fn secret(wanted: &SecretName, plan: &Plan, workspace: &Workspace) -> anyhow::Result<String> {
    let name = &*wanted.name;
    let listed = plan.catalog.platform.secrets.iter().find(|(known, _)| **known == *name);
    let value = match listed {
        Some((_, text)) => resolve(text, workspace).with_context(|| format!("the secret `{name}`"))?,
        None => std::env::var(name).map_err(|_| {
            anyhow!(
                "the secret `{name}` is not known: set it in the environment, or say where it is in `secrets`"
            )
        })?,
    };
    // A variable that is set to nothing is how a missing secret looks in many a container.
    if value.trim().is_empty() {
        bail!("the secret `{name}` is empty");
    }
    Ok(value)
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
