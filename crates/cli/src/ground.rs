//! What stays while definitions are read again: the stores, the clock, the keys, and the threads that talk to providers.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, bail};
use frontdesk_adapter::{CacheStore, Clock, EntryStore, RateStore, SessionStore, SystemClock, say};
use frontdesk_cache::Cache;
use frontdesk_catalog::Store;
use frontdesk_connectors::WebClients;
use frontdesk_lang::model::{AuthMethod, Idempotency};
use frontdesk_perimeter::api_key::{ApiKeys, KeyFile};
use frontdesk_perimeter::session::ring::{Ring, SharedRing};
use frontdesk_perimeter::{Office, Premises, TrustedProxies};
use frontdesk_plan::Plan;
use frontdesk_stores::memory::MemoryStore;

use crate::issuers;
use crate::places::Places;
use crate::provision::resolve;
use crate::whole_file::write_private;
use crate::workspace::Workspace;

/// Where `serve` keeps sessions unless `stores` says otherwise.
const STATE_FILE: &str = ".frontdesk/state/sessions.redb";
/// The key ring that `dev` makes for itself.
const DEV_RING: &str = ".frontdesk/state/session-keys.json";
/// How often files of keys are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Whether what is missing is made up for: `dev` runs at once, `serve` only as it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Dev,
    Serve,
}

/// Opened once, when the process starts. A change of what stands here wants a restart.
pub struct Ground {
    clock: Arc<dyn Clock>,
    sessions: Arc<dyn SessionStore>,
    entries: Arc<dyn EntryStore>,
    rates: Arc<dyn RateStore>,
    /// Of everything that has no other place, and of rates while their store is away.
    memory: Arc<MemoryStore>,
    cache: Arc<Cache>,
    mode: Mode,
    /// Opened when the first plan needs it, among what is open by then.
    idempotency: Mutex<(Places, Option<Arc<dyn EntryStore>>)>,
    ring: Option<(PathBuf, Arc<SharedRing>)>,
    offices: Mutex<Vec<JoinHandle<()>>>,
    /// Files of partners' keys, and who believes in them at present.
    key_files: Mutex<Vec<Followed>>,
}

struct Followed {
    path: PathBuf,
    keys: Arc<ApiKeys>,
    seen: Seen,
}

impl Ground {
    /// Opens the stores and reads the keys, as far as the plan's BFFs need them.
    pub fn open(plan: &Plan, workspace: &Workspace, mode: Mode) -> anyhow::Result<Self> {
        let stores = &plan.catalog.platform.stores;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let memory = Arc::new(MemoryStore::new(clock.clone()));
        let mut places = Places::new(clock.clone());
        let signs_in = signs_in(plan);
        let (sessions, entries): (Arc<dyn SessionStore>, Arc<dyn EntryStore>) = match &stores.sessions {
            _ if !remembers(plan) => (memory.clone(), memory.clone()),
            Store::Memory => (memory.clone(), memory.clone()),
            Store::Default if mode == Mode::Dev => (memory.clone(), memory.clone()),
            Store::Default => both(places.file(&workspace.root.join(STATE_FILE))?),
            Store::Embedded(path) => both(places.file(&workspace.root.join(resolve(path, workspace)?))?),
            Store::Redis(place) => both(places.redis(place, workspace)?),
        };
        let rates: Arc<dyn RateStore> = match &stores.limits {
            Store::Redis(place) => places.redis(place, workspace)?,
            Store::Default | Store::Memory | Store::Embedded(_) => memory.clone(),
        };
        let shared: Option<Arc<dyn CacheStore>> = match &stores.cache.shared {
            Some(place) => Some(places.redis(place, workspace)?),
            None => None,
        };
        let settings =
            frontdesk_cache::Settings { bytes: stores.cache.memory, ..frontdesk_cache::Settings::default() };
        let cache = Cache::new(settings, clock.clone(), shared);
        let ring = if signs_in { ring(plan, workspace, mode, &*clock)? } else { None };
        Ok(Self {
            clock,
            cache,
            sessions,
            entries,
            rates,
            memory,
            mode,
            idempotency: Mutex::new((places, None)),
            ring,
            offices: Mutex::default(),
            key_files: Mutex::default(),
        })
    }

