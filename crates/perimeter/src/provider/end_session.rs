//! Ending the session at the provider too (OpenID Connect RP-Initiated Logout §2).

use frontdesk_adapter::Deadline;
use url::Url;

use super::{Provider, ProviderFault};
use crate::office::Desk;

/// The longest hint that goes into an address; beyond, it would not fit into one that every server accepts. The
/// provider then asks its user.
const MOST_HINT: usize = 4096;

impl Provider {
    /// Where the browser goes to end its session at the provider. `None` if the provider has no such place.
    ///
    /// # Errors
    /// The metadata cannot be had.
    pub async fn end_session_url(
        &self,
        desk: &Desk,
        id_token_hint: Option<&str>,
        post_logout_redirect_uri: &str,
        state: Option<&str>,
        deadline: Deadline,
    ) -> Result<Option<String>, ProviderFault> {
        let metadata = self.metadata(desk, deadline).await?;
        let Some(endpoint) = metadata.end_session_endpoint.as_deref() else { return Ok(None) };
        let mut url = Url::parse(endpoint).map_err(|_| ProviderFault::Untrusted("its endpoint is no URL"))?;
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("client_id", &self.line.settings.client_id)
                .append_pair("post_logout_redirect_uri", post_logout_redirect_uri);
            if let Some(state) = state {
                query.append_pair("state", state);
            }
            if let Some(hint) = id_token_hint.filter(|hint| hint.len() <= MOST_HINT) {
                query.append_pair("id_token_hint", hint);
            }
        }
        Ok(Some(url.into()))
    }
}
