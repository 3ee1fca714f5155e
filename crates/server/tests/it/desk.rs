//! A Frontdesk under test: a workspace in memory → catalogue → Model → Plan → Snapshot → a server on ports of the
//! system's choice.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use frontdesk_adapter::{Clock, EntryStore, SystemClock};
use frontdesk_cache::Cache;
use frontdesk_catalog::{Service, ServiceKind};
use frontdesk_connectors::grpc::GrpcService;
use frontdesk_connectors::http::HttpService;
use frontdesk_connectors::{Policy, Settings as ServiceSettings, WebClients};
use frontdesk_diagnostics::{Diagnostics, Sources, render};
use frontdesk_perimeter::api_key::KeyFile;
use frontdesk_perimeter::{Office, Origins, Perimeter, Premises, Resolve};
use frontdesk_plan::{BffPlan, Plan};
use frontdesk_server::{
    Documents, ListenerSettings, Server, ServiceAccess, Settings, Site, SiteFile, Snapshot, Surroundings,
    TlsConfig, VersionAccess,
};
use frontdesk_stores::memory::MemoryStore;

use crate::wire::{Client, Reply, request};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The files of a workspace, by path.
#[derive(Clone, Default)]
pub struct Workspace {
    files: BTreeMap<String, Vec<u8>>,
}

impl Workspace {
    /// Reads a folder with all that is below it.
    pub fn read(folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        read_below(folder, folder, &mut files);
        assert!(files.contains_key("frontdesk.yaml"), "{} is a workspace", folder.display());
        Self { files }
    }

    /// The one of `scenarios/shop`.
    pub fn shop() -> Self {
        Self::read(&root().join("scenarios/shop/workspace"))
    }

    /// With a piece of a file replaced.
    #[must_use]
    pub fn replacing(mut self, path: &str, old: &str, new: &str) -> Self {
        let text = String::from_utf8(self.files[path].clone()).unwrap();
        assert!(text.contains(old), "{path} has `{old}`");
        self.files.insert(path.to_owned(), text.replace(old, new).into_bytes());
        self
    }

    /// Without what lies below a folder, or one file.
    #[must_use]
    pub fn removing(mut self, path: &str) -> Self {
        let known = self.files.len();
        self.files.retain(|name, _| !name.starts_with(path));
        assert!(self.files.len() < known, "{path} is there");
        self
    }

    /// Without `auth` in a BFF's definition: everybody may ask everything.
    #[must_use]
    pub fn open_to_all(mut self, bff: &str) -> Self {
        let path = format!("bffs/{bff}/bff.ts");
        let text = String::from_utf8(self.files[&path].clone()).unwrap();
        let start = text.find("  auth: ").expect("it has `auth`");
        let length = text[start..].find("}),\n").expect("a call with settings") + "}),\n".len();
        self.files.insert(path, [&text[..start], &text[start + length..]].concat().into_bytes());
        self
    }

