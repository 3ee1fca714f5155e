//! Tokens for services: kept while they are good, asked for once however many need one.

use std::collections::HashSet;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{Context, SHA256};
use frontdesk_adapter::{AccessToken, Clock, Deadline, Fault};

use crate::bearer::remembered::{Flights, Key, Remembered};

/// Seconds before its end that a token is not used any more: it must still be good when the service looks at it.
const SPARE: u64 = 5;
/// Seconds that a refusal stands, so that a provider is not asked the same again by each request.
const REFUSED: u64 = 2;
/// The most tokens kept.
const MOST: usize = 16 * 1024;
/// The most that are asked for at once.
const MOST_ASKED: usize = 256;

/// What was learnt of one token.
#[derive(Clone)]
struct Kept {
    token: Result<AccessToken, Fault>,
    /// Unix seconds from which a successor is fetched while this one is still used.
    stale: u64,
}

/// Clones share it. Keys say everything that a token depends on; see [`key`].
#[derive(Clone)]
pub(crate) struct TokenMemory(Arc<Shared>);

struct Shared {
    clock: Arc<dyn Clock>,
    kept: Remembered<Kept>,
    flights: Flights<Result<AccessToken, Fault>>,
    /// Successors that are being fetched.
    ahead: Mutex<HashSet<Key>>,
}

/// Over parts, each with its length, so that no two lists of parts give one key.
pub(crate) fn key(parts: &[&[u8]]) -> Key {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut key = [0; 32];
    for (to, from) in key.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    key
}

impl TokenMemory {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Shared {
            clock,
            kept: Remembered::new(MOST),
            flights: Flights::new(MOST_ASKED),
            ahead: Mutex::default(),
        }))
    }

    /// The token of `key`: kept, or asked for, in the flight that is under way or in one of its own.
    ///
    /// # Errors
    /// What the question's answer was; [`Fault::TimedOut`] if it did not come by `deadline`.
    pub(crate) async fn get<F>(
        &self,
        key: Key,
        deadline: Deadline,
        question: impl FnOnce() -> F,
    ) -> Result<AccessToken, Fault>
    where
        F: Future<Output = Result<AccessToken, Fault>> + Send + 'static,
    {
        if let Some(kept) = self.kept(&key) {
            return kept.token;
        }
        let asked = self.0.flights.ask(key, question);
        match tokio::time::timeout_at(deadline.instant(), asked).await {
            Err(_) => Err(Fault::TimedOut),
            Ok(None) => Err(Fault::Shed),
            Ok(Some(answer)) => {
                self.keep(key, answer.clone());
                answer
            }
        }
    }

    fn kept(&self, key: &Key) -> Option<Kept> {
        self.0.kept.get(key, self.0.clock.unix())
    }

    /// Whether the token of `key` is good, but will not be for long, and nobody fetches its successor yet. Whoever is
    /// told so fetches it, and says what came with [`succeed`](Self::succeed).
    pub(crate) fn is_stale(&self, key: &Key) -> bool {
        let now = self.0.clock.unix();
        let is_stale = self.0.kept.get(key, now).is_some_and(|kept| kept.token.is_ok() && now >= kept.stale);
        is_stale && self.0.ahead.lock().unwrap_or_else(PoisonError::into_inner).insert(*key)
    }

    /// See [`is_stale`](Self::is_stale). A failure leaves the predecessor where it is.
    pub(crate) fn succeed(&self, key: Key, answer: Result<AccessToken, Fault>) {
        match answer {
            Ok(token) => self.keep(key, Ok(token)),
            Err(_) => {
                if let Some(kept) = self.kept(&key) {
                    // Not at once again.
                    let now = self.0.clock.unix();
                    let stale = now + REFUSED;
                    let until = kept.token.as_ref().map_or(0, |token| token.expires.saturating_sub(SPARE));
                    self.0.kept.put(key, Kept { stale, ..kept }, now, until);
                }
            }
        }
        self.0.ahead.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }

    fn keep(&self, key: Key, token: Result<AccessToken, Fault>) {
        let now = self.0.clock.unix();
        let (until, stale) = match &token {
            Ok(token) => {
                let life = token.expires.saturating_sub(now);
                (token.expires.saturating_sub(SPARE), token.expires.saturating_sub((life / 10).max(30)))
            }
            Err(_) => (now + REFUSED, u64::MAX),
        };
        self.0.kept.put(key, Kept { token, stale }, now, until);
    }
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn no_two_lists_of_parts_have_one_key() {
        assert_ne!(key(&[b"ab", b"c"]), key(&[b"a", b"bc"]));
        assert_ne!(key(&[b"ab"]), key(&[b"ab", b""]));
        assert_eq!(key(&[b"ab", b"c"]), key(&[b"ab", b"c"]));
    }
}
