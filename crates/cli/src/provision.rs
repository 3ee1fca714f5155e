//! A Plan and the environment → a Snapshot and where to listen: the one place that names concrete adapters.
//!
//! Everything that may be missing where the server runs (variables, files, certificates, addresses) is found
//! here, before anything starts.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use frontdesk_adapter::{Hedge, SystemClock};
use frontdesk_catalog::{
    Balance, Bulkhead, ClientLimits, Hedging, Listener, Platform, Service, ServiceKind, ServicePolicy, Share,
    Text,
};
use frontdesk_connectors::grpc::GrpcService;
use frontdesk_connectors::http::HttpService;
use frontdesk_connectors::{
    Addresses, BoundPolicy, BreakerPolicy, ClientIdentity, EndpointSource, OutlierPolicy, Policy, Retries,
    Settings as ServiceSettings,
};
use frontdesk_lang::Model;
use frontdesk_plan::Plan;
use frontdesk_server::{ListenerSettings, ServiceAccess, Settings, Snapshot, VersionAccess};

use crate::args::ServeArgs;
use crate::ground::Ground;
use crate::workspace::Workspace;
use crate::{endpoints, mocked, names, open_files, service_credentials, surroundings};

/// Opens nothing yet: connections are made when the first call needs them.
pub fn snapshot(
    model: &Model,
    plan: &Plan,
    workspace: &Workspace,
    args: &ServeArgs,
    settings: &Settings,
    ground: &Ground,
) -> anyhow::Result<Snapshot> {
    let elsewhere = pairs(&args.url, "--url takes SERVICE=URL")?;
    for (name, _) in &elsewhere {
        names::service_or_version(plan, name).with_context(|| format!("--url {name}=…"))?;
    }
    let urls_of = |wanted: &str| -> Vec<String> {
        let given = elsewhere.iter().filter(|(name, _)| *name == wanted);
        given.map(|(_, url)| (*url).to_owned()).collect()
    };
    if args.mock {
        return mocked::snapshot(model, plan, workspace, ground.cache());
    }
    let mut services = Vec::new();
    let mut bases = Vec::new();
    let mut versions = Vec::new();
    for service in &plan.catalog.services {
        let platform = &plan.catalog.platform;
        let urls = urls_of(&service.name);
        let (access, base) = service_access(service.kind, &service.policy, platform, workspace, urls)
            .with_context(|| format!("service `{}`", service.name))?;
        services.push(access);
        bases.push(base);
        versions.push(version_accesses(service, platform, workspace, &urls_of)?);
    }
    let premises = ground.premises(plan, workspace)?;
    let credentials = service_credentials::of_all(plan, workspace, &premises, &bases)?;
    let surroundings = surroundings::of_all(model, plan, workspace, settings, &premises)?;
    let keys = surroundings::key_files(plan, workspace, &surroundings);
    let snapshot = Snapshot::provision(plan, services, surroundings, ground.cache())?
        .with_credentials(credentials)
        .with_traffic(&plan.catalog, versions)
        .with_idempotency(ground.idempotency(plan, workspace)?);
    // Only now: as long as the one before serves, its keys must be revoked.
    ground.follow_keys(keys);
    Ok(snapshot)
}

/// Every `NAME=VALUE` of a repeated flag.
fn pairs<'a>(flags: &'a [String], usage: &'static str) -> anyhow::Result<Vec<(&'a str, &'a str)>> {
    flags.iter().map(|flag| flag.split_once('=').context(usage)).collect()
}

/// The versions of a service, as they are reached.
fn version_accesses(
    service: &Service,
    platform: &Platform,
    workspace: &Workspace,
    urls_of: &dyn Fn(&str) -> Vec<String>,
) -> anyhow::Result<Vec<VersionAccess>> {
    let versions = service.traffic.versions.iter().map(|version| {
        let urls = urls_of(&format!("{}.{}", service.name, version.name));
        let (access, base) = service_access(service.kind, &version.policy, platform, workspace, urls)
            .with_context(|| format!("service `{}`, version `{}`", service.name, version.name))?;
        Ok(VersionAccess { access, base })
    });
    versions.collect()
}

