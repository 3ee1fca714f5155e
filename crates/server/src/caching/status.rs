//! How an answer was come by, as clients and the caches between are told: `Frontdesk-Cache`, `Cache-Status` (RFC 9211), `Age`.

use std::fmt::Write;
use std::time::Duration;

use frontdesk_cache::{State, Use};
use frontdesk_engine::outcome::CallRecord;
use frontdesk_plan::{EndpointPlan, degraded_token};
use hyper::header::{AGE, HeaderMap, HeaderName, HeaderValue};

use crate::endpoint::label;

const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");
const FRONTDESK_CACHE: HeaderName = HeaderName::from_static("frontdesk-cache");

/// More calls than this are not listed: a list of hundreds would tell nobody anything.
const MOST_CALLS: usize = 32;

/// How a whole answer was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    /// Whole answers of this view are not kept here.
    Bypassed,
    /// Made for whoever asked.
    Made { is_kept: bool },
    /// Made for somebody else at the same time.
    Awaited,
    /// Kept, here or in the store that instances share.
    Kept { age: Duration, is_shared: bool },
    /// It stood in for one that could not be made.
    StoodIn { age: Duration },
}

impl Whole {
    /// `fresh`: for how long answers of this view are.
    pub fn write(self, fresh: Duration, answer: &mut HeaderMap) {
        let (fresh, mut text) = (fresh.as_secs(), String::with_capacity(48));
        text.push_str("frontdesk; ");
        match self {
            Self::Bypassed => text.push_str("fwd=bypass"),
            Self::Made { is_kept: true } => text.push_str("fwd=miss; stored"),
            Self::Made { is_kept: false } => text.push_str("fwd=miss"),
            Self::Awaited => text.push_str("fwd=miss; collapsed"),
            Self::Kept { age, is_shared } => {
                text.push_str("hit; ttl=");
                push_ttl(&mut text, fresh, age);
                if is_shared {
                    text.push_str("; detail=shared");
                }
            }
            Self::StoodIn { age } => {
                text.push_str("fwd=stale; detail=stale-if-error; ttl=");
                push_ttl(&mut text, fresh, age);
            }
        }
        if let Ok(value) = HeaderValue::try_from(text) {
            answer.insert(CACHE_STATUS, value);
        }
        if let Self::Kept { age, .. } | Self::StoodIn { age } = self {
            answer.insert(AGE, HeaderValue::from(age.as_secs()));
        }
    }

    /// The same, and its member of `Frontdesk-Cache`, where no call was made.
    pub fn tell(self, fresh: Duration, answer: &mut HeaderMap) {
        self.write(fresh, answer);
        let mut text = String::with_capacity(24);
        if let Some((state, age)) = self.member(fresh) {
            member(&mut text, state, age);
            if let Ok(value) = HeaderValue::try_from(text) {
                answer.insert(FRONTDESK_CACHE, value);
            }
        }
    }

    /// As the log has it.
    pub fn state(self, fresh: Duration) -> Option<State> {
        self.member(fresh).map(|(state, _)| state)
    }

    /// Its member of `Frontdesk-Cache`.
    fn member(self, fresh: Duration) -> Option<(State, Option<Duration>)> {
        match self {
            Self::Bypassed => None,
            Self::Made { .. } => Some((State::Miss, None)),
            Self::Awaited => Some((State::Shared, None)),
            Self::Kept { age, .. } if age >= fresh => Some((State::Stale, Some(age))),
            Self::Kept { age, is_shared: true } => Some((State::Shared, Some(age))),
            Self::Kept { age, is_shared: false } => Some((State::Hit, Some(age))),
            Self::StoodIn { age } => Some((State::Stale, Some(age))),
        }
    }
}

/// Seconds that are left of a lifetime; negative once it is over (RFC 9211 §2.4).
fn push_ttl(text: &mut String, fresh: u64, age: Duration) {
    let age = age.as_secs();
    if age > fresh {
        text.push('-');
    }
    text.push_str(itoa::Buffer::new().format(fresh.abs_diff(age)));
}

/// `Frontdesk-Cache`: an RFC 9651 list, first the whole answer, then each call that has a cache, in the order they ended.
pub(crate) fn frontdesk_cache(
    whole: Option<(Whole, Duration)>,
    plan: &EndpointPlan,
    calls: &[CallRecord],
    answer: &mut HeaderMap,
) {
    let whole = whole.and_then(|(whole, fresh)| whole.member(fresh));
    if whole.is_none() && calls.iter().all(|call| call.cache.is_none()) {
        return;
    }
    let mut text = String::with_capacity(24);
    if let Some((state, age)) = whole {
        member(&mut text, state, age);
    }
    let used = calls.iter().filter_map(|call| Some((label(plan, call.step), call.cache?)));
    for (label, Use { state, age, .. }) in used.take(MOST_CALLS) {
        member(&mut text, state, (state != State::Miss).then_some(age));
        let _ = write!(text, ";call={}", degraded_token(label));
    }
    if let Ok(value) = HeaderValue::try_from(text) {
        answer.insert(FRONTDESK_CACHE, value);
    }
}

fn member(text: &mut String, state: State, age: Option<Duration>) {
    if !text.is_empty() {
        text.push_str(", ");
    }
    text.push_str(state.as_str());
    if let Some(age) = age {
        text.push_str(";age=");
        text.push_str(itoa::Buffer::new().format(age.as_secs()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_an_answer_has_its_words() {
        let seconds = Duration::from_secs;
        for (whole, status, member, age) in [
            (Whole::Bypassed, "frontdesk; fwd=bypass", None, None),
            (Whole::Made { is_kept: true }, "frontdesk; fwd=miss; stored", Some("miss"), None),
            (Whole::Made { is_kept: false }, "frontdesk; fwd=miss", Some("miss"), None),
            (Whole::Awaited, "frontdesk; fwd=miss; collapsed", Some("shared"), None),
            (
                Whole::Kept { age: seconds(42), is_shared: false },
                "frontdesk; hit; ttl=18",
                Some("hit;age=42"),
                Some("42"),
            ),
            (
                Whole::Kept { age: seconds(42), is_shared: true },
                "frontdesk; hit; ttl=18; detail=shared",
                Some("shared;age=42"),
                Some("42"),
            ),
            (
                Whole::Kept { age: seconds(65), is_shared: false },
                "frontdesk; hit; ttl=-5",
                Some("stale;age=65"),
                Some("65"),
            ),
            (
                Whole::StoodIn { age: seconds(90) },
                "frontdesk; fwd=stale; detail=stale-if-error; ttl=-30",
                Some("stale;age=90"),
                Some("90"),
            ),
        ] {
            let mut answer = HeaderMap::new();
            whole.write(seconds(60), &mut answer);
            assert_eq!(answer.get(CACHE_STATUS).unwrap(), status);
            assert_eq!(answer.get(AGE).map(|value| value.to_str().unwrap()), age, "{status}");
            let said = whole.member(seconds(60)).map(|(state, age)| {
                let mut text = String::new();
                super::member(&mut text, state, age);
                text
            });
            assert_eq!(said.as_deref(), member, "{status}");
        }
    }
}
