//! Requests of apps: the token, a proof by the device's key, and a new token every few minutes.
//!
//! Changing the token must survive phones: answers get lost, requests overtake each other, apps sleep. So whoever shows
//! the token before the current one gets the same successor again, for as long as that was never used, and for ten
//! minutes after the change in any case. A token older than that is in two hands: the session ends.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use frontdesk_adapter::{Caller, say};
use http::{HeaderName, HeaderValue};

use super::Devices;
use super::token::DeviceToken;
use crate::bearer::credential::{Credential, Scheme, credential};
use crate::gate::AnswerHeaders;
use crate::session::{Device, Ending, Open, Secret};
use crate::{Identity, Inbound, Refusal};

/// The app's next token.
const NEXT_TOKEN: HeaderName = HeaderName::from_static("frontdesk-device-token");
/// Seconds after a change that the token before is good even if its successor is used: requests overtake each other.
const OVERLAP: u64 = 600;

/// An app that proved which it is.
pub(crate) struct DeviceBearing {
    pub identity: Arc<Identity>,
    pub caller: Rc<dyn Caller>,
    /// The next token, and the nonce for the next proof.
    pub headers: AnswerHeaders,
    /// SHA-256 that the request's body must have: its user approved this one and no other.
    pub approved_body: Option<[u8; 32]>,
}

impl fmt::Debug for DeviceBearing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceBearing").field("identity", &self.identity).finish_non_exhaustive()
    }
}

/// What the shown part of a token is to the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Current,
    /// The one before, and still good.
    Previous,
    /// Changed long ago, or by a session that this instance has not seen yet.
    Old,
}

impl Devices {
    /// Who asks, by a device token in `Authorization`. `None` if that is not what it holds.
    ///
    /// # Errors
    /// 401 `invalid_token`, `invalid_dpop_proof`, `use_dpop_nonce`; 403 `approval_required` for an approval that is
    /// none; 503 if the store cannot be asked.
    pub(crate) async fn authenticate(&self, inbound: &Inbound<'_>) -> Result<Option<DeviceBearing>, Refusal> {
        let Some((open, headers)) = self.proved(inbound).await? else { return Ok(None) };
        self.sessions.touch(&open);
        let approved_body = self.approved(inbound, &open).await?;
        let identity = match approved_body {
            Some(_) => Arc::new(Identity { approved: true, ..Identity::clone(open.identity()) }),
            None => Arc::clone(open.identity()),
        };
        let caller = Rc::new(self.sessions.caller(open));
        Ok(Some(DeviceBearing { identity, caller, headers, approved_body }))
    }

    /// The session of the request's token, whose device has made the request's proof.
    pub(super) async fn proved(
        &self,
        inbound: &Inbound<'_>,
    ) -> Result<Option<(Arc<Open>, AnswerHeaders)>, Refusal> {
        let shown = match credential(inbound) {
            Ok(Some(shown)) if DeviceToken::is_one(shown.token) => shown,
            _ => return Ok(None),
        };
        let invalid = || self.invalid_token("the token is not known, or has ended");
        let Credential { scheme, token: text } = shown;
        if scheme == Scheme::Bearer {
            return Err(self.invalid_token("the token is bound to a key: use the scheme DPoP"));
        }
        let token = DeviceToken::parse(text).ok_or_else(invalid)?;
        let open = self.sessions.open(&token.id).await?.ok_or_else(invalid)?;
        let device = open.content().device.as_ref().ok_or_else(invalid)?;
        // The proof first: who merely found a token can neither use nor end its session.
        let proved = self
            .proofs
            .check(inbound, Some(text), Some(&device.thumbprint))
            .await
            .map_err(|unproved| self.proofs.refusal(unproved, &self.challenger))?;
        let mut headers: AnswerHeaders = proved.header.into_iter().collect();
        let open = self.settled(open, &token).await?.ok_or_else(invalid)?;
        if let Some(device) = &open.content().device
            && device.token != token.part
        {
            headers.extend(next_token(&open, &device.token));
        }
        Ok(Some((open, headers)))
    }

    /// The session after this use of the token: it may have a new one, or have ended.
    async fn settled(&self, open: Arc<Open>, token: &DeviceToken) -> Result<Option<Arc<Open>>, Refusal> {
        let now = self.clock.unix();
        let mut open = open;
        if self.standing(&open, &token.part) == Some(Standing::Old) {
            // Another instance may have changed it a moment ago.
            match self.sessions.read(&token.id).await? {
                Some(newest) => open = newest,
                None => return Ok(None),
            }
        }
        let Some(standing) = self.standing(&open, &token.part) else { return Ok(None) };
        let Some(device) = &open.content().device else { return Ok(None) };
        match standing {
            Standing::Old => {
                let handle = &open.identity().handle;
                say!(
                    "frontdesk: device session {handle} was ended: a token of it came that was replaced long ago"
                );
                self.sessions.end(&open, Ending::Theft).await?;
                Ok(None)
            }
            Standing::Previous => Ok(Some(open)),
            Standing::Current if now >= device.rotated.saturating_add(self.rotate.as_secs()) => {
                let next = DeviceToken::new_part().map_err(|_| Refusal::unavailable())?;
                let rotate = |device: &mut Device| {
                    // Of two requests that come at once one changes it, and both get what it was changed to.
                    if device.token == token.part {
                        device.previous = Some(std::mem::replace(&mut device.token, next.clone()));
                        device.rotated = now;
                        device.is_used = false;
                    }
                };
                self.change(&open, rotate).await
            }
            Standing::Current if !device.is_used => {
                self.change(&open, |device| device.is_used |= device.token == token.part).await
            }
            Standing::Current => Ok(Some(open)),
        }
    }

    async fn change(&self, open: &Open, change: impl Fn(&mut Device)) -> Result<Option<Arc<Open>>, Refusal> {
        let changed = self.sessions.update(open.id(), |content| {
            if let Some(device) = &mut content.device {
                change(device);
            }
        });
        Ok(changed.await?)
    }

    /// `None`: it is no device's session.
    fn standing(&self, open: &Open, part: &Secret) -> Option<Standing> {
        let device = open.content().device.as_ref()?;
        let is_previous = device.previous.as_ref().is_some_and(|previous| previous == part);
        let overlaps = self.clock.unix() < device.rotated.saturating_add(OVERLAP);
        Some(if device.token == *part {
            Standing::Current
        } else if is_previous && (overlaps || !device.is_used) {
            Standing::Previous
        } else {
            Standing::Old
        })
    }

    fn invalid_token(&self, why: &'static str) -> Refusal {
        self.challenger.with_error(Refusal::invalid_token(why), Scheme::Dpop, "invalid_token", &[])
    }
}

fn next_token(open: &Open, part: &Secret) -> Option<(HeaderName, HeaderValue)> {
    let text = DeviceToken::text(open.id(), part);
    let mut value = HeaderValue::try_from(text.expose()).ok()?;
    value.set_sensitive(true);
    Some((NEXT_TOKEN, value))
}