    /// With one more file.
    #[must_use]
    pub fn adding(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.as_bytes().to_vec());
        self
    }

    /// The whole compiler; a workspace with errors fails the test with its diagnostics.
    pub fn plan(&self) -> Plan {
        let mut sources = Sources::default();
        let mut diagnostics = Diagnostics::default();
        let catalog = Arc::new(frontdesk_catalog::load(&self.files, None, &mut sources, &mut diagnostics));
        let model = frontdesk_lang::compile(catalog, &self.files, &mut sources, &mut diagnostics);
        let plan = frontdesk_plan::plan(&model, &mut diagnostics);
        let failed = diagnostics.has_errors();
        let text = render::text(&diagnostics.into_sorted(), &sources, false);
        assert!(!failed, "{text}");
        plan
    }

    /// A Snapshot whose services are at `urls`, by name.
    pub fn snapshot(&self, urls: &[(&str, String)]) -> Snapshot {
        self.snapshot_with(urls, &Fittings::default())
    }

    pub fn snapshot_with(&self, urls: &[(&str, String)], fittings: &Fittings) -> Snapshot {
        self.provision(&self.plan(), urls, fittings)
    }

    fn provision(&self, plan: &Plan, urls: &[(&str, String)], fittings: &Fittings) -> Snapshot {
        let services =
            plan.catalog.services.iter().map(|service| access(service, &service.name, urls)).collect();
        let versions = plan.catalog.services.iter().map(|service| versions(service, urls)).collect();
        let clock = fittings.clock.clone();
        let memory = Arc::new(MemoryStore::new(clock.clone()));
        let (office, _) = Office::open(Arc::new(WebClients::new())).unwrap();
        let premises = Premises {
            clock,
            office,
            sessions: memory.clone(),
            entries: memory.clone(),
            ring: None,
            rates: memory.clone(),
            local_rates: memory,
            proxies: Arc::default(),
        };
        let resolve = Resolve {
            secret: &|name| Err(name.name.to_string()),
            issuer: &|_| Err("no providers here".to_owned()),
        };
        let cache = fittings.cache.clone();
        let around = |bff: &BffPlan| {
            let written = &bff.config.perimeter;
            let (versions, origins) = (&bff.config.versions, Origins::Loopback);
            let perimeter =
                Perimeter::provision(&bff.name, written, versions, origins, &premises, resolve).unwrap();
            if let Some(keys) = perimeter.api_keys() {
                keys.replace(&fittings.keys);
            }
            let documents = bff.config.openapi.then(|| Documents::new(fittings.documents.clone()));
            let perimeter = Arc::new(perimeter);
            (bff.name.clone(), Surroundings { perimeter, site: self.site(bff), documents })
        };
        let around = plan.bffs.iter().map(around).collect();
        Snapshot::provision(plan, services, around, cache)
            .unwrap()
            .with_traffic(&plan.catalog, versions)
            .with_idempotency(Some(fittings.idempotency.clone().unwrap_or(premises.entries)))
    }

    /// The pages of a BFF that has some.
    fn site(&self, bff: &BffPlan) -> Option<Site> {
        let written = bff.config.perimeter.site.as_ref()?;
        let folder = format!("bffs/{}/{}/", bff.name, written.folder);
        let below = |(path, content): (&String, &Vec<u8>)| {
            let path = path.strip_prefix(&folder)?.to_owned();
            Some(SiteFile { path, content: content.clone().into() })
        };
        let files = self.files.iter().filter_map(below).collect();
        Some(Site::new(files, written.fallback.as_deref()).unwrap())
    }
}

fn read_below(folder: &Path, root: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
            continue;
        }
        if path.is_dir() {
            read_below(&path, root, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

/// Those of a service, under names such as `items.v2`.
fn versions(service: &Service, urls: &[(&str, String)]) -> Vec<VersionAccess> {
    let versions = service.traffic.versions.iter().map(|version| VersionAccess {
        access: access(service, &format!("{}.{}", service.name, version.name), urls),
        base: String::new(),
    });
    versions.collect()
}

fn access(service: &Service, name: &str, urls: &[(&str, String)]) -> ServiceAccess {
    let policy = &service.policy;
    let given = urls.iter().find(|(given, _)| *given == name).map(|(_, url)| url.clone());
    let settings = ServiceSettings {
        connect_timeout: policy.connect_timeout,
        policy: Policy::default()
            .retries(policy.retries.most)
            .bulkhead(policy.bulkhead.most().unwrap_or(256)),
        body_limit: policy.body_limit,
        headers: policy
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.literal().unwrap().to_owned()))
            .collect(),
        http2: service.kind == ServiceKind::Grpc,
        ..ServiceSettings::at(given.unwrap_or_else(|| "http://127.0.0.1:1".to_owned()))
    };
    match service.kind {
        ServiceKind::Grpc => ServiceAccess::Grpc(GrpcService::new(settings).unwrap()),
        ServiceKind::OpenApi | ServiceKind::Sampled => {
            ServiceAccess::Http(HttpService::new(settings).unwrap())
        }
    }
}

