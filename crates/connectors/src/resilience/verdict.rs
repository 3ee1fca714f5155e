//! What the end of an attempt says of the service.

use frontdesk_adapter::{Answer, Fault};

/// How an attempt ended, as far as the service is to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It answered; that it refused this one request is an answer too.
    Good,
    /// It said that this caller asks too much (429): an answer, but a reason to send less.
    Busy,
    /// It said that it cannot at the moment (503).
    Unavailable,
    /// Nobody is there, or somebody who hangs up: nothing that one operation alone would do.
    Away,
    /// It failed at what was asked.
    Failed,
    /// No answer in time, which may be the fault of the time.
    Late,
    /// The service has not been asked, or what failed was ours.
    Nothing,
}

impl Verdict {
    pub(crate) fn of(answered: &Result<Answer, Fault>) -> Self {
        match answered {
            Ok(_) => Self::Good,
            Err(fault) => Self::of_fault(fault),
        }
    }

    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            429 => Self::Busy,
            502 => Self::Away,
            503 => Self::Unavailable,
            500.. => Self::Failed,
            _ => Self::Good,
        }
    }

    pub(crate) fn of_fault(fault: &Fault) -> Self {
        match fault {
            Fault::Rejected { status } => Self::of_status(*status),
            // Also a redirect, where none is followed.
            Fault::Failed { status } => Self::of_status((*status).max(500)),
            Fault::Connect(_) | Fault::Broken(_) => Self::Away,
            Fault::TooLarge { .. } => Self::Failed,
            Fault::TimedOut => Self::Late,
            Fault::Malformed { .. }
            | Fault::Shed
            | Fault::BreakerOpen
            | Fault::Unsendable { .. }
            | Fault::LoginRequired
            | Fault::Credential(_) => Self::Nothing,
        }
    }
}
