//! Sessions, entries and rates in Redis (6.2 or later) or Valkey, shared by many instances.
//!
//! | key | what |
//! | --- | --- |
//! | `{prefix}:s:KEY` | a session, a hash |
//! | `{prefix}:t:KEY` | its tombstone |
//! | `{prefix}:i:NAME` | the sessions of a subject or a sid, sorted by age |
//! | `{prefix}:b:NAME` | a burial: when |
//! | `prefix:l:NAME` | a lease: its holder |
//! | `prefix:e:KEY` | an entry |
//! | `prefix:r:KEY` | a rate: the theoretical arrival time |
//! | `prefix:c:KEY` | an entry of the shared cache |
//! | `prefix:v:TAG` | the version of a tag of the cache |
//!
//! Everything expires by itself. The braces are a hash tag: in a cluster all sessions of one prefix are in one slot,
//! because a logout must be atomic with the creations it races with; everything else spreads. A server may be
//! one of its own, a cluster, or whichever Sentinels call the primary.
//!
//! Times in records are by the clock given to the store; only lengths of time are sent, so the server's own clock
//! matters for nothing but rates. Instances compare moments with each other when a session is buried: their clocks must
//! agree to the second. All talk is on one thread that the store owns, and each call has a time limit.
//! While the server is away calls fail at once with a [`StoreFault`], and it is looked for again by itself.
//!
//! [`StoreFault`]: frontdesk_adapter::StoreFault

mod cache;
mod ear;
mod entries_and_rates;
mod hints;
mod link;
mod record;
mod scripts;
mod servers;
mod sessions;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use frontdesk_adapter::Clock;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use cache::CacheSide;
use link::Link;
use servers::Servers;
use sessions::SessionSide;

/// What stands at the addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Topology {
    /// The one server, or a name that follows the primary.
    Single,
    /// Some nodes of a cluster.
    Cluster,
    /// Sentinels that watch over a primary of this name. Their addresses hold what they themselves are shown; TLS there
    /// is TLS to the primary.
    Sentinel(String),
}

/// How to reach Redis. `Debug` does not show the addresses, which may hold passwords.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisSettings {
    /// `redis://` or `rediss://` (TLS), with user and password if need be.
    pub urls: Vec<String>,
    pub topology: Topology,
    /// The ACL user and the password for addresses that name neither, and for the primary that Sentinels tell of.
    pub username: Option<String>,
    pub password: Option<String>,
    /// What all keys begin with.
    pub prefix: String,
    /// Certificates that a `rediss://` server may be signed by, as PEM, instead of the public ones.
    pub ca: Option<Vec<u8>>,
    /// The longest a read may take; rates too.
    pub read_timeout: Duration,
    /// The longest a write may take.
    pub write_timeout: Duration,
    /// The longest a read of the shared cache may take: longer than that is worse than to fetch.
    pub cache_timeout: Duration,
    /// The longest an attempt to connect may take.
    pub connect_timeout: Duration,
    /// Whether instances tell each other what they changed, so that records may be kept for longer.
    pub hints: bool,
    /// How far the server's clock may be from ours before a probe fails; `None` does not look.
    pub max_clock_skew: Option<Duration>,
}

impl RedisSettings {
    /// More than one address is a cluster.
    pub fn new(urls: Vec<String>) -> Self {
        Self {
            topology: if urls.len() > 1 { Topology::Cluster } else { Topology::Single },
            urls,
            username: None,
            password: None,
            prefix: "fd".to_owned(),
            ca: None,
            read_timeout: Duration::from_millis(200),
            write_timeout: Duration::from_millis(500),
            cache_timeout: Duration::from_millis(50),
            connect_timeout: Duration::from_secs(1),
            hints: true,
            max_clock_skew: Some(Duration::from_secs(30)),
        }
    }
}

