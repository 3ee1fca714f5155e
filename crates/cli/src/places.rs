//! Where state lives, opened once for all that live there: one file and one Redis have one owner in a process.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use frontdesk_adapter::Clock;
use frontdesk_catalog::{Redis, RedisTopology, Text};
use frontdesk_stores::embedded::EmbeddedStore;
use frontdesk_stores::redis::{RedisSettings, RedisStore, Topology};

use crate::provision::resolve;
use crate::workspace::Workspace;

/// What is open. Stores stay open as long as somebody has them.
pub struct Places {
    clock: Arc<dyn Clock>,
    files: Vec<(PathBuf, Arc<EmbeddedStore>)>,
    servers: Vec<(RedisSettings, Arc<RedisStore>)>,
}

impl Places {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, files: Vec::new(), servers: Vec::new() }
    }

    pub fn file(&mut self, path: &Path) -> anyhow::Result<Arc<EmbeddedStore>> {
        if let Some((_, open)) = self.files.iter().find(|(known, _)| known == path) {
            return Ok(open.clone());
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let store = Arc::new(EmbeddedStore::open(path, self.clock.clone())?);
        self.files.push((path.to_owned(), store.clone()));
        Ok(store)
    }

    /// The one that is reached in just this way, connected to at once but not waited for.
    pub fn redis(&mut self, place: &Redis, workspace: &Workspace) -> anyhow::Result<Arc<RedisStore>> {
        let settings = settings(place, workspace).context("stores: redis")?;
        if let Some((_, open)) = self.servers.iter().find(|(known, _)| *known == settings) {
            return Ok(open.clone());
        }
        let store = RedisStore::connect(&settings, self.clock.clone()).context("stores: redis")?;
        let store = Arc::new(store);
        self.servers.push((settings, store.clone()));
        Ok(store)
    }
}

fn settings(place: &Redis, workspace: &Workspace) -> anyhow::Result<RedisSettings> {
    let text = |text: &Option<Text>| text.as_ref().map(|text| resolve(text, workspace)).transpose();
    let urls = place.urls.iter().map(|url| resolve(url, workspace)).collect::<anyhow::Result<Vec<_>>>()?;
    let mut settings = RedisSettings {
        topology: match &place.topology {
            RedisTopology::Single => Topology::Single,
            RedisTopology::Cluster => Topology::Cluster,
            RedisTopology::Sentinel(name) => Topology::Sentinel(resolve(name, workspace)?),
        },
        username: text(&place.username)?,
        password: text(&place.password)?,
        ca: text(&place.ca)?.map(|path| workspace.read(&path)).transpose()?.map(String::into_bytes),
        ..RedisSettings::new(urls)
    };
    if let Some(prefix) = text(&place.prefix)? {
        settings.prefix = prefix;
    }
    if let Some(timeout) = place.timeout {
        settings = RedisSettings { read_timeout: timeout, write_timeout: timeout, ..settings };
        settings.cache_timeout = timeout.min(CACHE_TIMEOUT_AT_MOST);
    }
    Ok(settings)
}

/// A cache that takes longer is none.
const CACHE_TIMEOUT_AT_MOST: Duration = Duration::from_secs(1);