/// How a service or version is reached, and its first URL: one of `urls`, or what the policy says.
fn service_access(
    kind: ServiceKind,
    policy: &ServicePolicy,
    platform: &Platform,
    workspace: &Workspace,
    urls: Vec<String>,
) -> anyhow::Result<(ServiceAccess, String)> {
    let (sources, base) = if urls.is_empty() {
        endpoints::sources(&policy.endpoints, workspace)?
    } else {
        let base = urls.first().map(|url| endpoints::base_of(url)).unwrap_or_default();
        (urls.into_iter().map(EndpointSource::at).collect(), base)
    };
    let read = |path: &Text| workspace.read(&resolve(path, workspace)?);
    let settings = ServiceSettings {
        endpoints: sources,
        zone: endpoints::zone(platform, workspace)?,
        resolver: endpoints::resolver(platform, workspace)?,
        is_hashed: policy.balance == Balance::Hash,
        slow_start: policy.slow_start,
        health: policy.health.as_ref().map(endpoints::health),
        connect_timeout: policy.connect_timeout,
        policy: resilience(policy),
        body_limit: policy.body_limit,
        headers: policy
            .headers
            .iter()
            .map(|(name, value)| Ok((name.to_string(), resolve(value, workspace)?)))
            .collect::<anyhow::Result<_>>()?,
        roots_pem: policy.tls.ca.as_ref().map(read).transpose()?,
        server_name: policy.tls.server_name.as_deref().map(str::to_owned),
        http2: policy.http2,
        addresses: match policy.addresses {
            frontdesk_catalog::Addresses::Any => Addresses::Any,
            frontdesk_catalog::Addresses::Public => Addresses::Public,
        },
        identity: match (&policy.tls.cert, &policy.tls.key) {
            (Some(cert), Some(key)) => {
                Some(ClientIdentity { certificates_pem: read(cert)?, key_pem: read(key)? })
            }
            _ => None,
        },
        ..ServiceSettings::at("")
    };
    let access = match kind {
        ServiceKind::Grpc => ServiceAccess::Grpc(GrpcService::new(settings)?),
        ServiceKind::OpenApi | ServiceKind::Sampled => ServiceAccess::Http(HttpService::new(settings)?),
    };
    Ok((access, base))
}

fn resilience(policy: &ServicePolicy) -> Policy {
    let share = |share: Share| share.0 as f32 / Share::ALL.0 as f32;
    Policy {
        retries: Retries {
            most: policy.retries.most,
            budget: share(policy.retries.budget),
            pause: policy.retries.pause,
        },
        hedge: match policy.hedge {
            Hedging::Never => Hedge::Never,
            Hedging::After(delay) => Hedge::After(delay),
            Hedging::AfterPercentile(percent) => Hedge::AfterPercentile(percent),
        },
        breaker: policy.breaker.map(|breaker| BreakerPolicy {
            failures: share(breaker.failures),
            window: breaker.window,
            open: breaker.open,
            calls: breaker.calls,
            slow: breaker.slow,
        }),
        outliers: policy.outliers.map(|outliers| OutlierPolicy {
            failures: outliers.failures,
            eject: outliers.eject,
            most: share(outliers.most),
        }),
        bound: match policy.bulkhead {
            Bulkhead::Adaptive => BoundPolicy::Adaptive,
            Bulkhead::Fixed { calls, queue } => BoundPolicy::Fixed { calls, queue },
        },
    }
}

/// A text with its `${env:…}` and `${file:…}` filled in.
pub fn resolve(text: &Text, workspace: &Workspace) -> anyhow::Result<String> {
    text.resolve(&|name| std::env::var(name).ok(), &|path| workspace.read(path).ok())
        .map_err(|missing| anyhow!(missing))
}

