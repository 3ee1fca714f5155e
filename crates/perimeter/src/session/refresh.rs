//! Access tokens are kept fresh with one request to the provider, however many requests, threads and instances wait.
//!
//! A provider that rotates refresh tokens takes the second use of one for theft and ends the session. So: one flight
//! per session in this process, one lease per session among instances, a look at the record under the lease (somebody
//! may have been faster), and compare-and-set for what came back. Only `invalid_grant` ends a session; everything else
//! is a matter of time, and requests that need no token are served meanwhile.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_adapter::{Deadline, Swapped, now};

use super::content::{Content, Freshness, HeldToken, RefreshToken};
use super::fault::Unavailable;
use super::flight::{Boarding, Landing, Passenger};
use super::grants::{GrantFault, Granted, Grants};
use super::sessions::{MOST_WRITES, Sessions};
use super::tally::Event;
use super::{Open, Secret, SessionId};
use crate::Desk;

/// A loser of the race for the lease looks at the record this often.
const POLL_MILLIS: std::ops::Range<u64> = 15..40;
/// Between tries to save what a refresh gave.
const SAVE_AGAIN: Duration = Duration::from_millis(100);
const SAVE_AGAIN_LONGEST: Duration = Duration::from_secs(2);
/// How often an id that changes again and again is followed.
const MOST_FLIGHTS: usize = 3;

/// What a flight brings.
#[derive(Clone, Debug)]
pub(super) enum Flown {
    /// The session as it is now; usually with a fresh token.
    Ready(Arc<Open>),
    Ended,
    /// Nothing has changed, and nothing is tried for a while.
    Away,
}

/// Why there is no access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoToken {
    /// The session has ended, or its token has and cannot be refreshed.
    LoginRequired,
    /// The provider, or the store, is away; or it takes longer than the request can wait.
    Away,
    /// The login gave none.
    Never,
}

/// A refresh that changed nothing.
struct Failed {
    /// As the provider wants it.
    retry_after: Option<Duration>,
}

impl From<Unavailable> for Failed {
    fn from(_: Unavailable) -> Self {
        Self { retry_after: None }
    }
}

impl Sessions {
    /// `open`, or what has become of it, with an access token that can be sent.
    pub(super) async fn with_token(&self, open: Arc<Open>, deadline: Deadline) -> Result<Arc<Open>, NoToken> {
        let mut open = open;
        for _ in 0..MOST_FLIGHTS {
            let Some(held) = &open.content.access else { return Err(NoToken::Never) };
            match held.freshness(self.0.parts.clock.unix(), self.settings().refresh_ahead) {
                Freshness::Fresh => return Ok(open),
                Freshness::Ageing => {
                    if open.content.refresh.is_some() {
                        // Nobody waits for it.
                        let _ = self.board(&open);
                    }
                    return Ok(open);
                }
                Freshness::Expired if open.content.refresh.is_none() => return Err(NoToken::LoginRequired),
                Freshness::Expired => {}
            }
            let Ok(passenger) = self.board(&open) else { return Err(NoToken::Away) };
            let next = match passenger.wait(deadline).await {
                Some(Flown::Ready(next)) => next,
                Some(Flown::Ended) => return Err(NoToken::LoginRequired),
                Some(Flown::Away) | None => return Err(NoToken::Away),
            };
            // A token may live for a second only; it was got for this very moment.
            if self.is_usable(&next) {
                return Ok(next);
            }
            open = next;
        }
        Err(NoToken::Away)
    }

    fn is_usable(&self, open: &Open) -> bool {
        open.content.access.as_ref().is_some_and(|held| self.0.parts.clock.unix() < held.expires)
    }

    fn is_fresh(&self, open: &Open, least: Freshness) -> bool {
        let now = self.0.parts.clock.unix();
        open.content.access.as_ref().is_some_and(|held| {
            let freshness = held.freshness(now, self.settings().refresh_ahead);
            freshness == Freshness::Fresh || freshness == least
        })
    }

