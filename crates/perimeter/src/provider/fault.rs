//! What can go wrong with a provider, told apart by what it means for a session.

use std::time::Duration;

use frontdesk_adapter::Fault;

/// An `error` of RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core §3.1.2.6, RFC 8707 and RFC 9449.
///
/// Texts that came with it (`error_description`) are never kept: they are the provider's, and may hold anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OAuthError {
    InvalidRequest,
    InvalidClient,
    /// The code, the refresh token or the subject token is used up, revoked, or another client's.
    InvalidGrant,
    UnauthorizedClient,
    UnsupportedGrantType,
    UnsupportedTokenType,
    InvalidScope,
    InvalidTarget,
    InvalidDpopProof,
    UseDpopNonce,
    AccessDenied,
    LoginRequired,
    ConsentRequired,
    InteractionRequired,
    AccountSelectionRequired,
    UnmetAuthenticationRequirements,
    ServerError,
    TemporarilyUnavailable,
    /// Anything else.
    Unknown,
}

impl OAuthError {
    const NAMES: [(&'static str, Self); 18] = [
        ("invalid_request", Self::InvalidRequest),
        ("invalid_client", Self::InvalidClient),
        ("invalid_grant", Self::InvalidGrant),
        ("unauthorized_client", Self::UnauthorizedClient),
        ("unsupported_grant_type", Self::UnsupportedGrantType),
        ("unsupported_token_type", Self::UnsupportedTokenType),
        ("invalid_scope", Self::InvalidScope),
        ("invalid_target", Self::InvalidTarget),
        ("invalid_dpop_proof", Self::InvalidDpopProof),
        ("use_dpop_nonce", Self::UseDpopNonce),
        ("access_denied", Self::AccessDenied),
        ("login_required", Self::LoginRequired),
        ("consent_required", Self::ConsentRequired),
        ("interaction_required", Self::InteractionRequired),
        ("account_selection_required", Self::AccountSelectionRequired),
        ("unmet_authentication_requirements", Self::UnmetAuthenticationRequirements),
        ("server_error", Self::ServerError),
        ("temporarily_unavailable", Self::TemporarilyUnavailable),
    ];

    /// Reads the `error` of a token response or of a callback.
    pub fn parse(text: &str) -> Self {
        let known = Self::NAMES.iter().find(|(name, _)| *name == text);
        known.map_or(Self::Unknown, |(_, error)| *error)
    }

    /// Our own word for it, safe to show and to log.
    pub fn name(self) -> &'static str {
        let known = Self::NAMES.iter().find(|(_, error)| *error == self);
        known.map_or("unknown", |(name, _)| *name)
    }
}

/// Why a provider gave no usable answer. Nothing in it is secret or of the provider's wording.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderFault {
    /// The provider understood and said no.
    #[error("the provider refused: {}", error.name())]
    Refused { error: OAuthError },
    /// It cannot be reached, or is in no state to answer: a matter of time.
    #[error("the provider is away: {why}")]
    Away {
        why: String,
        /// It may have acted on the request all the same: a refresh token may be rotated, a code used up.
        maybe_done: bool,
        retry_after: Option<Duration>,
    },
    /// What it says cannot be believed, or is not what was asked for.
    #[error("the provider cannot be trusted: {0}")]
    Untrusted(&'static str),
    /// It does not offer what the configuration asks for.
    #[error("the provider does not offer {0}")]
    Unsupported(&'static str),
}

impl ProviderFault {
    pub(crate) fn away(why: impl Into<String>) -> Self {
        Self::Away { why: why.into(), maybe_done: false, retry_after: None }
    }

    /// The only answer after which a refresh token is known to be dead. A wrong client secret, for one, is our own
    /// trouble and says nothing about the session.
    pub fn ends_session(&self) -> bool {
        matches!(self, Self::Refused { error: OAuthError::InvalidGrant })
    }

    /// The request may have been carried out although no answer came.
    pub fn is_maybe_done(&self) -> bool {
        matches!(self, Self::Away { maybe_done: true, .. })
    }

    /// As a call to a service sees it that needed a token.
    pub fn credential(&self) -> Fault {
        Fault::Credential(self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::{OAuthError, ProviderFault};

    #[test]
    fn errors_have_their_names() {
        for (name, error) in OAuthError::NAMES {
            assert_eq!((OAuthError::parse(name), error.name()), (error, name));
        }
        assert_eq!(OAuthError::parse("<script>"), OAuthError::Unknown);
    }

    #[test]
    fn only_invalid_grant_ends_a_session() {
        for (_, error) in OAuthError::NAMES {
            let ends = ProviderFault::Refused { error }.ends_session();
            assert_eq!(ends, error == OAuthError::InvalidGrant, "{error:?}");
        }
        assert!(!ProviderFault::away("x").ends_session());
        assert!(!ProviderFault::Untrusted("x").ends_session());
    }
}
