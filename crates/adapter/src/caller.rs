//! The one a request is served for, as far as calls to services need to know.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::{Deadline, Fault};

/// Tells callers apart: equal only for the same identity with the same credentials.
///
/// It stands in the key of everything that is shared between calls (deduplication, single flight, caches of
/// exchanged tokens), so that what one caller may see never reaches another. Made of a keyed hash; it says nothing
/// about the caller and may be logged in part.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallerKey(pub [u8; 32]);

impl CallerKey {
    /// Nobody in particular: a public endpoint, or a call with the BFF's own credentials.
    pub const NOBODY: Self = Self([0; 32]);
}

impl fmt::Debug for CallerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, ..] = self.0;
        write!(f, "CallerKey({a:02x}{b:02x}{c:02x}…)")
    }
}

/// An access token, fit to be sent to a service. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken {
    pub secret: Arc<str>,
    /// Unix time in seconds after which it is not to be used.
    pub expires: u64,
    /// It must be sent as `Authorization: DPoP` with a proof (RFC 9449), else as `Bearer`.
    pub is_dpop: bool,
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("expires", &self.expires)
            .field("is_dpop", &self.is_dpop)
            .finish_non_exhaustive()
    }
}

/// For which service a caller's token is exchanged.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Exchange {
    pub audience: Option<Arc<str>>,
    /// RFC 8707: an absolute URI without a fragment.
    pub resource: Option<Arc<str>>,
    /// Sorted, so that the same set is the same key.
    pub scopes: Vec<Arc<str>>,
    /// A DPoP-bound token is wanted.
    pub is_dpop: bool,
}

pub type TokenFuture<'a> = Pin<Box<dyn Future<Output = Result<AccessToken, Fault>> + 'a>>;

/// Whoever the request is made for: a browser session, a bearer token, a device, a partner's key.
pub trait Caller: fmt::Debug {
    fn key(&self) -> CallerKey;

    /// Where this user stands among all, evenly spread: the same for one user however often they sign in, in every
    /// instance and after a restart. By it, and never by [`key`](Self::key), users are sent to versions of a service.
    fn cohort(&self) -> u64 {
        let CallerKey([a, b, c, d, e, f, g, h, ..]) = self.key();
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// The token that a service with `auth: user` gets and that an exchange starts from, refreshed if it must be.
    ///
    /// # Errors
    /// [`Fault::LoginRequired`] if the session has ended meanwhile, [`Fault::Credential`] if there is no token for
    /// another reason (an API key has none; the provider or the store is away).
    fn access_token(&self, deadline: Deadline) -> TokenFuture<'_>;

    /// The caller's token exchanged for one that a service accepts (RFC 8693), never for longer than its own.
    ///
    /// # Errors
    /// As [`access_token`](Self::access_token).
    fn exchanged<'a>(&'a self, wanted: &'a Exchange, deadline: Deadline) -> TokenFuture<'a>;

    /// Makes a DPoP proof (RFC 9449 §4) for a call with a token of [`access_token`](Self::access_token) that is
    /// bound to a key. `None` if this caller has no key.
    fn proof(&self, method: &str, url: &str, token: &AccessToken, nonce: Option<&str>) -> Option<String>;
}
