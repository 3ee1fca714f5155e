//! Why signing in goes no further: the page that the person sees, and the cause that the operator is told.

use crate::Closed;
use crate::claims::ClaimFault;
use crate::provider::{OAuthError, ProviderFault};
use crate::session::{CreateFault, Unavailable};
use crate::transaction::Trouble;

use super::page::Page;

/// See the module. The cause holds nothing secret and nothing that a client or a provider worded.
#[derive(Debug)]
pub struct Stopped {
    pub page: Page,
    pub cause: Option<String>,
}

impl Stopped {
    pub fn new(page: Page, cause: impl Into<String>) -> Self {
        Self { page, cause: Some(cause.into()) }
    }
}

impl From<Page> for Stopped {
    fn from(page: Page) -> Self {
        Self { page, cause: None }
    }
}

impl From<ProviderFault> for Stopped {
    fn from(fault: ProviderFault) -> Self {
        let page = match &fault {
            ProviderFault::Away { .. } => Page::Unavailable,
            ProviderFault::Refused { error } => page_of(*error),
            ProviderFault::Untrusted(_) | ProviderFault::Unsupported(_) => Page::Failed,
        };
        Self::new(page, fault.to_string())
    }
}

/// What an error of the provider, by callback or by token endpoint, means for the person.
fn page_of(error: OAuthError) -> Page {
    match error {
        OAuthError::AccessDenied
        | OAuthError::LoginRequired
        | OAuthError::ConsentRequired
        | OAuthError::InteractionRequired
        | OAuthError::AccountSelectionRequired => Page::Denied,
        OAuthError::UnmetAuthenticationRequirements => Page::NotStrongEnough,
        OAuthError::ServerError | OAuthError::TemporarilyUnavailable => Page::Unavailable,
        // A code that was used before, or took too long.
        OAuthError::InvalidGrant => Page::Expired,
        _ => Page::Failed,
    }
}

impl From<Trouble> for Stopped {
    fn from(trouble: Trouble) -> Self {
        Self::new(Page::Unavailable, trouble.to_string())
    }
}

impl From<Closed> for Stopped {
    fn from(closed: Closed) -> Self {
        Self::new(Page::Unavailable, closed.to_string())
    }
}

impl From<ClaimFault> for Stopped {
    fn from(fault: ClaimFault) -> Self {
        Self::new(Page::Failed, fault.to_string())
    }
}

impl From<Unavailable> for Stopped {
    fn from(unavailable: Unavailable) -> Self {
        Self::new(Page::Unavailable, unavailable.to_string())
    }
}

impl From<CreateFault> for Stopped {
    fn from(fault: CreateFault) -> Self {
        let page = match &fault {
            CreateFault::Unavailable(_) => Page::Unavailable,
            CreateFault::Buried => Page::SignedOut,
            CreateFault::TooLarge { .. } => Page::TooLarge,
        };
        Self::new(page, fault.to_string())
    }
}