impl fmt::Debug for RedisSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisSettings")
            .field("urls", &self.urls.len())
            .field("topology", &self.topology)
            .field("prefix", &self.prefix)
            .field("read_timeout", &self.read_timeout)
            .field("write_timeout", &self.write_timeout)
            .finish_non_exhaustive()
    }
}

/// Settings that cannot work whatever the server does. Says nothing of what an address holds.
#[derive(Debug, thiserror::Error)]
pub enum RedisSettingsError {
    #[error("no address of a Redis server: write `redis://HOST:PORT`, or `rediss://HOST:PORT` for TLS")]
    NoAddress,
    #[error("several addresses of servers that are neither a cluster nor Sentinels")]
    Several,
    #[error(
        "address {number} of {of} is not one of a Redis server ({why}): write `redis://HOST:PORT`, or \
         `rediss://HOST:PORT` for TLS"
    )]
    Address { number: usize, of: usize, why: String },
    #[error("the prefix `{0}` of keys in Redis must not be empty and must not hold `{{` or `}}`")]
    Prefix(String),
    #[error("cannot start the thread that talks to Redis: {0}")]
    Thread(std::io::Error),
}

/// What keys begin with.
struct Names {
    /// Of everything about sessions: with a hash tag.
    sessions: String,
    single: String,
}

struct Times {
    read: Duration,
    write: Duration,
    cache: Duration,
    connect: Duration,
}

/// All stores in Redis.
pub struct RedisStore {
    clock: Arc<dyn Clock>,
    servers: Servers,
    runtime: Handle,
    main: Arc<Link>,
    /// What only sessions and only the cache need: a store that keeps neither must not need to be allowed it.
    sessions: OnceLock<SessionSide>,
    cache: OnceLock<CacheSide>,
    has_hints: bool,
    names: Names,
    times: Times,
    max_clock_skew: Option<Duration>,
    /// Stops the thread when it is dropped.
    _thread: oneshot::Sender<()>,
}

impl RedisStore {
    /// Begins to connect and returns at once: the server need not be there yet.
    ///
    /// # Errors
    /// The settings are wrong, or there is no thread to be had.
    pub fn connect(settings: &RedisSettings, clock: Arc<dyn Clock>) -> Result<Self, RedisSettingsError> {
        let prefix = &settings.prefix;
        if prefix.is_empty() || prefix.contains(['{', '}']) {
            return Err(RedisSettingsError::Prefix(prefix.clone()));
        }
        let servers = Servers::new(settings)?;
        let names = Names { sessions: format!("{{{prefix}}}:"), single: format!("{prefix}:") };

        if settings.urls.iter().any(|url| url.starts_with("rediss:")) {
            // The client takes the process's default; if there is one already, it stays.
            let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(RedisSettingsError::Thread)?;
        let handle = runtime.handle().clone();
        let (thread, stopped) = oneshot::channel::<()>();
        std::thread::Builder::new()
            .name("frontdesk-redis".to_owned())
            .spawn(move || {
                // Ends when the store is dropped; what still runs is dropped with the runtime.
                let _ = runtime.block_on(stopped);
            })
            .map_err(RedisSettingsError::Thread)?;

        let limit = settings.connect_timeout;
        let main = Arc::new(Link::new(servers.clone(), handle.clone(), limit, true));
        let times = Times {
            read: settings.read_timeout,
            write: settings.write_timeout,
            cache: settings.cache_timeout,
            connect: limit,
        };
        Ok(Self {
            clock,
            servers,
            runtime: handle,
            main,
            sessions: OnceLock::new(),
            cache: OnceLock::new(),
            has_hints: settings.hints,
            names,
            times,
            max_clock_skew: settings.max_clock_skew,
            _thread: thread,
        })
    }

    fn new_link(&self) -> Arc<Link> {
        Arc::new(Link::new(self.servers.clone(), self.runtime.clone(), self.times.connect, false))
    }
}

/// A length of time for the server: at least a millisecond, for it refuses none at all, and at most ten years.
fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).clamp(1, 315_360_000_000)
}
