//! What is settable about a BFF's sessions, and what they are made of.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_adapter::{Clock, EntryStore, SessionStore};
use frontdesk_lang::model::{DeviceAuth, SessionAuth};

use super::grants::Grants;
use super::ring::SharedRing;
use crate::Office;

/// Who holds the ids of sessions. A device's id is worth something only with a proof by its key: sent as a browser's
/// cookie it opens nothing, nor the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    Browser,
    Device,
}

/// How the sessions of one BFF live.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The BFF's name: part of every key in the store.
    pub bff: Arc<str>,
    pub holder: Holder,
    pub idle: Duration,
    pub absolute: Duration,
    /// The most sessions of one user, browsers and devices together; the oldest ends.
    pub same_user_limit: Option<u32>,
    /// How old an id may be before it changes.
    pub rotate: Option<Duration>,
    /// The refresh token is sealed a second time under the ring alone.
    pub background: bool,
    /// An access token is replaced that long before its end, and in the last tenth of its life in any case.
    pub refresh_ahead: Duration,
    /// How long an instance that refreshes is believed to be alive without a sign of it.
    pub lease: Duration,
    /// How long a flight waits for another instance's lease. Its passengers wait for as long as their own deadlines
    /// allow.
    pub lease_wait: Duration,
    /// The longest that one request for tokens may take.
    pub provider_timeout: Duration,
    /// How long the answer of a refresh is tried to be written to a store that is away: without it the session is
    /// lost when the provider rotates.
    pub save_for: Duration,
}

impl Settings {
    /// Browsers' sessions, with defaults of everything that `bff.ts` does not say.
    pub fn new(bff: impl Into<Arc<str>>, idle: Duration, absolute: Duration) -> Self {
        Self {
            bff: bff.into(),
            holder: Holder::Browser,
            idle,
            absolute,
            same_user_limit: None,
            rotate: None,
            background: false,
            refresh_ahead: Duration::from_secs(30),
            lease: Duration::from_secs(10),
            lease_wait: Duration::from_secs(30),
            provider_timeout: Duration::from_secs(15),
            save_for: Duration::from_secs(60),
        }
    }

    pub fn of_session(bff: impl Into<Arc<str>>, auth: &SessionAuth) -> Self {
        Self {
            same_user_limit: auth.same_user_limit,
            rotate: auth.rotate,
            background: auth.background,
            ..Self::new(bff, auth.idle, auth.absolute)
        }
    }

    pub fn of_device(bff: impl Into<Arc<str>>, auth: &DeviceAuth) -> Self {
        Self { holder: Holder::Device, ..Self::new(bff, auth.idle, auth.absolute) }
    }
}

/// A provider that sessions may come from.
#[derive(Clone)]
pub struct SessionProvider {
    /// As `ProviderUse` names it.
    pub name: Arc<str>,
    /// The issuer identifier. A session that names another issuer for this provider is not opened.
    pub issuer: Arc<str>,
    pub grants: Arc<dyn Grants>,
}

impl fmt::Debug for SessionProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionProvider")
            .field("name", &self.name)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// What [`Sessions`](super::Sessions) are made of.
#[derive(Clone)]
pub struct Parts {
    pub settings: Settings,
    pub ring: Arc<SharedRing>,
    pub store: Arc<dyn SessionStore>,
    /// For pointers from ids that have changed to their successors.
    pub entries: Arc<dyn EntryStore>,
    pub clock: Arc<dyn Clock>,
    pub office: Office,
    pub providers: Vec<SessionProvider>,
}