    /// Where idempotency keys and what became of their actions are kept, if an action of this plan takes any.
    pub fn idempotency(
        &self,
        plan: &Plan,
        workspace: &Workspace,
    ) -> anyhow::Result<Option<Arc<dyn EntryStore>>> {
        let mut endpoints = plan.bffs.iter().flat_map(|bff| &bff.endpoints);
        if endpoints.all(|endpoint| endpoint.idempotency == Idempotency::Off) {
            return Ok(None);
        }
        let mut opened = self.idempotency.lock().unwrap_or_else(PoisonError::into_inner);
        let (places, opened) = &mut *opened;
        if let Some(store) = opened {
            return Ok(Some(store.clone()));
        }
        let stores = &plan.catalog.platform.stores;
        let place = if stores.idempotency == Store::Default { &stores.sessions } else { &stores.idempotency };
        let store: Arc<dyn EntryStore> = match place {
            Store::Memory => self.memory.clone(),
            Store::Default if self.mode == Mode::Dev => self.memory.clone(),
            Store::Default => places.file(&workspace.root.join(STATE_FILE))?,
            Store::Embedded(path) => places.file(&workspace.root.join(resolve(path, workspace)?))?,
            Store::Redis(place) => places.redis(place, workspace)?,
        };
        *opened = Some(store.clone());
        Ok(Some(store))
    }

    /// What the perimeters of this plan stand on. Its providers are talked to by a thread that ends with the last of
    /// them.
    pub fn premises(&self, plan: &Plan, workspace: &Workspace) -> anyhow::Result<Premises> {
        let platform = &plan.catalog.platform;
        let trusted = platform
            .trusted_proxies
            .iter()
            .map(|text| resolve(text, workspace))
            .collect::<Result<Vec<_>, _>>()?;
        let mut web = WebClients::new();
        for (issuer, roots) in issuers::all(plan, workspace)? {
            web.allow(&issuer, roots.as_deref())?;
        }
        let (office, thread) = Office::open(Arc::new(web)).context("cannot start a thread")?;
        let mut offices = self.offices.lock().unwrap_or_else(PoisonError::into_inner);
        offices.retain(|thread| !thread.is_finished());
        offices.push(thread);
        Ok(Premises {
            clock: self.clock.clone(),
            office,
            sessions: self.sessions.clone(),
            entries: self.entries.clone(),
            rates: self.rates.clone(),
            local_rates: self.memory.clone(),
            ring: self.ring.as_ref().map(|(_, ring)| ring.clone()),
            proxies: Arc::new(TrustedProxies::parse(trusted).context("trusted-proxies")?),
        })
    }

    /// What answers are kept in, of whichever plan.
    pub fn cache(&self) -> Arc<Cache> {
        self.cache.clone()
    }

    /// Reads the key ring again: `frontdesk keys rotate` may have written it.
    pub fn reload_ring(&self) -> anyhow::Result<()> {
        let Some((path, shared)) = &self.ring else { return Ok(()) };
        let ring = read_ring(path, &*self.clock)?;
        shared.replace(ring).with_context(|| path.display().to_string())
    }

    /// Whoever follows the files of keys will tell these of changes.
    pub fn follow_keys(&self, files: Vec<(PathBuf, Arc<ApiKeys>)>) {
        let followed =
            files.into_iter().map(|(path, keys)| Followed { path, keys, seen: Seen::NotYet }).collect();
        *self.key_files.lock().unwrap_or_else(PoisonError::into_inner) = followed;
    }

    /// Reads the ring and the files of keys again when they change, for as long as the process lives: a key that is
    /// revoked is refused a second later. Files are looked at rather than watched: they may be mounted, linked, or
    /// not there yet.
    pub fn start_following(self: &Arc<Self>) -> std::io::Result<()> {
        let ground = Arc::downgrade(self);
        let follow = move || {
            let mut ring = Seen::NotYet;
            while let Some(ground) = ground.upgrade() {
                ground.look_at_ring(&mut ring);
                ground.look_at_keys();
                drop(ground);
                std::thread::sleep(LOOK_EVERY);
            }
        };
        std::thread::Builder::new().name("keys".to_owned()).spawn(follow).map(|_| ())
    }

