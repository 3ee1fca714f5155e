//! What can be in the way of a session that is nobody's fault but ours.

use frontdesk_adapter::StoreFault;

use super::secret::NoRandomness;
use crate::Refusal;

/// Whether there is a session cannot be told, or it cannot be written. The request is refused with 503 and its cookie
/// stays: once the trouble is over the session is there as before. The texts are for the operator's log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    #[error(transparent)]
    Store(#[from] StoreFault),
    #[error("a session was written by a newer release (schema {0})")]
    NewerSchema(u16),
    #[error("a session was sealed with a key that the ring file has only now: it was not reloaded yet")]
    RingBehind,
    #[error("a session of our own release cannot be read")]
    Unreadable,
    #[error("a session was written by others all the time")]
    Contended,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl From<Unavailable> for Refusal {
    fn from(why: Unavailable) -> Self {
        Self::unavailable().because(why)
    }
}

/// Why a login does not become a session.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreateFault {
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// All sessions of the user were ended after this login began, or in the same second: by the user, at the provider
    /// or by an administrator.
    #[error("the user was signed out everywhere after this login began, or in the same second")]
    Buried,
    /// The members that take up most are named, with their sizes in bytes: for the operator's log.
    #[error("the session takes {bytes} bytes; most of it: {fattest:?}")]
    TooLarge { bytes: usize, fattest: Vec<(String, usize)> },
}

impl From<StoreFault> for CreateFault {
    fn from(fault: StoreFault) -> Self {
        Self::Unavailable(fault.into())
    }
}

impl From<NoRandomness> for CreateFault {
    fn from(fault: NoRandomness) -> Self {
        Self::Unavailable(fault.into())
    }
}

impl From<CreateFault> for Refusal {
    fn from(fault: CreateFault) -> Self {
        match fault {
            CreateFault::Unavailable(why) => why.into(),
            CreateFault::Buried => Self::new(401, "login_expired"),
            CreateFault::TooLarge { .. } => Self::new(500, "session_too_large")
                .detail("The provider's tokens and claims for this user are too large to keep."),
        }
    }
}
