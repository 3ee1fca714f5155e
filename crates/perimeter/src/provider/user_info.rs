//! Claims of a user that the ID token left out (OpenID Connect Core §5.3): with an access token, providers may keep
//! those of `profile` and its like for this endpoint.

use bytes::Bytes;
use frontdesk_adapter::{Deadline, HttpRequest};
use serde_json::{Map, Value};

use super::{Provider, ProviderFault, TokenSet};
use crate::jose::{SigningKey, dpop};
use crate::office::Desk;

impl Provider {
    /// What the provider says of `subject`, whose tokens these are. `None` if it has no such endpoint, or does not take
    /// this token there (one that was made for another resource).
    ///
    /// # Errors
    /// The provider is away, or speaks of somebody else.
    pub async fn user_info(
        &self,
        desk: &Desk,
        tokens: &TokenSet,
        key: Option<&SigningKey>,
        subject: &str,
        deadline: Deadline,
    ) -> Result<Option<Map<String, Value>>, ProviderFault> {
        let metadata = self.metadata(desk, deadline).await?;
        let Some(url) = metadata.userinfo_endpoint.as_deref() else { return Ok(None) };
        let mut headers = vec![("accept", "application/json".to_owned())];
        match key.filter(|_| tokens.is_dpop) {
            Some(key) => {
                let nonce = self.nonces.newest(url);
                let (token, now) = (&*tokens.access_token, self.clock.unix());
                let proof = dpop::prove(key, "GET", url, Some(token), nonce.as_deref(), now);
                headers.push(("dpop", proof.map_err(|_| ProviderFault::away("a proof cannot be signed"))?));
                headers.push(("authorization", format!("DPoP {token}")));
            }
            None => headers.push(("authorization", format!("Bearer {}", &*tokens.access_token))),
        }
        let request = HttpRequest { method: "GET", url: url.to_owned(), headers, body: Bytes::new() };
        let answer = self.line.send(desk, &request, deadline).await?;
        if matches!(answer.status, 400 | 401 | 403) {
            return Ok(None);
        }
        let claims = self.line.object(&answer)?;
        // §5.3.2: the answer may be another user's if it does not say the same subject.
        match claims.get("sub").and_then(Value::as_str) {
            Some(sub) if sub == subject => Ok(Some(claims)),
            _ => Err(ProviderFault::Untrusted("the user info is about somebody else")),
        }
    }
}
