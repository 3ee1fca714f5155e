//! Callers' tokens exchanged for those that services accept (RFC 8693).
//!
//! What was exchanged is kept for its caller, for this subject token, this audience and these scopes, and never longer
//! than the subject token lives. Two callers never share an entry or a flight: the caller's key and its token are both
//! part of what things are kept under.

use std::fmt;
use std::sync::Arc;

use frontdesk_adapter::{AccessToken, CallerKey, Clock, Deadline, Exchange, Fault, now};

use crate::Office;
use crate::jose::SigningKey;
use crate::provider::Provider;
use crate::token_memory::{TokenMemory, key};

/// Exchanges with one provider; usable from any thread.
pub struct Exchanger {
    provider: Arc<Provider>,
    office: Office,
    memory: TokenMemory,
}

impl fmt::Debug for Exchanger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchanger").field("provider", &self.provider).finish_non_exhaustive()
    }
}

impl Exchanger {
    pub fn new(provider: Arc<Provider>, office: Office, clock: Arc<dyn Clock>) -> Self {
        Self { provider, office, memory: TokenMemory::new(clock) }
    }

    /// `subject` exchanged for what is wanted. `bound_to` is the caller's key, for tokens that are bound.
    ///
    /// # Errors
    /// [`Fault::Credential`] if the provider is away or refuses, or if a bound token is wanted of a caller without a
    /// key; [`Fault::TimedOut`].
    pub async fn exchange(
        &self,
        caller: CallerKey,
        subject: &AccessToken,
        bound_to: Option<&SigningKey>,
        wanted: &Exchange,
        deadline: Deadline,
    ) -> Result<AccessToken, Fault> {
        let bound_to = bound_to.filter(|_| wanted.is_dpop);
        if wanted.is_dpop && bound_to.is_none() {
            return Err(Fault::Credential("a bound token is wanted of a caller that has no key".to_owned()));
        }
        let key = key_of(caller, subject, bound_to, wanted);
        let question = || {
            let (provider, office) = (Arc::clone(&self.provider), self.office.clone());
            let (subject, bound_to, wanted) = (subject.clone(), bound_to.cloned(), wanted.clone());
            async move { ask(provider, &office, subject, bound_to, wanted).await }
        };
        let token = self.memory.get(key, deadline, question).await?;
        Ok(AccessToken { expires: token.expires.min(subject.expires), ..token })
    }
}

/// The flight has a deadline of its own: those who wait for it have different ones.
async fn ask(
    provider: Arc<Provider>,
    office: &Office,
    subject: AccessToken,
    bound_to: Option<SigningKey>,
    wanted: Exchange,
) -> Result<AccessToken, Fault> {
    let asked = office.ask(move |desk| async move {
        let deadline = Deadline::after(now(), provider.settings().timeout);
        let set = provider.exchange(&desk, &subject, &wanted, bound_to.as_ref(), deadline).await;
        set.map(|set| set.access()).map_err(|fault| fault.credential())
    });
    asked.await.unwrap_or_else(|closed| Err(Fault::Credential(closed.to_string())))
}

fn key_of(
    caller: CallerKey,
    subject: &AccessToken,
    bound_to: Option<&SigningKey>,
    wanted: &Exchange,
) -> [u8; 32] {
    let scopes = wanted.scopes.join(" ");
    // What is not said and what is said to be nothing are two things.
    let said = |text: Option<&Arc<str>>| text.map_or_else(String::new, |text| format!("={text}"));
    let (audience, resource) = (said(wanted.audience.as_ref()), said(wanted.resource.as_ref()));
    key(&[
        &caller.0,
        subject.secret.as_bytes(),
        audience.as_bytes(),
        resource.as_bytes(),
        scopes.as_bytes(),
        bound_to.map_or("", SigningKey::thumbprint).as_bytes(),
    ])
}
