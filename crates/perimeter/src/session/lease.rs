//! The right to change a session's tokens: one instance at a time has it.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use super::SessionId;
use super::fault::Unavailable;
use super::secret::{hex, random};
use super::sessions::Sessions;

/// A lease that was got. It ends by itself if its holder dies; it must be [`release`](Self::release)d all the same,
/// or everybody waits for that.
pub(super) struct Lease<'s> {
    sessions: &'s Sessions,
    name: String,
    holder: String,
}

impl Sessions {
    /// Takes the lease of a session if nobody has it.
    pub(super) async fn try_lease(&self, id: &SessionId) -> Result<Option<Lease<'_>>, Unavailable> {
        let name = id.key(&self.settings().bff, 'l');
        let holder = hex(random::<16>()?.as_slice());
        let is_ours = self.0.parts.store.lease(&name, &holder, self.settings().lease).await?;
        Ok(is_ours.then_some(Lease { sessions: self, name, holder }))
    }
}

impl Lease<'_> {
    /// Does `work` and renews the lease each third of its life until it is done: a provider may take longer to
    /// answer than the lease lasts.
    ///
    /// A lease that is lost all the same changes nothing here: what was sent cannot be taken back, and the version
    /// of the record decides whose answer is kept.
    pub(super) async fn held_during<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::select! {
            biased;
            done = work => done,
            never = self.renew() => match never {},
        }
    }

    async fn renew(&self) -> Infallible {
        let (store, time) = (&self.sessions.0.parts.store, self.sessions.settings().lease);
        loop {
            tokio::time::sleep((time / 3).max(Duration::from_millis(1))).await;
            // A store that is away is asked again soon.
            let _ = store.renew(&self.name, &self.holder, time).await;
        }
    }

    pub(super) async fn release(self) {
        // If the store is away the lease ends by itself.
        let _ = self.sessions.0.parts.store.release(&self.name, &self.holder).await;
    }
}
