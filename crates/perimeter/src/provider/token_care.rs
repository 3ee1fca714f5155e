//! What else may be done with a token: revoked when nobody needs it, asked about when it says nothing itself.

use std::fmt;

use frontdesk_adapter::Deadline;
use serde_json::{Map, Value};

use super::{Provider, ProviderFault};
use crate::office::Desk;

/// Which kind of token it is, so that the provider finds it sooner (RFC 7009 §2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenHint {
    Access,
    Refresh,
}

impl TokenHint {
    fn name(self) -> &'static str {
        match self {
            Self::Access => "access_token",
            Self::Refresh => "refresh_token",
        }
    }
}

/// What the provider says of a token (RFC 7662 §2.2). `Debug` shows only whether it is active.
#[derive(Clone, PartialEq)]
pub struct Introspection {
    pub active: bool,
    /// All members, `active` included. Of an inactive token nothing else is to be believed.
    pub claims: Map<String, Value>,
}

impl fmt::Debug for Introspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Introspection").field("active", &self.active).finish_non_exhaustive()
    }
}

impl Provider {
    /// Makes a token useless (RFC 7009). A token that is not known any more is success; so is a provider that has no
    /// such endpoint, which `false` tells.
    ///
    /// # Errors
    /// The token may still be good.
    pub async fn revoke(
        &self,
        desk: &Desk,
        token: &str,
        hint: TokenHint,
        deadline: Deadline,
    ) -> Result<bool, ProviderFault> {
        let metadata = self.metadata(desk, deadline).await?;
        let Some(endpoint) = metadata.revocation_endpoint.as_deref() else { return Ok(false) };
        let form = vec![("token", token), ("token_type_hint", hint.name())];
        self.post(desk, endpoint, &form, None, deadline).await?;
        Ok(true)
    }

    /// Asks what a token is good for (RFC 7662).
    ///
    /// # Errors
    /// It is not known whether the token is good: it is not to be accepted.
    pub async fn introspect(
        &self,
        desk: &Desk,
        token: &str,
        deadline: Deadline,
    ) -> Result<Introspection, ProviderFault> {
        let metadata = self.metadata(desk, deadline).await?;
        let endpoint = metadata.introspection_endpoint.as_deref();
        let endpoint = endpoint.ok_or(ProviderFault::Unsupported("introspection"))?;
        let form = vec![("token", token), ("token_type_hint", TokenHint::Access.name())];
        let answer = self.post(desk, endpoint, &form, None, deadline).await?;
        let claims = self.line.object(&answer)?;
        match claims.get("active") {
            Some(Value::Bool(active)) => Ok(Introspection { active: *active, claims }),
            _ => Err(ProviderFault::Untrusted("the introspection does not say whether the token is active")),
        }
    }
}