/// What was logged so far.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Waits until there are so many lines, and gives them all.
    pub fn lines(&self, at_least: usize) -> Vec<serde_json::Value> {
        let mut lines = Vec::new();
        eventually("the log has its lines", || {
            let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            lines = text.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
            lines.len() >= at_least
        });
        lines
    }
}

/// What a Frontdesk under test has beside its workspace.
pub struct Fittings {
    pub threads: usize,
    pub tls: Option<Arc<TlsConfig>>,
    pub clock: Arc<dyn Clock>,
    /// Of partners, whatever their BFF.
    pub keys: KeyFile,
    /// What stands at `/openapi.json` of BFFs that say `openapi: true`, newest first.
    pub documents: Vec<Bytes>,
    pub admin_token: Option<String>,
    /// Whether an administrator may order faults.
    pub faults: bool,
    /// What outlives a reload.
    pub cache: Arc<Cache>,
    /// Where idempotency keys are kept, if not in memory.
    pub idempotency: Option<Arc<dyn EntryStore>>,
}

impl Default for Fittings {
    /// One worker, so that limits and connections of it are those of the server.
    fn default() -> Self {
        Self {
            threads: 1,
            tls: None,
            clock: Arc::new(SystemClock),
            keys: KeyFile::default(),
            documents: Vec::new(),
            admin_token: None,
            faults: false,
            cache: Cache::new(frontdesk_cache::Settings::without_chance(), Arc::new(SystemClock), None),
            idempotency: None,
        }
    }
}

/// A server that runs until it is dropped.
pub struct Desk {
    server: Option<Server>,
    pub log: Log,
}

impl Desk {
    /// The shop, with some of its services at these addresses.
    pub fn shop(urls: &[(&str, String)]) -> Self {
        Self::start(&Workspace::shop(), urls)
    }

    pub fn start(workspace: &Workspace, urls: &[(&str, String)]) -> Self {
        Self::start_with(workspace, urls, Fittings::default())
    }

    pub fn start_with(workspace: &Workspace, urls: &[(&str, String)], fittings: Fittings) -> Self {
        let plan = workspace.plan();
        let log = Log::default();
        let any: SocketAddr = ([127, 0, 0, 1], 0).into();
        let snapshot = workspace.provision(&plan, urls, &fittings);
        let Fittings { threads, tls, clock, admin_token, faults, .. } = fittings;
        let listener = |bff: &str| ListenerSettings { bff: bff.to_owned(), address: any, tls: tls.clone() };
        let settings = Settings {
            listeners: plan.bffs.iter().map(|bff| listener(&bff.name)).collect(),
            admin: Some(any),
            admin_token,
            faults,
            limits: plan.catalog.platform.limits.clone(),
            threads,
            access_log: Some(Box::new(log.clone())),
            clock,
        };
        let server = frontdesk_server::start(settings, snapshot).unwrap();
        Self { server: Some(server), log }
    }

    pub fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    /// Where the first BFF listens.
    pub fn address(&self) -> SocketAddr {
        self.server().addresses()[0].1
    }

    pub fn address_of(&self, bff: &str) -> SocketAddr {
        self.server().addresses().iter().find(|(name, _)| name == bff).unwrap().1
    }

    pub fn admin(&self) -> SocketAddr {
        self.server().admin().unwrap()
    }

    pub fn connect(&self) -> Client {
        Client::connect(self.address())
    }

    /// One `GET` on a connection of its own.
    pub fn get(&self, path: &str) -> Reply {
        self.ask(&request("GET", path, &[], b""))
    }

    /// One request on a connection of its own.
    pub fn ask(&self, bytes: &[u8]) -> Reply {
        let mut client = self.connect();
        client.send(bytes);
        client.reply()
    }

    /// Gives the server away, to be shut down.
    pub fn into_server(mut self) -> Server {
        self.server.take().unwrap()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.shutdown(Duration::ZERO);
        }
    }
}

/// Looks until `is_so`, or fails the test after a time that is long on any machine.
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(30), "not after 30 s: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
