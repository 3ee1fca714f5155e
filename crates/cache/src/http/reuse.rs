//! Whether a kept answer may be given to a request (RFC 9111 §4, §5.2.1).

use std::time::Duration;

use http::HeaderMap;

use super::directives::{Asked, Said};

/// What may be done with an answer that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// Give it.
    Fresh,
    /// Give it, although it is stale: the client takes such (`max-stale`).
    Stale,
    /// Give it, and refresh it meanwhile (RFC 5861 §3).
    WhileRefreshing,
    /// Ask the service first.
    Validate,
}

/// What is known of the kept answer.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'k> {
    pub headers: &'k HeaderMap,
    /// Its lifetime.
    pub fresh: Duration,
    pub age: Duration,
}

/// Whether `kept` may be given to who asks so.
pub fn reuse(asked: &Asked, kept: &Kept<'_>) -> Reuse {
    let Kept { headers, fresh, age } = *kept;
    if asked.no_cache || asked.max_age.is_some_and(|most| age > most) {
        return Reuse::Validate;
    }
    if fresh > age {
        // §5.2.1.3: it must be fresh for so much longer.
        return match asked.min_fresh {
            Some(least) if fresh.saturating_sub(age) < least => Reuse::Validate,
            _ => Reuse::Fresh,
        };
    }
    // A client that wants it fresh for longer wants nothing stale.
    let said = Said::read(headers);
    if said.forbids_stale() || asked.min_fresh.is_some() {
        return Reuse::Validate;
    }
    let staleness = age.saturating_sub(fresh);
    if asked.max_stale.is_some_and(|most| staleness <= most) {
        return Reuse::Stale;
    }
    match said.stale_while_revalidate {
        // A client that says how old it may be at most has not asked for something stale.
        Some(most) if staleness <= most && asked.max_age.is_none() => Reuse::WhileRefreshing,
        _ => Reuse::Validate,
    }
}

/// Whether `kept` may stand in where the service failed (RFC 5861 §4).
pub fn stands_in(asked: &Asked, kept: &Kept<'_>) -> bool {
    let said = Said::read(kept.headers);
    if said.forbids_stale() || asked.no_cache {
        return false;
    }
    let staleness = kept.age.saturating_sub(kept.fresh);
    let most = said.stale_if_error.max(asked.stale_if_error);
    most.is_some_and(|most| staleness <= most)
}

/// The statuses that count as a failure there.
pub fn is_failure(status: u16) -> bool {
    matches!(status, 500 | 502 | 503 | 504)
}