    /// Joins the flight of this session or starts it.
    ///
    /// # Errors
    /// How long none starts because the last one failed.
    fn board(&self, open: &Arc<Open>) -> Result<Passenger<Flown>, Duration> {
        match self.0.flights.board(&open.id.digest()) {
            Boarding::Joined(passenger) => Ok(passenger),
            Boarding::Paused(left) => Err(left),
            Boarding::First(passenger, landing) => {
                let (sessions, open) = (self.clone(), Arc::clone(open));
                self.0
                    .parts
                    .office
                    .post(move |desk| async move { sessions.fly(&desk, &open.id, landing).await });
                Ok(passenger)
            }
        }
    }

    async fn fly(&self, desk: &Desk, id: &SessionId, landing: Landing<[u8; 32], Flown>) {
        match self.refresh(desk, id).await {
            Ok(flown) => landing.land(flown),
            Err(Failed { retry_after }) => {
                self.0.tally.count(Event::RefreshFailed);
                landing.land_failed(retry_after, Flown::Away);
            }
        }
    }

    async fn refresh(&self, desk: &Desk, id: &SessionId) -> Result<Flown, Failed> {
        let deadline = Deadline::after(now(), self.settings().lease_wait);
        let lease = loop {
            if let Some(lease) = self.try_lease(id).await? {
                break lease;
            }
            if deadline.passed() {
                return Err(Failed { retry_after: None });
            }
            tokio::time::sleep(Duration::from_millis(fastrand::u64(POLL_MILLIS))).await;
            match self.read(id).await? {
                None => return Ok(Flown::Ended),
                Some(open) if self.is_fresh(&open, Freshness::Ageing) => {
                    self.0.tally.count(Event::RefreshElsewhere);
                    return Ok(Flown::Ready(open));
                }
                // Whoever has the lease is not done yet, or has died.
                Some(_) => {}
            }
        };
        let flown = lease.held_during(self.refresh_alone(desk, id)).await;
        lease.release().await;
        flown
    }

    /// Under the lease.
    async fn refresh_alone(&self, desk: &Desk, id: &SessionId) -> Result<Flown, Failed> {
        let Some(current) = self.read(id).await? else { return Ok(Flown::Ended) };
        let Some(refresh) = &current.content.refresh else { return Ok(Flown::Ready(current)) };
        // Another instance was faster, or the id has changed and this lease is for one that is gone.
        if current.id != *id || self.is_fresh(&current, Freshness::Fresh) {
            self.0.tally.count(Event::RefreshElsewhere);
            return Ok(Flown::Ready(current));
        }
        let Some(provider) = self.provider(&current.content) else { return Ok(Flown::Ended) };
        let ask = async || {
            let asked = self.0.parts.clock.unix();
            let deadline = Deadline::after(now(), self.settings().provider_timeout);
            let key = current.content.dpop_key.as_ref();
            (asked, provider.grants.refresh(desk, &refresh.token, key, deadline).await)
        };

        let mut answer = ask().await;
        if matches!(&answer.1, Err(GrantFault::Away { maybe_done: true, .. })) {
            if let Some(flown) = self.moved_on(&current).await? {
                return Ok(flown);
            }
            // The answer was lost. Providers that allow for this accept the same token for a little while; at others
            // it is dead by now, and so is the session.
            self.0.tally.count(Event::RefreshRepeated);
            answer = ask().await;
        }
        match answer {
            (asked, Ok(granted)) => {
                self.save(Arc::clone(&current), &refresh.token, &granted, asked, &provider.grants).await
            }
            (_, Err(GrantFault::Rejected)) => {
                if let Some(flown) = self.moved_on(&current).await? {
                    return Ok(flown);
                }
                self.0.tally.count(Event::RefreshRejected);
                self.end_key(&current.key).await?;
                Ok(Flown::Ended)
            }
            (_, Err(GrantFault::Away { retry_after, .. })) => Err(Failed { retry_after }),
        }
    }