    fn look_at_ring(&self, seen: &mut Seen) {
        let Some((path, _)) = &self.ring else { return };
        let (now, before) = (look_at(path), *seen);
        *seen = now;
        // What stands there at first was read when it was opened.
        if before == now || before == Seen::NotYet {
            return;
        }
        match self.reload_ring() {
            Ok(()) => say!("the key ring was read again"),
            Err(error) => say!("frontdesk: {error:#}; still sealing with the keys known so far"),
        }
    }

    fn look_at_keys(&self) {
        for followed in self.key_files.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
            let Followed { path, keys, seen } = followed;
            let (now, before) = (look_at(path), *seen);
            *seen = now;
            if before == now {
                continue;
            }
            match read_keys(path) {
                Ok(file) => {
                    keys.replace(&file);
                    // The first time it is only made sure that nothing was missed since it was read.
                    if before != Seen::NotYet {
                        say!("{} was read again", path.display());
                    }
                }
                Err(error) => say!("frontdesk: {error:#}; the keys known so far hold"),
            }
        }
    }

    /// Waits until what providers were asked for is finished and written down.
    pub fn close(&self, patience: Duration) {
        let until = Instant::now() + patience;
        let threads = std::mem::take(&mut *self.offices.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            while !thread.is_finished() && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

/// How a file was when it was last looked at: tells one content of it from the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    NotYet,
    Missing,
    Written { at: SystemTime, bytes: u64 },
}

fn look_at(path: &Path) -> Seen {
    let written = || {
        let about = std::fs::metadata(path).ok()?;
        Some(Seen::Written { at: about.modified().ok()?, bytes: about.len() })
    };
    written().unwrap_or(Seen::Missing)
}

/// The keys that partners have now. No file is no keys.
pub fn read_keys(path: &Path) -> anyhow::Result<KeyFile> {
    match std::fs::read_to_string(path) {
        Ok(text) => KeyFile::parse(&text).with_context(|| path.display().to_string()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(KeyFile::default()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Whether anybody signs in, so that there are sessions.
fn signs_in(plan: &Plan) -> bool {
    methods(plan).any(|method| matches!(method, AuthMethod::Session(_) | AuthMethod::Device(_)))
}

/// Whether something must be kept at all: sessions, or the proofs that bearers have shown.
fn remembers(plan: &Plan) -> bool {
    signs_in(plan) || methods(plan).any(|method| matches!(method, AuthMethod::Bearer(_)))
}

fn methods(plan: &Plan) -> impl Iterator<Item = &AuthMethod> {
    plan.bffs.iter().flat_map(|bff| &bff.config.perimeter.auth)
}

fn both<S: SessionStore + EntryStore + 'static>(
    store: Arc<S>,
) -> (Arc<dyn SessionStore>, Arc<dyn EntryStore>) {
    (store.clone(), store)
}

fn ring(
    plan: &Plan,
    workspace: &Workspace,
    mode: Mode,
    clock: &dyn Clock,
) -> anyhow::Result<Option<(PathBuf, Arc<SharedRing>)>> {
    let path = match (&plan.catalog.platform.session_keys, mode) {
        (Some(path), _) => workspace.root.join(resolve(path, workspace)?),
        (None, Mode::Dev) => workspace.root.join(DEV_RING),
        (None, Mode::Serve) => return Ok(None),
    };
    if mode == Mode::Dev && !path.exists() {
        let ring = Ring::generate(clock.unix())?;
        write_private(&path, &ring.to_text())?;
    }
    let ring = read_ring(&path, clock)?;
    Ok(Some((path, SharedRing::new(ring))))
}

fn read_ring(path: &Path, clock: &dyn Clock) -> anyhow::Result<Ring> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            bail!("there is no key ring at {}: `frontdesk keys rotate` makes one", path.display())
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    Ring::parse(&text, clock.unix()).with_context(|| path.display().to_string())
}
