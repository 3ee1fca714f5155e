//! What sessions ask of a provider of identity, so that they can be tested without one.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_adapter::{AccessToken, CallerKey, Deadline, Exchange, Fault};

use super::Secret;
use crate::Desk;

/// What a refresh gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    pub access: AccessToken,
    /// The provider rotates: the one that was used is dead.
    pub refresh: Option<Secret>,
    /// From now, if the provider says.
    pub refresh_expires_in: Option<Duration>,
    /// If they are others than were asked for.
    pub scopes: Option<Vec<Arc<str>>>,
}

/// Why a provider gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantFault {
    /// `invalid_grant` (RFC 6749 §5.2): the token that was used is dead, and its session with it. Nothing else is
    /// said with this.
    #[error("the provider does not accept the refresh token any more")]
    Rejected,
    /// It cannot be reached, has too much to do, or refuses *us*: the session is none the worse for it.
    #[error("the provider gives no token: {why}")]
    Away {
        /// For the log. Nothing secret, nothing of the provider's wording.
        why: String,
        /// It may have acted on the request all the same, and rotated the refresh token.
        maybe_done: bool,
        retry_after: Option<Duration>,
    },
}

pub type GrantFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, GrantFault>> + 'a>>;

/// One provider, as one BFF uses it. What takes a [`Desk`] runs on the [`Office`](crate::Office)'s thread.
pub trait Grants: Send + Sync {
    /// Asks for new tokens once (RFC 6749 §6). `dpop_key` is the session's, as
    /// [`Content`](super::Content) keeps it.
    fn refresh<'a>(
        &'a self,
        desk: &'a Desk,
        refresh: &'a Secret,
        dpop_key: Option<&'a Secret>,
        deadline: Deadline,
    ) -> GrantFuture<'a, Granted>;

    /// Says that a refresh token is not needed any more (RFC 7009).
    fn revoke<'a>(&'a self, desk: &'a Desk, refresh: &'a Secret, deadline: Deadline) -> GrantFuture<'a, ()>;

    /// Exchanges a session's token for one that a service accepts (RFC 8693), never for longer than `subject` lives.
    /// Asked on any thread, as often as services are called: it remembers what it has exchanged for `caller`.
    ///
    /// # Errors
    /// [`Fault::Credential`], whatever the reason: the session is none the worse for it.
    fn exchange<'a>(
        &'a self,
        caller: CallerKey,
        subject: &'a AccessToken,
        dpop_key: Option<&'a Secret>,
        wanted: &'a Exchange,
        deadline: Deadline,
    ) -> Pin<Box<dyn Future<Output = Result<AccessToken, Fault>> + 'a>>;
}
