//! What a change of a contract does to the clients that rely on it.
//!
//! Two contracts in, a list of [`Change`]s out, each with the rule that judged it ([`rules`]), in the direction in
//! which it matters. What a client sends must still be accepted: inputs may grow, not shrink. What a client gets must
//! still be what it knows: answers may shrink, not grow. Anything that is not told apart by a client is told as well,
//! as compatible: two contracts that differ never give an empty list.
//!
//! Which clients a change hits follows from `since` and `until` of the fields on the way to it and from the versions
//! that are still supported. No clock: the day on which it is asked comes from whoever asks.

mod audience;
mod dates;
mod inputs;
mod judge;
mod limits;
mod names;
mod objects;
mod operations;
mod phrase;
mod report;
mod retirement;
pub mod rules;
mod schemas;
mod security;
mod sum;
mod variants;
mod versions;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use frontdesk_diagnostics::Span;
use frontdesk_types::{Date, Version};

pub use dates::{Section, diff_all};
pub use report::{Report, json, markdown, text};
pub use rules::Rule;

use crate::Contract;

/// How bad a change is for clients in the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A client that is supported and did nothing wrong may fail.
    Breaking,
    /// A client may fail if it was written carelessly, or behaves otherwise without failing; or generated code changes
    /// its names, which no app in the field notices and everybody who builds one does.
    Risky,
    /// No client can tell, or only one that looks for it.
    Compatible,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// In what clients send.
    Request,
    /// In what they get.
    Response,
    /// In both: an operation as a whole, its credentials, its place.
    Both,
    /// Not on the wire: names, words, announcements.
    Meta,
}

/// One difference, judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub rule: &'static Rule,
    /// As the rule says for this direction, or milder where nobody is hit.
    pub class: Class,
    pub direction: Direction,
    /// `GET /v2/home`; `None` for what concerns the contract as a whole.
    pub operation: Option<Arc<str>>,
    /// As people read it: `GET /v2/home → 200 items[].price`, `POST /v1/orders ← body lines[].quantity`.
    pub at: String,
    /// Where it was; `None` for what is new.
    pub old: Option<Spot>,
    /// Where it is; `None` for what is gone.
    pub new: Option<Spot>,
    /// What changed, with the old and the new value.
    pub message: String,
    /// What made this case milder or worse than the rule, if anything did.
    pub note: Option<String>,
    /// Which clients it hits. [`Hits::Nobody`] for compatible changes.
    pub hits: Hits,
}

/// A place in one of the two contracts.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// A JSON pointer (RFC 6901) into the OpenAPI document.
    pub pointer: String,
    /// In the source, if the contract was inferred and not read from a file.
    pub span: Option<Span>,
}

/// The clients that a change hits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hits {
    Nobody,
    /// Every client: none of them says its version, or none is told apart.
    Everybody,
    /// These of the supported versions, ascending.
    Versions(Vec<Version>),
    /// Clients say their version, but the contract does not list which are supported: from the first of a pair on, up
    /// to and without the second.
    Between(Vec<(Version, Option<Version>)>),
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Breaking => "breaking",
            Self::Risky => "risky",
            Self::Compatible => "compatible",
        })
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Both => "both",
            Self::Meta => "meta",
        })
    }
}

/// `all clients`, `4.2.0, 5.0.0`, `clients from 4.2.0 up to 5.1.0`.
impl fmt::Display for Hits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("nobody"),
            Self::Everybody => f.write_str("all clients"),
            Self::Versions(versions) => {
                for (i, version) in versions.iter().enumerate() {
                    write!(f, "{}{version}", if i == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
            Self::Between(ranges) => {
                for (i, (from, below)) in ranges.iter().enumerate() {
                    write!(f, "{}{from}", if i == 0 { "clients from " } else { ", from " })?;
                    if let Some(below) = below {
                        write!(f, " up to {below}")?;
                    }
                }
                Ok(())
            }
        }
    }
}

/// The worst class of `changes`; `None` if there are none.
pub fn worst(changes: &[Change]) -> Option<Class> {
    changes.iter().map(|change| change.class).min()
}

/// Every difference between two contracts of a BFF, worst first, then in the order of operations and of places.
pub fn diff(old: &Contract, new: &Contract) -> Vec<Change> {
    diff_on(old, new, None)
}

/// As [`diff`], on a day: what was to go by then may go.
pub fn diff_on(old: &Contract, new: &Contract, today: Option<Date>) -> Vec<Change> {
    let audience = audience::Audience::of(old, new);
    let mut judge = judge::Judge::new(old, new, today, &audience);
    versions::compare(&mut judge);
    security::of_contract(&mut judge);
    operations::compare(&mut judge);
    names::compare(&mut judge);
    if judge.changes.is_empty() && old != new {
        let at = judge::At::new("contract", "");
        judge.tell(&rules::REWRITTEN, Direction::Meta, &at, "says the same in another way");
    }
    sorted(judge.changes)
}

/// Worst first; what is not on the wire is told once, though it is found wherever its schema is used.
fn sorted(mut changes: Vec<Change>) -> Vec<Change> {
    let mut told: BTreeSet<(&'static str, Option<String>, Option<String>)> = BTreeSet::new();
    changes.retain(|change| {
        let pointer = |spot: &Option<Spot>| spot.as_ref().map(|spot| spot.pointer.clone());
        let key = (change.rule.id, pointer(&change.old), pointer(&change.new));
        let is_schema =
            [&key.1, &key.2].into_iter().flatten().any(|one| one.starts_with("/components/schemas/"));
        if change.direction != Direction::Meta || !is_schema {
            return true;
        }
        told.insert(key)
    });
    changes.sort_by(|a, b| {
        (a.class, &a.operation, &a.at, a.rule.id).cmp(&(b.class, &b.operation, &b.at, b.rule.id))
    });
    changes
}