/// Where each BFF and the admin listener are, the command line before `frontdesk.yaml`.
pub fn settings(plan: &Plan, workspace: &Workspace, args: &ServeArgs) -> anyhow::Result<Settings> {
    let platform = &plan.catalog.platform;
    let overrides = pairs(&args.listen, "--listen takes BFF=HOST:PORT")?;
    for (name, _) in &overrides {
        names::bff(plan, name).with_context(|| format!("--listen {name}=…"))?;
    }
    let mut listeners = Vec::new();
    for bff in &plan.bffs {
        let written = platform.bffs.iter().find(|listener| listener.name == bff.name);
        let named = overrides.iter().rev().find(|(name, _)| *name == &*bff.name).map(|(_, address)| *address);
        let address = match (named, written) {
            (Some(address), _) => address.to_owned(),
            (None, Some(written)) => resolve(&written.listener.address, workspace)?,
            // `check` warns of it: work on the others goes on.
            (None, None) => continue,
        };
        let tls = match written {
            Some(written) => {
                tls(&written.listener, workspace).with_context(|| format!("BFF `{}`", bff.name))?
            }
            None => None,
        };
        listeners.push(ListenerSettings {
            bff: bff.name.to_string(),
            address: socket_address(&address)?,
            tls,
        });
    }
    if let (true, Some(bff)) = (listeners.is_empty(), plan.bffs.first()) {
        bail!(
            "`{0}` has no address: write `bffs: {{ {0}: {{ listen: 127.0.0.1:7001 }} }}` in frontdesk.yaml, \
             or say --listen {0}=127.0.0.1:7001",
            bff.name
        );
    }
    let admin = match (&args.admin, &platform.admin) {
        (Some(address), _) => Some(socket_address(address)?),
        (None, Some(listener)) => Some(socket_address(&resolve(&listener.address, workspace)?)?),
        (None, None) => None,
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Ok(Settings {
        listeners,
        admin,
        faults: platform.admin_faults,
        admin_token: match &platform.admin_token {
            Some(token) => Some(admin_token(token, workspace)?),
            None => None,
        },
        limits: ClientLimits {
            connections: open_files::clients(platform.limits.connections),
            ..platform.limits.clone()
        },
        threads: args.threads.unwrap_or(cores),
        access_log: if args.no_access_log { None } else { Some(Box::new(std::io::stdout())) },
        clock: Arc::new(SystemClock),
    })
}

/// Short enough to be guessed is as good as none.
fn admin_token(token: &Text, workspace: &Workspace) -> anyhow::Result<String> {
    let token = resolve(token, workspace).context("admin.token")?;
    if token.len() < 16 {
        bail!("admin.token has fewer than 16 characters: it could be guessed");
    }
    Ok(token)
}

/// A listener as it was asked for: what must be opened anew if it changes. The admin listener has no name.
pub type Asked = (String, SocketAddr, bool);

pub fn asked(settings: &Settings) -> Vec<Asked> {
    let bffs = settings.listeners.iter().map(|one| (one.bff.clone(), one.address, one.tls.is_some()));
    bffs.chain(settings.admin.map(|address| (String::new(), address, false))).collect()
}

fn tls(
    listener: &Listener,
    workspace: &Workspace,
) -> anyhow::Result<Option<Arc<frontdesk_server::TlsConfig>>> {
    let Some(tls) = &listener.tls else { return Ok(None) };
    let (cert_path, key_path) = (resolve(&tls.cert, workspace)?, resolve(&tls.key, workspace)?);
    let (cert, key) = (workspace.read(&cert_path)?, workspace.read(&key_path)?);
    let client_ca = match &tls.client_ca {
        Some(path) => Some(workspace.read(&resolve(path, workspace)?)?),
        None => None,
    };
    let config = frontdesk_server::tls_config(&cert, &key, client_ca.as_deref());
    Ok(Some(config.with_context(|| format!("`tls: {{ cert: {cert_path}, key: {key_path} }}`"))?))
}

fn socket_address(text: &str) -> anyhow::Result<SocketAddr> {
    text.to_socket_addrs()
        .with_context(|| format!("`{text}` is not host:port"))?
        .next()
        .with_context(|| format!("`{text}` has no address"))
}