    /// What has become of the session if somebody else has changed its tokens meanwhile.
    async fn moved_on(&self, known: &Open) -> Result<Option<Flown>, Failed> {
        Ok(match self.read(&known.id).await? {
            None => Some(Flown::Ended),
            Some(theirs) if has_same_tokens(&theirs.content, &known.content) => None,
            Some(theirs) => {
                self.0.tally.count(Event::RefreshElsewhere);
                Some(Flown::Ready(theirs))
            }
        })
    }

    /// Writes what came back, for as long as the store needs to be there again: a rotated token that is not saved is
    /// a session that is lost.
    async fn save(
        &self,
        current: Arc<Open>,
        used: &Secret,
        granted: &Granted,
        asked: u64,
        grants: &Arc<dyn Grants>,
    ) -> Result<Flown, Failed> {
        let deadline = Deadline::after(now(), self.settings().save_for);
        let (mut base, mut pause, mut moves) = (current, SAVE_AGAIN, 0);
        loop {
            let content = self.refreshed(&base.content, granted, asked);
            let written = match self.write(&base, &content).await {
                Ok(Swapped::Yes) => {
                    self.0.tally.count(Event::Refreshed);
                    self.read(&base.id).await.map(Some)
                }
                Ok(Swapped::Gone) => {
                    self.discard(&base, granted.refresh.as_ref().unwrap_or(used), grants).await;
                    return Ok(Flown::Ended);
                }
                Ok(Swapped::Moved(_)) => {
                    moves += 1;
                    self.read(&base.id).await.map(Some)
                }
                Err(fault) => Err(fault),
            };
            match written {
                Ok(Some(Some(theirs))) => {
                    if has_same_tokens(&theirs.content, &content) {
                        return Ok(Flown::Ready(theirs));
                    }
                    let is_refreshed = theirs.content.refresh.as_ref().is_none_or(|held| held.token != *used);
                    if is_refreshed || moves > MOST_WRITES {
                        // Somebody refreshed without the lease: theirs is what the provider knows last.
                        self.0.tally.count(Event::RefreshElsewhere);
                        return Ok(Flown::Ready(theirs));
                    }
                    // Something else was written, with the token that we have replaced.
                    base = theirs;
                }
                Ok(_) => return Ok(Flown::Ended),
                Err(_) if deadline.passed() => return Err(Failed { retry_after: None }),
                Err(_) => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(SAVE_AGAIN_LONGEST);
                }
            }
        }
    }

    /// The session has ended while the provider was asked: nobody may have what it gave.
    async fn discard(&self, ended: &Open, refresh: &Secret, grants: &Arc<dyn Grants>) {
        self.0.tally.count(Event::RefreshDiscarded);
        // If the store does not say: a token that nobody has is the lesser evil.
        if !self.are_tokens_spared(&ended.id).await.unwrap_or(true) {
            self.revoke(Arc::clone(grants), refresh.clone());
        }
    }

    fn refreshed(&self, base: &Content, granted: &Granted, asked: u64) -> Content {
        let mut content = base.clone();
        content.access = Some(HeldToken::new(granted.access.clone(), asked));
        if let Some(held) = &base.refresh {
            let said = granted.refresh_expires_in.map(|life| asked.saturating_add(life.as_secs()));
            content.refresh = Some(RefreshToken {
                token: granted.refresh.as_ref().unwrap_or(&held.token).clone(),
                expires: said.or(held.expires),
            });
        }
        if let Some(scopes) = &granted.scopes {
            // A refresh cannot give more than the login did (RFC 6749 §6). What the user agreed to for the refresh
            // token is no scope of access tokens, and many providers do not repeat it.
            let stays = |scope: &&Arc<str>| scopes.contains(scope) || &***scope == "offline_access";
            content.scopes = base.scopes.iter().filter(stays).cloned().collect();
        }
        content.ends = self.ends(&content);
        content
    }
}

fn has_same_tokens(one: &Content, other: &Content) -> bool {
    let tokens = |content: &Content| {
        let access = content.access.as_ref().map(|held| Arc::clone(&held.token));
        (access, content.refresh.as_ref().map(|held| held.token.clone()))
    };
    tokens(one) == tokens(other)
}
