//! Where services are, as `frontdesk.yaml` says it → as connectors take it; files of endpoints are read here.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, anyhow};
use frontdesk_catalog::{EndpointEntry, Endpoints, HealthCheck, Platform};
use frontdesk_connectors::{EndpointList, EndpointSource};
use frontdesk_diagnostics::{Diagnostics, Sources, render};

use crate::provision::resolve;
use crate::workspace::Workspace;

/// What `url` says, and the URL that stands for all of them where one must.
pub fn sources(
    endpoints: &Endpoints,
    workspace: &Workspace,
) -> anyhow::Result<(Vec<EndpointSource>, String)> {
    let path = match endpoints {
        Endpoints::Listed(listed) => {
            let all = listed.iter().map(|entry| source(entry, workspace));
            let all: Vec<(EndpointSource, String)> = all.collect::<anyhow::Result<_>>()?;
            let base = all.first().map(|(_, url)| base_of(url)).unwrap_or_default();
            return Ok((all.into_iter().map(|(source, _)| source).collect(), base));
        }
        Endpoints::File(path) => resolve(path, workspace)?,
    };
    let file = EndpointFile {
        name: path,
        workspace: Workspace { root: workspace.root.clone() },
        last: Mutex::default(),
    };
    let first =
        file.listed().map_err(|why| anyhow!("the endpoints in `{}` cannot be used: {why}", file.name))?;
    let base = first.first().map(|(_, url)| base_of(url)).unwrap_or_default();
    Ok((vec![EndpointSource::listed(Arc::new(file))], base))
}

fn source(entry: &EndpointEntry, workspace: &Workspace) -> anyhow::Result<(EndpointSource, String)> {
    let url = resolve(&entry.url, workspace)?;
    let source = EndpointSource::at(url.clone()).weighing(entry.weight);
    Ok(match &entry.zone {
        Some(zone) => (source.in_zone(&resolve(zone, workspace)?), url),
        None => (source, url),
    })
}

/// How requests to any of a `dns:` URL's endpoints are addressed.
pub fn base_of(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://").filter(|(scheme, _)| scheme.starts_with("dns")) else {
        return url.to_owned();
    };
    let plain = if scheme.ends_with("https") { "https" } else { "http" };
    let rest = if scheme.starts_with("dns+srv") { rest.splitn(3, '.').nth(2).unwrap_or(rest) } else { rest };
    format!("{plain}://{rest}")
}

/// The zone of this instance. A variable that is empty says that there is none.
pub fn zone(platform: &Platform, workspace: &Workspace) -> anyhow::Result<Option<Arc<str>>> {
    let Some(zone) = &platform.zone else { return Ok(None) };
    let zone = resolve(zone, workspace).context("zone")?;
    Ok(Some(zone.as_str().into()).filter(|_| !zone.is_empty()))
}

pub fn resolver(platform: &Platform, workspace: &Workspace) -> anyhow::Result<Option<SocketAddr>> {
    let Some(resolver) = &platform.resolver else { return Ok(None) };
    let written = resolve(resolver, workspace).context("resolver")?;
    let plain = || written.parse::<IpAddr>().map(|address| SocketAddr::new(address, 53));
    let address = written.parse().or_else(|_| plain());
    address.map(Some).map_err(|_| anyhow!("resolver: `{written}` is not the address of a DNS server"))
}

pub fn health(of: &HealthCheck) -> frontdesk_connectors::HealthCheck {
    frontdesk_connectors::HealthCheck {
        path: of.path.to_string(),
        service: of.service.to_string(),
        every: of.every,
        timeout: of.timeout,
        healthy: of.healthy,
        unhealthy: of.unhealthy,
    }
}

/// A file that `url: { file: … }` names.
struct EndpointFile {
    name: String,
    workspace: Workspace,
    /// What it said when it was last good: reading it again each second costs a look at its text.
    last: Mutex<Option<(String, Listed)>>,
}

/// Each with its URL.
type Listed = Vec<(EndpointSource, String)>;

impl EndpointFile {
    fn path(&self) -> PathBuf {
        self.workspace.root.join(&self.name)
    }

    fn listed(&self) -> Result<Listed, String> {
        let text = std::fs::read_to_string(self.path()).map_err(|error| error.to_string())?;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((before, listed)) = &*last
            && *before == text
        {
            return Ok(listed.clone());
        }
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let entries =
            frontdesk_catalog::endpoint_list(&self.name, text.clone(), &mut sources, &mut diagnostics);
        let Some(entries) = entries else {
            return Err(format!(
                "\n{}",
                render::text(&diagnostics.into_sorted(), &sources, false).trim_end()
            ));
        };
        let listed = entries.iter().map(|entry| source(entry, &self.workspace));
        let listed: Listed = listed.collect::<anyhow::Result<_>>().map_err(|error| format!("{error:#}"))?;
        *last = Some((text, listed.clone()));
        Ok(listed)
    }
}

impl EndpointList for EndpointFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn read(&self) -> Result<Vec<EndpointSource>, String> {
        Ok(self.listed()?.into_iter().map(|(source, _)| source).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::base_of;

    #[test]
    fn requests_are_addressed_by_the_name() {
        for (url, base) in [
            ("https://a:1/b", "https://a:1/b"),
            ("dns://a.internal:80", "http://a.internal:80"),
            ("dns+https://a.internal/x", "https://a.internal/x"),
            ("dns+srv://_http._tcp.a.internal", "http://a.internal"),
            ("dns+srv+https://_http._tcp.a.internal/x", "https://a.internal/x"),
        ] {
            assert_eq!(base_of(url), base);
        }
    }
}
