//! A session as calls to services see it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use frontdesk_adapter::{AccessToken, Caller, CallerKey, Deadline, Exchange, Fault, TokenFuture};

use super::Open;
use super::refresh::NoToken;
use super::sessions::Sessions;
use crate::jose::dpop;

/// One request's view of a session: gives its services tokens, and fetches fresh ones when they are needed.
pub struct SessionCaller {
    sessions: Sessions,
    /// The newest version that this request has seen.
    open: Mutex<Arc<Open>>,
}

impl fmt::Debug for SessionCaller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SessionCaller").field(&self.open()).finish()
    }
}

impl Sessions {
    /// The caller of a request that came with this session.
    pub fn caller(&self, open: Arc<Open>) -> SessionCaller {
        SessionCaller { sessions: self.clone(), open: Mutex::new(open) }
    }
}

impl SessionCaller {
    fn open(&self) -> Arc<Open> {
        Arc::clone(&self.open.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn fresh(&self, deadline: Deadline) -> Result<(Arc<Open>, AccessToken), Fault> {
        let open = self.sessions.with_token(self.open(), deadline).await.map_err(fault)?;
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&open);
        match &open.content.access {
            Some(held) => {
                let token = held.access();
                Ok((open, token))
            }
            None => Err(fault(NoToken::Never)),
        }
    }
}

fn fault(none: NoToken) -> Fault {
    match none {
        NoToken::LoginRequired => Fault::LoginRequired,
        NoToken::Away => Fault::Credential("the session's token cannot be refreshed right now".to_owned()),
        NoToken::Never => Fault::Credential("the session has no access token".to_owned()),
    }
}

impl Caller for SessionCaller {
    fn key(&self) -> CallerKey {
        self.open().identity().key
    }

    fn cohort(&self) -> u64 {
        self.open().identity().cohort()
    }

    fn access_token(&self, deadline: Deadline) -> TokenFuture<'_> {
        Box::pin(async move { Ok(self.fresh(deadline).await?.1) })
    }

    fn exchanged<'a>(&'a self, wanted: &'a Exchange, deadline: Deadline) -> TokenFuture<'a> {
        Box::pin(async move {
            let (open, subject) = self.fresh(deadline).await?;
            let provider = self.sessions.provider(&open.content).ok_or(Fault::LoginRequired)?;
            let (key, dpop_key) = (open.identity().key, open.content.dpop_key.as_ref());
            let mut token = provider.grants.exchange(key, &subject, dpop_key, wanted, deadline).await?;
            token.expires = token.expires.min(subject.expires);
            Ok(token)
        })
    }

    fn proof(&self, method: &str, url: &str, token: &AccessToken, nonce: Option<&str>) -> Option<String> {
        let open = self.open();
        let now = self.sessions.0.parts.clock.unix();
        dpop::prove(open.signing_key()?, method, url, Some(&token.secret), nonce, now).ok()
    }
}
