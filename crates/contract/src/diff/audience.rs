//! Which clients get what, and which of them count.

use std::collections::BTreeSet;

use frontdesk_types::{Life, Version};

use super::Hits;
use crate::{Contract, Versioning};

/// The versions of a client from one on, up to and without another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    since: Version,
    until: Option<Version>,
}

impl Range {
    pub fn of(life: &Life) -> Self {
        Self { since: life.since.unwrap_or_default(), until: life.until }
    }

    pub fn from(since: Option<Version>) -> Self {
        Self { since: since.unwrap_or_default(), until: None }
    }

    pub fn below(until: Option<Version>) -> Self {
        Self { since: Version::default(), until }
    }

    pub fn and(self, other: Self) -> Self {
        let until = match (self.until, other.until) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        Self { since: self.since.max(other.since), until }
    }

    /// What of it is before the other, and what after.
    pub fn without(self, other: Self) -> impl Iterator<Item = Self> {
        let before = (self.since < other.since).then(|| self.and(Self::below(Some(other.since))));
        let after = other.until.map(|until| self.and(Self::from(Some(until))));
        before.into_iter().chain(after).filter(|range| range.until.is_none_or(|until| range.since < until))
    }

    /// Some clients are left out.
    pub fn is_limited(self) -> bool {
        self != Self::default()
    }

    fn contains(self, version: Version) -> bool {
        version >= self.since && self.until.is_none_or(|until| version < until)
    }
}

/// The clients for whose sake contracts are compared.
#[derive(Clone, Debug)]
pub enum Audience {
    /// None of them says which version it is.
    Alike,
    /// These versions are supported, in the old contract or the new, and not refused by the new one.
    Listed(Vec<Version>),
    /// Every version from this one on.
    From(Version),
}

impl Audience {
    pub fn of(old: &Contract, new: &Contract) -> Self {
        let minimum = match (&old.versions, &new.versions) {
            (_, Versioning::Client { minimum, .. }) => minimum.unwrap_or_default(),
            (Versioning::Client { minimum, .. }, _) => minimum.unwrap_or_default(),
            _ => return Self::Alike,
        };
        let all: BTreeSet<Version> =
            [old, new].into_iter().flat_map(|contract| supported(&contract.versions)).copied().collect();
        if all.is_empty() {
            return Self::From(minimum);
        }
        Self::Listed(all.into_iter().filter(|version| *version >= minimum).collect())
    }

    /// Those that had something and have it no longer; `None`: nobody has.
    pub fn hits(&self, had: Range, has: Option<Range>) -> Hits {
        let lost = |version| had.contains(version) && !has.is_some_and(|has| has.contains(version));
        let minimum = match self {
            Self::Listed(versions) => {
                let hit: Vec<Version> = versions.iter().copied().filter(|v| lost(*v)).collect();
                return if hit.is_empty() { Hits::Nobody } else { Hits::Versions(hit) };
            }
            Self::Alike => Version::default(),
            Self::From(minimum) => *minimum,
        };
        // Between two bounds that follow each other all versions fare alike.
        let bounds: BTreeSet<Version> = [Some(minimum), Some(had.since), had.until]
            .into_iter()
            .chain(has.map(|has| Some(has.since)))
            .chain(has.map(|has| has.until))
            .flatten()
            .filter(|bound| *bound >= minimum)
            .collect();
        let mut ranges: Vec<(Version, Option<Version>)> = Vec::new();
        let bounds: Vec<Version> = bounds.into_iter().collect();
        for (i, from) in bounds.iter().enumerate().filter(|(_, from)| lost(**from)) {
            let below = bounds.get(i + 1).copied();
            match ranges.last_mut() {
                Some((_, end)) if *end == Some(*from) => *end = below,
                _ => ranges.push((*from, below)),
            }
        }
        match ranges.as_slice() {
            [] => Hits::Nobody,
            [(from, None)] if *from == minimum => Hits::Everybody,
            _ if matches!(self, Self::Alike) => Hits::Everybody,
            _ => Hits::Between(ranges),
        }
    }

    /// Why a change hits nobody.
    pub fn nobody(&self) -> String {
        match self {
            Self::Listed(versions) if !versions.is_empty() => {
                format!("no supported version is affected ({})", Hits::Versions(versions.clone()))
            }
            _ => "no supported version is affected".to_owned(),
        }
    }
}

pub fn supported(versions: &Versioning) -> &[Version] {
    match versions {
        Versioning::Client { supported, .. } => supported,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn range(since: &str, until: Option<&str>) -> Range {
        Range { since: v(since), until: until.map(v) }
    }

    #[test]
    fn of_a_list_those_are_hit_that_had_it_and_have_it_no_longer() {
        let audience = Audience::Listed(vec![v("4.2"), v("5.0"), v("5.1")]);
        assert_eq!(audience.hits(range("5.0", None), None).to_string(), "5.0.0, 5.1.0");
        assert_eq!(audience.hits(Range::default(), Some(range("5.0", None))).to_string(), "4.2.0");
        assert_eq!(audience.hits(range("6.0", None), None), Hits::Nobody);
        assert_eq!(audience.hits(range("4.0", Some("4.2")), None), Hits::Nobody);
    }

    #[test]
    fn what_is_beyond_a_range_is_before_it_and_after_it() {
        let beyond = |one: Range, other: Range| one.without(other).collect::<Vec<_>>();
        let whole = Range::default();
        assert_eq!(beyond(whole, whole), []);
        assert_eq!(beyond(whole, range("5.0", None)), [range("0.0", Some("5.0"))]);
        assert_eq!(beyond(range("4.0", Some("5.0")), range("4.0", None)), []);
        let both = [range("4.0", Some("5.0")), range("6.0", Some("7.0"))];
        assert_eq!(beyond(range("4.0", Some("7.0")), range("5.0", Some("6.0"))), both);
    }

    #[test]
    fn without_a_list_ranges_are_named() {
        let audience = Audience::From(v("4.0"));
        assert_eq!(audience.hits(Range::default(), None), Hits::Everybody);
        assert_eq!(audience.hits(range("5.0", None), None).to_string(), "clients from 5.0.0");
        assert_eq!(
            audience.hits(Range::default(), Some(range("5.0", Some("6.0")))).to_string(),
            "clients from 4.0.0 up to 5.0.0, from 6.0.0"
        );
        assert_eq!(audience.hits(range("1.0", Some("4.0")), None), Hits::Nobody);
        assert_eq!(Audience::Alike.hits(range("5.0", Some("6.0")), None), Hits::Everybody);
    }
}
